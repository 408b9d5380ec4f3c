import { checkOptions, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import { scaleByAdam } from "../../transform/scale-by-adam.js"
import { type MomentsF } from "../../transform/moments.js"
import { nadamScalingFields, scaleByNadam, type NadamF, type NadamScaling } from "../../transform/scale-by-nadam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of NAdam. */
export interface NadamOptions extends Omit<NadamScaling, "momentumDecay"> {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  readonly learningRate?: Hyperparameter
}

/** The options of NAdam with its momentum schedule. */
export interface ScheduledNadamOptions extends NadamOptions, Pick<NadamScaling, "momentumDecay"> {}

const { momentumDecay, ...scalingFields } = nadamScalingFields

/** What the options of NAdam may be. */
export const nadamFields: Fields<NadamOptions> = { learningRate: hyper(nonNegative, 1e-3), ...scalingFields }

/** What the options of NAdam with its momentum schedule may be. */
export const scheduledNadamFields: Fields<ScheduledNadamOptions> = { ...nadamFields, momentumDecay }

interface Nadam {
  (options: ScheduledNadamOptions): Optimizer<ChainF<readonly [NadamF, CountF]>>
  (options?: NadamOptions): Optimizer<ChainF<readonly [MomentsF, CountF]>>
}

/**
 * Makes NAdam, Adam with Nesterov's look ahead: `p' = p - η · m̂ / (√(v/c₂ + ε_root) + ε)` with
 * `m̂ = β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g/c₁` and the rest as in `adam`.
 *
 * With `momentumDecay` ψ the momentum rises: `μ_t = β₁·(1 - ½·0.96^(ψ·t))`, `P_t = μ₁·…·μ_t` and
 * `m̂ = μ_{t+1}·m/(1 - P_t·μ_{t+1}) + (1-μ_t)·g/(1 - P_t)`; the state then holds `P_t` too.
 * Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: with β₁ = 0, `adam`; for ψ → ∞, the plain form; odd in the gradients; elementwise.
 * Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam", Algorithm 2. We leave out, as all libraries do, the
 * factor β₂ that the paper gives to `v/c₂`. optax has the plain form; PyTorch ψ 4e-3, η 2e-3; Keras ψ 1, ε 1e-7.
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
export const nadam = ((given: NadamOptions | ScheduledNadamOptions = {}) => {
  const options = checkOptions("nadam", given)
  if ("momentumDecay" in options) {
    const { learningRate, ...scaling } = resolve("nadam", scheduledNadamFields, options)
    return optimizer(chain(scaleByNadam(scaling), scaleByLearningRate(learningRate)))
  }
  const { learningRate, ...scaling } = resolve("nadam", nadamFields, options)
  return optimizer(chain(scaleByAdam({ ...scaling, nesterov: true }), scaleByLearningRate(learningRate)))
}) as Nadam
