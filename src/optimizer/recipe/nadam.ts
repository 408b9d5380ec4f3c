import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAdam, type AdamScaling } from "../../transform/scale-by-adam.js"
import { scaleByNadam, type NadamF, type NadamScaling } from "../../transform/scale-by-nadam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import type { AdamF } from "./adam.js"

const { b1, b2, eps, epsRoot } = scaleByAdam.fields

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  b1,
  b2,
  eps,
  epsRoot
}

/** The options of NAdam. */
export interface NadamOptions extends Omit<AdamScaling, "form" | "nesterov">, OptionsOf<typeof fields> {}

const traits = { ...allButScaleFree, scaleFree: { eps: 0, epsRoot: 0 } }

/**
 * Makes NAdam, Adam with Nesterov's look ahead: `p' = p - η · m̂ / (√(v/c₂ + ε_root) + ε)` with
 * `m̂ = β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g/c₁` and the rest as in `adam`.
 *
 * The state is that of `adam`. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0. `scheduledNadam` has the momentum
 * schedule of the paper, `nadamw` a decay. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: with β₁ = 0, `adam`; does not see the scale of the gradients (ε = ε_root = 0); odd in the gradients;
 * elementwise.
 * Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam", Algorithm 2, without its schedule, as in optax. We
 * leave out, as all libraries do, the factor β₂ that the paper gives to `v/c₂`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { nadam } from "thalweg/optimizer"
 *
 * const params = { w: tensor([1], { dtype: "f64" }) }
 * const opt = nadam({ learningRate: 0.5, b1: 0.5, eps: 0 })
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([-8], { dtype: "f64" }) })
 * const lookedAhead = (0.5 * 0.5) / (1 - 0.5 ** 2) + 1 // of a gradient of 1
 * assert.ok(Math.abs((toArray(w) as number[])[0]! - (1 + 0.5 * lookedAhead)) < 1e-12)
 */
export const nadam: Recipe<typeof fields, (options?: NadamOptions) => Optimizer<AdamF>> = recipe(
  "nadam",
  fields,
  traits,
  ({ learningRate, ...scaling }) =>
    optimizer(chain(scaleByAdam({ ...scaling, nesterov: true }), scaleByLearningRate(learningRate)))
)

const scheduledFields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByNadam.fields
}

/** The options of NAdam with its momentum schedule. */
export interface ScheduledNadamOptions extends NadamScaling, OptionsOf<typeof scheduledFields> {}

/** The states of `scheduledNadam`: the moments with the product of the momenta, and nothing for the rate. */
export type ScheduledNadamF = ChainF<readonly [NadamF, StatelessF]>

/**
 * Makes NAdam with its momentum schedule: `p' = p - η · m̂ / (√(v/c₂ + ε_root) + ε)` with
 * `μ_t = β₁·(1 - ½·0.96^(ψ·t))`, `P_t = μ₁·…·μ_t`, `m̂ = μ_{t+1}·m/(1 - P_t·μ_{t+1}) + (1-μ_t)·g/(1 - P_t)`, `t` from
 * 1, and the rest as in `adam`.
 *
 * With `momentumDecay` ψ the momentum rises from about β₁/2 to β₁. The state is that of `adam` and `P_t`.
 * Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: for ψ → ∞, `nadam`; does not see the scale of the gradients (ε = ε_root = 0); odd in the gradients;
 * elementwise.
 * Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam", Algorithm 2, and its schedule of `μ`. We leave out,
 * as all libraries do, the factor β₂ that the paper gives to `v/c₂`. PyTorch has ψ 4e-3, η 2e-3; Keras ψ 1, ε 1e-7.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scheduledNadam } from "thalweg/optimizer"
 *
 * const params = { w: tensor([1], { dtype: "f64" }) }
 * const opt = scheduledNadam({ learningRate: 0.5, b1: 0.5, eps: 0, momentumDecay: 0 }) // μ is 0.25 always
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([-8], { dtype: "f64" }) })
 * const lookedAhead = (0.25 * 0.5) / (1 - 0.25 ** 2) + 1 // of a gradient of 1
 * assert.ok(Math.abs((toArray(w) as number[])[0]! - (1 + 0.5 * lookedAhead)) < 1e-12)
 */
export const scheduledNadam: Recipe<
  typeof scheduledFields,
  (options: ScheduledNadamOptions) => Optimizer<ScheduledNadamF>
> = recipe("scheduledNadam", scheduledFields, traits, ({ learningRate, ...scaling }) =>
  optimizer(chain(scaleByNadam(scaling), scaleByLearningRate(learningRate)))
)
