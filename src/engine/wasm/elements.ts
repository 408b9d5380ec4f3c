import type { DType } from "../../dataflow/dtype.js"
import { range } from "../../dataflow/shape.js"
import { access, add, get, i32, laneAccess, set, simd, splatI32, vectorAccess, type Code } from "./code.js"
import type { Lanes, Vectors } from "./lanes.js"

interface Elements {
  readonly size: number
  readonly dtype: DType
}

/** How many bytes an element takes in memory; a bool is a byte of 0 or 1. */
export const WIDTH: Record<DType, number> = { f32: 4, f64: 8, i32: 4, u32: 4, bool: 1 }

/** The bytes of elements. */
export const bytesIn = ({ size, dtype }: Elements): number => size * WIDTH[dtype]

/** Memory is given out in such blocks, so that four elements may be read and written where fewer are left. */
export const BLOCK = 64

export const roundedUp = (n: number, step = BLOCK): number => Math.ceil(n / step) * step

/** The bytes of the blocks of elements, of which there is one at least. */
export const bytesOf = (elements: Elements): number => Math.max(BLOCK, roundedUp(bytesIn(elements)))

const LOADS: Record<DType, number> = { f32: 0x2a, f64: 0x2b, i32: 0x28, u32: 0x28, bool: 0x2d }
const STORES: Record<DType, number> = { f32: 0x38, f64: 0x39, i32: 0x36, u32: 0x36, bool: 0x3a }

export const loadElement = (dtype: DType, address: Code, offset = 0): Code => access(LOADS[dtype], [address], offset)
export const storeElement = (dtype: DType, address: Code, value: Code, offset = 0): Code =>
  access(STORES[dtype], [address, value], offset)

const [LOAD_VECTOR, LOAD_32_ZERO, STORE_VECTOR, STORE_LANE_32] = [0x00, 0x5c, 0x0b, 0x5a]
const SPLATS: Record<DType, number> = { f32: 0x09, f64: 0x0a, i32: 0x09, u32: 0x09, bool: 0x07 }
const LANE_LOADS: Record<DType, number> = { f32: 0x56, f64: 0x57, i32: 0x56, u32: 0x56, bool: 0x54 }
const LANE_STORES: Record<DType, number> = { f32: 0x5a, f64: 0x5b, i32: 0x5a, u32: 0x5a, bool: 0x58 }

const at = (pointer: number, elements: number, dtype: DType): Code =>
  elements === 0 ? get(pointer) : add(get(pointer), i32(elements * WIDTH[dtype]))

/** Of a bool the lowest four bytes, of 0 and 1, as masks of four lanes. */
const masked = (dtype: DType, v: Code): Code =>
  dtype === "bool" ? simd(0x38, simd(0xa9, simd(0x89, v)), splatI32(0)) : v

/** One element in every lane. */
export const loadSplat = (dtype: DType, pointer: number, [first, ...rest]: Lanes): Code => [
  set(first!, masked(dtype, vectorAccess(SPLATS[dtype], [get(pointer)]))),
  rest.map(local => set(local, get(first!)))
]

/** Four elements, `stride` apart. */
export const loadLanes = (dtype: DType, pointer: number, stride: number): Vectors => {
  const beside = (first: number): Code =>
    vectorAccess(dtype === "bool" ? LOAD_32_ZERO : LOAD_VECTOR, [get(pointer)], first * WIDTH[dtype])
  const apart = (first: number, lanes: readonly number[]): Code =>
    lanes.reduce<Code>(
      (v, lane) => laneAccess(LANE_LOADS[dtype], lane, [at(pointer, (first + lane) * stride, dtype), v]),
      vectorAccess(SPLATS[dtype], [at(pointer, first * stride, dtype)])
    )
  const load = stride === 1 ? beside : apart
  return dtype === "f64" ? [load(0, [1]), load(2, [1])] : [masked(dtype, load(0, [1, 2, 3]))]
}

/** Of a bool the masks of four lanes as the lowest four bytes, 0 or 1. */
const flagged = (dtype: DType, v: Code): Code =>
  dtype === "bool" ? simd(0x66, simd(0x86, simd(0x4e, v, splatI32(1)), splatI32(0)), splatI32(0)) : v

const storeLane = (dtype: DType, address: Code, [a, b]: Vectors, lane: number): Code => {
  if (dtype === "f64") return laneAccess(LANE_STORES.f64, lane % 2, [address, lane < 2 ? a! : b!])
  return laneAccess(LANE_STORES[dtype], lane, [address, flagged(dtype, a!)])
}

/** Stores four elements, `stride` apart. */
export const storeLanes = (dtype: DType, pointer: number, values: Vectors, stride = 1): Code => {
  if (stride !== 1) return range(4).map(i => storeLane(dtype, at(pointer, i * stride, dtype), values, i))
  if (dtype === "bool") return laneAccess(STORE_LANE_32, 0, [get(pointer), flagged(dtype, values[0]!)])
  return values.map((v, half) => vectorAccess(STORE_VECTOR, [get(pointer), v], 16 * half))
}

/** Stores the first element. */
export const storeFirst = (dtype: DType, pointer: number, values: Vectors): Code =>
  storeLane(dtype, get(pointer), values, 0)
