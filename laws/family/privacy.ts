import fc from "fast-check"
import {
  abs,
  any,
  concat,
  div,
  expandDims,
  le,
  mean,
  mul,
  ne,
  scalar,
  sqrt,
  square,
  sub,
  tanh,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { activation, dense, halfSquaredError, sequential } from "thalweg/nn"
import { sgd, type AnyOptimizer, type dpSgd, type maximize, type withDifferentialPrivacy } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { initTraining, type trainStep } from "thalweg/train"
import { clockAt, globalNorm, type aggregatePrivately, type PrivacyOptions } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { range } from "../arbitrary/numbers.js"
import { arbRun, run, wide } from "../arbitrary/run.js"
import type { AnyTransform } from "../arbitrary/transform.js"
import type { FunctionOf, Wrap } from "../callable.js"
import { actsOnGradient } from "../combinator/probe.js"
import { keepsRate } from "../combinator/keeps-rate.js"
import { amplified, exact, relative, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, plus, times, truth } from "../sides.js"
import { beta, joined, rate, samePath } from "./agree.js"

/** What makes descent differentially private, a combinator that hands examples on, and training, which takes their gradients. */
export interface PrivacyFamily {
  readonly aggregatePrivately: FunctionOf<typeof aggregatePrivately>
  readonly withDifferentialPrivacy: FunctionOf<typeof withDifferentialPrivacy>
  readonly dpSgd: FunctionOf<typeof dpSgd>
  readonly maximize: FunctionOf<typeof maximize.make>
  readonly trainStep: typeof trainStep
}

/** So large that nothing is clipped. */
const UNCLIPPED = 1e9

/** Trees of examples as one, along a leading axis. */
const stacked = (examples: readonly Tree[]): Tree =>
  examples
    .map(Tree.map((t: Tensor) => expandDims(t, 0)))
    .reduce((a, b) => Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))(a, b))

/** What becomes of some examples, step after step. */
const streamOf = ({ init, update }: AnyTransform, params: Tree, steps: readonly (readonly Tree[])[]): readonly Tree[] =>
  steps
    .reduce<readonly (readonly [value: Tree, state: Tree])[]>((made, examples, t) => {
      const now = { ...clockAt(t), exampleGradients: stacked(examples) }
      return [...made, update(Tree.zerosLike(params), made.at(-1)?.[1] ?? init(params), params, now)]
    }, [])
    .map(([value]) => value)

const minus = Tree.zipWith((a: Tensor, b: Tensor) => sub(a, b))

/** Whether no two vectors in a list are the same. */
const allDiffer = (vectors: readonly Tensor[]): readonly Tensor[] =>
  vectors.flatMap((a, i) => vectors.slice(i + 1).map(b => any(ne(a, b))))

const model = sequential(dense({ units: 3 }), activation(tanh), dense({ units: 2 }))
const meanOutput = (output: Tensor): Tensor => mean(output)

/**
 * Lists the laws of differentially private descent: without noise, another example in the place of one changes the sum over
 * examples by 2C at most; where nothing is clipped and there is no noise, the mean of the gradients remains and `dpSgd` is
 * `sgd`, in training too (within rounding); noise depends on the seed, the leaf and the step alone (exactly), has mean 0 and
 * the standard deviation σ·C/n (as far as 4000 draws tell); `dpSgd` is `sgd` under `withDifferentialPrivacy`, which acts on
 * the gradient alone and keeps the rate (exactly); a combinator around it does to the gradients of examples what it does to
 * the gradient.
 *
 * @example
 * import assert from "node:assert"
 * import { dpSgd, maximize, withDifferentialPrivacy } from "thalweg/optimizer"
 * import { checkAll, privacyLaws } from "thalweg/laws"
 * import { trainStep } from "thalweg/train"
 * import { aggregatePrivately } from "thalweg/transform"
 *
 * const family = { aggregatePrivately, withDifferentialPrivacy, dpSgd, maximize: maximize.make, trainStep }
 * assert(checkAll(privacyLaws(family), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const privacyLaws = (family: PrivacyFamily): readonly Law[] => {
  const {
    aggregatePrivately: aggregate,
    withDifferentialPrivacy: privately,
    dpSgd: descent,
    maximize: climbing
  } = family
  const [seeds, norms, multipliers] = [fc.nat(1000), fixed(2, 0.1), fixed(2, 0.1)]
  const privacies = fc.record<PrivacyOptions>({ seed: seeds, maxNorm: norms, noiseMultiplier: multipliers })
  const silent = (maxNorm: number): PrivacyOptions => ({ seed: 0, maxNorm, noiseMultiplier: 0 })
  /** What examples come to without noise. */
  const clipped = (maxNorm: number, params: Tree, examples: readonly Tree[]): Tree =>
    streamOf(aggregate(silent(maxNorm)), params, [examples])[0] ?? params
  /** The noise of some steps, of so many examples. */
  const noises = (options: PrivacyOptions, params: Tree, steps: number, count = 1): readonly Tree[] =>
    streamOf(
      aggregate(options),
      params,
      range(steps).map(() => range(count).map(() => Tree.zerosLike(params)))
    )
  const wraps = privacies.map(
    (options): Wrap =>
      inner =>
        privately(options)(inner)
  )
  const draws = fc.tuple(privacies, fc.integer({ min: 1, max: 4 }))
  /** 4000 draws in units of their standard deviation. */
  const standardized = ({ seed, maxNorm, noiseMultiplier }: PrivacyOptions, count: number): Tensor => {
    const [drawn = zeros([0])] = noises({ seed, maxNorm, noiseMultiplier }, zeros([4000], "f64"), 1, count)
    return div(drawn as Tensor, (Number(noiseMultiplier) * Number(maxNorm)) / count)
  }
  return [
    law(
      "another example in the place of one changes the sum by 2C at most",
      exact,
      fc.tuple(norms, wide, fc.nat(9), fc.constantFrom(-8, -1, 0, 0.1, 8)),
      ([maxNorm, { params, gradients }, i, factor]) => {
        const others = gradients.map((g, j) => (j === i % gradients.length ? times(factor)(g) : g))
        const change = globalNorm(minus(clipped(maxNorm, params, gradients), clipped(maxNorm, params, others)))
        return [le(mul(change, gradients.length), 2 * maxNorm * (1 + 1e-9)), truth(true)]
      }
    ),
    law("private descent without noise that clips nothing goes by the mean", rounded, wide, ({ params, gradients }) => [
      clipped(UNCLIPPED, params, gradients),
      times(1 / gradients.length)(gradients.reduce((a, b) => plus(a, b)))
    ]),
    law("the same seed makes the same private noise", exact, fc.tuple(privacies, run), ([options, { params }]) => [
      noises(options, params, 3),
      noises(options, params, 3)
    ]),
    law(
      "seeds, steps and leaves have their own private noise",
      exact,
      fc.tuple(
        privacies,
        arbRun({ dtypes: ["f64"] }).filter(({ params }) => Tree.size(params) > 0)
      ),
      ([options, { params }]) => {
        const drawn = [0, 1].flatMap(more =>
          noises({ ...options, seed: Number(options.seed) + more }, [params, params], 2)
        )
        const differ = allDiffer(drawn.flatMap(tree => (tree as readonly Tree[]).map(joined)))
        return [differ, differ.map(() => truth(true))]
      }
    ),
    law(
      "private noise is added, whatever the examples",
      exact,
      fc.tuple(privacies, run),
      ([options, { params, gradients }]) => [
        streamOf(aggregate(options), params, [gradients]),
        noises(options, params, 1, gradients.length).map(drawn =>
          plus(clipped(Number(options.maxNorm), params, gradients), drawn)
        )
      ]
    ),
    law("private noise has the standard deviation σC/n", relative(0.1), draws, ([options, count]) => [
      sqrt(mean(square(standardized(options, count)))),
      scalar(1, "f64")
    ]),
    law("private noise has mean 0", exact, draws, ([options, count]) => [
      le(abs(mean(standardized(options, count))), 0.1), // more than six standard deviations
      truth(true)
    ]),
    law(
      "dpSgd without noise that clips nothing is sgd",
      rounded,
      fc.tuple(rate, beta, fc.boolean(), wide),
      ([learningRate, momentum, nesterov, r]) =>
        samePath(
          r,
          descent({ learningRate, momentum, nesterov, ...silent(UNCLIPPED) }),
          sgd({ learningRate, momentum, nesterov })
        )
    ),
    law(
      "dpSgd is sgd under withDifferentialPrivacy",
      exact,
      fc.tuple(rate, beta, privacies, run),
      ([learningRate, momentum, options, r]) =>
        samePath(
          r,
          descent({ learningRate, momentum, ...options }),
          privately(options)(sgd({ learningRate, momentum }))
        )
    ),
    law("what stands around does to examples what it does to gradients", rounded, fc.tuple(rate, wide), s => {
      const [learningRate, r] = s
      const inner = privately(silent(UNCLIPPED))(sgd({ learningRate }))
      return [pathOf(climbing({})(inner), r), pathOf(climbing({})(sgd({ learningRate })), r)]
    }),
    law(
      "training by examples that clips nothing is training by batches",
      amplified,
      fc.tuple(rate, fc.integer({ min: 1, max: 6 }), seeds),
      ([learningRate, count, seed]) => {
        const [own, x, y] = split(key(seed), 3)
        const batch = { x: normal(x, [count, 3], { dtype: "f64" }), y: normal(y, [count, 2], { dtype: "f64" }) }
        const afterOne = (optimizer: AnyOptimizer): Tree => {
          const task = { model, loss: halfSquaredError, optimizer }
          const step = family.trainStep(task, { meanOutput })
          const [{ params }, { loss, gradientNorm, metrics }] = step(initTraining(task)(own, batch.x), batch)
          return { params, loss, gradientNorm, metrics }
        }
        return [afterOne(descent({ learningRate, ...silent(UNCLIPPED) })), afterOne(sgd({ learningRate }))]
      }
    ),
    actsOnGradient("withDifferentialPrivacy", wraps),
    keepsRate("withDifferentialPrivacy", wraps)
  ]
}
