import { pipe } from "fp-ts/lib/function.js"
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import { learningRateField } from "../../transform/scale.js"
import type { TraceF } from "../../transform/trace.js"
import type { OnDisplacementF } from "../lift.js"
import type { Optimizer } from "../optimizer.js"
import { sgd } from "./sgd.js"
import { withMomentum } from "../combinator/with-momentum.js"

/** The options of gradient descent with momentum, or with Nesterov's. */
export interface MomentumOptions {
  /** η ≥ 0, in units of parameter per unit of gradient. */
  readonly learningRate: Hyperparameter
  /** γ: how much of the velocity is kept, `0 ≤ γ < 1`. Default 0.9. */
  readonly momentum?: Hyperparameter
}

/** What the options of gradient descent with momentum, or with Nesterov's, may be. */
export const momentumFields: Fields<MomentumOptions> = { learningRate: learningRateField, momentum: hyper(decay, 0.9) }

/** The states of `momentum`: the velocity, in units of the parameters, and the count of the rate. */
export type MomentumF = OnDisplacementF<TraceF, CountF>

/**
 * Makes gradient descent with momentum: `v = γ·v + η·g`, `p' = p - v`; it is `pipe(sgd({ η }), withMomentum(γ))`.
 *
 * The rate is inside the velocity, as in Keras and most textbooks: when it changes, what was accumulated keeps the rate
 * it was made with. `sgd({ momentum })` has it outside, as PyTorch and optax do. The state holds `-v`.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: γ = 0 ≡ `sgd`, exactly; equal to `sgd({ momentum })` for a constant rate only; odd in the gradients;
 * elementwise.
 * Source: Polyak 1964; Rumelhart, Hinton & Williams 1986; Qian 1999.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { momentum } from "thalweg/optimizer"
 *
 * const opt = momentum({ learningRate: 0.5, momentum: 0.5 })
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0) // v = 4
 * const [p2] = opt.step(p1, s1, p1) // v = 0.5·4 + 0.5·4
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [0]])
 */
export const momentum = (options: MomentumOptions): Optimizer<MomentumF> => {
  const { learningRate, momentum: gamma } = resolve("momentum", momentumFields, options)
  return pipe(sgd({ learningRate }), withMomentum(gamma))
}
