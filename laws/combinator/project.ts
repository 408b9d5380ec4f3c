import fc from "fast-check"
import {
  abs,
  add,
  all,
  and,
  concat,
  div,
  flatten,
  ge,
  le,
  maximum,
  mul,
  scalar,
  sub,
  sum,
  Tree,
  zeros,
  type Tensor,
  cast
} from "thalweg"
import {
  type AnyOptimizer,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type project,
  type ProjectOptions,
  type Projection
} from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { globalNorm } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, pool } from "../arbitrary/numbers.js"
import { inner } from "../arbitrary/optimizer.js"
import { arbRun, run, type Run } from "../arbitrary/run.js"
import { arbTensor, filledLike } from "../arbitrary/tensor.js"
import { printed } from "../arbitrary/transform.js"
import { arbTree } from "../arbitrary/tree.js"
import { exact, relative } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { plus, stepsOf, times, truth, stepOf, type AnyState } from "../sides.js"
import { changesNothing } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

/** The projections on sets, by name. */
export interface Projections {
  readonly ontoBox: FunctionOf<typeof ontoBox>
  readonly ontoL1Ball: FunctionOf<typeof ontoL1Ball>
  readonly ontoL2Ball: FunctionOf<typeof ontoL2Ball>
  readonly ontoLInfBall: FunctionOf<typeof ontoLInfBall>
  readonly ontoNonNegative: typeof ontoNonNegative
  readonly ontoSimplex: FunctionOf<typeof ontoSimplex>
}

/** A set: its projection, whether a point is in it, and a point in it that is made of another. */
interface Region {
  readonly onto: Projection
  readonly contains: (point: Tree) => Tensor
  readonly inside: (point: Tree) => Tree
}

/** Some roundings in f64 of numbers of size 1. */
const rounded = relative(1e-11, 1)
const slack = 1e-11

const vector = (tree: Tree): Tensor => concat([zeros([0], "f64"), ...Tree.leaves(tree).map(flatten)])
const sumNorm = (tree: Tree): Tensor => sum(abs(vector(tree)))
const distance = (a: Tree, b: Tree): Tensor => globalNorm(sub(vector(a), vector(b)))

const between = (lower: number, upper: number, point: Tree): Tensor =>
  and(all(ge(vector(point), lower)), all(le(vector(point), upper)))

const below = (value: Tensor, most: number): Tensor => le(value, most + slack)

/** A tree shortened so that a norm of it is below a bound. */
const within = (most: number, norm: Tensor, tree: Tree): Tree =>
  times(div(scalar(0.99 * most, "f64"), maximum(norm, 0.99 * most)))(tree)

/** Every element shortened, such that none is above a bound. */
const squeezed = (most: number): ((tree: Tree) => Tree) => Tree.map(t => div(t, add(div(abs(t), most), 1)))

/** Balls of a radius, a box of that size, and the sets that are no balls. */
const regionsOf = (known: Projections, most: number): readonly (readonly [name: string, region: Region])[] => [
  ["ontoNonNegative", { onto: known.ontoNonNegative, contains: p => between(0, Infinity, p), inside: Tree.map(abs) }],
  [
    "ontoBox",
    {
      onto: known.ontoBox({ lower: -most / 2, upper: most }),
      contains: p => between(-most / 2, most, p),
      inside: squeezed(most / 2)
    }
  ],
  ["ontoLInfBall", { onto: known.ontoLInfBall(most), contains: p => between(-most, most, p), inside: squeezed(most) }],
  [
    "ontoL2Ball",
    {
      onto: known.ontoL2Ball(most),
      contains: p => below(globalNorm(p), most),
      inside: p => within(most, globalNorm(p), p)
    }
  ],
  [
    "ontoL1Ball",
    { onto: known.ontoL1Ball(most), contains: p => below(sumNorm(p), most), inside: p => within(most, sumNorm(p), p) }
  ],
  [
    "ontoSimplex",
    {
      onto: known.ontoSimplex(most),
      contains: p => and(below(abs(sub(sum(vector(p)), most)), 0), between(0, Infinity, p)),
      inside: p => {
        const positive = Tree.map(t => add(abs(t), 1))(p)
        return times(div(scalar(most, "f64"), sumNorm(positive)))(positive)
      }
    }
  ]
]

/** Sets of any kind, or of the first kinds. */
const regionFrom = (known: Projections, kinds = 6): fc.Arbitrary<Region> =>
  fc
    .tuple(fc.nat(kinds - 1), fixed(4, 0.1))
    .map(([which, most]) =>
      regionsOf(known, most)
        .slice(which, which + 1)
        .map(([name, region]) => printed({ value: region, text: `${name}, ${most}` }))
    ) // prettier-ignore
    .chain(some => fc.constantFrom(...some))

const start = scalar(0, "i32")

/** Two points, far or near; with an element at least, for the simplex of none is empty. */
const points = fc
  .tuple(arbTree(arbTensor({ dtypes: ["f64"], floats: moderate })), pool(moderate), fc.constantFrom(1, 0.1))
  .filter(([tree]) => Tree.size(tree) > 0)
  .map(([tree, numbers, away]): readonly [Tree, Tree] => [tree, plus(tree, times(away)(filledLike(tree, numbers, 1)))])

/**
 * Lists the laws of projections on closed convex sets: the result lies in the set; what is in the set stays; twice is
 * once; distances do not grow; no point of the set is nearer. Within the rounding of a sum, but that what is inside a
 * ball or a box stays exactly. All projections are judged together.
 *
 * @example
 * import assert from "node:assert"
 * import { ontoBox, ontoL1Ball, ontoL2Ball, ontoLInfBall, ontoNonNegative, ontoSimplex } from "thalweg/optimizer"
 * import { checkAll, projectionLaws } from "thalweg/laws"
 *
 * const suite = projectionLaws({ ontoBox, ontoL1Ball, ontoL2Ball, ontoLInfBall, ontoNonNegative, ontoSimplex })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const projectionLaws = (known: Projections): readonly Law[] => {
  const sample = fc.tuple(regionFrom(known), points)
  const full = fc.tuple(regionFrom(known, 5), points)
  return [
    law("a projection lies in its set", exact, sample, ([{ onto, contains }, [point]]) => [
      contains(onto(point, start)),
      truth(true)
    ]),
    law("projecting twice is projecting", rounded, sample, ([{ onto }, [point]]) => [
      onto(onto(point, start), start),
      onto(point, start)
    ]),
    law("a projection keeps what is inside", exact, full, ([{ onto, inside }, [point]]) => [
      onto(inside(point), start),
      inside(point)
    ]),
    law("a projection keeps what is in its set", rounded, sample, ([{ onto, inside }, [point]]) => [
      onto(inside(point), start),
      inside(point)
    ]),
    law("a projection does not expand distances", exact, sample, ([{ onto }, [a, b]]) => [
      le(distance(onto(a, start), onto(b, start)), add(distance(a, b), slack)),
      truth(true)
    ]),
    law("no point of the set is nearer than the projection", exact, sample, ([{ onto, inside }, [a, b]]) => {
      const nearest = vector(onto(a, start))
      const outwards = sub(vector(a), nearest)
      // nearer ones would lie on the side of what was projected, since the set is convex
      const others = [inside(a), inside(b), onto(b, start)].map(other => sub(vector(other), nearest))
      return [others.map(other => le(sum(mul(outwards, other)), slack)), others.map(() => truth(true))]
    })
  ]
}

/** An optimizer whose steps end at what a projection makes of the parameters; so does what it deploys. */
const ending = (optimizer: AnyOptimizer, onto: Projection): AnyOptimizer => ({
  ...optimizer,
  step: ((params: Tree, state: AnyState, grads: Tree) => {
    const [moved, after] = stepOf(optimizer)(params, state, grads)
    return [onto(moved, cast(state.count, "f64")), after]
  }) as never,
  evalParams: (params, state) => onto(optimizer.evalParams(params, state), cast(maximum(sub(state.count, 1), 0), "f64"))
})

const deployedOf = (optimizer: AnyOptimizer, r: Run): readonly Tree[] =>
  stepsOf(optimizer, r).map(([params, state]) => [params, optimizer.evalParams(params, state)])

const projections: Projections = { ontoBox, ontoL1Ball, ontoL2Ball, ontoLInfBall, ontoNonNegative, ontoSimplex }

/**
 * Lists the laws of keeping parameters in a set: each step ends at the projection of where the optimizer inside would
 * end, all leaves together or each by itself, also what is deployed; it lies in the set, which may be scheduled; a set
 * that no step leaves changes nothing; two alike are one (where projecting is exact). All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { project } from "thalweg/optimizer"
 * import { checkAll, projectLaws } from "thalweg/laws"
 *
 * assert(checkAll(projectLaws(project), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const projectLaws = (projecting: FunctionOf<typeof project>): readonly Law[] => {
  const wrap =
    (onto: Projection, options?: ProjectOptions): Wrap =>
    optimizer =>
      projecting(onto, options)(optimizer)
  const wide = arbRun({ dtypes: ["f64"] }).filter(({ params }) => Tree.size(params) > 0)
  const region = regionFrom(projections)
  const sample = fc.tuple(region, inner, run)
  const vast = fc.constantFrom(ontoBox({}), ontoL1Ball(1e12), ontoL2Ball(1e12), ontoLInfBall(1e12))
  const clipping = regionFrom(projections, 3)
  return [
    law("project ends a step at the projection", exact, sample, ([{ onto }, optimizer, r]) => [
      deployedOf(wrap(onto)(optimizer), r),
      deployedOf(ending(optimizer, onto), r)
    ]),
    law("project can project each leaf by itself", exact, sample, ([{ onto }, optimizer, r]) => [
      deployedOf(wrap(onto, { over: "leaf" })(optimizer), r),
      deployedOf(
        ending(optimizer, (params, count) => Tree.map(leaf => onto(leaf, count))(params)),
        r
      )
    ]),
    law("after a step parameters lie in the set", exact, fc.tuple(region, inner, wide), s => {
      const [{ onto, contains }, optimizer, r] = s
      const seen = deployedOf(wrap(onto)(optimizer), r).flatMap(both => both as readonly Tree[])
      return [seen.map(contains), seen.map(() => truth(true))]
    }),
    law("project reads a schedule from step 0", exact, fc.tuple(inner, run), ([optimizer, r]) => {
      const growing = ontoLInfBall(linear({ start: 0.1, end: 2, steps: 4 }))
      return [deployedOf(wrap(growing)(optimizer), r), deployedOf(ending(optimizer, growing), r)]
    }),
    changesNothing(
      "a set that no step leaves changes nothing",
      vast.map(onto => wrap(onto))
    ),
    law(
      "projecting steps twice is projecting them",
      exact,
      fc.tuple(clipping, inner, run),
      ([{ onto }, optimizer, r]) => [
        deployedOf(wrap(onto)(wrap(onto)(optimizer)), r),
        deployedOf(wrap(onto)(optimizer), r)
      ]
    ),
    keepsRate(
      "project",
      region.map(({ onto }) => wrap(onto)),
      state => state
    )
  ]
}
