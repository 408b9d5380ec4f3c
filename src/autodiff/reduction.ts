import { div, mul } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { eq, where } from "../dataflow/logic.js"
import { pad } from "../dataflow/concat.js"
import { sliceAxis } from "../dataflow/slice.js"
import type { Padding, ReduceFn, Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { range, removeAxes, sizeOf } from "../dataflow/shape.js"
import { broadcastTo, reshape, transpose } from "../dataflow/structure.js"

/** A reduced tensor back on the axes of what it was reduced from. */
const unreduce = (t: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  broadcastTo(
    reshape(
      t,
      x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    ),
    x.shape
  )

/** Equal shares for the elements that attain the extremum. */
const shareOfExtrema = (ct: Tensor, node: Tensor, x: Tensor, axes: readonly number[]): Tensor => {
  const attained = cast(eq(x, unreduce(node, x, axes)), x.dtype)
  return mul(unreduce(div(ct, sum(attained, { axes })), x, axes), attained)
}

/** The product as a tree of pairs: unlike `y / x`, its derivative is right where a factor is 0. */
export const pairwiseProduct = (x: Tensor, axes: readonly number[]): Tensor => {
  const kept = removeAxes(range(x.shape.length), axes)
  const shape = kept.map(axis => x.shape[axis] ?? 1)
  let factors = reshape(transpose(x, [...kept, ...axes]), [
    ...shape,
    axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1)
  ])
  const last = shape.length
  for (let n = factors.shape[last] ?? 1; n !== 1; n = factors.shape[last] ?? 1) {
    const even =
      n % 2 === 0 && n > 0 ? factors : pad(factors, [...shape.map((): Padding => [0, 0]), [0, 1]], { value: 1 })
    const half = (even.shape[last] ?? 2) / 2
    factors = half === 0.5 ? even : mul(sliceAxis(even, last, 0, half), sliceAxis(even, last, half, 2 * half))
  }
  return reshape(factors, shape)
}

export const reduceRules: Record<
  Exclude<ReduceFn, "prod">,
  (ct: Tensor, node: Tensor, x: Tensor, axes: readonly number[]) => Tensor
> = {
  sum: (ct, _, x, axes) => unreduce(ct, x, axes),
  max: shareOfExtrema,
  min: shareOfExtrema,
  mean: (ct, _, x, axes) => unreduce(div(ct, sizeOf(axes.map(axis => x.shape[axis] ?? 1))), x, axes),
  norm: (ct, node, x, axes) => mul(unreduce(ct, x, axes), div(x, unreduce(where(eq(node, 0), 1, node), x, axes)))
}
