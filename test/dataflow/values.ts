import { tensor, toTyped, type DType, type Nested, type Tensor } from "thalweg"

const literal =
  (dtype: DType) =>
  (values: Nested): Tensor =>
    tensor(values, { dtype })

export const f32 = literal("f32")
export const f64 = literal("f64")
export const i32 = literal("i32")
export const u32 = literal("u32")
export const bool = literal("bool")

/** Numbers with a fixed pattern and both signs, for shapes that are too large to write down. */
export const pattern = (shape: readonly number[], dtype: DType = "f64"): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => ((i * 37 + 11) % 23) - 11),
    { dtype, shape }
  )
}

/** Shape, dtype and values: what one tensor has in common with an equal one. */
export const observe = (t: Tensor) => ({ dtype: t.dtype, shape: [...t.shape], data: Array.from(toTyped(t)) })

/** The largest relative error of a list of numbers; 0 where both are the same bits, infinite where only one is finite. */
export const relativeError = (actual: ArrayLike<number>, expected: readonly number[]): number =>
  Math.max(
    0,
    ...expected.map((value, i) => {
      const got = actual[i] ?? Infinity
      if (Object.is(got, value) || got === value) return 0
      const error = Math.abs(got - value) / Math.abs(value)
      return Number.isNaN(error) ? Infinity : error
    })
  )
