import {
  argsOf,
  isLoop,
  nameOf,
  type Kind,
  type Loop,
  type OpOf,
  type Tensor,
  type Vertex
} from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { need, type Kinship } from "./torch-kin.js"

/**
 * What becomes of an axis of an argument: an axis of the result; `"reduced"`, nothing, whatever its order was; `"mixed"`, something
 * for which its order matters, along the axes of the result that no argument has.
 */
type Fate = number | "reduced" | "mixed"

/** What becomes of the axes of each argument. */
type Fates<O> = (op: O, args: readonly Tensor[], node: Tensor) => readonly (readonly Fate[])[]

const axesOf = ({ shape }: Tensor): readonly number[] => range(shape.length)

/** Axes from the last on; those of one element serve for all of the result. */
const aligned: Fates<unknown> = (_, args, { shape }) =>
  args.map(arg =>
    axesOf(arg).map(axis => {
      const place = axis + shape.length - arg.shape.length
      return arg.shape[axis] === shape[place] ? place : "reduced"
    })
  )

/** What nobody has looked at: the order of all axes matters. */
const mixed: Fates<unknown> = (_, args) => args.map(arg => axesOf(arg).map(() => "mixed"))

/** Axes stay where they are, but for some whose order matters. */
const mixedAlong =
  <O>(isMixed: (op: O, axis: number) => boolean): Fates<O> =>
  (op, args) =>
    args.map(arg => axesOf(arg).map(axis => (isMixed(op, axis) ? "mixed" : axis)))

/** Axes move up where others are taken out. */
const without = (arg: Tensor, axes: readonly number[], fate: Fate): readonly Fate[] =>
  axesOf(arg).map(axis => (axes.includes(axis) ? fate : axis - axes.filter(other => other < axis).length))

/** Axes of the result: those in common, then the rest of the first, then the rest of the second. */
const products: Fates<OpOf<"dot">> = ({ batch, contract }, args) => {
  const restOf = (side: 0 | 1): readonly number[] =>
    axesOf(args[side] as Tensor).filter(axis => !batch[side].includes(axis) && !contract[side].includes(axis))
  const starts = [batch[0].length, batch[0].length + restOf(0).length] as const
  return ([0, 1] as const).map(side =>
    axesOf(args[side] as Tensor).map(axis => {
      if (contract[side].includes(axis)) return "reduced"
      const common = batch[side].indexOf(axis)
      return common < 0 ? starts[side] + restOf(side).indexOf(axis) : common
    })
  )
}

const gathered: Fates<OpOf<"gather">> = ({ axis, batch }, args) => {
  const [x, indices] = args as readonly [Tensor, Tensor]
  const more = indices.shape.length - batch
  return [
    axesOf(x).map(i => (i === axis ? "mixed" : i < axis ? i : i - 1 + more)),
    axesOf(indices).map(i => (i < batch ? i : axis + i - batch))
  ]
}

/** What becomes of axes, by primitive; a loop has several results, and what reshapes may put features in another order. */
const fates: { readonly [K in Exclude<Kind, "part" | "reshape">]: Fates<OpOf<K>> } = {
  literal: () => [],
  input: () => [],
  iota: () => [],
  unary: aligned,
  binary: aligned,
  compare: aligned,
  select: aligned,
  cast: aligned,
  variable: aligned,
  stopGradient: aligned,
  customVjp: aligned,
  broadcast: aligned,
  reduce: ({ axes }, args) => args.map(arg => without(arg, axes, "reduced")),
  argReduce: ({ axis }, args) => args.map(arg => without(arg, [axis], "mixed")),
  argSort: mixedAlong((op, axis) => axis === op.axis),
  cumSum: mixedAlong((op, axis) => axis === op.axis),
  windowReduce: mixedAlong((op, axis) => op.axes.includes(axis)),
  flip: mixedAlong((op, axis) => op.axes.includes(axis)),
  concat: mixedAlong((op, axis) => axis === op.axis),
  pad: mixedAlong(({ padding, interior }, axis) => {
    const [low, high] = padding[axis] ?? [0, 0]
    return low !== 0 || high !== 0 || interior[axis] !== 0
  }),
  slice: (_, args, { shape }) => args.map(arg => axesOf(arg).map(i => (arg.shape[i] === shape[i] ? i : "mixed"))),
  transpose: ({ permutation }, args) => args.map(arg => axesOf(arg).map(axis => permutation.indexOf(axis))),
  dot: products,
  gather: gathered,
  scatterAdd: mixed,
  scatterSet: mixed,
  maxPoolPullback: mixed,
  fold: mixed,
  conv: mixed,
  factor: mixed,
  triangularSolve: mixed,
  threefry: mixed
}

/** What a value is computed from: the other arguments of a `customVjp` serve its derivative only. */
const operandsOf = (vertex: Vertex): readonly Vertex[] => {
  if (isLoop(vertex)) return [...argsOf(vertex), ...vertex.outputs, ...(vertex.again ? [vertex.again] : [])]
  return vertex.op.kind === "customVjp" ? argsOf(vertex).slice(0, 1) : argsOf(vertex)
}

/** What some tensors are computed from, the bodies of loops included, without what is below `ends`. */
export const verticesOf = (roots: readonly Tensor[], ends: ReadonlySet<Vertex>): readonly Vertex[] => {
  const seen = new Set<Vertex>(roots)
  for (const vertex of seen) if (!ends.has(vertex)) operandsOf(vertex).forEach(arg => seen.add(arg)) // goes on over what is added
  return [...seen].filter(vertex => !ends.has(vertex))
}

/** Slices and the carry of a loop are those of its body; it goes along the first axis of what it takes in slices. */
const followLoop = (kinship: Kinship, loop: Loop): void => {
  const { inputs, outputs, parts, captured, carried } = loop
  const args = argsOf(loop) as readonly Tensor[]
  const same = (inside: Tensor, outside: Tensor, isStacked: boolean): void => {
    axesOf(inside).forEach(axis => kinship.unite(inside, axis, outside, axis + (isStacked ? 1 : 0)))
    if (isStacked) need(kinship, "a loop", outside, 0, true)
  }
  inputs.forEach((symbol, i) => same(symbol, args[i] as Tensor, i >= captured + carried))
  outputs.forEach((output, i) => {
    same(output, parts[i] as Tensor, i >= carried)
    if (i < carried) same(output, inputs[captured + i] as Tensor, false)
  })
  const stacks = [...args.slice(captured + carried, inputs.length), ...parts.slice(carried)]
  stacks.forEach(stack => kinship.unite(stacks[0] as Tensor, 0, stack, 0))
}

/** Unites the axes of a node with those of its arguments that are the same, and says which orders matter to it. */
export const follow = (kinship: Kinship, vertex: Vertex): void => {
  if (isLoop(vertex)) {
    followLoop(kinship, vertex)
    return
  }
  const { op, shape } = vertex
  if (op.kind === "part" || op.kind === "reshape") return
  if (op.kind === "literal") axesOf(vertex).forEach(axis => need(kinship, "a constant", vertex, axis))
  if (op.kind === "iota") need(kinship, "iota", vertex, op.axis)
  const args = operandsOf(vertex) as readonly Tensor[]
  const all = (fates[op.kind] as Fates<unknown>)(op, args, vertex)
  const known = new Set(all.flat())
  const others = axesOf(vertex).filter(axis => !known.has(axis) && shape[axis] !== 1)
  args.forEach((arg, i) =>
    axesOf(arg).forEach(axis => {
      const fate = all[i]?.[axis] ?? "mixed"
      if (typeof fate === "number") kinship.unite(arg, axis, vertex, fate)
      else if (fate === "reduced") kinship.kinOf(arg, axis).isLeft = true
      else {
        need(kinship, nameOf(op), arg, axis, others.length === 0)
        others.forEach(other => kinship.unite(arg, axis, vertex, other))
      }
    })
  )
  if (op.kind === "dot")
    op.contract[0].forEach((axis, i) =>
      kinship.unite(args[0] as Tensor, axis, args[1] as Tensor, op.contract[1][i] as number)
    )
}
