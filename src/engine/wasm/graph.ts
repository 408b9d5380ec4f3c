import { isFloat, type FloatDType } from "../../dataflow/dtype.js"
import type { ReduceFn } from "../../dataflow/primitive.js"
import { range, sameShape, sizeOf, type Shape } from "../../dataflow/shape.js"
import { sameType, type Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { typesOf, type Program, type ProgramOp, type Scan, type Step } from "../program/program.js"
import {
  elementOf,
  isJoined,
  joined,
  paddedParts,
  partsOf,
  readingOf,
  type Joined,
  type Part,
  type Reading
} from "./assembly.js"
import { constantIn } from "./node.js"
import type { Argument, Base, Call, Called, Constant, Fn, Graph, Node, Output, Repeated, View, Work } from "./node.js"
import { maxPoolPullbackOf, windowReduceOf } from "./pools.js"
import { routineOf } from "./routines.js"
import { wordsOf } from "./threefry.js"
import { flipped, isWhole, reshaped, sliced, spread, transposed, whole } from "./view.js"
import { wideMean, wideNorm } from "./wide.js"
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
  private readonly put = new Map<Joined, View>()
  private readonly words = new Map<number, View>()
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
  call(step: Step, args: readonly View[], argTypes: readonly Type[], loop?: Repeated): readonly View[] {
    const settled = args.map(view => this.settle(view))
    const results: Called[] = []
    const routine = loop === undefined ? routineOf(step, argTypes) : undefined
    const call: Call = { routine, step, argTypes, args: settled, results, ...(loop && { loop }) }
    for (const type of step.outs) results.push(this.add({ ...this.base(settled, type), kind: "called", call }))
    return results.map(node => whole(node))
  }
  /** The view, or a copy of its elements in their order. */
  settle(view: View): View {
    return isWhole(view) ? view : this.copy(view)
  }
  private word(x: number): View {
    const view = this.words.get(x) ?? whole(this.constant(valueOf({ shape: [], dtype: "u32" }, Uint32Array.of(x))))
    this.words.set(x, view)
    return view
  }
  /** The two words of each of Threefry's blocks. */
  threefry(key: Reading, counter: View): readonly View[] {
    return wordsOf([elementOf(key, 0), elementOf(key, 1)], counter, {
      constant: x => this.word(x),
      elementwise: (fn, ...args) => {
        const { shape } = args.find(arg => arg.shape.length > 0) ?? args[0]!
        return this.elementwise(fn, args, { shape, dtype: "u32" })
      }
    })
  }
  /** What a primitive gives. */
  applied(op: ProgramOp, args: readonly View[], type: Type): View {
    const types = args.map(({ node, shape }) => ({ dtype: node.dtype, shape }))
    return this.viewOf(resultsOf({ op, args: [], outs: [type] }, args, types, this)[0]!)
  }
  copy(view: View): View {
    return this.elementwise("copy", [view], { shape: view.shape, dtype: view.node.dtype })
  }
  assembly(parts: readonly Part[], type: Type): View {
    const copies = parts.map(({ view }) => this.copy(view))
    return whole(this.add({ ...this.base(copies, type), kind: "assembly", places: parts }))
  }
  /** What is side by side, put together once. */
  viewOf(reading: Reading): View {
    if (!isJoined(reading)) return reading
    const [{ node }] = reading.parts as [View]
    const view = this.put.get(reading) ?? this.assembly(partsOf(reading), { shape: reading.shape, dtype: node.dtype })
    this.put.set(reading, view)
    return view
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
  return fn === undefined ? undefined : building.elementwise(fn, args, type)
}

/** Whether sums on the way may leave f64 although the result does not. */
const overflows = (fn: ReduceFn, { node }: View): boolean => {
  const isNarrow = node.kind === "elementwise" && node.fn === "cast" && node.args[0]!.node.dtype !== "f64"
  return node.dtype === "f64" && !isNarrow && (fn === "mean" || fn === "norm")
}

const reductionOf = ({ op, outs }: Step, [view]: readonly View[], building: Building): View | undefined => {
  if (op.kind !== "reduce" || view === undefined || op.axes.every(axis => view.shape[axis] === 1)) return undefined
  const [type] = outs as readonly [Type]
  if (!overflows(op.fn, view)) return building.reduction(op.fn, op.axes, view, type)
  return op.fn === "mean" ? wideMean(view, op.axes, type, building) : wideNorm(view, op.axes, type, building)
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

const paddedOf = ({ op, outs }: Step, [view, value]: readonly View[], building: Building): View | undefined => {
  if (op.kind !== "pad" || view === undefined || value === undefined) return undefined
  const parts = paddedParts(op, view, value, outs[0]!.shape)
  return parts && building.assembly(parts, outs[0]!)
}

/** What puts values side by side: a concatenation, and the two words of Threefry. */
const besideOf = ({ op, outs }: Step, readings: readonly Reading[], building: Building): Reading | undefined => {
  const [{ shape }] = outs as readonly [Type]
  const views = (given: readonly Reading[]): readonly View[] => given.map(each => building.viewOf(each))
  if (sizeOf(shape) === 0) return undefined
  if (op.kind === "concat") return joined(views(readings), op.axis, shape)
  if (op.kind !== "threefry") return undefined
  const words = building.threefry(readings[0]!, ...(views(readings.slice(1)) as [View]))
  const apart = words.map(word => reshaped(word, [...word.shape, 1])!)
  return joined(apart, shape.length - 1, shape)
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

/** A loop over its body, whose constants are captured as well, so that they are in memory once. */
const scanOf = (step: Step, args: readonly View[], building: Building): readonly View[] | undefined => {
  const { op } = step
  if (op.kind !== "scan" || op.length === 0) return undefined
  const { body, constants } = bodyOf(op)
  const captured = constants.map(({ value }) => whole(building.constant(value)))
  return building.call(step, [...args, ...captured], [], { scan: op, body, constants })
}

/** What a step gives: a view, a value of a loop, or what the interpreter makes of it. */
const resultsOf = (
  step: Step,
  readings: readonly Reading[],
  types: readonly Type[],
  building: Building
): readonly Reading[] => {
  const reading = readingOf(step, readings) ?? besideOf(step, readings, building)
  if (reading !== undefined) return [reading]
  const args = readings.map(given => building.viewOf(given))
  if (step.outs.some(isEmpty) || args.some(isEmpty)) return building.call(step, args, types)
  const found =
    viewOf(step, args, building) ??
    elementwiseOf(step, args, building) ??
    reductionOf(step, args, building) ??
    productOf(step, args, building) ??
    paddedOf(step, args, building) ??
    windowsOf(step, args, building)
  return found === undefined ? (scanOf(step, args, building) ?? building.call(step, args, types)) : [found]
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

/** The views and types of what a program computes, given those of its inputs and constants. */
const lowered = (program: Program, given: readonly View[], building: Building) => {
  const readings: Reading[] = [...given]
  const types = typesOf(program)
  const { steps, outputs } = program
  for (const step of steps) {
    const [args, argTypes] = [step.args.map(ref => readings[ref]!), step.args.map(ref => types[ref]!)]
    readings.push(...resultsOf(step, args, argTypes, building))
  }
  return { views: outputs.map(ref => building.viewOf(readings[ref]!)), types: outputs.map(ref => types[ref]!) }
}

/** The constants that are read from memory. */
const constantsRead = (nodes: readonly Node[]): readonly Constant[] => {
  const read = new Set<Constant>()
  for (const { kind, args } of nodes)
    for (const view of args)
      if (view.node.kind === "constant" && (constantIn(view) === undefined || kind === "product" || kind === "called"))
        read.add(view.node)
  return [...read]
}

/**
 * The body of a loop, and the constants that it reads from memory: of its results, those that are no next carry as it came
 * are nodes of their own.
 */
const bodyOf = ({ body, captured, carried }: Scan): Omit<Repeated, "scan"> => {
  const building = new Building()
  const args = body.inputs.map((type, i) => building.argument(type, i))
  const given = [...args, ...body.consts.map(value => building.constant(value))].map(node => whole(node))
  const { views, types } = lowered(body, given, building)
  const outputs = views.map((view, i): Output => {
    const { node } = view
    const index = captured + i
    if (i < carried && node === args[index] && isWhole(view)) return { kind: "argument", index }
    const isNode = isWhole(view) && node.kind !== "argument" && node.kind !== "constant"
    return { kind: "node", node: (isNode ? node : building.copy(view).node) as Work, type: types[i]! }
  })
  const graph = finished(args, building, outputs)
  return { body: graph, constants: constantsRead(graph.nodes) }
}

const finished = (args: readonly Argument[], { nodes }: Building, outputs: readonly Output[]): Graph => {
  const kept = new Set(outputs.flatMap(output => (output.kind === "argument" ? [output.index] : [])))
  return { args, nodes: living(nodes, outputs), outputs, kept }
}

/**
 * Reads a program as nodes that read each other through views: what only moves elements (transposing, slicing, …) is no
 * node, but a way to read one. What no loop can compute is a call of a routine, or of the interpreter. Linear.
 */
export const graphOf = (program: Program): Graph => {
  const building = new Building()
  const args = program.inputs.map((type, i) => building.argument(type, i))
  const given = [...args, ...program.consts.map(value => building.constant(value))].map(node => whole(node))
  const { views, types } = lowered(program, given, building)
  return finished(args, building, outputsOf(views, types, building))
}
