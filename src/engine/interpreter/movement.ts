import { allocate, type Data } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import type { Indexing, OpOf } from "../../dataflow/primitive.js"
import { showIndices, sizeOf, stridesOf } from "../../dataflow/shape.js"
import { gatherAt } from "./elementwise.js"
import { broadcastStrides, offsets } from "./strided.js"
import type { Type } from "../../dataflow/type.js"
import type { Call } from "./call.js"

export const iota = ({ axis }: OpOf<"iota">, call: Call): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const along = offsets(
    call.shape,
    call.shape.map((_, i) => (i === axis ? 1 : 0))
  )
  out.set(along)
  return out
}

export const broadcast = (call: Call, a: Data): Data =>
  a.length === 1
    ? allocate(call.dtype, sizeOf(call.shape)).fill(a[0]!)
    : gatherAt(a, call.dtype, offsets(call.shape, broadcastStrides(call.args[0]!.shape, call.shape)))

export const transpose = ({ permutation }: OpOf<"transpose">, call: Call, a: Data): Data => {
  const strides = stridesOf(call.args[0]!.shape)
  return gatherAt(
    a,
    call.dtype,
    offsets(
      call.shape,
      permutation.map(axis => strides[axis] ?? 0)
    )
  )
}

export const slice = ({ starts, steps }: OpOf<"slice">, call: Call, a: Data): Data => {
  const strides = stridesOf(call.args[0]!.shape)
  const start = strides.reduce((sum, stride, axis) => sum + stride * (starts[axis] ?? 0), 0)
  return gatherAt(
    a,
    call.dtype,
    offsets(
      call.shape,
      strides.map((stride, axis) => stride * (steps[axis] ?? 1)),
      start
    )
  )
}

export const flip = ({ axes }: OpOf<"flip">, call: Call, a: Data): Data => {
  const strides = stridesOf(call.shape)
  const start = axes.reduce((sum, axis) => sum + (strides[axis] ?? 0) * ((call.shape[axis] ?? 1) - 1), 0)
  return gatherAt(
    a,
    call.dtype,
    offsets(
      call.shape,
      strides.map((s, axis) => (axes.includes(axis) ? -s : s)),
      start
    )
  )
}

/** For each element along an axis of the source: its place along the padded axis, or -1 when it is cropped. */
const paddedPlaces = (from: number, to: number, low: number, interior: number): Int32Array =>
  Int32Array.from({ length: from }, (_, i) => {
    const place = low + i * (interior + 1)
    return place >= 0 && place < to ? place : -1
  })

export const pad = ({ padding, interior }: OpOf<"pad">, call: Call, a: Data, value: Data): Data => {
  const from = call.args[0]!.shape
  const out = allocate(call.dtype, sizeOf(call.shape)).fill(value[0]!)
  const strides = stridesOf(call.shape)
  let targets: Int32Array = Int32Array.of(0)
  from.forEach((n, axis) => {
    const places = paddedPlaces(n, call.shape[axis] ?? 0, padding[axis]?.[0] ?? 0, interior[axis] ?? 0)
    const next = new Int32Array(targets.length * n)
    targets.forEach((base, i) => {
      for (let j = 0; j < n; j++)
        next[i * n + j] = base < 0 || places[j]! < 0 ? -1 : base + places[j]! * (strides[axis] ?? 0)
    })
    targets = next
  })
  for (let i = 0; i < a.length; i++) if (targets[i]! >= 0) out[targets[i]!] = a[i]!
  return out
}

export const concat = ({ axis }: OpOf<"concat">, call: Call, parts: readonly Data[]): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const rows = sizeOf(call.shape.slice(0, axis))
  const width = sizeOf(call.shape.slice(axis))
  let column = 0
  for (const part of parts) {
    const run = part.length / Math.max(1, rows)
    for (let row = 0; row < rows; row++) out.set(part.subarray(row * run, (row + 1) * run), row * width + column)
    column += run
  }
  return out
}

/** Visits each indexed row: calls back with the offset in the indexed tensor, in the list of rows, and the row's length. */
const eachIndexed = (
  operation: string,
  { axis, batch, caller = { operation, indices: "indices" } }: Indexing,
  x: Type,
  indices: Type,
  places: Data,
  visit: (inIndexed: number, inRows: number, length: number) => void
): void => {
  const batches = sizeOf(x.shape.slice(0, batch))
  const outer = sizeOf(x.shape.slice(batch, axis))
  const n = x.shape[axis] ?? 0
  const inner = sizeOf(x.shape.slice(axis + 1))
  const count = sizeOf(indices.shape.slice(batch))
  for (let b = 0; b < batches; b++)
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < count; i++) {
        const index = places[b * count + i]!
        if (index < 0 || index >= n)
          fail(
            "IndexError",
            caller.operation,
            showIndices(caller.indices, n, axis),
            `${index} at place ${b * count + i}`
          )
        visit(((b * outer + o) * n + index) * inner, ((b * outer + o) * count + i) * inner, inner)
      }
}

export const gather = (op: OpOf<"gather">, call: Call, [x, places]: readonly [Data, Data]): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  eachIndexed("take", op, call.args[0]!, call.args[1]!, places, (from, to, length) => {
    for (let k = 0; k < length; k++) out[to + k] = x[from + k]!
  })
  return out
}

/** Sums in f64 before rounding once, whatever the number of repeats. */
export const scatterAdd = (
  op: OpOf<"scatterAdd">,
  call: Call,
  [base, places, updates]: readonly [Data, Data, Data]
): Data => {
  const wide = call.dtype === "f32" ? Float64Array.from(base) : base.slice()
  eachIndexed("scatterAdd", op, call, call.args[1]!, places, (to, from, length) => {
    for (let k = 0; k < length; k++) wide[to + k]! += updates[from + k]!
  })
  if (call.dtype !== "f32") return wide
  const out = allocate(call.dtype, base.length)
  out.set(wide)
  return out
}

export const scatterSet = (
  op: OpOf<"scatterSet">,
  call: Call,
  [base, places, updates]: readonly [Data, Data, Data]
): Data => {
  const out = base.slice()
  eachIndexed("scatterSet", op, call, call.args[1]!, places, (to, from, length) => {
    for (let k = 0; k < length; k++) out[to + k] = updates[from + k]!
  })
  return out
}
