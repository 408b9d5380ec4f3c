import { allocate } from "../../dataflow/dtype.js"
import type { OpOf, ReduceFn } from "../../dataflow/primitive.js"
import { range, sizeOf } from "../../dataflow/shape.js"
import { sameType, type Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { perform } from "../interpreter/run.js"
import { typesOf, type Program, type Scan, type Step } from "../program/program.js"
import { elementOf, joined, readingOf, type Reading } from "./assembly.js"
import { Building } from "./building.js"
import { isWork, readBy } from "./node.js"
import type { Argument, Constant, Graph, Node, Output, Repeated, View, Work } from "./node.js"
import { maxPoolPullbackOf, windowReduceOf } from "./pools.js"
import { wordsOf } from "./threefry.js"
import { flipped, isEmpty, isWhole, lengthOf, reshaped, sliced, spread, transposed, typeIn, whole } from "./view.js"
import { wideMean, wideNorm } from "./wide.js"
import { convOf, foldOf } from "./windows.js"

/** Whether sums on the way may leave f64 although the result does not. */
const overflows = (fn: ReduceFn, { node }: View): boolean => {
  const isNarrow = node.kind === "elementwise" && node.fn === "cast" && node.args[0]!.node.dtype !== "f64"
  return node.dtype === "f64" && !isNarrow && (fn === "mean" || fn === "norm")
}

const reductionOf = (op: OpOf<"reduce">, view: View, type: Type, building: Building): View => {
  if (!overflows(op.fn, view)) return building.reduction(op.fn, op.axes, view, type)
  return op.fn === "mean" ? wideMean(view, op.axes, type, building) : wideNorm(view, op.axes, type, building)
}

const productOf = (op: OpOf<"dot">, left: View, right: View, type: Type, building: Building): View => {
  const free = ({ shape }: View, ...taken: readonly (readonly number[])[]): readonly number[] =>
    range(shape.length).filter(axis => !taken.some(axes => axes.includes(axis)))
  const [[leftBatch, rightBatch], [leftDepth, rightDepth]] = [op.batch, op.contract]
  const [rows, columns] = [free(left, leftBatch, leftDepth), free(right, rightBatch, rightDepth)]
  const [batches, depth] = [lengthOf(left, leftBatch), lengthOf(left, leftDepth)]
  const a = building.arranged(left, [...leftBatch, ...rows, ...leftDepth], [batches, lengthOf(left, rows), depth])
  const order = [...rightBatch, ...rightDepth, ...columns]
  const b = building.arranged(right, order, [batches, depth, lengthOf(right, columns)])
  return building.product(a, b, type)
}

/** What a step gives as a view, or as a value of a loop or of a product. */
const viewOf = ({ op, outs }: Step, args: readonly View[], building: Building): View | undefined => {
  const [x, y] = args as readonly [View, View]
  const type = outs[0]!
  const { shape } = type
  switch (op.kind) {
    case "reshape":
      return reshaped(x, shape) ?? whole(building.settle(x).node, shape)
    case "transpose":
      return transposed(x, op.permutation)
    case "broadcast":
      return spread(x, shape)
    case "slice":
      return sliced(x, shape, op)
    case "flip":
      return flipped(x, op.axes)
    case "unary":
    case "binary":
    case "compare":
      return building.elementwise(op.fn, args, type)
    case "select":
    case "cast":
      return building.elementwise(op.kind, args, type)
    case "reduce":
      return reductionOf(op, x, type, building)
    case "dot":
      return productOf(op, x, y, type, building)
    case "pad":
      return building.padded(op, x, y, type)
    case "windowReduce":
      return windowReduceOf(op, x, type, building)
    case "maxPoolPullback":
      return maxPoolPullbackOf(op, x, y, type, building)
    case "fold":
      return foldOf(op, x, type, building)
    case "conv":
      return convOf(op, x, y, type, building)
    default:
      return undefined
  }
}

/** What puts values side by side: a concatenation, and the two words of Threefry. */
const besideOf = ({ op, outs }: Step, readings: readonly Reading[], building: Building): Reading | undefined => {
  const { shape } = outs[0]!
  if (sizeOf(shape) === 0) return undefined
  if (op.kind === "concat") {
    const views = readings.map(each => building.viewOf(each))
    return joined(views, op.axis, shape)
  }
  if (op.kind !== "threefry") return undefined
  const [key, counter] = readings as readonly [Reading, Reading]
  const words = wordsOf([elementOf(key, 0), elementOf(key, 1)], building.viewOf(counter), building)
  const columns = words.map(word => reshaped(word, [...word.shape, 1])!)
  return joined(columns, shape.length - 1, shape)
}

const emptyValue = (type: Type): Value => valueOf(type, allocate(type.dtype, 0))

/** Whether a step reads indices, perhaps within a loop. */
const mayThrow = ({ op: { kind } }: Step, [, indices]: readonly View[]): boolean =>
  kind === "scan" || ((kind === "gather" || kind === "scatterAdd" || kind === "scatterSet") && !isEmpty(indices!))

/** What a step gives where something is empty, unless it may throw. */
const emptyOf = (step: Step, args: readonly View[], building: Building): readonly View[] | undefined => {
  const { op, outs } = step
  const [{ shape, dtype }] = outs as readonly [Type]
  const constant = (value: Value): View => whole(building.constant(value))
  const none = (type: Type): View => constant(emptyValue(type))
  if (op.kind === "scan" && op.length === 0)
    return outs.map((type, i) => (i < op.carried ? args[op.captured + i]! : none(type)))
  if (mayThrow(step, args)) return undefined
  if (isEmpty(outs[0]!)) return [none(outs[0]!)]
  if (args.every(isEmpty)) {
    const given = args.map(view => emptyValue(typeIn(view)))
    return perform(step, given).map(constant)
  }
  if (op.kind === "scatterAdd" || op.kind === "scatterSet") return [args[0]!]
  return [spread(op.kind === "pad" ? args[1]! : building.number(0, dtype), shape)]
}

/** A loop over its body, whose constants are captured as well, so that they are in memory once. */
const scanOf = (step: Step, op: Scan, args: readonly View[], building: Building): readonly View[] => {
  const { body, constants } = bodyOf(op)
  const captured = constants.map(({ value }) => whole(building.constant(value)))
  return building.call(step, [...args, ...captured], { scan: op, body, constants })
}

/** What a step gives: a view, a value of a loop, or what the interpreter makes of it. */
const resultsOf = (step: Step, readings: readonly Reading[], building: Building): readonly Reading[] => {
  const reading = readingOf(step, readings) ?? besideOf(step, readings, building)
  if (reading !== undefined) return [reading]
  const args = readings.map(given => building.viewOf(given))
  const { op, outs } = step
  if ([...outs, ...args].some(isEmpty)) return emptyOf(step, args, building) ?? building.call(step, args)
  if (op.kind === "scan") return scanOf(step, op, args, building)
  const found = viewOf(step, args, building)
  return found === undefined ? building.call(step, args) : [found]
}

const copied = (view: View, building: Building): Work => building.copy(view).node as Work

/** The node whose elements a view reads as they are, if it is computed, or else a copy. */
const computedIn = (view: View, building: Building): Work =>
  isWhole(view) && isWork(view.node) ? view.node : copied(view, building)

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
    const own = other === undefined || sameType(other, type) ? computedIn(view, building) : copied(view, building)
    taken.set(own, type)
    return { kind: "node", node: own, type }
  })
}

/** Keeps what outputs are computed from, and calls, which may throw. */
const living = (nodes: readonly Node[], outputs: readonly Output[]): readonly Node[] => {
  const live = new Set<Node>()
  const open = nodes.filter(({ kind }) => kind === "called")
  for (const output of outputs) if (output.kind === "node") open.push(output.node)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (live.has(node)) continue
    live.add(node)
    if (node.kind === "called") open.push(...node.call.results)
    for (const view of node.args) open.push(view.node)
  }
  return nodes.filter(node => live.has(node))
}

/** The nodes of a program, and the views and types of what it gives. */
const lowered = (program: Program) => {
  const { inputs, consts, steps, outputs } = program
  const building = new Building()
  const args = inputs.map((type, i) => building.argument(type, i))
  const readings: Reading[] = [...args, ...consts.map(value => building.constant(value))].map(node => whole(node))
  for (const step of steps) {
    const given = step.args.map(ref => readings[ref]!)
    readings.push(...resultsOf(step, given, building))
  }
  const types = typesOf(program)
  const views = outputs.map(ref => building.viewOf(readings[ref]!))
  return { building, args, views, types: outputs.map(ref => types[ref]!) }
}

/** The constants that are read from memory. */
const constantsRead = (nodes: readonly Node[]): readonly Constant[] => [
  ...new Set(nodes.flatMap(readBy).filter(node => node.kind === "constant"))
]

/**
 * The body of a loop, and the constants that it reads from memory: of its results, those that are no next carry as it came
 * are nodes of their own.
 */
const bodyOf = ({ body, captured, carried }: Scan): Omit<Repeated, "scan"> => {
  const { building, args, views, types } = lowered(body)
  const outputs = views.map((view, i): Output => {
    const index = captured + i
    if (i < carried && view.node === args[index] && isWhole(view)) return { kind: "argument", index }
    return { kind: "node", node: computedIn(view, building), type: types[i]! }
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
  const { building, args, views, types } = lowered(program)
  return finished(args, building, outputsOf(views, types, building))
}
