import { scalar, zeros } from "../dataflow/create.js"
import { where } from "../dataflow/logic.js"
import { loop } from "../dataflow/loop.js"
import type { Kind, OpOf, Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { moveAxis, reshape } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"
import { forEach, rankOf, toRank, type Batched } from "./batched.js"
import { batchedConv, batchedDot } from "./products.js"

/** What has no arguments is the same for all examples; the results of a loop come together (`batch.ts`). */
export type Batchable = Exclude<Kind, "literal" | "input" | "iota" | "part" | "customVjp">

/**
 * A primitive of all examples, along axis 0 of the result, where at least one argument differs between them. `node` is
 * what it was for one.
 */
export type BatchingRule<K extends Kind> = (op: OpOf<K>, args: readonly Batched[], size: number, node: Tensor) => Tensor

const valueAt = (args: readonly Batched[], index: number): Tensor => (args[index] as Batched).value
const later = (axis: number): number => axis + 1

/** Elementwise of arguments that broadcast. */
const aligned = (args: readonly Batched[]): readonly Tensor[] => {
  const rank = Math.max(...args.map(rankOf))
  return args.map(a => toRank(a, rank))
}

const each = (args: readonly Batched[], size: number): readonly Tensor[] => args.map(a => forEach(size, a))

/** Example by example, where the primitive itself takes no more. */
const oneByOne = <K extends Kind>(
  rule: shapes.Rule<K>,
  op: OpOf<K>,
  args: readonly Batched[],
  size: number
): Tensor => {
  const xs = args.filter(({ mapped }) => mapped).map(({ value }) => value)
  const body = (slices: readonly Tensor[]): Tensor => {
    const left = slices[Symbol.iterator]()
    return apply(rule, op, args.map(({ value, mapped }) => (mapped ? (left.next().value as Tensor) : value))) // prettier-ignore
  }
  return loop((_, slices) => [[], [body(slices)]], [], xs, size, false)[0] as Tensor
}

/** Padding by a value that differs between examples is told from what is padded by a mask. */
const padded = (op: OpOf<"pad">, [x, value]: readonly [Batched, Batched], size: number): Tensor => {
  const all: OpOf<"pad"> = { kind: "pad", padding: [[0, 0], ...op.padding], interior: [0, ...op.interior] }
  const given = forEach(size, x)
  if (!value.mapped) return apply(shapes.pad, all, [given, value.value])
  const zero = zeros([], given.dtype)
  const isPadding = apply(shapes.pad, op, [zeros(given.shape.slice(1), "bool"), scalar(true)])
  return where(isPadding, toRank(value, given.shape.length - 1), apply(shapes.pad, all, [given, zero]))
}

/** Indices that are the same for all point into each example; others need the examples in common. */
const gathered = (op: OpOf<"gather">, [x, indices]: readonly [Batched, Batched], size: number): Tensor => {
  if (!indices.mapped && op.batch === 0)
    return apply(shapes.gather, { ...op, axis: op.axis + 1 }, [x.value, indices.value])
  if (!x.mapped && op.batch === 0) return moveAxis(apply(shapes.gather, op, [x.value, indices.value]), op.axis, 0)
  return apply(shapes.gather, { ...op, axis: op.axis + 1, batch: op.batch + 1 }, each([x, indices], size))
}

type Scatter = OpOf<"scatterAdd" | "scatterSet">

const scattered = (op: Scatter, args: readonly Batched[], size: number): Tensor => {
  const [base, indices, updates] = args as readonly [Batched, Batched, Batched]
  const shared = !indices.mapped && op.batch === 0
  const all = { ...op, axis: op.axis + 1, batch: shared ? 0 : op.batch + 1 }
  const given = [forEach(size, base), shared ? indices.value : forEach(size, indices), forEach(size, updates)]
  return all.kind === "scatterAdd" ? apply(shapes.scatterAdd, all, given) : apply(shapes.scatterSet, all, given)
}

/** Right sides that differ between examples of one matrix are columns beside each other. */
const solved = (op: OpOf<"triangularSolve">, [a, b]: readonly [Batched, Batched], size: number): Tensor => {
  if (a.mapped) return apply(shapes.triangularSolve, op, each([a, b], size))
  const beside = moveAxis(b.value, 0, -2)
  const columns = reshape(beside, [...beside.shape.slice(0, -2), size * (beside.shape.at(-1) ?? 0)])
  return moveAxis(reshape(apply(shapes.triangularSolve, op, [a.value, columns]), beside.shape), -2, 0)
}

const pair = (args: readonly Batched[]): readonly [Batched, Batched] => args as readonly [Batched, Batched]

/** How every primitive is applied to all examples at once. */
export const rules: { readonly [K in Batchable]: BatchingRule<K> } = {
  variable: (op, args) => apply(shapes.variable, op, [valueAt(args, 0)]),
  stopGradient: (op, args) => apply(shapes.stopGradient, op, [valueAt(args, 0)]),
  unary: (op, args) => apply(shapes.unary, op, [valueAt(args, 0)]),
  cast: (op, args) => apply(shapes.cast, op, [valueAt(args, 0)]),
  binary: (op, args) => apply(shapes.binary, op, aligned(args)),
  compare: (op, args) => apply(shapes.compare, op, aligned(args)),
  select: (op, args) => apply(shapes.select, op, aligned(args)),
  reduce: (op, args) => apply(shapes.reduce, { ...op, axes: op.axes.map(later) }, [valueAt(args, 0)]),
  argReduce: (op, args) => apply(shapes.argReduce, { ...op, axis: op.axis + 1 }, [valueAt(args, 0)]),
  argSort: (op, args) => apply(shapes.argSort, { ...op, axis: op.axis + 1 }, [valueAt(args, 0)]),
  cumSum: (op, args) => apply(shapes.cumSum, { ...op, axis: op.axis + 1 }, [valueAt(args, 0)]),
  windowReduce: (op, args) => apply(shapes.windowReduce, { ...op, axes: op.axes.map(later) }, [valueAt(args, 0)]),
  maxPoolPullback: (op, args, size) =>
    apply(shapes.maxPoolPullback, { ...op, axes: op.axes.map(later) }, each(args, size)),
  fold: (op, args) => apply(shapes.fold, { ...op, axis: op.axis + 1 }, [valueAt(args, 0)]),
  reshape: ({ shape }, args, size) => reshape(valueAt(args, 0), [size, ...shape]),
  transpose: ({ permutation }, args) =>
    apply(shapes.transpose, { kind: "transpose", permutation: [0, ...permutation.map(later)] }, [valueAt(args, 0)]),
  broadcast: ({ shape }, args, size) =>
    apply(shapes.broadcast, { kind: "broadcast", shape: [size, ...shape] }, [toRank(args[0] as Batched, shape.length)]),
  slice: ({ starts, stops, steps }, args, size) =>
    apply(shapes.slice, { kind: "slice", starts: [0, ...starts], stops: [size, ...stops], steps: [1, ...steps] }, [
      valueAt(args, 0)
    ]),
  pad: (op, args, size) => padded(op, pair(args), size),
  concat: (op, args, size) => apply(shapes.concat, { ...op, axis: op.axis + 1 }, each(args, size)),
  flip: (op, args) => apply(shapes.flip, { ...op, axes: op.axes.map(later) }, [valueAt(args, 0)]),
  gather: (op, args, size) => gathered(op, pair(args), size),
  scatterAdd: (op, args, size) => scattered(op, args, size),
  scatterSet: (op, args, size) => scattered(op, args, size),
  dot: (op, args) => batchedDot(op, pair(args)),
  conv: (op, args, size, { shape }) => batchedConv(op, pair(args), size, shape),
  factor: (op, args) => apply(shapes.factor, op, [valueAt(args, 0)]),
  triangularSolve: (op, args, size) => solved(op, pair(args), size),
  threefry: (op, args, size) =>
    (args[0] as Batched).mapped
      ? oneByOne(shapes.threefry, op, args, size)
      : apply(shapes.threefry, op, [valueAt(args, 0), valueAt(args, 1)])
}
