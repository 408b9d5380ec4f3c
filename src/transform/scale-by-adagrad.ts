import { add, square } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { filledLike, like, next, quotient, rootOf, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** Where ε stands: under the root, or beside it. */
export type EpsPlace = "inside" | "outside"

/** The options of AdaGrad but for its rate. */
export interface AdagradScaling {
  /** a₀ ≥ 0: what the sums of squares begin with (a schedule: its value at 0). Default 0; optax and Keras 0.1. */
  readonly initialAccumulator?: Hyperparameter
  /** ε ≥ 0: in units of the squared gradient inside the root, of the gradient outside. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** Whether ε is added "inside" the root (the default) or "outside", to the root (PyTorch). */
  readonly epsPlace?: EpsPlace
}

/** The sums of squared gradients after `count` updates. */
export type AdagradState<P extends Tree> = { readonly count: Tensor; readonly sum: P }

/** A sum for every parameter, in its dtype. */
export interface AdagradF extends StateFamily {
  readonly type: AdagradState<this["params"]>
}

export const epsPlaceField = choice<EpsPlace>(["inside", "outside"], "inside")

/** What the options of AdaGrad but for its rate may be. */
export const adagradScalingFields: Fields<AdagradScaling> = {
  initialAccumulator: hyper(nonNegative, 0),
  eps: hyper(nonNegative, 1e-8),
  epsPlace: epsPlaceField
}

/** The root of a mean or a sum of squares with ε: `√(v + ε)` or `√v + ε`. */
export const rootWith = (place: EpsPlace, eps: Tensor): ((v: Tensor) => Tensor) =>
  place === "inside" ? v => rootOf(add(v, like(eps, v))) : v => add(rootOf(v), like(eps, v))

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
 * import { scaleByAdagrad } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adagrad = scaleByAdagrad({ eps: 0 })
 * const [u1, s1] = adagrad.update(tensor([3, 0]), adagrad.init(p), p)
 * const [u2] = adagrad.update(tensor([-4, 0]), s1, p) // 4 / √(9 + 16)
 * assert.deepStrictEqual([u1, u2].map(u => toArray(u)), [[1, 0], [Math.fround(-0.8), 0]])
 */
export const scaleByAdagrad = (options: AdagradScaling = {}): Transform<AdagradF> => {
  const { initialAccumulator, eps, epsPlace } = resolve("scaleByAdagrad", adagradScalingFields, options)
  return {
    init: params => ({ count: zeroCount, sum: filledLike(initialAccumulator(zeroCount))(params) }),
    update: (updates, { count, sum }) => {
      const after = Tree.zipWith((a: Tensor, g: Tensor) => add(a, square(g)))(sum, updates)
      const root = rootWith(epsPlace, eps(count))
      const scaled = Tree.zipWith((g: Tensor, a: Tensor) => quotient(g, root(a)))(updates, after)
      return [scaled, { count: next(count), sum: after }]
    }
  }
}
