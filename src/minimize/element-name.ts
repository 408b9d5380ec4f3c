import type { Shape } from "../dataflow/shape.js"
import { stridesOf } from "../dataflow/shape.js"

/** The name of an element of a leaf, by its path and its place in it: `"b"` of a scalar, `"b[1, 0]"`. */
export const elementName = (path: string, shape: Shape, place: number): string =>
  shape.length === 0
    ? path
    : `${path}[${stridesOf(shape)
        .map((stride, axis) => Math.floor(place / stride) % (shape[axis] ?? 1))
        .join(", ")}]`
