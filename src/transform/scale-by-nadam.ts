import { add, div, mul, pow, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { next, one, times } from "./common.js"
import { debias, emaOf, emaOfSquares, momentQuotient, zeroMoments } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, and what the scheduled momentum tends to, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /** ψ ≥ 0: how fast the momentum goes from about β₁/2 to β₁. PyTorch 4e-3, Keras 1. */
  momentumDecay: hyper(nonNegative)
}

/** The options of NAdam with its momentum schedule, but for its rate. */
export interface NadamScaling extends OptionsOf<typeof fields> {}

/** The moments, not debiased, and the product of the scheduled momenta. */
export type NadamState<P extends Tree> = { readonly product: Tensor; readonly mu: P; readonly nu: P }

/** Two moments for every parameter, in its dtype, and an f64 scalar. */
export interface NadamF extends StateFamily {
  readonly type: NadamState<this["params"]>
}

/** Of the momentum schedule, as Dozat gives it: the part that is missing at first, and what is left of it per ψ. */
const [missing, perStep] = [0.5, 0.96]

/** `μ_t = β₁·(1 - ½·0.96^(ψ·t))` at `t = step + 1`. */
const momentumAt = (b1: Tensor, psi: Tensor, step: Tensor): Tensor =>
  mul(b1, sub(1, mul(missing, pow(scalar(perStep, "f64"), mul(psi, next(step))))))

/**
 * Divides a mean gradient that looks one step ahead by the root mean square: with `m` and `v` of `scaleByAdam`,
 * `μ_t = β₁·(1 - ½·0.96^(ψ·t))`, `P_t = μ₁·…·μ_t`, `t` from 1, gives
 * `(μ_{t+1}·m/(1 - P_t·μ_{t+1}) + (1-μ_t)·g/(1 - P_t)) / (√(v/c₂ + ε_root) + ε)`.
 *
 * The moments start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: for ψ → ∞, `scaleByAdam` with `nesterov`; odd; elementwise.
 * Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam", Algorithm 2, and its schedule of `μ` (ψ 4e-3); we
 * leave out, as PyTorch and Keras do, the factor β₂ that the paper gives to `v/c₂`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByNadam } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const nadam = scaleByNadam({ b1: 0.5, eps: 0, momentumDecay: 0 }) // μ is 0.25 always
 * const [updates] = nadam.update(tensor([1]), nadam.init(p), p, clockAt(0))
 * const expected = (0.25 * 0.5) / (1 - 0.25 ** 2) + 0.75 / (1 - 0.25)
 * assert.ok(Math.abs((toArray(updates) as number[])[0]! - expected) < 1e-6)
 */
export const scaleByNadam: Recipe<typeof fields, (options: NadamScaling) => Transform<NadamF>> = recipe(
  "scaleByNadam",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, momentumDecay }) => ({
    init: params => ({ product: scalar(1, "f64"), ...zeroMoments(eps, epsRoot)(params) }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2, psi] = [b1(step), b2(step), momentumDecay(step)]
      const [current, ahead] = [momentumAt(beta1, psi, step), momentumAt(beta1, psi, next(step))]
      const product = mul(state.product, current)
      const [kept, fresh] = [div(ahead, sub(1, mul(product, ahead))), div(sub(1, current), sub(1, product))]
      const divided = momentQuotient("debiased", [one, debias(beta2, step)], [eps(step), epsRoot(step)])
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const means = Tree.zipWith((m: Tensor, g: Tensor) => add(times(m, kept), times(g, fresh)))
      return [Tree.zipWith(divided)(means(mu, updates), nu), { product, mu, nu }]
    }
  })
)
