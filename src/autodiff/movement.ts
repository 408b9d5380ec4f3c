import { pad } from "../dataflow/concat.js"
import { zeros, zerosLike } from "../dataflow/create.js"
import { eq, where } from "../dataflow/logic.js"
import { argOf, type Indexing, type OpOf, type Padding, type Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { iota } from "../dataflow/sequence.js"
import { sizeOf } from "../dataflow/shape.js"
import { slice } from "../dataflow/slice.js"
import { reshape } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"

/** Puts the cotangent of a slice back where it was taken from, zeros around and between. */
export const unslice = ({ starts, steps }: OpOf<"slice">, x: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(x)
  const padding = x.shape.map((n, i): Padding => {
    const [start, step] = [starts[i] ?? 0, steps[i] ?? 1]
    return [start, n - start - ((ct.shape[i] ?? 1) - 1) * step - 1]
  })
  return pad(ct, padding, { interior: steps.map(step => step - 1) })
}

/** Takes the padding away, and puts zeros where elements had been cropped. */
export const unpad = ({ padding, interior }: Pick<OpOf<"pad">, "padding" | "interior">, ct: Tensor): Tensor => {
  const whole = pad(
    ct,
    padding.map(([low, high]): Padding => [Math.max(0, -low), Math.max(0, -high)])
  )
  return slice(whole, {
    start: padding.map(([low]) => Math.max(0, low)),
    stop: padding.map(([, high], axis) => (whole.shape[axis] ?? 0) - Math.max(0, high)),
    step: interior.map(n => n + 1)
  })
}

/** Which updates count, each as the last for its index: all, where there is one index. It broadcasts against them. */
const lastOfEqual = ({ axis, batch }: Indexing, base: Tensor, indices: Tensor): Tensor | undefined => {
  const { shape } = indices
  const count = sizeOf(shape.slice(batch))
  if (count === 1) return undefined
  const batches = shape.slice(0, batch)
  const places = reshape(iota([sizeOf(batches), count], 1, "i32"), shape)
  const none = zeros([...batches, base.shape[axis] ?? 0], "i32")
  const along = { axis: batch, batch }
  const last = apply(shapes.scatterSet, { kind: "scatterSet", ...along }, [none, indices, places])
  const counts = eq(apply(shapes.gather, { kind: "gather", ...along }, [last, indices]), places)
  const ones = (axes: readonly number[]): readonly number[] => axes.map(() => 1)
  return reshape(counts, [
    ...batches,
    ...ones(base.shape.slice(batch, axis)),
    ...shape.slice(batch),
    ...ones(base.shape.slice(axis + 1))
  ])
}

/** What is written over has no cotangent, and of updates the one that is left has it. */
export const scatterSetFlows = (op: OpOf<"scatterSet">, node: Tensor, ct: Tensor) => {
  const [base, indices, updates] = [argOf(node, 0), argOf(node, 1), argOf(node, 2)]
  const ofUpdates = (): Tensor => {
    const all = apply(shapes.gather, { ...op, kind: "gather" }, [ct, indices])
    const counts = lastOfEqual(op, base, indices)
    return counts === undefined ? all : where(counts, all, 0)
  }
  return [() => apply(shapes.scatterSet, op, [ct, indices, zerosLike(updates)]), undefined, ofUpdates] as const
}
