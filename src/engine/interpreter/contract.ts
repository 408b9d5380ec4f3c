import { allocate, type Data } from "../../dataflow/dtype.js"
import type { OpOf } from "../../dataflow/primitive.js"
import { range, removeAxes, sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"
import { offsets } from "./strided.js"
import type { Type } from "../../dataflow/type.js"
import type { Call } from "./call.js"

/** Rows and columns of the tile that is kept in registers. */
const TILE = 4

/**
 * Packs `rows` lines of length `depth` into panels of four lines, interleaved, widened to f64, edges filled with 0.
 * Line `r` begins at `starts[r]`; its elements lie at the offsets `along` from there.
 */
const pack = (data: Data, starts: Int32Array, along: Int32Array): Float64Array => {
  const depth = along.length
  const panels = new Float64Array(Math.ceil(starts.length / TILE) * TILE * depth)
  for (let r = 0; r < starts.length; r++) {
    const start = starts[r]!
    let place = (r - (r % TILE)) * depth + (r % TILE)
    for (let k = 0; k < depth; k++, place += TILE) panels[place] = data[start + along[k]!]!
  }
  return panels
}

/** So many products are summed up one after the other; such sums are added one after the other. */
export const DEPTH = 256

/** `out[i, j] = Σₖ left[i, k] · right[j, k]`, each operation in the dtype of `out`, four rows and four columns at a time. */
const multiplyPanels = (
  out: Data,
  at: number,
  left: Float64Array,
  right: Float64Array,
  m: number,
  n: number,
  depth: number
): void => {
  const multiplyTile = out instanceof Float32Array ? multiplyTileOfF32 : multiplyTileOfF64
  const tile = new Float64Array(TILE * TILE)
  for (let j = 0; j < n; j += TILE)
    for (let i = 0; i < m; i += TILE) {
      const [rows, columns] = [Math.min(TILE, m - i), Math.min(TILE, n - j)]
      for (let k = 0; k < depth; k += DEPTH) {
        multiplyTile(tile, left, i * depth + k * TILE, right, j * depth + k * TILE, Math.min(DEPTH, depth - k))
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++) out[at + (i + r) * n + j + c]! += tile[r * TILE + c]!
      }
    }
}

// Each line is a row of the tile.
// prettier-ignore
const multiplyTileOfF64 = (tile: Float64Array, left: Float64Array, l: number, right: Float64Array, r: number, depth: number): void => {
  let t00 = 0, t01 = 0, t02 = 0, t03 = 0
  let t10 = 0, t11 = 0, t12 = 0, t13 = 0
  let t20 = 0, t21 = 0, t22 = 0, t23 = 0
  let t30 = 0, t31 = 0, t32 = 0, t33 = 0
  for (let k = 0; k < depth; k++, l += TILE, r += TILE) {
    const a0 = left[l]!, a1 = left[l + 1]!, a2 = left[l + 2]!, a3 = left[l + 3]!
    const b0 = right[r]!, b1 = right[r + 1]!, b2 = right[r + 2]!, b3 = right[r + 3]!
    t00 += a0 * b0; t01 += a0 * b1; t02 += a0 * b2; t03 += a0 * b3
    t10 += a1 * b0; t11 += a1 * b1; t12 += a1 * b2; t13 += a1 * b3
    t20 += a2 * b0; t21 += a2 * b1; t22 += a2 * b2; t23 += a2 * b3
    t30 += a3 * b0; t31 += a3 * b1; t32 += a3 * b2; t33 += a3 * b3
  }
  tile[0] = t00; tile[1] = t01; tile[2] = t02; tile[3] = t03
  tile[4] = t10; tile[5] = t11; tile[6] = t12; tile[7] = t13
  tile[8] = t20; tile[9] = t21; tile[10] = t22; tile[11] = t23
  tile[12] = t30; tile[13] = t31; tile[14] = t32; tile[15] = t33
}

const f32 = Math.fround

/** The same, every product and every sum rounded to f32; written out, since a call for each would take most of the time. */
// prettier-ignore
const multiplyTileOfF32 = (tile: Float64Array, left: Float64Array, l: number, right: Float64Array, r: number, depth: number): void => {
  let t00 = 0, t01 = 0, t02 = 0, t03 = 0
  let t10 = 0, t11 = 0, t12 = 0, t13 = 0
  let t20 = 0, t21 = 0, t22 = 0, t23 = 0
  let t30 = 0, t31 = 0, t32 = 0, t33 = 0
  for (let k = 0; k < depth; k++, l += TILE, r += TILE) {
    const a0 = left[l]!, a1 = left[l + 1]!, a2 = left[l + 2]!, a3 = left[l + 3]!
    const b0 = right[r]!, b1 = right[r + 1]!, b2 = right[r + 2]!, b3 = right[r + 3]!
    t00 = f32(t00 + f32(a0 * b0)); t01 = f32(t01 + f32(a0 * b1)); t02 = f32(t02 + f32(a0 * b2)); t03 = f32(t03 + f32(a0 * b3))
    t10 = f32(t10 + f32(a1 * b0)); t11 = f32(t11 + f32(a1 * b1)); t12 = f32(t12 + f32(a1 * b2)); t13 = f32(t13 + f32(a1 * b3))
    t20 = f32(t20 + f32(a2 * b0)); t21 = f32(t21 + f32(a2 * b1)); t22 = f32(t22 + f32(a2 * b2)); t23 = f32(t23 + f32(a2 * b3))
    t30 = f32(t30 + f32(a3 * b0)); t31 = f32(t31 + f32(a3 * b1)); t32 = f32(t32 + f32(a3 * b2)); t33 = f32(t33 + f32(a3 * b3))
  }
  tile[0] = t00; tile[1] = t01; tile[2] = t02; tile[3] = t03
  tile[4] = t10; tile[5] = t11; tile[6] = t12; tile[7] = t13
  tile[8] = t20; tile[9] = t21; tile[10] = t22; tile[11] = t23
  tile[12] = t30; tile[13] = t31; tile[14] = t32; tile[15] = t33
}

/** Integers wrap around at 32 bits, which f64 accumulation would lose: one product at a time. */
const multiplyIntegers = (
  out: Data,
  at: number,
  a: Data,
  rows: Int32Array,
  alongA: Int32Array,
  b: Data,
  columns: Int32Array,
  alongB: Int32Array
): void => {
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      let total = 0
      for (let k = 0; k < alongA.length; k++)
        total = (total + Math.imul(a[row + alongA[k]!]!, b[column + alongB[k]!]!)) | 0
      out[at + i * columns.length + j] = total
    })
  })
}

const along = (t: Type, axes: readonly number[]): Int32Array => {
  const strides = stridesOf(t.shape)
  return offsets(
    axes.map(axis => t.shape[axis] ?? 0),
    axes.map(axis => strides[axis] ?? 0)
  )
}

const shifted = (places: Int32Array, by: number): Int32Array => (by === 0 ? places : places.map(place => place + by))

export const dot = ({ batch, contract }: OpOf<"dot">, call: Call, [a, b]: readonly [Data, Data]): Data => {
  const [left, right] = [call.args[0]!, call.args[1]!]
  const free = (t: Type, side: 0 | 1): readonly number[] =>
    removeAxes(range(t.shape.length), [...batch[side], ...contract[side]])
  const [rows, columns] = [along(left, free(left, 0)), along(right, free(right, 1))]
  const [depthA, depthB] = [along(left, contract[0]), along(right, contract[1])]
  const [batchA, batchB] = [along(left, batch[0]), along(right, batch[1])]
  const out = allocate(call.dtype, sizeOf(call.shape))
  const block = rows.length * columns.length
  for (let i = 0; i < batchA.length; i++) {
    const [r, c] = [shifted(rows, batchA[i]!), shifted(columns, batchB[i]!)]
    if (call.dtype === "i32" || call.dtype === "u32") multiplyIntegers(out, i * block, a, r, depthA, b, c, depthB)
    else multiplyPanels(out, i * block, pack(a, r, depthA), pack(b, c, depthB), r.length, c.length, depthA.length)
  }
  return out
}

/** The input spread by its dilation and padded (or cropped), with a shape of its own, so that patches never leave it. */
const spreadInput = (op: OpOf<"conv">, x: Type, data: Data): readonly [data: Data, shape: Shape] => {
  const shape = x.shape.map((n, axis) => {
    const i = axis - 2
    const [low, high] = op.padding[i] ?? [0, 0]
    return i < 0 || i >= op.strides.length
      ? n
      : Math.max(0, (n === 0 ? 0 : (n - 1) * (op.inputDilation[i] ?? 1) + 1) + low + high)
  })
  const out = allocate(x.dtype, sizeOf(shape))
  const strides = stridesOf(shape)
  const lines = sizeOf(x.shape.slice(0, -1))
  const channels = x.shape.at(-1) ?? 0
  const index = new Array<number>(x.shape.length - 1).fill(0)
  for (let line = 0; line < lines; line++) {
    const places = index.map((value, axis) =>
      axis < 2 ? value : value * (op.inputDilation[axis - 2] ?? 1) + (op.padding[axis - 2]?.[0] ?? 0)
    )
    const target = places.reduce((sum, place, axis) => sum + place * (strides[axis] ?? 0), 0)
    if (places.every((place, axis) => place >= 0 && place < (shape[axis] ?? 0)))
      out.set(data.subarray(line * channels, (line + 1) * channels), target)
    for (let axis = index.length - 1; axis >= 0 && ++index[axis]! === x.shape[axis]; axis--) index[axis] = 0
  }
  return [out, shape]
}

/** Places of a convolution worked on at once, so that the patches of a large image need not exist together. */
const PLACES = 4096

/** Every patch of the padded input is a row, every output channel a column: a convolution is a matrix product. */
export const conv = (op: OpOf<"conv">, call: Call, [x, kernel]: readonly [Data, Data]): Data => {
  const [input, weights] = [call.args[0]!, call.args[1]!]
  const [data, shape] = spreadInput(op, input, x)
  const strides = stridesOf(shape)
  const rank = op.strides.length
  const window = weights.shape.slice(1, rank + 2)
  const taps = offsets(
    window,
    range(rank + 1).map(i => (strides[i + 2] ?? 0) * (op.kernelDilation[i] ?? 1))
  )
  const places = offsets(
    call.shape.slice(1, -1),
    range(rank + 1).map(i => (strides[i + 1] ?? 0) * (op.strides[i - 1] ?? 1))
  )
  const outputs = weights.shape.at(-1) ?? 0
  const [columns, depth] = [offsets([outputs], [1]), offsets([taps.length], [outputs])]
  const out = allocate(call.dtype, sizeOf(call.shape))
  for (let group = 0; group < (shape[0] ?? 0); group++) {
    const panels = pack(kernel, shifted(columns, group * taps.length * outputs), depth)
    for (let first = 0; first < places.length; first += PLACES) {
      const some = shifted(places.subarray(first, first + PLACES), group * (strides[0] ?? 0))
      const at = (group * places.length + first) * outputs
      multiplyPanels(out, at, pack(data, some, taps), panels, some.length, outputs, taps.length)
    }
  }
  return out
}
