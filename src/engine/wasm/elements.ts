import type { DType } from "../../dataflow/dtype.js"
import { access, add, get, i32, laneAccess, set, simd, splatI32, vectorAccess, type Code } from "./code.js"
import type { Lanes } from "./lanes.js"

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

const LOAD_VECTOR = 0x00
const STORE_VECTOR = 0x0b
const SPLAT_8 = 0x07
const SPLAT_32 = 0x09
const SPLAT_64 = 0x0a
const LOAD_32_ZERO = 0x5c
const [LOAD_LANE_8, LOAD_LANE_32, LOAD_LANE_64] = [0x54, 0x56, 0x57]
const [STORE_LANE_8, STORE_LANE_32, STORE_LANE_64] = [0x58, 0x5a, 0x5b]

const at = (pointer: number, elements: number, dtype: DType): Code =>
  elements === 0 ? get(pointer) : add(get(pointer), i32(elements * WIDTH[dtype]))

/** Bytes of 0 and 1, the lowest four of a vector, as masks of four lanes. */
const masks = (v: Code): Code => simd(0x38, simd(0xa9, simd(0x89, v)), splatI32(0))

/** One element in every lane. */
export const loadSplat = (dtype: DType, pointer: number, out: Lanes): Code => {
  const load = (opcode: number): Code => vectorAccess(opcode, [get(pointer)])
  if (dtype === "f64") return [set(out[0]!, load(SPLAT_64)), set(out[1]!, get(out[0]!))]
  return set(out[0]!, dtype === "bool" ? masks(load(SPLAT_8)) : load(SPLAT_32))
}

/** Four elements, `stride` apart. */
export const loadLanes = (dtype: DType, pointer: number, stride: number, out: Lanes): Code => {
  const load = (opcode: number, offset = 0): Code => vectorAccess(opcode, [get(pointer)], offset)
  const gather = (first: number, lanes: readonly number[], splat: number, lane: number): Code =>
    lanes.reduce<Code>(
      (v, i) => laneAccess(lane, i, [at(pointer, (first + i) * stride, dtype), v]),
      vectorAccess(splat, [at(pointer, first * stride, dtype)])
    )
  if (dtype === "f64")
    return out.map((o, half) =>
      set(o, stride === 1 ? load(LOAD_VECTOR, 16 * half) : gather(2 * half, [1], SPLAT_64, LOAD_LANE_64))
    )
  if (dtype === "bool")
    return set(out[0]!, masks(stride === 1 ? load(LOAD_32_ZERO) : gather(0, [1, 2, 3], SPLAT_8, LOAD_LANE_8)))
  return set(out[0]!, stride === 1 ? load(LOAD_VECTOR) : gather(0, [1, 2, 3], SPLAT_32, LOAD_LANE_32))
}

/** Masks of four lanes as the lowest four bytes of a vector, 0 or 1. */
const flags = (v: Code): Code => {
  const ones = simd(0x4e, v, splatI32(1))
  return simd(0x66, simd(0x86, ones, splatI32(0)), splatI32(0))
}

/** Stores four elements, `stride` apart. */
export const storeLanes = (dtype: DType, pointer: number, lanes: Lanes, stride = 1): Code => {
  if (stride !== 1) return storeApart(dtype, pointer, lanes, stride)
  if (dtype === "bool") return laneAccess(STORE_LANE_32, 0, [get(pointer), flags(get(lanes[0]!))])
  return lanes.map((v, half) => vectorAccess(STORE_VECTOR, [get(pointer), get(v)], 16 * half))
}

const storeApart = (dtype: DType, pointer: number, lanes: Lanes, stride: number): Code =>
  Array.from({ length: 4 }, (_, i) => {
    const to = at(pointer, i * stride, dtype)
    if (dtype === "f64") return laneAccess(STORE_LANE_64, i % 2, [to, get(lanes[i >> 1]!)])
    const v = get(lanes[0]!)
    return dtype === "bool" ? laneAccess(STORE_LANE_8, i, [to, flags(v)]) : laneAccess(STORE_LANE_32, i, [to, v])
  })

/** Stores the first element. */
export const storeFirst = (dtype: DType, pointer: number, lanes: Lanes): Code => {
  const v = get(lanes[0]!)
  if (dtype === "bool") return laneAccess(STORE_LANE_8, 0, [get(pointer), flags(v)])
  return laneAccess(dtype === "f64" ? STORE_LANE_64 : STORE_LANE_32, 0, [get(pointer), v])
}
