import { range, type Shape } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import { reducers, reducing, scalarOf } from "./reduce.js"
import type { Row } from "./row.js"
import { arrayText, listText, typeText } from "./text.js"
import type { Named, Region, Writer } from "./writer.js"

export const iota: Row<"iota"> = ({ axis }, _, out, w) => w.iota(out, axis)

export const reshape: Row<"reshape"> = ({ shape }, [x], _, w) => w.reshape(x, shape)

export const transpose: Row<"transpose"> = ({ permutation }, [x], _, w) => w.transpose(x, permutation)

export const broadcast: Row<"broadcast"> = ({ shape }, [x], _, w) => w.spread(x, shape)

export const slice: Row<"slice"> = ({ starts, stops, steps }, [x], out, w) => {
  const ends = starts.map((start, i) => Math.max(start, stops[i] ?? 0))
  const text = starts.map((start, i) => `${start}:${ends[i] ?? 0}:${steps[i] ?? 1}`)
  return w.define(out, `stablehlo.slice ${x.name} ${listText(text)} : (${typeText(x)}) -> ${typeText(out)}`)
}

export const pad: Row<"pad"> = ({ padding, interior }, [x, value], out, w) => {
  const [low, high] = [padding.map(p => p[0]), padding.map(p => p[1])]
  const text = `, low = ${listText(low)}, high = ${listText(high)}, interior = ${listText(interior)}`
  return w.call("pad", [x, value], out, text)
}

export const concat: Row<"concat"> = ({ axis }, _, out, w, parts) =>
  w.call("concatenate", parts, out, `, dim = ${axis}`)

export const flip: Row<"flip"> = ({ axes }, [x], _, w) =>
  w.define(x, `stablehlo.reverse ${x.name}, dims = ${listText(axes)} : ${typeText(x)}`)

/** Which axes of what indices point at are whole: those before and behind the axis that is indexed. */
const wholeAxes = (rank: number, axis: number, batch: number, indices: Shape): readonly number[] => {
  const own = indices.length - batch
  return [...range(axis).slice(batch), ...range(rank - axis - 1).map(i => axis + own + i)]
}

export const gather: Row<"gather"> = ({ axis, batch }, [x, indices], out, w) => {
  const shared = listText(range(batch))
  const fields = [
    `offset_dims = ${listText(wholeAxes(x.shape.length, axis, batch, indices.shape))}`,
    `collapsed_slice_dims = [${axis}]`,
    `operand_batching_dims = ${shared}`,
    `start_indices_batching_dims = ${shared}`,
    `start_index_map = [${axis}]`,
    `index_vector_dim = ${indices.shape.length}`
  ]
  const sizes = x.shape.map((n, i) => (i < batch || i === axis ? Math.min(n, 1) : n))
  const attributes = `dimension_numbers = #stablehlo.gather<${fields.join(", ")}>, indices_are_sorted = false, slice_sizes = ${arrayText(sizes)}`
  return w.generic("gather", [x, indices], attributes, [], [out])[0] as Named
}

/** Brings updates to the places of an axis that indices point at, where `region` makes one element of what is there and an update. */
const scatterBy = (
  w: Writer,
  region: Region,
  [x, indices, updates]: readonly [Named, Named, Named],
  axis: number,
  batch: number
): Named => {
  const shared = listText(range(batch))
  const fields = [
    `update_window_dims = ${listText(wholeAxes(x.shape.length, axis, batch, indices.shape))}`,
    `inserted_window_dims = [${axis}]`,
    `input_batching_dims = ${shared}`,
    `scatter_indices_batching_dims = ${shared}`,
    `scatter_dims_to_operand_dims = [${axis}]`,
    `index_vector_dim = ${indices.shape.length}`
  ]
  const attributes = `indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<${fields.join(", ")}>, unique_indices = false`
  return w.generic("scatter", [x, indices, updates], attributes, [region], [x])[0] as Named
}

/** Adds updates to the places of an axis that indices point at. */
export const addAt = (w: Writer, x: Named, indices: Named, updates: Named, axis: number): Named =>
  scatterBy(w, reducing(w, reducers.sum, x), [x, indices, updates], axis, 0)

export const scatterAdd: Row<"scatterAdd"> = ({ axis, batch }, args, _, w) =>
  scatterBy(w, reducing(w, reducers.sum, args[0]), args, axis, batch)

/** An update replaces what is there: on CPUs they come in order, so that of repeated indices the last counts. */
export const scatterSet: Row<"scatterSet"> = ({ axis, batch }, args, _, w) => {
  const element = scalarOf(args[0])
  const region: Region = { params: [element, element], body: ([, update]) => [update as Named] }
  return scatterBy(w, region, args, axis, batch)
}

/** One axis after the other: the places of a window and the elements along it are brought side by side, and added up. */
export const fold: Row<"fold"> = ({ axis, lengths, strides, dilations }, [x], _, w) => {
  const rank = lengths.length
  let sums = x
  for (let i = 0; i < rank; i++) {
    // before: lengths that are done, places that are left, and elements of windows that are left
    const [place, tap] = [axis + i, axis + rank]
    const order = range(sums.shape.length)
      .toSpliced(tap, 1)
      .toSpliced(place + 1, 0, tap)
    const updates = w.transpose(sums, order)
    const own: Type = { shape: updates.shape.slice(place, place + 2), dtype: "i32" }
    const times = (along: number, by: number): Named => w.same("multiply", w.iota(own, along), w.constant(own, by))
    const indices = w.same("add", times(0, strides[i] ?? 1), times(1, dilations[i] ?? 1))
    const shape = updates.shape.toSpliced(place, 2, lengths[i] ?? 0)
    sums = addAt(w, w.constant({ shape, dtype: x.dtype }, 0), indices, updates, place)
  }
  return sums
}
