import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { filledLike, plusEps, quotient, rootOf, zeroCount } from "./common.js"
import { squareFor, zeroSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** Where ε stands: under the root, or beside it. */
export type EpsPlace = "inside" | "outside"

export const epsPlaceField = choice<EpsPlace>(["inside", "outside"], "inside")

const fields = {
  /** a₀ ≥ 0: what the sums of squares begin with (a schedule: its value at 0). Default 0; optax and Keras 0.1. */
  initialAccumulator: hyper(nonNegative, 0),
  /** ε ≥ 0: in units of the squared gradient inside the root, of the gradient outside. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** Whether ε is added "inside" the root (the default) or "outside", to the root (PyTorch). */
  epsPlace: epsPlaceField
}

/** The sums of squared gradients. */
export type SquareSum<P extends Tree> = { readonly sum: P }

/** A sum for every parameter, in its dtype, or in f64 where ε is below 2⁻⁵⁰. */
export interface SquareSumF extends StateFamily {
  readonly type: SquareSum<this["params"]>
}

/** The options of AdaGrad but for its rate. */
export interface AdagradScaling extends OptionsOf<typeof fields> {}

/** The root of a mean or a sum of squares with ε: `√(v + ε)` or `√v + ε`. */
export const rootWith = (place: EpsPlace, eps: Tensor): ((v: Tensor) => Tensor) =>
  place === "inside" ? v => rootOf(plusEps(v, eps)) : v => plusEps(rootOf(v), eps)

/**
 * Divides by the root of the sum of all squared gradients: `a = a + g²` from `a₀`, gives `g / √(a + ε)`, or
 * `g / (√a + ε)` with `epsPlace: "outside"`.
 *
 * `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the sums never fall; no update exceeds 1; does not see the scale of the gradients (a₀ = ε = 0); odd;
 * elementwise.
 * Source: Duchi, Hazan & Singer 2011, JMLR 12, Figure 1 (diagonal), which adds its δ outside.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdagrad } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adagrad = scaleByAdagrad({ eps: 0 })
 * const [u1, s1] = adagrad.update(tensor([3, 0]), adagrad.init(p), p, clockAt(0))
 * const [u2] = adagrad.update(tensor([-4, 0]), s1, p, clockAt(1)) // 4 / √(9 + 16)
 * assert.deepStrictEqual([u1, u2].map(u => toArray(u)), [[1, 0], [Math.fround(-0.8), 0]])
 */
export const scaleByAdagrad: Recipe<typeof fields, (options?: AdagradScaling) => Transform<SquareSumF>> = recipe(
  "scaleByAdagrad",
  fields,
  {},
  ({ initialAccumulator, eps, epsPlace }) => ({
    init: params => ({ sum: filledLike(initialAccumulator(zeroCount))(zeroSquares(eps)(params)) }),
    update: (updates, { sum }, _, { step }) => {
      const after = Tree.zipWith((a: Tensor, g: Tensor) => add(a, squareFor(a, g)))(sum, updates)
      const e = eps(step)
      const root = rootWith(epsPlace, e)
      const scaled = Tree.zipWith((g: Tensor, a: Tensor) => quotient(g, root(a), e))(updates, after)
      return [scaled, { sum: after }]
    }
  })
)
