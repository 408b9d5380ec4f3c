import fc from "fast-check"
import {
  abs,
  add,
  all,
  cast,
  eq,
  grad,
  le,
  mul,
  or,
  pow,
  scalar,
  square,
  sub,
  sum,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { lbfgs as lbfgsMethod, minimizer } from "thalweg/minimize"
import type { adahessian, AnyOptimizer, lbfgs, sophia } from "thalweg/optimizer"
import { clockAt, type scaleByLbfgs } from "thalweg/transform"
import { bowl } from "../arbitrary/bowl.js"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero, range } from "../arbitrary/numbers.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import type { FunctionOf } from "../callable.js"
import { amplified, exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { times, truth, type AnyState } from "../sides.js"
import { joined } from "./agree.js"

/** What asks the objective how it curves, or remembers how the gradient changed. */
export interface CurvatureFamily {
  readonly lbfgs: FunctionOf<typeof lbfgs>
  readonly scaleByLbfgs: typeof scaleByLbfgs
  readonly adahessian: FunctionOf<typeof adahessian>
  readonly sophia: FunctionOf<typeof sophia>
}

const total = (tree: Tree, of: (t: Tensor) => Tensor): Tensor =>
  Tree.reduce(scalar(0, "f64"), (sofar, t: Tensor) => add(sofar, sum(of(cast(t, "f64")))))(tree)

/** `Σ(x - 1)²/2 + Σx⁴/4 + (Σx)²/2`, which curves up everywhere. */
const hollow = (tree: Tree): Tensor => {
  const apart = total(tree, x => add(mul(square(sub(x, 1)), 0.5), mul(pow(x, 4), 0.25)))
  return add(apart, mul(square(total(tree, x => x)), 0.5))
}

const slopeOf = grad(hollow)

const STEPS = 3

/** Where steps down the hollow lead. */
const descent = (optimizer: AnyOptimizer, params: Tree): readonly Tree[] => {
  const made = range(STEPS).reduce<readonly (readonly [Tree, AnyState])[]>(
    sofar => {
      const [at, state] = sofar.at(-1) as readonly [Tree, AnyState]
      return [...sofar, optimizer.step(at, state, slopeOf(at), { loss: hollow(at), objective: hollow })]
    },
    [[params, optimizer.init(params)]]
  )
  return made.slice(1).map(([at]) => at)
}

const filled = ({ params }: Run): boolean => Tree.size(params) > 0
const starts = arbRun({ dtypes: ["f64"], maxSteps: 1 }).filter(filled)
/** Two gradients, at parameters and elsewhere. */
const two = arbRun({ dtypes: ["f64"], numbers: nonZero, maxSteps: 1 }).filter(filled)
const memories = fc.constantFrom(1, 2, 10)
/** How many roundings a value may rise by, with those of the sums it is made of. */
const ROUNDINGS = 64 * 2 ** -52

const lbfgsLaws = ({ lbfgs, scaleByLbfgs }: CurvatureFamily): readonly Law[] => [
  law("the steps of lbfgs are those of minimize", exact, fc.tuple(memories, starts), ([memory, { params }]) => {
    const { init, step } = minimizer(hollow, { method: lbfgsMethod({ memory }), tolerance: 0 })
    const states = range(STEPS).reduce((sofar: readonly ReturnType<typeof init>[]) => {
      const last = sofar.at(-1) ?? init(params)
      return [...sofar, step(last)]
    }, [])
    return [descent(lbfgs({ memory }), params), states.map(({ at }) => at)]
  }),
  law("no step of lbfgs raises the objective", exact, fc.tuple(memories, starts), ([memory, { params }]) => {
    const heights = [params, ...descent(lbfgs({ memory }), params)].map(hollow)
    const falls = heights.slice(1).map((after, i) => {
      const before = heights[i] ?? after
      return le(after, add(before, mul(abs(before), ROUNDINGS)))
    })
    return [falls, falls.map(() => truth(true))]
  }),
  law("lbfgs does not see how parameters are divided into leaves", amplified, starts, ({ params }) => [
    descent(lbfgs(), joined(params)),
    descent(lbfgs(), params).map(joined)
  ]),
  law("scaleByLbfgs turns the newest change into the newest step", amplified, fc.tuple(memories, two), s => {
    const [memory, { params, gradients }] = s
    const { init, update } = scaleByLbfgs({ memory })
    const step = gradients[0] ?? params
    const to = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))(params, step)
    const change = Tree.zipWith((a: Tensor, b: Tensor) => sub(a, b))(slopeOf(to), slopeOf(params))
    const [, first] = update(slopeOf(params), init(params), params, clockAt(0))
    const [, second] = update(slopeOf(to), first, to, clockAt(1))
    return [update(change, second, to, clockAt(2))[0], step]
  })
]

const CURVATURE = 3

/** The displacements along some gradients, on a bowl around 0 of which the curvature is 3 everywhere. */
const movesOf = (optimizer: AnyOptimizer, { params, gradients }: Run): readonly (readonly [Tree, AnyState])[] => {
  const objective = (at: Tree): Tensor => mul(bowl(at), CURVATURE)
  return gradients.reduce<readonly (readonly [Tree, AnyState])[]>((made, grads) => {
    const state = made.at(-1)?.[1] ?? optimizer.init(params)
    return [...made, optimizer.update(grads, state, params, { loss: objective(params), objective })]
  }, [])
}

const displacements = (optimizer: AnyOptimizer, r: Run): readonly Tree[] => movesOf(optimizer, r).map(([move]) => move)

const byInverse = (r: Run): readonly Tree[] => r.gradients.map(times(-1 / CURVATURE))
const [seeds, runs] = [fc.nat(99), arbRun({ dtypes: ["f64"] })]

const diagonalLaws = ({ adahessian, sophia }: CurvatureFamily): readonly Law[] => [
  law("adahessian is Newton's method where the Hessian is diagonal", amplified, fc.tuple(seeds, runs), ([seed, r]) => [
    displacements(adahessian({ seed, learningRate: 1, b1: 0, eps: 0 }), r),
    byInverse(r)
  ]),
  law("sophia of signs is Newton's method where the Hessian is diagonal", amplified, fc.tuple(seeds, runs), s => {
    const [seed, r] = s
    const exactly = { probe: "signs", b1: 0, b2: 0, gamma: 1, clip: 1e9 } as const
    return [displacements(sophia({ seed, learningRate: 1, ...exactly }), r), byInverse(r)]
  }),
  law("no step of sophia is longer than ηρ", exact, fc.tuple(seeds, fixed(2, 0.1), runs), ([seed, clip, r]) => {
    const within = displacements(sophia({ seed, learningRate: 0.5, clip }), r).map(
      Tree.map(by => le(abs(by), clip * 0.5))
    )
    return [within, within.map(Tree.map(isShort => or(isShort, true)))]
  }),
  law("sophia estimates in every k-th step, from the first", exact, fc.tuple(seeds, runs), ([seed, r]) => {
    const optimizer = sophia({ seed, learningRate: 1, every: 2 })
    const long = { ...r, gradients: [...r.gradients, ...r.gradients] }
    const kept = [optimizer.init(r.params), ...movesOf(optimizer, long).map(([, state]) => state)].map(estimateIn)
    const isSame = kept.slice(1).map((state, i) => alike(state, kept[i] ?? state))
    return [isSame, isSame.map((_, i) => truth(i % 2 === 1))]
  })
]

/** What of a state is not the average of gradients: the key and the estimate, below the parts of a chain. */
const estimateIn = (state: AnyState): Tensor =>
  Tree.reduce(zeros([0], "u32"), (found: Tensor, t, path) => (path.endsWith("key") ? t : found))(state)

const alike = (a: Tensor, b: Tensor): Tensor => all(eq(a, b))

/**
 * Lists the laws of what goes by curvature. L-BFGS: its steps are those that `minimize` makes by its method of that name
 * (exactly); none raises the objective, but for rounding; leaves do not matter (within 1e-9); what it knows of the
 * inverse of the Hessian turns the newest change of the gradient into the newest step. AdaHessian, and Sophia with signs: where the
 * Hessian is diagonal they divide by it, whatever the seed (within 1e-9); no step of Sophia is longer than ηρ, and it estimates in
 * every k-th step.
 *
 * @example
 * import assert from "node:assert"
 * import { adahessian, lbfgs, sophia } from "thalweg/optimizer"
 * import { checkAll, curvatureLaws } from "thalweg/laws"
 * import { scaleByLbfgs } from "thalweg/transform"
 *
 * assert(checkAll(curvatureLaws({ lbfgs, scaleByLbfgs, adahessian, sophia }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const curvatureLaws = (family: CurvatureFamily): readonly Law[] => [
  ...lbfgsLaws(family),
  ...diagonalLaws(family)
]
