import { sub } from "../dataflow/arithmetic.js"
import { mean } from "../dataflow/reduce.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, type OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import type { StatelessF, Transform } from "./transform.js"
import { axesOfUnit } from "./units.js"

const fields = {
  /**
   * The axis along which units lie: "last" (the default), as in our kernels `[…, in, out]`, or "first", as in PyTorch's
   * and always in optax.
   */
  units: choice(["last", "first"], "last")
}

/** Of what the mean is taken off. */
export interface CentralizeOptions extends OptionsOf<typeof fields> {}

/**
 * Takes the mean off the updates of each unit: `u' = u - mean(u)`, unit by unit. Vectors and scalars pass unchanged.
 *
 * Throws a `HyperparameterError` for options that are none. A non-finite element makes its unit NaN.
 *
 * Laws: idempotent, to rounding; linear; non-expansive in the Euclidean norm; constant units become 0.
 * Source: Yong et al. 2020, arXiv 2004.01461, equation 1: the mean over what enters one output. optax takes off the mean
 * over all axes but the first, which for kernels `[in, out]` is over what leaves one input: `{ units: "first" }`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { centralize, clockAt } from "thalweg/transform"
 *
 * const updates = { kernel: tensor([[1, 10], [3, 30]]), bias: tensor([1, 2]) }
 * const centered = centralize()
 * const [{ kernel, bias }] = centered.update(updates, centered.init(updates), updates, clockAt(0))
 * assert.deepStrictEqual([kernel, bias].map(toArray), [[[-1, -10], [1, 10]], [1, 2]])
 */
export const centralize: Recipe<typeof fields, (options?: CentralizeOptions) => Transform<StatelessF>> = recipe(
  "centralize",
  fields,
  {},
  ({ units }) => {
    const centred = (u: Tensor): Tensor =>
      u.shape.length < 2 || u.shape.includes(0) ? u : sub(u, mean(u, { axes: axesOfUnit(units, u), keepDims: true }))
    return {
      init: () => [],
      update: (updates, state) => [Tree.map(centred)(updates), state]
    }
  }
)
