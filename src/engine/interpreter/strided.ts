import { sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"

/**
 * Where each element of a row-major walk over `shape` lies in a buffer with these strides: the one way in which this
 * interpreter broadcasts, transposes, slices, flips, pads and reduces. A stride of 0 repeats, a negative one walks back.
 */
export const offsets = (shape: Shape, strides: readonly number[], start = 0): Int32Array => {
  const found = new Int32Array(sizeOf(shape))
  if (found.length === 0) return found
  found[0] = start
  let filled = 1
  for (let axis = shape.length - 1, block = 1; axis >= 0; axis--) {
    const n = shape[axis] ?? 1
    const stride = strides[axis] ?? 0
    for (let i = 1; i < n; i++) for (let j = 0; j < block; j++) found[filled++] = found[j]! + i * stride
    block *= n
  }
  return found
}

/** Strides by which a tensor of shape `from` is read as one of shape `to`: 0 along axes that repeat. */
export const broadcastStrides = (from: Shape, to: Shape): readonly number[] => {
  const strides = stridesOf(from)
  const lead = to.length - from.length
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : (strides[axis - lead] ?? 0)))
}
