import type { Windows } from "../dataflow/primitive.js"
import { range, sizeOf } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import { addAt } from "./movement.js"
import { firstBest, NO_PLACE, reducers, reducing, scalarOf } from "./reduce.js"
import type { Row } from "./row.js"
import { arrayText } from "./text.js"
import type { Named, Region, Writer } from "./writer.js"

/** Windows over all axes: of one element where there are none. */
const fieldsOf = ({ axes, sizes, strides, dilations }: Windows, rank: number, names: readonly string[]): string => {
  const all = (list: readonly number[]): string => arrayText(range(rank).map(axis => list[axes.indexOf(axis)] ?? 1))
  const fields = { window_dilations: dilations, window_dimensions: sizes, window_strides: strides }
  return Object.entries(fields)
    .filter(([name]) => names.includes(name))
    .map(([name, list]) => `${name} = ${all(list)}`)
    .join(", ")
}

const EVERY = ["window_dilations", "window_dimensions", "window_strides"]

export const windowReduce: Row<"windowReduce"> = (op, [x], out, w) => {
  const reducer = reducers[op.fn]
  const init = w.constant(scalarOf(x), reducer.identity(x.dtype))
  const fields = fieldsOf(op, x.shape.length, EVERY)
  return w.generic("reduce_window", [x, init], fields, [reducing(w, reducer, x)], [out])[0] as Named
}

/** Gives the cotangent of a window to the first of its largest. */
const selectAndScatter = (op: Windows, x: Named, cotangents: Named, w: Writer): Named => {
  const keeps: Region = {
    params: [scalarOf(x), scalarOf(x)],
    body: params => {
      const [a, b] = params as [Named, Named]
      return [w.same("or", w.compare("ge", a, b), w.compare("ne", a, a))]
    }
  }
  const fields = fieldsOf(op, x.shape.length, EVERY.slice(1))
  const zero = w.constant(scalarOf(x), 0)
  const regions = [keeps, reducing(w, reducers.sum, x)]
  return w.generic("select_and_scatter", [x, cotangents, zero], fields, regions, [x])[0] as Named
}

/** The same where elements of a window are not neighbours: finds their places, and adds up there. */
const scatterToBest = (op: Windows, x: Named, cotangents: Named, w: Writer): Named => {
  const size = sizeOf(x.shape)
  const place: Type = { shape: [], dtype: "i32" }
  const places = w.reshape(w.iota({ shape: [size], dtype: "i32" }, 0), x.shape)
  const inits = [w.constant(scalarOf(x), reducers.max.identity(x.dtype)), w.constant(place, NO_PLACE)]
  const best = firstBest(w, "gt", x)
  const types: readonly Type[] = [cotangents, { shape: cotangents.shape, dtype: "i32" }]
  const fields = fieldsOf(op, x.shape.length, EVERY)
  const found = w.generic("reduce_window", [x, places, ...inits], fields, [best], types)[1] as Named
  const flat = w.constant({ shape: [size], dtype: x.dtype }, 0)
  return w.reshape(addAt(w, flat, found, cotangents, 0), x.shape)
}

export const maxPoolPullback: Row<"maxPoolPullback"> = (op, [x, cotangents], _, w) =>
  (op.dilations.every(d => d === 1) ? selectAndScatter : scatterToBest)(op, x, cotangents, w)
