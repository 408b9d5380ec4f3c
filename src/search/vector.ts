import { abs, mul } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { DType } from "../dataflow/dtype.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, sum } from "../dataflow/reduce.js"

/** Σ aᵢ bᵢ. */
export const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b))

/** The largest absolute element. */
export const largest = (x: Tensor): Tensor => max(abs(x))

/** The distance from 1 to the next number of a dtype. */
export const epsilonOf = (dtype: DType): number => (dtype === "f32" ? 2 ** -23 : 2 ** -52)

/** A whole number, as states count. */
export const count = (n: number): Tensor => scalar(n, "i32")
