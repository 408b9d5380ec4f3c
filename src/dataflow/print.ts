import type { Data, DType } from "./dtype.js"
import { isLiteral, valueIn } from "./literal.js"
import { callOf, isLoop, type Literal, type Tensor, type Vertex } from "./primitive.js"
import { sizeOf, type Shape } from "./shape.js"
import { topological } from "./order.js"
import { showType } from "./type.js"
import type { Value } from "./value.js"

const MAX_SHOWN = 6
const MAX_LINES = 40

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
  const call = (vertex: Vertex): string => {
    const [name, extra] = callOf(vertex)
    return `${name}(${[...vertex.args.map(nameFor), ...(extra === "" ? [] : [extra])].join(", ")})`
  }
  return nodes.map(vertex => {
    const type = isLoop(vertex) ? "" : `: ${showType(vertex)}`
    return `${nameFor(vertex)}${type} = ${isLiteral(vertex) ? showValue(valueIn(vertex)) : call(vertex)}`
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
