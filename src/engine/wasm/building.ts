import { allocate, type DType } from "../../dataflow/dtype.js"
import type { OpOf, Padding, ReduceFn } from "../../dataflow/primitive.js"
import { sameShape, sizeOf, type Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import type { Step } from "../program/program.js"
import { isJoined, paddedParts, partsOf, type Joined, type Part, type Reading } from "./assembly.js"
import { isComparison } from "./node.js"
import type { Argument, Base, Call, Called, Constant, Fn, Node, NumberDType, Repeated, View } from "./node.js"
import { routineOf } from "./routines.js"
import { isWhole, lengthOf, reshaped, spread, transposed, typeIn, whole } from "./view.js"

/** The number that all elements of a value are, if they are one. */
const uniform = (value: Value): number | undefined => {
  const data = value.read()
  const first = data[0]
  for (const x of data) if (!Object.is(x, first)) return undefined
  return first
}

/** Gaps between elements that padding fills place by place. */
const MOST_INTERIOR = 16

/** A list of nodes that is being made. */
export class Building {
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
  number(x: number, dtype: DType): View {
    return whole(this.constant(valueOf({ shape: [], dtype }, allocate(dtype, 1).fill(x))))
  }
  elementwise(fn: Fn, args: readonly View[], type: Type): View {
    const spreaded = args.map(view => (sameShape(view.shape, type.shape) ? view : spread(view, type.shape)))
    return whole(this.add({ ...this.base(spreaded, type), kind: "elementwise", fn }))
  }
  /** A function of elements, over the shape of the first argument that is no scalar. */
  map(fn: Fn, ...args: readonly View[]): View {
    const { shape } = args.find(arg => arg.shape.length > 0) ?? args[0]!
    const dtype = isComparison(fn) ? "bool" : args[fn === "select" ? 1 : 0]!.node.dtype
    return this.elementwise(fn, args, { shape, dtype })
  }
  reduction(fn: ReduceFn, axes: readonly number[], arg: View, type: Type): View {
    return lengthOf(arg, axes) === 1
      ? this.ofOne(fn, reshaped(arg, type.shape)!, type)
      : whole(this.add({ ...this.base([arg], type), kind: "reduction", fn, axes }))
  }
  /** Reductions of one element each: it is the result, but that a sum is never -0. */
  private ofOne(fn: ReduceFn, element: View, type: Type): View {
    if (fn === "norm") return this.elementwise("abs", [element], type)
    return fn === "sum" || fn === "mean"
      ? this.elementwise("add", [element, this.number(0, type.dtype)], type)
      : element
  }
  product(left: View, right: View, type: Type): View {
    return whole(this.add({ ...this.base([left, right], type), kind: "product", dtype: type.dtype as NumberDType }))
  }
  /** Axes in another order, under another shape; a copy where no strides can say it. */
  arranged(view: View, order: readonly number[], shape: Shape): View {
    const moved = transposed(view, order)
    return reshaped(moved, shape) ?? reshaped(this.copy(moved), shape)!
  }
  call(step: Step, args: readonly View[], loop?: Repeated): readonly View[] {
    const argTypes = args.map(typeIn)
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
  /** A word of which there is one node. */
  word(x: number): View {
    const view = this.words.get(x) ?? this.number(x, "u32")
    this.words.set(x, view)
    return view
  }
  copy(view: View): View {
    return this.elementwise("copy", [view], typeIn(view))
  }
  assembly(parts: readonly Part[], type: Type): View {
    const copies = parts.map(({ view }) => this.copy(view))
    return whole(this.add({ ...this.base(copies, type), kind: "assembly", places: parts }))
  }
  /** Padding as copies; before wide gaps every element is a row, which is padded at its end. The shape ends the last. */
  padded(op: OpOf<"pad">, view: View, value: View, type: Type): View {
    if (op.interior.every(k => k <= MOST_INTERIOR)) return this.assembly(paddedParts(op, view, value, type.shape), type)
    const none = op.interior.map(() => 0)
    const apart = (size: number): Shape => view.shape.flatMap((n, i) => [n, 1 + size * op.interior[i]!])
    const ends = op.interior.flatMap((k): readonly Padding[] => [[0, 0], [0, k]]) // prettier-ignore
    const atEnds = { ...op, padding: ends, interior: [...none, ...none] }
    const rows = this.padded(atEnds, reshaped(view, apart(0))!, value, { ...type, shape: apart(1) })
    const joined = whole(rows.node, view.shape.map((n, i) => n * (1 + op.interior[i]!))) // prettier-ignore
    return this.padded({ ...op, interior: none }, joined, value, type)
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
