import { mul } from "../../dataflow/arithmetic.js"
import { requireFloat } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { split } from "../../dataflow/slice.js"
import { sigmoid } from "../../dataflow/transcendental.js"
import { showType } from "../../dataflow/type.js"
import { gelu, silu } from "./smooth.js"

/** The first half of the last axis, weighed by a function of the second. */
const gated = (name: string, gate: (x: Tensor) => Tensor, x: Tensor): Tensor => {
  const features = requireFloat(name, x).shape.at(-1) ?? 1
  if (features % 2 !== 0) fail("ShapeError", name, "a last axis of even size", showType(x))
  const [value, second] = split(x, [features / 2, features / 2], -1) as [Tensor, Tensor]
  return mul(value, gate(second))
}

/**
 * Lets one half of the last axis gate the other: `a · sigmoid(b)` for `x = [a, b]`.
 *
 * Shapes: `[…, 2n] → […, n]`; an odd size is a `ShapeError`, another dtype than `f32` and `f64` a `DTypeError`, which name the
 * function.
 *
 * Source: Dauphin et al. 2017, "Language modeling with gated convolutional networks", arXiv 1612.08083.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { glu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(glu(tensor([[3, 4, 0, -1000]]))), [[1.5, 0]])
 */
export const glu = (x: Tensor): Tensor => gated("glu", sigmoid, x)

/**
 * Lets one half of the last axis gate the other by `gelu`: `a · gelu(b)` for `x = [a, b]`. Shapes and errors as of `glu`.
 *
 * Source: Shazeer 2020, "GLU variants improve Transformer", arXiv 2002.05202, equation 5, where the gate comes first.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { geglu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(geglu(tensor([[2, 10]]))), [[20]])
 */
export const geglu = (x: Tensor): Tensor => gated("geglu", gelu, x)

/**
 * Lets one half of the last axis gate the other by `silu`: `a · silu(b)` for `x = [a, b]`. Shapes and errors as of `glu`.
 *
 * Source: Shazeer 2020, "GLU variants improve Transformer", arXiv 2002.05202, equation 5, where the gate comes first.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { swiglu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(swiglu(tensor([[2, 1000]]))), [[2000]])
 */
export const swiglu = (x: Tensor): Tensor => gated("swiglu", silu, x)
