import { highestOf, lowestOf, type DType } from "../dataflow/dtype.js"
import type { ReduceFn } from "../dataflow/primitive.js"
import { removeAxes, sizeOf } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import type { Row } from "./row.js"
import { arrayText, listText, typesText, typeText } from "./text.js"
import type { Named, Region, Writer } from "./writer.js"

/** How two elements become one, and what changes none. */
interface Reducer {
  readonly op: string
  readonly identity: (dtype: DType) => number
}

export const reducers = {
  sum: { op: "add", identity: () => 0 },
  prod: { op: "multiply", identity: () => 1 },
  max: { op: "maximum", identity: lowestOf },
  min: { op: "minimum", identity: highestOf }
} as const satisfies Record<Exclude<ReduceFn, "mean" | "norm">, Reducer>

export const scalarOf = ({ dtype }: Type): Type => ({ shape: [], dtype })

/** The region of a reduction by one operation. */
export const reducing = (w: Writer, { op }: Reducer, x: Type): Region => ({
  params: [scalarOf(x), scalarOf(x)],
  body: params => [w.same(op, ...(params as [Named, Named]))]
})

const reduceBy = (w: Writer, { op, identity }: Reducer, x: Named, axes: readonly number[]): Named => {
  const init = w.constant(scalarOf(x), identity(x.dtype))
  const out: Type = { shape: removeAxes(x.shape, axes), dtype: x.dtype }
  return w.define(
    out,
    `stablehlo.reduce(${x.name} init: ${init.name}) applies stablehlo.${op} across dimensions = ${listText(axes)} : (${typesText([x, init])}) -> ${typeText(out)}`
  )
}

/** Squares of numbers between these bounds neither overflow nor vanish; what is beyond is scaled. */
const scales: Readonly<Record<"f32" | "f64", { readonly most: number; readonly by: number }>> = {
  f32: { most: 2 ** 50, by: 2 ** 75 },
  f64: { most: 2 ** 400, by: 2 ** 600 }
}

const norm = (w: Writer, x: Named, axes: readonly number[]): Named => {
  const { most, by } = scales[x.dtype as "f32" | "f64"]
  const top = reduceBy(w, reducers.max, w.same("abs", x), axes)
  const isAbove = w.compare("gt", top, w.constant(top, most))
  const isBelow = w.compare("lt", top, w.constant(top, 1 / most))
  const power = (scale: number): Named =>
    w.select(isAbove, w.constant(top, 1 / scale), w.only(w.same("not", isBelow), w.constant(top, 1), scale))
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const scaled = w.same("multiply", x, w.spread(w.reshape(power(by), kept), x.shape))
  const root = w.same("sqrt", reduceBy(w, reducers.sum, w.same("multiply", scaled, scaled), axes))
  return w.same("multiply", root, power(1 / by))
}

export const reduce: Row<"reduce"> = ({ fn, axes }, [x], out, w) => {
  if (fn === "norm") return norm(w, x, axes)
  if (fn !== "mean") return reduceBy(w, reducers[fn], x, axes)
  const count = sizeOf(x.shape) / sizeOf(out.shape)
  const total = reduceBy(w, reducers.sum, x, axes)
  return w.same("divide", total, w.same("optimization_barrier", w.constant(out, count)))
}

/** Behind all places, so that what a reduction begins with is never taken for an element. */
export const NO_PLACE = 2 ** 31 - 1

/** Of two elements with their places: NaN wins, then what is larger (smaller), then the lower place. */
export const firstBest = (w: Writer, beats: "gt" | "lt", x: Type): Region => ({
  params: [scalarOf(x), { shape: [], dtype: "i32" }, scalarOf(x), { shape: [], dtype: "i32" }],
  body: params => {
    const [a, i, b, j] = params as [Named, Named, Named, Named]
    const isNaN = (value: Named): Named => w.compare("ne", value, value)
    const isBefore = w.compare("lt", i, j)
    const [nanA, nanB] = [isNaN(a), isNaN(b)]
    const isBetter = w.same("or", w.compare(beats, a, b), w.same("and", nanA, w.same("not", nanB)))
    const isTie = w.same("or", w.compare("eq", a, b), w.same("and", nanA, nanB))
    const first = w.same("or", isBetter, w.same("and", isTie, isBefore))
    return [w.select(first, a, b), w.select(first, i, j)]
  }
})

/** The places of the best of what is reduced, `places` being those of all. */
export const argReduce: Row<"argReduce"> = ({ fn, axis }, [x], out, w) => {
  const { identity } = fn === "argMax" ? reducers.max : reducers.min
  const places = w.iota({ shape: x.shape, dtype: "i32" }, axis)
  const inits = [w.constant(scalarOf(x), identity(x.dtype)), w.constant({ shape: [], dtype: "i32" }, NO_PLACE)]
  const types: readonly Type[] = [{ shape: out.shape, dtype: x.dtype }, out]
  const best = firstBest(w, fn === "argMax" ? "gt" : "lt", x)
  return w.generic("reduce", [x, places, ...inits], `dimensions = ${arrayText([axis])}`, [best], types)[1] as Named
}

/** Ascending, NaN last. */
export const argSort: Row<"argSort"> = ({ axis }, [x], out, w) => {
  const places = w.iota(out, axis)
  const place: Type = { shape: [], dtype: "i32" }
  const before: Region = {
    params: [scalarOf(x), scalarOf(x), place, place],
    body: params => {
      const [a, b] = params as [Named, Named]
      const isLast = w.same("and", w.compare("eq", a, a), w.compare("ne", b, b))
      return [w.same("or", w.compare("lt", a, b), isLast)]
    }
  }
  const attributes = `dimension = ${axis} : i64, is_stable = true`
  return w.generic("sort", [x, places], attributes, [before], [x, out])[1] as Named
}

/** Sums of 1, 2, 4, … neighbours: what is added lies twice as far away each time. */
export const cumSum: Row<"cumSum"> = ({ axis, reverse }, [x], _, w) => {
  const length = x.shape[axis] ?? 0
  const zero = w.constant(scalarOf(x), 0)
  const only = (n: number): string => listText(x.shape.map((__, i) => (i === axis ? n : 0)))
  let sums = x
  for (let by = 1; by < length; by *= 2) {
    const [low, high] = reverse ? [-by, by] : [by, -by]
    const moved = w.call("pad", [sums, zero], x, `, low = ${only(low)}, high = ${only(high)}, interior = ${only(0)}`)
    sums = w.same("add", sums, moved)
  }
  return sums
}
