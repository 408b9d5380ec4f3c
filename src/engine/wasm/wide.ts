import type { Type } from "../../dataflow/type.js"
import type { Building } from "./building.js"
import type { View } from "./node.js"
import { lengthOf, reshaped } from "./view.js"

// Means and norms of f64, whose sums on the way may leave f64 although the result does not: the same is computed of smaller
// terms as well, and what is finite is chosen, as in `interpreter/reduce.ts`.

const isFinite = (x: View, building: Building): View =>
  building.map("lt", building.map("abs", x), building.number(Infinity, "f64"))

export const wideMean = (x: View, axes: readonly number[], type: Type, building: Building): View => {
  const sum = (terms: View): View => building.reduction("sum", axes, terms, type)
  const divided = (terms: View): View => building.map("div", terms, count)
  const count = building.number(lengthOf(x, axes), "f64")
  const total = sum(x)
  return building.map("select", isFinite(total, building), divided(total), sum(divided(x)))
}

/** Squares from this on lose nothing. */
const LEAST = 2 ** -960

export const wideNorm = (x: View, axes: readonly number[], type: Type, building: Building): View => {
  const number = (value: number): View => building.number(value, "f64")
  const map = building.map.bind(building)
  const sumOfSquares = (terms: View): View => building.reduction("sum", axes, map("mul", terms, terms), type)
  const [total, top] = [sumOfSquares(x), building.reduction("max", axes, map("abs", x), type)]
  const scale = map("select", map("gt", top, number(1)), number(2 ** -600), number(2 ** 600))
  // Scales stand beside the elements that they were made of.
  const beside = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const scaled = map("div", map("sqrt", sumOfSquares(map("mul", x, reshaped(scale, beside)!))), scale)
  const isSpecial = map("or", map("eq", top, number(0)), map("not", isFinite(top, building)))
  const isPlain = map("and", map("ge", total, number(LEAST)), isFinite(total, building))
  return map("select", isPlain, map("sqrt", total), map("select", isSpecial, top, scaled))
}
