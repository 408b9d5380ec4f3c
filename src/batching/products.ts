import type { OpOf, Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import type { Shape } from "../dataflow/shape.js"
import { moveAxis, reshape } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"
import type { Batched } from "./batched.js"

/**
 * Where both sides differ between examples, these are one more axis in common; where one side does, one more that is
 * free, which comes first among those of its side.
 */
export const batchedDot = (op: OpOf<"dot">, sides: readonly [Batched, Batched]): Tensor => {
  const [a, b] = sides
  const later = (axes: readonly number[], side: 0 | 1): readonly number[] =>
    sides[side].mapped ? axes.map(axis => axis + 1) : axes
  const contract = [later(op.contract[0], 0), later(op.contract[1], 1)] as const
  const batch = [later(op.batch[0], 0), later(op.batch[1], 1)] as const
  if (a.mapped && b.mapped)
    return apply(shapes.dot, { kind: "dot", contract, batch: [[0, ...batch[0]], [0, ...batch[1]]] }, [a.value, b.value]) // prettier-ignore
  const free = b.mapped ? a.value.shape.length - batch[0].length - contract[0].length : 0
  return moveAxis(apply(shapes.dot, { kind: "dot", contract, batch }, [a.value, b.value]), batch[0].length + free, 0)
}

/** Two neighbouring axes as one. */
const joined = (t: Tensor, axis: number): Tensor =>
  reshape(t, [...t.shape].toSpliced(axis, 2, (t.shape[axis] ?? 0) * (t.shape[axis + 1] ?? 0)))

/**
 * `[g, n, …spatial, i] * [g, …window, i, o]`: examples of both are groups, of the input alone more images, of the kernel
 * alone more outputs. `shape` is that of the result of one example.
 */
export const batchedConv = (
  op: OpOf<"conv">,
  [x, kernel]: readonly [Batched, Batched],
  size: number,
  shape: Shape
): Tensor => {
  const convolved = (input: Tensor, weights: Tensor, split: Shape): Tensor =>
    reshape(apply(shapes.conv, op, [input, weights]), split)
  if (x.mapped && kernel.mapped) return convolved(joined(x.value, 0), joined(kernel.value, 0), [size, ...shape])
  if (x.mapped) {
    const images = joined(moveAxis(x.value, 0, 1), 1)
    return moveAxis(convolved(images, kernel.value, shape.toSpliced(1, 0, size)), 1, 0)
  }
  const last = shape.length - 1
  const outputs = joined(moveAxis(kernel.value, 0, last), last)
  return moveAxis(convolved(x.value, outputs, shape.toSpliced(last, 0, size)), last, 0)
}
