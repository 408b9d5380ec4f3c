import { abs } from "./arithmetic.js"
import { checkOptions, checkTensor } from "./check.js"
import { zeros } from "./create.js"
import { isFloat } from "./dtype.js"
import { eq, isNaN, where } from "./logic.js"
import type { Tensor } from "./primitive.js"

/**
 * Tells whether each element is ∞ or -∞, as `bool`; integers and booleans never are.
 *
 * @example
 * import assert from "node:assert"
 * import { isInf, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(isInf(tensor([1, -Infinity, NaN]))), [false, true, false])
 */
export const isInf = (x: Tensor): Tensor =>
  isFloat(checkTensor("isInf", x).dtype) ? eq(abs(x), Infinity) : zeros(x.shape, "bool")

/** What stands in for what is no finite number. */
export interface NanToNumOptions {
  /** In place of NaN. Default 0. */
  readonly nan?: number
  /** In place of ∞. Default the largest number of the dtype. */
  readonly posInf?: number
  /** In place of -∞. Default the least number of the dtype. */
  readonly negInf?: number
}

const largest = { f32: (2 - 2 ** -23) * 2 ** 127, f64: Number.MAX_VALUE } as const

/**
 * Replaces what is no finite number: NaN by 0, ±∞ by the largest and the least number of the dtype, or by others. No
 * derivative flows where something was replaced. Integers and booleans stay as they are.
 *
 * Source: `jax.numpy.nan_to_num`.
 *
 * @example
 * import assert from "node:assert"
 * import { nanToNum, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, NaN, Infinity, -Infinity], { dtype: "f64" })
 * assert.deepStrictEqual(toArray(nanToNum(x)), [1, 0, Number.MAX_VALUE, -Number.MAX_VALUE])
 * assert.deepStrictEqual(toArray(nanToNum(x, { nan: -1, posInf: 9 })), [1, -1, 9, -Number.MAX_VALUE])
 */
export const nanToNum = (x: Tensor, options: NanToNumOptions = {}): Tensor => {
  const { dtype } = checkTensor("nanToNum", x)
  checkOptions("nanToNum", options, ["nan", "posInf", "negInf"])
  if (!isFloat(dtype)) return x
  const { nan = 0, posInf = largest[dtype], negInf = -largest[dtype] } = options
  return where(isNaN(x), nan, where(eq(x, Infinity), posInf, where(eq(x, -Infinity), negInf, x)))
}
