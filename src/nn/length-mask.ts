import { checkTensor } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import { lt } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { expandDims } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { checkNumber, natural } from "../options/range.js"

/**
 * Says which places of padded sequences are there, given their lengths: `mask[b, t] = t < lengths[b]`, as `bool`.
 *
 * Shapes: `[batch] → [batch, places]`. `lengths`: of `i32` or `u32`, else a `DTypeError`, of one axis, else a `ShapeError`; one above `places` is as `places`, one
 * below 0 as 0. `places`: a whole number from 0, else a `HyperparameterError`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { lengthMask } from "thalweg/nn"
 *
 * const mask = lengthMask(tensor([2, 0], { dtype: "i32" }), 3)
 * assert.deepStrictEqual(toArray(mask), [[true, true, false], [false, false, false]])
 */
export const lengthMask = (lengths: Tensor, places: number): Tensor => {
  const { dtype, shape } = checkTensor("lengthMask", lengths, "a tensor of lengths")
  checkNumber("lengthMask", "places", natural, places)
  if (dtype !== "i32" && dtype !== "u32") fail("DTypeError", "lengthMask", "lengths of i32 or u32", dtype)
  if (shape.length !== 1) fail("ShapeError", "lengthMask", "lengths [batch]", showType(lengths))
  return lt(iota([1, places], 1, dtype), expandDims(lengths, 1))
}
