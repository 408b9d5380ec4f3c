import fc from "fast-check"
import { mul, sub, Tree, type Tensor } from "thalweg"
import {
  adam,
  onGradient,
  optimizer as optimizerOf,
  sgd,
  type withMomentum,
  type withWeightDecay
} from "thalweg/optimizer"
import { addDecayedWeights, applyMomentum, chain, scaleByAdam, scaleByLearningRate } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { additive, blind } from "../arbitrary/optimizer.js"
import { run, wide } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, streamOf, times, stepOf } from "../sides.js"
import type { FunctionOf } from "../callable.js"

/**
 * Lists the laws of momentum over displacements: 0 changes nothing (exactly, where the optimizer inside adds its
 * displacements), it accumulates what is proposed, and at a constant rate it is that of `sgd` (within rounding: the
 * rate is multiplied in at another place).
 *
 * @example
 * import assert from "node:assert"
 * import { withMomentum } from "thalweg/optimizer"
 * import { checkAll, momentumLaws } from "thalweg/laws"
 *
 * assert(checkAll(momentumLaws(withMomentum), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const momentumLaws = (withIt: FunctionOf<typeof withMomentum>): readonly Law[] => [
  law("withMomentum(0) changes nothing", exact, fc.tuple(additive, run), ([optimizer, r]) => [
    pathOf(withIt(0)(optimizer), r),
    pathOf(optimizer, r)
  ]),
  law(
    "withMomentum accumulates displacements",
    amplified,
    fc.tuple(fixed(0.95), blind, wide),
    ([gamma, optimizer, r]) => [
      streamOf(withIt(gamma)(optimizer), r),
      streamOf(applyMomentum({ decay: gamma }), { ...r, gradients: streamOf(optimizer, r) })
    ]
  ),
  law(
    "the rate inside the velocity is the rate outside, while constant",
    amplified,
    fc.tuple(fixed(1), fixed(0.95), wide),
    ([learningRate, mu, r]) => [
      pathOf(withIt(mu)(sgd({ learningRate })), r),
      pathOf(sgd({ learningRate, momentum: mu }), r)
    ]
  ),
  keepsRate(
    "withMomentum",
    fixed(0.95).map(gamma => optimizer => withIt(gamma)(optimizer))
  )
]

/**
 * Lists the laws of decoupled weight decay: 0 changes nothing (exactly, where the optimizer inside adds its
 * displacements); it is `-η·λ·p` at the parameters before the step; alone it scales by `(1-ηλ)ⁿ`; over plain `sgd` it
 * is L2 regularization, over `adam` AdamW. Within rounding, but for the first.
 *
 * @example
 * import assert from "node:assert"
 * import { withWeightDecay } from "thalweg/optimizer"
 * import { checkAll, weightDecayLaws } from "thalweg/laws"
 *
 * assert(checkAll(weightDecayLaws(withWeightDecay), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const weightDecayLaws = (withIt: FunctionOf<typeof withWeightDecay>): readonly Law[] => {
  const [rate, decay] = [fixed(1), fixed(1)]
  return [
    law("withWeightDecay(0) changes nothing", exact, fc.tuple(additive, run), ([optimizer, r]) => [
      pathOf(withIt(0)(optimizer), r),
      pathOf(optimizer, r)
    ]),
    law(
      "decay is taken at the parameters before the step",
      amplified,
      fc.tuple(decay, additive, wide),
      ([lambda, optimizer, r]) => {
        const [grads = []] = r.gradients
        const state = optimizer.init(r.params)
        const eta = optimizer.rate(state)
        const decayed = Tree.zipWith((moved: Tensor, p: Tensor) => sub(moved, mul(mul(p, lambda), eta)))
        const [moved] = stepOf(optimizer)(r.params, state, grads)
        return [pathOf(withIt(lambda)(optimizer), r)[0] ?? [], decayed<Tree>(moved, r.params)]
      }
    ),
    law(
      "decay alone scales by (1 - ηλ) to the power n",
      amplified,
      fc.tuple(rate, decay, wide),
      ([learningRate, lambda, r]) => {
        const still = { ...r, gradients: r.gradients.map(Tree.zerosLike) }
        const scaled = r.gradients.map((_, i) => times((1 - learningRate * lambda) ** (i + 1))(r.params))
        return [
          [pathOf(withIt(lambda)(sgd({ learningRate })), still), pathOf(withIt(lambda)(adam({ learningRate })), still)],
          [scaled, scaled]
        ]
      }
    ),
    law(
      "decoupled decay is coupled decay for plain sgd",
      amplified,
      fc.tuple(rate, decay, wide),
      ([learningRate, lambda, r]) => [
        pathOf(withIt(lambda)(sgd({ learningRate })), r),
        pathOf(onGradient(addDecayedWeights(lambda))(sgd({ learningRate })), r)
      ]
    ),
    law("decoupled decay over adam is AdamW", amplified, fc.tuple(rate, decay, wide), ([learningRate, lambda, r]) => [
      pathOf(withIt(lambda)(adam({ learningRate, eps: 0.01 })), r),
      pathOf(
        optimizerOf(chain(scaleByAdam({ eps: 0.01 }), addDecayedWeights(lambda), scaleByLearningRate(learningRate))),
        r
      )
    ]),
    keepsRate(
      "withWeightDecay",
      decay.map(lambda => optimizer => withIt(lambda)(optimizer)),
      state => state
    )
  ]
}
