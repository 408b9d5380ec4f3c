import { range, sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import type { Node, Place, View } from "./node.js"

export const isEmpty = ({ shape }: { readonly shape: Shape }): boolean => shape.includes(0)

export const typeIn = ({ node, shape }: View): Type => ({ shape, dtype: node.dtype })

/** All elements in their order, under another shape if one is given. */
export const whole = (node: Node, shape: Shape = node.shape): View => ({
  node,
  shape,
  strides: stridesOf(shape),
  offset: 0
})

/** Whether a view reads all elements in their order, whatever it calls the axes. */
export const isWhole = ({ node, shape, strides, offset }: View): boolean => {
  if (offset !== 0 || sizeOf(shape) !== node.size) return false
  const wholes = stridesOf(shape)
  return shape.every((n, axis) => n === 1 || strides[axis] === wholes[axis])
}

/** How many elements some axes have. */
export const lengthOf = ({ shape }: View, axes: readonly number[]): number => sizeOf(axes.map(axis => shape[axis]!))

/** Axes of length 1 are repeated, and new ones come first. */
export const spread = (view: View, shape: Shape): View => {
  const lead = shape.length - view.shape.length
  const strides = shape.map((n, axis) =>
    axis < lead || (view.shape[axis - lead] === 1 && n !== 1) ? 0 : view.strides[axis - lead]!
  )
  return { ...view, shape, strides }
}

export const transposed = (view: View, permutation: readonly number[]): View => ({
  ...view,
  shape: permutation.map(axis => view.shape[axis]!),
  strides: permutation.map(axis => view.strides[axis]!)
})

/** Every `steps`-th place from `starts`. */
export const sliced = (view: View, shape: Shape, { starts, steps }: Place): View => ({
  node: view.node,
  shape,
  strides: view.strides.map((stride, axis) => stride * steps[axis]!),
  offset: starts.reduce((offset, start, axis) => offset + start * view.strides[axis]!, view.offset)
})

export const flipped = (view: View, axes: readonly number[]): View => ({
  ...view,
  strides: view.strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
  offset: axes.reduce((offset, axis) => offset + (view.shape[axis]! - 1) * view.strides[axis]!, view.offset)
})

/** Axes that are walked as one: their length together, and the stride of the last. */
const runsOf = ({ shape, strides }: View): readonly (readonly [length: number, stride: number])[] => {
  const runs: [number, number][] = []
  for (const axis of range(shape.length)) {
    const [n, stride] = [shape[axis]!, strides[axis]!]
    const last = runs.at(-1)
    if (n === 1) continue
    if (last?.[1] === stride * n) runs[runs.length - 1] = [last[0] * n, stride]
    else runs.push([n, stride])
  }
  return runs
}

/** The view under another shape, where strides can say it. */
export const reshaped = (view: View, shape: Shape): View | undefined => {
  const runs = runsOf(view)
  const strides: number[] = []
  let [next, rest, stride] = [0, 1, 0]
  for (const n of shape) {
    if (n !== 1 && rest === 1) {
      ;[rest, stride] = runs[next]!
      next += 1
    }
    if (rest % n !== 0) return undefined
    if (n !== 1) rest /= n
    strides.push(n === 1 ? 0 : stride * rest)
  }
  return { ...view, shape, strides }
}
