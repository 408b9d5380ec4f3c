import type { Data, DType } from "./dtype.js"
import { isLiteral, valueIn } from "./literal.js"
import {
  isLoop,
  nameOf,
  UNBOUNDED,
  type Failing,
  type Kind,
  type Literal,
  type Loop,
  type OpOf,
  type Tensor,
  type Vertex
} from "./primitive.js"
import { showShape, sizeOf, type Shape } from "./shape.js"
import { topological } from "./order.js"
import { showType } from "./type.js"
import type { Value } from "./value.js"

const MAX_SHOWN = 6
const MAX_LINES = 40

const list = (numbers: readonly number[]): string => `[${numbers.join(", ")}]`

/** Says some of the fields of a primitive by their names. */
const fields =
  <K extends string>(...names: readonly K[]) =>
  (op: Readonly<Record<K, number | readonly number[]>>): string =>
    names.map(name => `${name}: ${typeof op[name] === "number" ? op[name] : list(op[name])}`).join(", ")

const nothing = (): string => ""
const shaped = (op: { readonly shape: Shape }): string => showShape(op.shape)
const failing = ({ onFailure }: Failing): string => (onFailure === "nan" ? "onFailure: nan" : "")
const windows = fields("axes", "sizes", "strides", "dilations")

/** What is said of a primitive besides its name and arguments. */
const attributes: { readonly [K in Kind]: (op: OpOf<K>) => string } = {
  literal: nothing,
  input: op => op.name,
  iota: fields("axis"),
  unary: nothing,
  binary: nothing,
  compare: nothing,
  select: nothing,
  cast: op => op.dtype,
  reduce: fields("axes"),
  argReduce: fields("axis"),
  argSort: fields("axis"),
  cumSum: op => `axis: ${op.axis}${op.reverse ? ", reverse" : ""}`,
  windowReduce: windows,
  maxPoolPullback: windows,
  fold: fields("axis", "lengths", "strides", "dilations"),
  reshape: shaped,
  transpose: op => list(op.permutation),
  broadcast: shaped,
  slice: op => op.starts.map((start, i) => `${start}:${op.stops[i] ?? ""}:${op.steps[i] ?? ""}`).join(", "),
  pad: op => op.padding.map(([low, high], i) => `${low}_${high}_${op.interior[i] ?? 0}`).join(", "),
  concat: fields("axis"),
  flip: fields("axes"),
  gather: fields("axis", "batch"),
  scatterAdd: fields("axis", "batch"),
  dot: op => `contract: ${op.contract.map(list).join("·")}, batch: ${op.batch.map(list).join("·")}`,
  conv: op =>
    `strides: ${list(op.strides)}, padding: ${op.padding.map(list).join("")}, dilations: ${list(op.inputDilation)}·${list(op.kernelDilation)}`,
  factor: failing,
  triangularSolve: op =>
    [
      op.lower ? "lower" : "upper",
      ...(op.transposed ? ["transposed"] : []),
      ...(op.unitDiagonal ? ["unit diagonal"] : []),
      ...(op.onFailure === "nan" ? [failing(op)] : [])
    ].join(", "),
  threefry: nothing,
  part: op => String(op.index),
  variable: nothing,
  stopGradient: nothing,
  customVjp: op => op.name
}

/** What is said of a primitive besides its name and arguments. */
export const attributesOf = <K extends Kind>(op: OpOf<K>): string => attributes[op.kind](op)

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
export const loopCall = (loop: Loop): readonly [name: string, attributes: string] => {
  const form = { ...loop, exits: loop.again !== undefined }
  return loop.pullback === undefined ? [loopName(form), loopAttributes(form)] : ["pullback", "whileLoop"]
}

const number = (value: number, dtype: DType): string =>
  dtype === "bool" ? String(value !== 0) : dtype === "f32" ? String(Number(value.toPrecision(7))) : String(value)

/** Nested rows; the middle of an axis longer than six is left out. */
const rows = (data: Data, dtype: DType, shape: Shape, offset: number): string => {
  const [n, ...inner] = shape
  if (n === undefined) return number(data[offset] ?? NaN, dtype)
  const stride = sizeOf(inner)
  const row = (i: number): string => rows(data, dtype, inner, offset + i * stride)
  const shown =
    n <= MAX_SHOWN ? Array.from({ length: n }, (_, i) => row(i)) : [row(0), row(1), row(2), "…", row(n - 2), row(n - 1)]
  return `[${shown.join(", ")}]`
}

/** The elements of a value, or the first and last of them. */
export const showValue = (value: Value): string => rows(value.read(), value.type.dtype, value.type.shape, 0)

/** The equations behind a tensor, arguments before results; the `limit` nearest to the result. */
const equations = (root: Tensor, limit: number): readonly string[] => {
  const nodes = topological([root])
    .filter(vertex => !isShort(vertex))
    .slice(-limit)
  const names = new Map(nodes.map((vertex, i) => [vertex, `t${i}`]))
  const nameFor = (vertex: Vertex): string =>
    names.get(vertex) ?? (isShort(vertex) ? showValue(valueIn(vertex)) : isLoop(vertex) ? "…" : `…${showType(vertex)}`)
  const call = (name: string, { args }: Vertex, extra: string): string =>
    `${name}(${[...args.map(nameFor), ...(extra === "" ? [] : [extra])].join(", ")})`
  return nodes.map(vertex => {
    if (isLoop(vertex)) {
      const [name, extra] = loopCall(vertex)
      return `${nameFor(vertex)} = ${call(name, vertex, extra)}`
    }
    const value = isLiteral(vertex)
      ? showValue(valueIn(vertex))
      : call(nameOf(vertex.op), vertex, attributesOf(vertex.op))
    return `${nameFor(vertex)}: ${showType(vertex)} = ${value}`
  })
}

const isShort = (vertex: Vertex): vertex is Literal => isLiteral(vertex) && vertex.shape.length === 0

/** Readable text: the values of a literal, the equations (nearest 40) of what was not computed yet. */
export const print = (t: Tensor): string =>
  isLiteral(t)
    ? `Tensor ${showType(t)} ${showValue(valueIn(t))}`
    : `Tensor ${showType(t)} where\n${equations(t, MAX_LINES)
        .map(line => `  ${line}`)
        .join("\n")}`
