import type { DType } from "../../dataflow/dtype.js"
import type { BinaryFn, CompareFn, ReduceFn, UnaryFn } from "../../dataflow/primitive.js"
import type { Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"
import type { Scan, Step } from "../program/program.js"
import type { Func } from "./code.js"

/** How the elements of a node are read: a row-major walk over `shape` by `strides` (in elements) from `offset`. */
export interface View {
  readonly node: Node
  readonly shape: Shape
  readonly strides: readonly number[]
  readonly offset: number
}

/** A function of elements; `rotateXor` is its first argument, rotated to the left by the second, xor the third. */
export type Fn = UnaryFn | BinaryFn | CompareFn | "select" | "cast" | "copy" | "rotateXor"

export const isComparison = (fn: Fn): boolean =>
  fn === "eq" || fn === "ne" || fn === "lt" || fn === "gt" || fn === "le" || fn === "ge"

export interface Base extends Type {
  /** Nodes are numbered in the order in which they can be computed. */
  readonly id: number
  readonly size: number
  readonly args: readonly View[]
}

export interface Argument extends Base {
  readonly kind: "argument"
  readonly index: number
}

/** A constant; `scalar` is its only element, or that which all of its elements are. */
export interface Constant extends Base {
  readonly kind: "constant"
  readonly value: Value
  readonly scalar: number | undefined
}

export interface Elementwise extends Base {
  readonly kind: "elementwise"
  readonly fn: Fn
}

export interface Reduction extends Base {
  readonly kind: "reduction"
  readonly fn: ReduceFn
  /** Which axes of the argument are reduced. */
  readonly axes: readonly number[]
}

/** The dtypes that are multiplied and added. */
export type NumberDType = Exclude<DType, "bool">

/** A matrix product for each of some batches: of `[batches, rows, depth]` and `[batches, depth, columns]`. */
export interface Product extends Base {
  readonly kind: "product"
  readonly dtype: NumberDType
}

/** What copies are written into, each at its place, so that every element is written once. */
export interface Assembly extends Base {
  readonly kind: "assembly"
  /** Where each of its arguments is written: at every `steps`-th place from `starts`. */
  readonly places: readonly Place[]
}

export interface Place {
  readonly starts: readonly number[]
  readonly steps: readonly number[]
}

/** Code for a step whose arguments lie in memory as they are. */
export interface Routine {
  /**
   * Its parameters are the sizes, the addresses of the arguments, of the result, and of the workspace. If it has a result,
   * that is 0 where an argument is wrong: the interpreter says how.
   */
  readonly func: Func
  readonly sizes: readonly number[]
  /** Bytes to work in. */
  readonly workspace: number
  /** Whether its result may be where its first argument is: it reads that only where it writes. */
  readonly updates: boolean
}

/** A step that a routine runs, a loop over a graph of its own, or else the interpreter, and its results. */
export interface Call {
  readonly routine: Routine | undefined
  readonly step: Step
  readonly argTypes: readonly Type[]
  readonly args: readonly View[]
  readonly results: readonly Called[]
  readonly loop?: Repeated
}

/** A loop over a graph. Its arguments are captured values, the carry, slices, and the constants that its body reads. */
export interface Repeated {
  readonly scan: Scan
  readonly body: Graph
  readonly constants: readonly Constant[]
}

/** A result of such a step. */
export interface Called extends Base {
  readonly kind: "called"
  readonly call: Call
}

/** What has elements of its own, in memory, or within a loop in a register. */
export type Node = Argument | Constant | Elementwise | Reduction | Product | Assembly | Called

/** What is computed in loops or as scalars. */
export type Computed = Elementwise | Reduction

/** What is computed when a program runs. */
export type Work = Computed | Product | Assembly | Called

export const isWork = (node: Node): node is Work => node.kind !== "argument" && node.kind !== "constant"

/** Where a result comes from. */
export type Output =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "constant"; readonly value: Value }
  | { readonly kind: "node"; readonly node: Work; readonly type: Type }

export interface Graph {
  readonly args: readonly Argument[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly Output[]
  /** Arguments that are results as well. */
  readonly kept: ReadonlySet<number>
}

/** Whether a node needs an argument in memory, or in a register: loops have constants of one number in their code. */
const isRead = ({ kind }: Node, view: View): boolean =>
  kind === "product" || kind === "called" || constantIn(view) === undefined

/** What a node reads that is more than a number in its code. */
export const readBy = (node: Node): readonly Node[] =>
  node.args.filter(view => isRead(node, view)).map(view => view.node)

/** The number that all elements of a view are, if they are known to be one. */
export const constantIn = ({ node }: View): number | undefined => (node.kind === "constant" ? node.scalar : undefined)
