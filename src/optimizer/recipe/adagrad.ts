import { add, div, mul } from "../../dataflow/arithmetic.js"
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import {
  adagradScalingFields,
  scaleByAdagrad,
  type AdagradF,
  type AdagradScaling
} from "../../transform/scale-by-adagrad.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of AdaGrad. */
export interface AdagradOptions extends AdagradScaling {
  /** η ≥ 0, in units of the parameters: the length of the first step. Default 1e-2. */
  readonly learningRate?: Hyperparameter
  /** d ≥ 0, per step: the rate in force is `η / (1 + d·count)`. Default 0; PyTorch's `lr_decay`. */
  readonly rateDecay?: Hyperparameter
}

/** What the options of AdaGrad may be. */
export const adagradFields: Fields<AdagradOptions> = {
  learningRate: hyper(nonNegative, 1e-2),
  rateDecay: hyper(nonNegative, 0),
  ...adagradScalingFields
}

/**
 * Makes AdaGrad: `a = a + g²`, `p' = p - η · g / √(a + ε)`.
 *
 * The state holds a sum for every parameter. Defaults: η 1e-2, a₀ 0, ε 1e-8, no decay of the rate.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the sums never fall; no step is longer than η; constant gradients give steps of η/√t (a₀ = ε = 0); does not see
 * the scale of the gradients (a₀ = ε = 0); odd in the gradients; elementwise.
 * Source: Duchi, Hazan & Singer 2011, JMLR 12, Figure 1 (diagonal), whose δ is outside the root. PyTorch:
 * `epsPlace: "outside"`, ε 1e-10, and `rateDecay`. optax and Keras: a₀ 0.1, ε 1e-7.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adagrad } from "thalweg/optimizer"
 *
 * const opt = adagrad({ learningRate: 5, eps: 0 })
 * const p0 = { w: tensor([10]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([3]) }) // a = 9
 * const [p2] = opt.step(p1, s1, { w: tensor([-4]) }) // a = 25
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[5], [9]])
 */
export const adagrad = (options: AdagradOptions = {}): Optimizer<ChainF<readonly [AdagradF, CountF]>> => {
  const { learningRate, rateDecay, ...scaling } = resolve("adagrad", adagradFields, options)
  const rate = scaleByLearningRate(count => div(learningRate(count), add(1, mul(rateDecay(count), count))))
  return optimizer(chain(scaleByAdagrad(scaling), rate))
}
