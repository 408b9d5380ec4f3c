import { checkTensor } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { broadcastShapes, showShape } from "../dataflow/shape.js"
import { broadcastTo, expandDims, squeeze } from "../dataflow/structure.js"

/** A matrix and right sides as columns, with the same batch axes, and how the solution becomes what was asked for. */
export interface System {
  readonly a: Tensor
  readonly b: Tensor
  readonly shaped: (x: Tensor) => Tensor
}

const lead = (x: Tensor, batch: readonly number[]): Tensor => broadcastTo(x, [...batch, ...x.shape.slice(-2)])

/** Checks a system: `b` holds columns, or is one vector; batch axes broadcast. */
export const systemOf = (operation: string, a: Tensor, b: Tensor): System => {
  shapes.matrices(operation, checkTensor(operation, a))
  shapes.productDType(operation, a, checkTensor(operation, b))
  if (b.shape.length === 0) fail("ShapeError", operation, "a vector or columns on the right side", showShape(b.shape))
  const isVector = b.shape.length === 1
  const columns = isVector ? expandDims(b, 1) : b
  if (a.shape.at(-2) !== columns.shape.at(-2))
    fail("ShapeError", operation, "as many rows on both sides", `${showShape(a.shape)} and ${showShape(b.shape)}`)
  const batch = broadcastShapes(operation, a.shape.slice(0, -2), columns.shape.slice(0, -2))
  return { a: lead(a, batch), b: lead(columns, batch), shaped: x => (isVector ? squeeze(x, -1) : x) }
}
