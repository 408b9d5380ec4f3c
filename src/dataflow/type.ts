import type { DType } from "./dtype.js"
import { sameShape, showShape, type Shape } from "./shape.js"

/** What is known of a value before it is computed. */
export interface Type {
  readonly shape: Shape
  readonly dtype: DType
}

/** The type alone, which does not keep a node alive. */
export const typeOf = ({ shape, dtype }: Type): Type => ({ shape, dtype })

/** As errors and printed graphs show it: `f32[2, 3]`. */
export const showType = ({ shape, dtype }: Type): string => `${dtype}${showShape(shape)}`

export const sameType = (a: Type, b: Type): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)
