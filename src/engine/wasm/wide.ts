import type { Type } from "../../dataflow/type.js"
import { valueOf } from "../../dataflow/value.js"
import type { Fn, View } from "./node.js"
import { reshaped, whole } from "./view.js"
import type { Nodes } from "./windows.js"

// Means and norms of f64, whose sums on the way may leave f64 although the result does not: the same is computed of smaller
// terms as well, and what is finite is chosen, as in `interpreter/reduce.ts`.

const helpers = (nodes: Nodes, { shape }: Type, axes: readonly number[], x: View) => {
  const number = (value: number): View =>
    whole(nodes.constant(valueOf({ shape: [], dtype: "f64" }, Float64Array.of(value))))
  const each = (fn: Fn, ...args: readonly View[]): View => nodes.elementwise(fn, args, { shape, dtype: "f64" })
  const is = (fn: Fn, ...args: readonly View[]): View => nodes.elementwise(fn, args, { shape, dtype: "bool" })
  const within = (fn: Fn, ...args: readonly View[]): View =>
    nodes.elementwise(fn, args, { shape: x.shape, dtype: "f64" })
  const folded = (fn: "sum" | "max", terms: View): View => nodes.reduction(fn, axes, terms, { shape, dtype: "f64" })
  const isFinite = (value: View): View => is("lt", each("abs", value), number(Infinity))
  /** A result beside the elements that it was made of. */
  const beside = (result: View): View =>
    reshaped(
      result,
      x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    )!
  return { number, each, is, within, folded, isFinite, beside }
}

export const wideMean = (x: View, axes: readonly number[], type: Type, nodes: Nodes): View => {
  const { number, each, within, folded, isFinite } = helpers(nodes, type, axes, x)
  const count = number(axes.reduce((n, axis) => n * x.shape[axis]!, 1))
  const total = folded("sum", x)
  return each("select", isFinite(total), each("div", total, count), folded("sum", within("div", x, count)))
}

/** Squares from this on lose nothing. */
const LEAST = 2 ** -960

export const wideNorm = (x: View, axes: readonly number[], type: Type, nodes: Nodes): View => {
  const { number, each, is, within, folded, isFinite, beside } = helpers(nodes, type, axes, x)
  const square = (terms: View): View => within("mul", terms, terms)
  const [total, top] = [folded("sum", square(x)), folded("max", within("abs", x))]
  const scale = each("select", is("gt", top, number(1)), number(2 ** -600), number(2 ** 600))
  const small = folded("sum", square(within("mul", x, beside(scale))))
  const scaled = each("div", each("sqrt", small), scale)
  const isSpecial = is("or", is("eq", top, number(0)), is("not", isFinite(top)))
  const isPlain = is("and", is("ge", total, number(LEAST)), isFinite(total))
  return each("select", isPlain, each("sqrt", total), each("select", isSpecial, top, scaled))
}
