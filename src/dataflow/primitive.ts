import type { DType } from "./dtype.js"
import type { Shape } from "./shape.js"

/** Elementwise functions of one argument. `not` is logical on booleans and bitwise on integers. */
export type UnaryFn =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "sqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "atan"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "erfInv"
  | "not"

/** Elementwise functions of two arguments; `and`, `or`, `xor` are logical on booleans and bitwise on integers. */
export type BinaryFn =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "pow"
  | "atan2"
  | "max"
  | "min"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRight"

export type CompareFn = "eq" | "ne" | "lt" | "le" | "gt" | "ge"

export type ReduceFn = "sum" | "prod" | "max" | "min" | "mean" | "norm"

export type ArgReduceFn = "argMax" | "argMin"

/** Factorizations of a matrix; `packed.ts` says of what parts each consists. */
export type FactorFn = "cholesky" | "lu" | "qr" | "eigh" | "svd"

/** What was called, for errors, and what becomes of a matrix that has no result: an error, or NaN for it alone. */
export interface Failing {
  readonly operation: string
  readonly onFailure: "throw" | "nan"
}

/** Which systems are solved: of lower or upper triangles, transposed or not, with ones on the diagonal or what is there. */
export interface Triangle {
  readonly lower: boolean
  readonly transposed: boolean
  readonly unitDiagonal: boolean
}

/** Low and high padding of one axis; negative numbers crop. */
export type Padding = readonly [low: number, high: number]

/** Sliding windows over some axes of a tensor, without padding (pad first). */
export interface Windows {
  readonly axes: readonly number[]
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
}

/** Where the windows lie that are summed, per axis of places. */
export interface Folding {
  readonly axis: number
  readonly lengths: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
}

/** How a convolution slides, per spatial axis. */
export interface ConvOptions {
  readonly strides: readonly number[]
  readonly padding: readonly Padding[]
  /** Spacing of the input: `d - 1` zeros between neighbours (the transposed convolution). */
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
}

/** An operation that is made of indexing, and what it calls the indices. */
export interface Caller {
  readonly operation: string
  readonly indices: string
}

/** Where indices point: at elements of `axis`, separately for each place of the first `batch` axes, which are shared. */
export interface Indexing {
  readonly axis: number
  readonly batch: number
  /** What was called and what the indices are in it, for errors; absent where the primitive itself was called. */
  readonly caller?: Caller
}

/** Which axes a batched dot contracts, and which it keeps in common. */
export interface DotAxes {
  readonly batch: readonly [left: readonly number[], right: readonly number[]]
  readonly contract: readonly [left: readonly number[], right: readonly number[]]
}

/** The cotangent of each argument given the cotangent of the result; `undefined` where nothing flows. */
export type Pullback = (cotangent: Tensor) => readonly (Tensor | undefined)[]

/**
 * The closed set of primitives. Everything else is written with these; the shape rules, the interpreter, the derivatives
 * and the printer are exhaustive tables keyed by `kind`. The value of a literal is in `literal.ts`.
 */
export type Op =
  | { readonly kind: "literal"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "input"; readonly name: string; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "iota"; readonly axis: number; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "unary"; readonly fn: UnaryFn }
  | { readonly kind: "binary"; readonly fn: BinaryFn }
  | { readonly kind: "compare"; readonly fn: CompareFn }
  | { readonly kind: "select" }
  | { readonly kind: "cast"; readonly dtype: DType }
  | { readonly kind: "reduce"; readonly fn: ReduceFn; readonly axes: readonly number[] }
  | { readonly kind: "argReduce"; readonly fn: ArgReduceFn; readonly axis: number }
  | { readonly kind: "argSort"; readonly axis: number }
  | { readonly kind: "cumSum"; readonly axis: number; readonly reverse: boolean }
  | ({ readonly kind: "windowReduce"; readonly fn: "sum" | "max" } & Windows)
  /** The derivative of the largest of each window: of the tensor and a cotangent for each window. */
  | ({ readonly kind: "maxPoolPullback" } & Windows)
  /**
   * Sums windows where they overlap: the axes of their places, from `axis` on, and after them as many along the windows,
   * become axes of these lengths.
   */
  | ({ readonly kind: "fold" } & Folding)
  | { readonly kind: "reshape"; readonly shape: Shape }
  | { readonly kind: "transpose"; readonly permutation: readonly number[] }
  | { readonly kind: "broadcast"; readonly shape: Shape }
  | {
      readonly kind: "slice"
      readonly starts: readonly number[]
      readonly stops: readonly number[]
      readonly steps: readonly number[]
    }
  | { readonly kind: "pad"; readonly padding: readonly Padding[]; readonly interior: readonly number[] }
  | { readonly kind: "concat"; readonly axis: number }
  | { readonly kind: "flip"; readonly axes: readonly number[] }
  | ({ readonly kind: "gather" } & Indexing)
  | ({ readonly kind: "scatterAdd" } & Indexing)
  /** Of repeated indices the last counts. */
  | ({ readonly kind: "scatterSet" } & Indexing)
  | ({ readonly kind: "dot" } & DotAxes)
  | ({ readonly kind: "conv" } & ConvOptions)
  /** The parts of a factorization of each matrix, one after the other in one axis. */
  | ({ readonly kind: "factor"; readonly fn: FactorFn } & Failing)
  /** Of a matrix, of which only the triangle is read, and right sides as columns. */
  | ({ readonly kind: "triangularSolve" } & Triangle & Failing)
  | { readonly kind: "threefry" }
  /** One of the results of a loop, which is its only argument. */
  | { readonly kind: "part"; readonly index: number }
  | { readonly kind: "variable" }
  | { readonly kind: "stopGradient" }
  | { readonly kind: "customVjp"; readonly name: string; readonly pullback: Pullback }

export type Kind = Op["kind"]

/** The primitive of a kind. */
export type OpOf<K extends Kind> = Extract<Op, { readonly kind: K }>

/** What a person calls the primitive: `add` rather than `binary`. */
export const nameOf = (op: Op): string => {
  if (op.kind === "windowReduce") return `${op.fn}Pool`
  if (op.kind === "binary" && (op.fn === "max" || op.fn === "min")) return `${op.fn}imum`
  return "fn" in op ? op.fn : op.kind
}

/** A function while it is traced: see `scope.ts`, which has the rules. */
export interface Scope {
  /** Whether its function is running. */
  readonly isOpen: boolean
  /** The set of this scope alone, which most of its nodes share. */
  readonly alone: Scopes
  /** Runs `body` while the scope is open. A scope may be opened again; one that is open already stays so. */
  trace<A>(body: () => A): A
}

/** The scopes on whose symbols a value depends: a set, in no particular order. */
export type Scopes = readonly Scope[]

/**
 * An immutable node of a dataflow graph: a primitive, its arguments, a static shape and dtype. Building one is cheap and
 * runs nothing; reading it (`toArray`, `item`) or `evaluate` does. A node that was computed is a literal from then on.
 */
export interface Tensor {
  readonly _tag: "Tensor"
  readonly op: Op
  /** Tensors; of a `part`, the loop. */
  readonly args: readonly Vertex[]
  readonly shape: Shape
  readonly dtype: DType
  /** The scopes to which the node belongs. */
  readonly scopes: Scopes
  /** The values of a literal, the equations of anything else. Nothing is evaluated. */
  toString(): string
}

/** A tensor whose values are known. */
export type Literal = Tensor & { readonly op: OpOf<"literal"> }

/**
 * A loop, as a node of the graph. It has several results and so no shape or dtype of its own: each result is a tensor, a
 * `part` of the loop. At every iteration `inputs` are bound, in this order, to the captured values (tensors from outside
 * that the body uses), the carry, and one slice of every `xs`; `outputs` are the next carry, then one slice of every
 * stacked result.
 *
 * It makes `length` iterations, or fewer: as many as an argument says, if it is `counted`, and none after one whose `again`
 * is false. Slices that it does not come to are not read, and are zeros in what is stacked.
 */
export interface Loop {
  readonly _tag: "Loop"
  /** Captured values, initial carry, `xs`, and an i32 scalar if it is `counted`. */
  readonly args: readonly Tensor[]
  /** The scopes to which the node belongs. */
  readonly scopes: Scopes
  /** The scope in which the body was traced. */
  readonly bodyScope: Scope
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  /** How many of the inputs are captured values. */
  readonly captured: number
  /** How many of the inputs and of the outputs are the carry. */
  readonly carried: number
  /** Number of iterations, or the most there can be. */
  readonly length: number
  /** Whether it begins with the last slice, of those that it comes to. */
  readonly reverse: boolean
  /** Whether the last argument says how many iterations there are (none if it is negative, at most `length`). */
  readonly counted: boolean
  /**
   * A bool scalar that the body computes: whether another iteration follows. Such a loop is not `reverse`, and the first of
   * its carry counts its iterations, from 0.
   */
  readonly again?: Tensor | undefined
  /** The cotangents of its arguments, given those of its results. What has this cannot be run; `autodiff/loop.ts` says why. */
  readonly pullback?: LoopPullback | undefined
  /** Its results: the final carry, then the stacked ones. */
  readonly parts: readonly Tensor[]
}

/** The cotangent of each argument of a loop; `wanted` says of which. */
type LoopPullback = (
  cotangents: readonly (Tensor | undefined)[],
  wanted: readonly boolean[]
) => readonly (Tensor | undefined)[]

/** The length of a loop that may take any number of iterations: more than an i32 can count. */
export const UNBOUNDED = 2 ** 31 - 1

/** What a graph consists of. */
export type Vertex = Tensor | Loop

export const isLoop = (vertex: Vertex): vertex is Loop => vertex._tag === "Loop"

/** What a person calls a node, and what is said of it besides that and its arguments. */
export type Call = readonly [name: string, attributes: string]

/** The key under which a node, of this or of another copy of the library, has what tells its call. */
export const CALL = Symbol.for("thalweg/call")

/** What is printed of a node besides its arguments. */
export const callOf = (vertex: Vertex): Call =>
  (vertex as unknown as { readonly [CALL]: (of: Vertex) => Call })[CALL](vertex)

/** The key under which a node keeps its arguments. */
export const ARGS = Symbol("args")

/**
 * The arguments, for the library itself, which writes nothing: a list that only the library has seen need not be frozen, as it
 * is when a user looks at `args`.
 */
export const argsOf = (vertex: Vertex): readonly Vertex[] =>
  (vertex as { readonly [ARGS]?: readonly Vertex[] })[ARGS] ?? vertex.args

/** An argument of a primitive other than `part`. */
export const argOf = (node: Tensor, index: number): Tensor => argsOf(node)[index] as Tensor
