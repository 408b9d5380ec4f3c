import type { VelocityF } from "../../transform/apply-momentum.js"
import { pipe } from "fp-ts/lib/function.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { withMomentum } from "../combinator/with-momentum.js"
import type { OnDisplacementF } from "../lift.js"
import type { Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import { sgd, type SgdF } from "./sgd.js"

const fields = {
  /** η ≥ 0, in units of parameter per unit of gradient. */
  learningRate: hyper(nonNegative),
  /** γ: how much of the velocity is kept, `0 ≤ γ < 1`. Default 0.9. */
  momentum: hyper(decay, 0.9)
}

/** The options of gradient descent with momentum, or with Nesterov's. */
export interface MomentumOptions extends OptionsOf<typeof fields> {}

/** The states of `momentum` and `nag`: the velocity (`displacement`), in units of the parameters. */
export type MomentumF = OnDisplacementF<VelocityF, SgdF>

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
export const momentum: Recipe<typeof fields, (options: MomentumOptions) => Optimizer<MomentumF>> = recipe(
  "momentum",
  fields,
  allButScaleFree,
  ({ learningRate, momentum: gamma }) => pipe(sgd({ learningRate }), withMomentum(gamma))
)
