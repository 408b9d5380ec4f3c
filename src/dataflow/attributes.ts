import { UNBOUNDED, type Call, type Failing, type Kind, type Loop, type OpOf } from "./primitive.js"
import { showShape, type Shape } from "./shape.js"

/** What is said of a primitive besides its name and arguments. */
export type Attributes<K extends Kind> = (op: OpOf<K>) => string

const list = (numbers: readonly number[]): string => `[${numbers.join(", ")}]`

/** Says some of the fields of a primitive by their names. */
const fields = <K extends string>(
  op: Readonly<Record<K, number | readonly number[]>>,
  ...names: readonly K[]
): string => names.map(name => `${name}: ${typeof op[name] === "number" ? op[name] : list(op[name])}`).join(", ")

const nothing = (): string => ""
const named = (op: { readonly name: string }): string => op.name
const shaped = (op: { readonly shape: Shape }): string => showShape(op.shape)
const alongAxis = (op: { readonly axis: number }): string => fields(op, "axis")
const alongAxes = (op: { readonly axes: readonly number[] }): string => fields(op, "axes")
const indexed = (op: OpOf<"gather" | "scatterAdd" | "scatterSet">): string => fields(op, "axis", "batch")
const windows = (op: OpOf<"windowReduce" | "maxPoolPullback">): string =>
  fields(op, "axes", "sizes", "strides", "dilations")
const failing = ({ onFailure }: Failing): string => (onFailure === "nan" ? "onFailure: nan" : "")

export const literal: Attributes<"literal"> = nothing
export const input: Attributes<"input"> = named
export const iota: Attributes<"iota"> = alongAxis
export const unary: Attributes<"unary"> = nothing
export const binary: Attributes<"binary"> = nothing
export const compare: Attributes<"compare"> = nothing
export const select: Attributes<"select"> = nothing
export const cast: Attributes<"cast"> = op => op.dtype
export const reduce: Attributes<"reduce"> = alongAxes
export const argReduce: Attributes<"argReduce"> = alongAxis
export const argSort: Attributes<"argSort"> = alongAxis
export const cumSum: Attributes<"cumSum"> = op => `${alongAxis(op)}${op.reverse ? ", reverse" : ""}`
export const windowReduce: Attributes<"windowReduce"> = windows
export const maxPoolPullback: Attributes<"maxPoolPullback"> = windows
export const fold: Attributes<"fold"> = op => fields(op, "axis", "lengths", "strides", "dilations")
export const reshape: Attributes<"reshape"> = shaped
export const transpose: Attributes<"transpose"> = op => list(op.permutation)
export const broadcast: Attributes<"broadcast"> = shaped
export const slice: Attributes<"slice"> = op =>
  op.starts.map((start, i) => `${start}:${op.stops[i] ?? ""}:${op.steps[i] ?? ""}`).join(", ")
export const pad: Attributes<"pad"> = op =>
  op.padding.map(([low, high], i) => `${low}_${high}_${op.interior[i] ?? 0}`).join(", ")
export const concat: Attributes<"concat"> = alongAxis
export const flip: Attributes<"flip"> = alongAxes
export const gather: Attributes<"gather"> = indexed
export const scatterAdd: Attributes<"scatterAdd"> = indexed
export const scatterSet: Attributes<"scatterSet"> = indexed
export const dot: Attributes<"dot"> = op =>
  `contract: ${op.contract.map(list).join("·")}, batch: ${op.batch.map(list).join("·")}`
export const conv: Attributes<"conv"> = op =>
  `strides: ${list(op.strides)}, padding: ${op.padding.map(list).join("")}, dilations: ${list(op.inputDilation)}·${list(op.kernelDilation)}`
export const factor: Attributes<"factor"> = failing
export const triangularSolve: Attributes<"triangularSolve"> = op =>
  [
    op.lower ? "lower" : "upper",
    ...(op.transposed ? ["transposed"] : []),
    ...(op.unitDiagonal ? ["unit diagonal"] : []),
    ...(op.onFailure === "nan" ? [failing(op)] : [])
  ].join(", ")
export const threefry: Attributes<"threefry"> = nothing
export const part: Attributes<"part"> = op => String(op.index)
export const variable: Attributes<"variable"> = nothing
export const stopGradient: Attributes<"stopGradient"> = nothing
export const customVjp: Attributes<"customVjp"> = named

/** That of every primitive, for those who have no node of it. */
export const attributes: { readonly [K in Kind]: Attributes<K> } = {
  literal,
  input,
  iota,
  unary,
  binary,
  compare,
  select,
  cast,
  reduce,
  argReduce,
  argSort,
  cumSum,
  windowReduce,
  maxPoolPullback,
  fold,
  reshape,
  transpose,
  broadcast,
  slice,
  pad,
  concat,
  flip,
  gather,
  scatterAdd,
  scatterSet,
  dot,
  conv,
  factor,
  triangularSolve,
  threefry,
  part,
  variable,
  stopGradient,
  customVjp
}

/** How many iterations a loop makes, which way, and whether it may end before. */
interface LoopForm {
  readonly length: number
  readonly reverse: boolean
  readonly counted: boolean
  /** Whether each iteration says if another follows. */
  readonly exits: boolean
}

/** What a person calls a loop: one of one iteration or none is a choice. */
export const loopName = ({ length, counted, exits }: LoopForm): string =>
  exits ? "whileLoop" : counted && length === 1 ? "cond" : "scan"

/** What is said of a loop besides its name and arguments. */
export const loopAttributes = (form: LoopForm): string => {
  const { length, reverse, counted, exits } = form
  if (length === UNBOUNDED || loopName(form) === "cond") return ""
  return `${counted || exits ? "at most " : ""}${length} steps${reverse ? ", reverse" : ""}`
}

/** The name of a loop, and what is said of it besides that and its arguments. */
export const loopCall = (loop: Loop): Call => {
  const form = { ...loop, exits: loop.again !== undefined }
  return loop.pullback === undefined ? [loopName(form), loopAttributes(form)] : ["pullback", "whileLoop"]
}
