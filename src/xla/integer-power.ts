import * as T from "../dataflow/operations.js"
import type { Tensor } from "../dataflow/primitive.js"
import { scan } from "../tree/scan.js"

const BITS = 32

/**
 * `a^b` modulo 2³² by repeated squaring, of i32 or u32 of one shape; of negative powers, those of 1 and -1, and 0. StableHLO's
 * power has other bits where the exponent is large.
 */
export const integerPower = (a: Tensor, b: Tensor): Tensor => {
  const multiply = ([power, square]: readonly [Tensor, Tensor], bit: Tensor) => {
    const isSet = T.ne(T.and(T.shiftRight(b, bit), 1), 0)
    return [[T.where(isSet, T.mul(power, square), power), T.mul(square, square)], []] as const
  }
  const [[power]] = scan(multiply, [T.onesLike(a), a] as const, T.iota([BITS], 0, a.dtype))
  return a.dtype === "u32" ? power : T.where(T.or(T.ge(b, 0), T.eq(T.abs(a), 1)), power, 0)
}
