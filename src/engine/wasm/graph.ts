import { isFloat, type FloatDType } from "../../dataflow/dtype.js"
import type { ReduceFn } from "../../dataflow/primitive.js"
import { range, sameShape, sizeOf, type Shape } from "../../dataflow/shape.js"
import { sameType, type Type } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"
import type { Program, ProgramOp, Step } from "../program/program.js"
import type { Argument, Base, Call, Called, Constant, Fn, Graph, Node, Output, View, Work } from "./node.js"
import { isInLanes } from "./lanes.js"
import { maxPoolPullbackOf, windowReduceOf } from "./pools.js"
import { isInScalars } from "./scalars.js"
import { flipped, isWhole, reshaped, sliced, spread, transposed, whole } from "./view.js"
import { convOf, foldOf } from "./windows.js"

/** The number that all elements of a value are, if they are one. */
const uniform = (value: Value): number | undefined => {
  const data = value.read()
  const first = data[0]
  for (const x of data) if (!Object.is(x, first)) return undefined
  return first
}

/** A list of nodes that is being made. */
class Building {
  readonly nodes: Node[] = []
  private add<N extends Node>(node: N): N {
    this.nodes.push(node)
    return node
  }
  private base(args: readonly View[], { shape, dtype }: Type): Base {
    return { id: this.nodes.length, args, shape, dtype, size: sizeOf(shape) }
  }
  argument(type: Type, index: number): Argument {
    return this.add({ ...this.base([], type), kind: "argument", index })
  }
  constant(value: Value): Constant {
    return this.add({ ...this.base([], value.type), kind: "constant", value, scalar: uniform(value) })
  }
  elementwise(fn: Fn, args: readonly View[], type: Type): View {
    const spreaded = args.map(view => (sameShape(view.shape, type.shape) ? view : spread(view, type.shape)))
    return whole(this.add({ ...this.base(spreaded, type), kind: "elementwise", fn }))
  }
  reduction(fn: ReduceFn, axes: readonly number[], arg: View, type: Type): View {
    return whole(this.add({ ...this.base([arg], type), kind: "reduction", fn, axes }))
  }
  product(left: View, right: View, type: Type): View {
    return whole(this.add({ ...this.base([left, right], type), kind: "product", dtype: type.dtype as FloatDType }))
  }
  /** Axes in another order, under another shape; a copy where no strides can say it. */
  arranged(view: View, order: readonly number[], shape: Shape): View {
    const moved = transposed(view, order)
    return reshaped(moved, shape) ?? reshaped(this.copy(moved), shape)!
  }
  call(step: Step, args: readonly View[], argTypes: readonly Type[]): readonly View[] {
    const settled = args.map(view => this.settle(view))
    const results: Called[] = []
    const call: Call = { step, argTypes, args: settled, results }
    for (const type of step.outs) results.push(this.add({ ...this.base(settled, type), kind: "called", call }))
    return results.map(node => whole(node))
  }
  /** The view, or a copy of its elements in their order. */
  settle(view: View): View {
    return isWhole(view) ? view : this.copy(view)
  }
  /** What a primitive gives. */
  applied(op: ProgramOp, args: readonly View[], type: Type): View {
    const types = args.map(({ node, shape }) => ({ dtype: node.dtype, shape }))
    return resultsOf({ op, args: [], outs: [type] }, args, types, this)[0]!
  }
  copy(view: View): View {
    return this.elementwise("copy", [view], { shape: view.shape, dtype: view.node.dtype })
  }
}

/** What of a step is only another way to read its argument. */
const viewOf = ({ op, outs }: Step, [view]: readonly View[], building: Building): View | undefined => {
  if (view === undefined) return undefined
  const { shape } = outs[0]!
  switch (op.kind) {
    case "reshape":
      return reshaped(view, shape) ?? whole(building.settle(view).node, shape)
    case "transpose":
      return transposed(view, op.permutation)
    case "broadcast":
      return spread(view, shape)
    case "slice":
      return sliced(view, shape, op.starts, op.steps)
    case "flip":
      return flipped(view, op.axes)
    default:
      return undefined
  }
}

const fnOf = ({ op }: Step): Fn | undefined => {
  switch (op.kind) {
    case "unary":
    case "binary":
    case "compare":
      return op.fn
    case "select":
    case "cast":
      return op.kind
    default:
      return undefined
  }
}

const elementwiseOf = (step: Step, args: readonly View[], building: Building): View | undefined => {
  const fn = fnOf(step)
  const type = step.outs[0]!
  if (fn === undefined) return undefined
  const supported = sizeOf(type.shape) === 1 ? isInScalars : isInLanes
  return supported(fn, args, type.dtype) ? building.elementwise(fn, args, type) : undefined
}

/** Whether sums on the way may leave f64 although the result does not, with which only the interpreter deals. */
const overflows = (fn: ReduceFn, { node }: View): boolean => {
  const isNarrow = node.kind === "elementwise" && node.fn === "cast" && node.args[0]!.node.dtype !== "f64"
  return node.dtype === "f64" && !isNarrow && (fn === "mean" || fn === "norm")
}

const reductionOf = ({ op, outs }: Step, [view]: readonly View[], building: Building): View | undefined => {
  if (op.kind !== "reduce" || view === undefined || overflows(op.fn, view)) return undefined
  const isTrivial = op.axes.every(axis => view.shape[axis] === 1)
  return isTrivial ? undefined : building.reduction(op.fn, op.axes, view, outs[0]!)
}

const productOf = ({ op, outs }: Step, [left, right]: readonly View[], building: Building): View | undefined => {
  if (op.kind !== "dot" || left === undefined || right === undefined || !isFloat(left.node.dtype)) return undefined
  const free = ({ shape }: View, ...taken: readonly (readonly number[])[]): readonly number[] =>
    range(shape.length).filter(axis => !taken.some(axes => axes.includes(axis)))
  const [[leftBatch, rightBatch], [leftDepth, rightDepth]] = [op.batch, op.contract]
  const [rows, columns] = [free(left, leftBatch, leftDepth), free(right, rightBatch, rightDepth)]
  const count = (view: View, axes: readonly number[]): number => sizeOf(axes.map(axis => view.shape[axis]!))
  const [batches, depth] = [count(left, leftBatch), count(left, leftDepth)]
  const a = building.arranged(left, [...leftBatch, ...rows, ...leftDepth], [batches, count(left, rows), depth])
  const b = building.arranged(
    right,
    [...rightBatch, ...rightDepth, ...columns],
    [batches, depth, count(right, columns)]
  )
  return building.product(a, b, outs[0]!)
}

/** What slides over its argument, as loops and products. */
const windowsOf = ({ op, outs }: Step, [x, other]: readonly View[], building: Building): View | undefined => {
  const type = outs[0]!
  if (op.kind === "windowReduce") return windowReduceOf(op, x!, type, building)
  if (op.kind === "maxPoolPullback") return maxPoolPullbackOf(op, x!, other!, type, building)
  if (op.kind === "fold") return foldOf(op, x!, type, building)
  return op.kind === "conv" ? convOf(op, x!, other!, type, building) : undefined
}

const isEmpty = ({ shape }: { readonly shape: Shape }): boolean => shape.includes(0)

/** What a step gives: a view, a value of a loop, or what the interpreter makes of it. */
const resultsOf = (step: Step, args: readonly View[], types: readonly Type[], building: Building): readonly View[] => {
  const found =
    step.outs.some(isEmpty) || args.some(isEmpty)
      ? undefined
      : (viewOf(step, args, building) ??
        elementwiseOf(step, args, building) ??
        reductionOf(step, args, building) ??
        productOf(step, args, building) ??
        windowsOf(step, args, building))
  return found === undefined ? building.call(step, args, types) : [found]
}

/** Results that are arguments or constants are these; every other is a node of its own. */
const outputsOf = (views: readonly View[], types: readonly Type[], building: Building): readonly Output[] => {
  const taken = new Map<Node, Type>()
  return views.map((view, i): Output => {
    const type = types[i]!
    const { node } = view
    const isPlain = isWhole(view) && sameType(node, type)
    if (isPlain && node.kind === "argument") return { kind: "argument", index: node.index }
    if (isPlain && node.kind === "constant") return { kind: "constant", value: node.value }
    const other = taken.get(node)
    const isOwn = isWhole(view) && (other === undefined || sameType(other, type))
    const own = isOwn && node.kind !== "argument" && node.kind !== "constant" ? node : building.copy(view).node
    taken.set(own, type)
    return { kind: "node", node: own as Work, type }
  })
}

/** Keeps what outputs are computed from. */
const living = (nodes: readonly Node[], outputs: readonly Output[]): readonly Node[] => {
  const live = new Set<Node>()
  const open: Node[] = outputs.flatMap(output => (output.kind === "node" ? [output.node] : []))
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (live.has(node)) continue
    live.add(node)
    if (node.kind === "called") open.push(...node.call.results)
    for (const view of node.args) open.push(view.node)
  }
  return nodes.filter(node => live.has(node))
}

/**
 * Reads a program as nodes that read each other through views: what only moves elements (transposing, slicing, …) is no
 * node, but a way to read one. What no loop can compute yet is a call of the interpreter. Linear.
 */
export const graphOf = (program: Program): Graph => {
  const building = new Building()
  const args = program.inputs.map((type, i) => building.argument(type, i))
  const views: View[] = [
    ...args.map(node => whole(node)),
    ...program.consts.map(value => whole(building.constant(value)))
  ]
  const types: Type[] = [...program.inputs, ...program.consts.map(({ type }) => type)]
  for (const step of program.steps) {
    const given = step.args.map(ref => views[ref]!)
    views.push(
      ...resultsOf(
        step,
        given,
        step.args.map(ref => types[ref]!),
        building
      )
    )
    types.push(...step.outs)
  }
  const outputs = outputsOf(
    program.outputs.map(ref => views[ref]!),
    program.outputs.map(ref => types[ref]!),
    building
  )
  const kept = new Set(outputs.flatMap(output => (output.kind === "argument" ? [output.index] : [])))
  return { args, nodes: living(building.nodes, outputs), outputs, kept }
}
