import { div, maximum, square, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay as decayRange, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, filledLike, one, quotient, zero, zeroCount } from "./common.js"
import {
  debias,
  emaOf,
  emaOfSquares,
  momentQuotient,
  zeroSquares,
  type MomentsF,
  type SecondMomentF
} from "./moments.js"
import { epsPlaceField, rootWith, type EpsPlace } from "./scale-by-adagrad.js"
import type { Transform } from "./transform.js"

const fields = {
  /** ρ: decay of the averages, `0 ≤ ρ < 1`. Default 0.9; PyTorch 0.99. */
  decay: hyper(decayRange, 0.9),
  /** ε ≥ 0: in units of the squared gradient inside the root, of the gradient outside. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** Whether ε is added "inside" the root (the default) or "outside", to the root (PyTorch). */
  epsPlace: epsPlaceField,
  /** v₀ ≥ 0: what the average of squares begins with (a schedule: its value at 0). Default 0. */
  initialScale: hyper(nonNegative, 0),
  /** Whether averages are divided by `1 - ρᵗ`. Default no. */
  biasCorrection: flag(false)
}

/** The options of RMSProp but for its rate. */
export interface RmsScaling extends OptionsOf<typeof fields> {}

/** `g / √(v/c + ε)` or `g / (√(v/c) + ε)`, where `v/c` itself may be too large. */
const debiasedQuotient = (place: EpsPlace, eps: Tensor, c: Tensor): ((g: Tensor, v: Tensor) => Tensor) =>
  momentQuotient("debiased", [one, c], place === "outside" ? [eps, zero] : [zero, eps])

/** What an average is taken for: itself, or divided by `1 - ρᵗ`. */
const corrected = (on: boolean, rho: Tensor, step: Tensor): ((average: Tensor) => Tensor) => {
  const c = debias(rho, step)
  return average => (on ? div(cast(average, "f64"), c) : average) // in f64, where the square of an f32 has room
}

/**
 * Divides by the root mean square of the gradients: `v = ρ·v + (1-ρ)·g²` from `v₀`, gives `g / √(v + ε)`, or
 * `g / (√v + ε)` with `epsPlace: "outside"`; with `biasCorrection`, `v/(1 - ρᵗ)` in place of `v`.
 *
 * `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: no update exceeds `1/√(1-ρ)` (v₀ = 0, no correction); does not see the scale of the gradients (v₀ = ε = 0);
 * odd; elementwise.
 * Source: Tieleman & Hinton 2012, COURSERA lecture 6.5; ε, v₀ and the correction as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByRms } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const rms = scaleByRms({ decay: 0.75, eps: 0 })
 * const [updates, state] = rms.update(tensor([8, 0]), rms.init(p), p, clockAt(0))
 * assert.deepStrictEqual([updates, state.nu].map(toArray), [[2, 0], [16, 0]])
 */
export const scaleByRms: Recipe<typeof fields, (options?: RmsScaling) => Transform<SecondMomentF>> = recipe(
  "scaleByRms",
  fields,
  {},
  ({ decay, eps, epsPlace, initialScale, biasCorrection }) => ({
    init: params => ({ nu: filledLike(initialScale(zeroCount))(zeroSquares(eps)(params)) }),
    update: (updates, { nu }, _, { step }) => {
      const rho = decay(step)
      const e = eps(step)
      const root = rootWith(epsPlace, e)
      const divided = biasCorrection
        ? debiasedQuotient(epsPlace, e, debias(rho, step))
        : (g: Tensor, v: Tensor) => quotient(g, root(v), e)
      const after = emaOfSquares(rho)(nu, updates)
      return [Tree.zipWith(divided)(updates, after), { nu: after }]
    }
  })
)

/**
 * Divides by the standard deviation of the gradients: with `m = ρ·m + (1-ρ)·g`, `v = ρ·v + (1-ρ)·g²`, gives
 * `g / √(v - m² + ε)`, or `g / (√(v - m²) + ε)` with `epsPlace: "outside"`.
 *
 * The options are those of `scaleByRms`; `biasCorrection` divides both averages. A variance below 0, by rounding,
 * counts as 0. `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (v₀ = ε = 0); odd; elementwise.
 * Source: Graves 2013, arXiv 1308.0850, equations 38 to 41.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByStddev } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const stddev = scaleByStddev({ decay: 0.5, eps: 0 })
 * const [updates] = stddev.update(tensor([8]), stddev.init(p), p, clockAt(0)) // of 8 and 0: 4 on average, 4 away
 * assert.deepStrictEqual(toArray(updates), [2])
 */
export const scaleByStddev: Recipe<typeof fields, (options?: RmsScaling) => Transform<MomentsF>> = recipe(
  "scaleByStddev",
  fields,
  {},
  ({ decay, eps, epsPlace, initialScale, biasCorrection }) => ({
    init: params => ({
      mu: Tree.zerosLike(params),
      nu: filledLike(initialScale(zeroCount))(zeroSquares(eps)(params))
    }),
    update: (updates, state, _, { step }) => {
      const rho = decay(step)
      const e = eps(step)
      const [at, root] = [corrected(biasCorrection, rho, step), rootWith(epsPlace, e)]
      const mu = emaOf(rho)(state.mu, updates)
      const nu = emaOfSquares(rho)(state.nu, updates)
      const variance = Tree.zipWith((m: Tensor, v: Tensor) => maximum(sub(at(v), square(at(castLike(m, v)))), 0))(
        mu,
        nu
      )
      const scaled = Tree.zipWith((g: Tensor, v: Tensor) => quotient(g, castLike(root(v), g), e))(updates, variance)
      return [scaled, { mu, nu }]
    }
  })
)
