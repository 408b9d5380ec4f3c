import fc from "fast-check"
import { add, mul, pipe, scalar, sub, Tree, type Tensor } from "thalweg"
import {
  adam,
  onGradient,
  optimizer as optimizerOf,
  sgd,
  type clipByNorm,
  type withMomentum,
  type withWeightDecay
} from "thalweg/optimizer"
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  globalNorm,
  scaleByAdam,
  scaleByLearningRate,
  trace,
  type StateFamily
} from "thalweg/transform"
import type { Optimizer } from "thalweg/optimizer"
import { fixed } from "./arbitrary/hyperparameter.js"
import {
  additiveCombinators,
  anyOptimizer,
  arbOptimizer,
  blindCombinators,
  type AnyOptimizer
} from "./arbitrary/optimizer.js"
import { arbRun, type Run } from "./arbitrary/run.js"
import { anyTransform } from "./arbitrary/transform.js"
import { exact, relative } from "./equality.js"
import { law, type Law } from "./law.js"
import { pathOf, stepsOf, streamOf } from "./observe.js"

const run = arbRun()
const wide = arbRun({ dtypes: ["f64"] })

/** Any optimizer; one that adds its displacements (`p + (p' - p)` rounds); one that looks at gradients alone. */
const inner = arbOptimizer()
const additive = arbOptimizer({ combinators: additiveCombinators })
const blind = arbOptimizer({ combinators: blindCombinators })

/** Some roundings in f64, of parameters and displacements of size 1. */
const rounded = relative(1e-9, 1)

const path = <F extends StateFamily>(optimizer: Optimizer<F>, r: Run): readonly Tree[] =>
  pathOf(anyOptimizer(optimizer), r)

const times = (factor: number): ((tree: Tree) => Tree) => Tree.map(t => mul(t, factor))

/** The rates at the states which a combinator keeps, and those of the optimizer inside. */
const ratesLaw = (name: string, wrap: (optimizer: AnyOptimizer) => AnyOptimizer): Law =>
  law(`${name} keeps the rate`, exact, fc.tuple(inner, run), ([optimizer, r]) => [
    stepsOf(wrap(optimizer), r).map(([, state]) => wrap(optimizer).rate(state)),
    stepsOf(optimizer, r).map(([, state]) => optimizer.rate(state))
  ])

/**
 * Lists the laws of momentum over displacements: 0 changes nothing (exactly, where the optimizer inside adds its
 * displacements), it accumulates what is proposed, and at a constant rate it is that of `sgd` (within rounding: the rate is
 * multiplied in at another place).
 *
 * @example
 * import assert from "node:assert"
 * import { withMomentum } from "thalweg/optimizer"
 * import { checkAll, momentumLaws } from "thalweg/laws"
 *
 * assert(checkAll(momentumLaws(withMomentum), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const momentumLaws = (withIt: typeof withMomentum): readonly Law[] => [
  law("withMomentum(0) changes nothing", exact, fc.tuple(additive, run), ([optimizer, r]) => [
    path(withIt(0)(optimizer), r),
    path(optimizer, r)
  ]),
  law(
    "withMomentum accumulates displacements",
    rounded,
    fc.tuple(fixed(0.95), blind, wide),
    ([gamma, optimizer, r]) => [
      streamOf(anyOptimizer(withIt(gamma)(optimizer)), r),
      streamOf(anyTransform(trace({ decay: gamma })), { ...r, gradients: streamOf(optimizer, r) })
    ]
  ),
  law(
    "the rate inside the velocity is the rate outside, while constant",
    rounded,
    fc.tuple(fixed(1), fixed(0.95), wide),
    ([learningRate, mu, r]) => [
      path(withIt(mu)(sgd({ learningRate })), r),
      path(sgd({ learningRate, momentum: mu }), r)
    ]
  ),
  ratesLaw("withMomentum", optimizer => anyOptimizer(withIt(0.9)(optimizer)))
]

/**
 * Lists the laws of decoupled weight decay: 0 changes nothing (exactly, where the optimizer inside adds its displacements); it
 * is `-η·λ·p` at the parameters before the step; alone it scales by `(1-ηλ)ⁿ`; over plain `sgd` it is L2
 * regularization, over `adam` AdamW. Within rounding, but for the first.
 *
 * @example
 * import assert from "node:assert"
 * import { withWeightDecay } from "thalweg/optimizer"
 * import { checkAll, weightDecayLaws } from "thalweg/laws"
 *
 * assert(checkAll(weightDecayLaws(withWeightDecay), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const weightDecayLaws = (withIt: typeof withWeightDecay): readonly Law[] => {
  const [rate, decay] = [fixed(1), fixed(1)]
  return [
    law("withWeightDecay(0) changes nothing", exact, fc.tuple(additive, run), ([optimizer, r]) => [
      path(withIt(0)(optimizer), r),
      path(optimizer, r)
    ]),
    law(
      "decay is taken at the parameters before the step",
      rounded,
      fc.tuple(decay, additive, wide),
      ([lambda, optimizer, r]) => {
        const [grads = []] = r.gradients
        const state = optimizer.init(r.params)
        const eta = optimizer.rate(state)
        const decayed = Tree.zipWith((moved: Tensor, p: Tensor) => sub(moved, mul(mul(p, lambda), eta)))
        const [moved] = optimizer.step(r.params, state, grads)
        return [path(withIt(lambda)(optimizer), r)[0] ?? [], decayed<Tree>(moved, r.params)]
      }
    ),
    law(
      "decay alone scales by (1 - ηλ) to the power n",
      rounded,
      fc.tuple(rate, decay, wide),
      ([learningRate, lambda, r]) => {
        const still = { ...r, gradients: r.gradients.map(Tree.zerosLike) }
        const scaled = r.gradients.map((_, i) => times((1 - learningRate * lambda) ** (i + 1))(r.params))
        return [
          [path(withIt(lambda)(sgd({ learningRate })), still), path(withIt(lambda)(adam({ learningRate })), still)],
          [scaled, scaled]
        ]
      }
    ),
    law(
      "decoupled decay is coupled decay for plain sgd",
      rounded,
      fc.tuple(rate, decay, wide),
      ([learningRate, lambda, r]) => [
        path(withIt(lambda)(sgd({ learningRate })), r),
        path(onGradient(addDecayedWeights(lambda))(sgd({ learningRate })), r)
      ]
    ),
    law("decoupled decay over adam is AdamW", rounded, fc.tuple(rate, decay, wide), ([learningRate, lambda, r]) => [
      path(withIt(lambda)(adam({ learningRate, eps: 0.01 })), r),
      path(
        optimizerOf(chain(scaleByAdam({ eps: 0.01 }), addDecayedWeights(lambda), scaleByLearningRate(learningRate))),
        r
      )
    ]),
    ratesLaw("withWeightDecay", optimizer => anyOptimizer(withIt(0.1)(optimizer)))
  ]
}

/**
 * Lists the laws of clipping gradients by their norm: the optimizer inside sees clipped gradients, gradients within the norm
 * as they are (exactly), and two clips are one to the smaller norm (within the rounding of a sum).
 *
 * @example
 * import assert from "node:assert"
 * import { clipByNorm } from "thalweg/optimizer"
 * import { checkAll, clipByNormLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByNormLaws(clipByNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByNormLaws = (clip: typeof clipByNorm): readonly Law[] => {
  const limit = fixed(4, 0.1)
  return [
    law(
      "clipByNorm shows clipped gradients to the optimizer inside",
      exact,
      fc.tuple(limit, inner, run),
      ([most, optimizer, r]) => [
        path(clip(most)(optimizer), r),
        path(optimizer, { ...r, gradients: streamOf(anyTransform(clipByGlobalNorm(most)), r) })
      ]
    ),
    law("clipByNorm changes nothing within the norm", exact, fc.tuple(inner, run), ([optimizer, r]) => {
      const bound = r.gradients.map(globalNorm).reduce(add, scalar(1, "f64"))
      return [path(clip(bound)(optimizer), r), path(optimizer, r)]
    }),
    law(
      "clipByNorm twice is clipByNorm to the smaller norm",
      rounded,
      fc.tuple(limit, limit, inner, wide),
      ([a, b, optimizer, r]) => [path(pipe(optimizer, clip(a), clip(b)), r), path(clip(Math.min(a, b))(optimizer), r)]
    ),
    ratesLaw("clipByNorm", optimizer => anyOptimizer(clip(1)(optimizer)))
  ]
}
