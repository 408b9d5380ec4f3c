import { maximum, mul } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { nonNegative, positive } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { shortened } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"
import { axesOfUnit } from "./units.js"

const fields = {
  /** λ > 0: the largest norm of the updates of a unit, as a multiple of that of its parameters. */
  clipping: hyper(nonNegative),
  /** ε > 0: the least norm that parameters count with, so that those which are 0 can grow. Default 1e-3. */
  eps: hyper(positive, 1e-3),
  /** The axis along which units lie: "last" (the default), as in our kernels `[…, in, out]`, or "first", as PyTorch's. */
  units: choice(["last", "first"], "last")
}

/** How updates are compared with the parameters. */
export interface UnitClipOptions extends Omit<OptionsOf<typeof fields>, "clipping"> {}

/**
 * Shortens the updates of each unit to a fraction of the norm of its parameters:
 * `u' = u · N / max(‖u‖, N)` with `N = λ·max(‖p‖, ε)`, norms unit by unit.
 *
 * A unit is a neuron: a slice along the last axis, or the first; a vector or scalar is one unit.
 * `clipping`: λ, a finite number ≥ 0, else a `HyperparameterError`. Where the norm of a unit is NaN, all of that unit
 * becomes NaN; where it is infinite, its infinite elements become NaN and its others 0. Other units do not notice.
 *
 * Laws: units within their norm pass unchanged, exactly; non-expansive; idempotent, to rounding; zero stays zero.
 * Source: Brock et al. 2021, arXiv 2102.06171, equation 3.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipUnits, clockAt } from "thalweg/transform"
 *
 * const kernel = tensor([[3, 0], [4, 1]]) // columns of the norms 5 and 1
 * const clip = clipUnits(0.5)
 * const [clipped] = clip.update(tensor([[0, 0], [10, 0.25]]), clip.init(kernel), kernel, clockAt(0))
 * assert.deepStrictEqual(toArray(clipped), [[0, 0], [2.5, 0.25]])
 */
export const clipUnits: Recipe<
  typeof fields,
  (clipping: Hyperparameter, options?: UnitClipOptions) => Transform<StatelessF>
> = recipeOf("clipUnits", "clipping", fields, {}, ({ clipping, eps, units }) => {
  const lengths = (t: Tensor): Tensor => norm(cast(t, "f64"), { axes: axesOfUnit(units, t), keepDims: true })
  return {
    init: () => [],
    update: (updates, state, params, { step }) => {
      const [lambda, least] = [clipping(step), eps(step)]
      const clipped = Tree.zipWith((u: Tensor, p: Tensor) => {
        const most = mul(maximum(lengths(p), least), lambda)
        return shortened(u, lengths(u), most)
      })
      return [clipped(updates, params), state]
    }
  }
})
