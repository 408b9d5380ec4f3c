import type { DType } from "../../dataflow/dtype.js"
import { range } from "../../dataflow/shape.js"
import {
  call,
  get,
  i32,
  plain,
  set,
  setAll,
  shuffle,
  simd,
  splatF32,
  splatF64,
  splatI32,
  V128,
  type Code,
  type Locals
} from "./code.js"
import { callLent } from "./functions.js"
import { constantIn, isComparison, type Fn, type View } from "./node.js"

/**
 * Four elements at once, in locals: one vector, of which a lane of a bool is all ones or all zeros, or two vectors for
 * f64.
 */
export type Lanes = readonly number[]

type Opcodes = Partial<Record<Fn, number>>

// prettier-ignore
const floats = (arithmetic: number, comparison: number, rounding: readonly [ceil: number, floor: number, nearest: number]): Opcodes => ({
  abs: arithmetic, neg: arithmetic + 1, sqrt: arithmetic + 3,
  add: arithmetic + 4, sub: arithmetic + 5, mul: arithmetic + 6, div: arithmetic + 7, min: arithmetic + 8, max: arithmetic + 9,
  eq: comparison, ne: comparison + 1, lt: comparison + 2, gt: comparison + 3, le: comparison + 4, ge: comparison + 5,
  ceil: rounding[0], floor: rounding[1], round: rounding[2]
})

const bits: Opcodes = { not: 0x4d, and: 0x4e, or: 0x50, xor: 0x51 }
const unsigned: Opcodes = { eq: 0x37, ne: 0x38, lt: 0x3a, gt: 0x3c, le: 0x3e, ge: 0x40, min: 0xb7, max: 0xb9 }
const signed: Opcodes = { eq: 0x37, ne: 0x38, lt: 0x39, gt: 0x3b, le: 0x3d, ge: 0x3f, min: 0xb6, max: 0xb8 }
const integers: Opcodes = { ...bits, add: 0xae, sub: 0xb1, mul: 0xb5 }

/** The instruction of each function, by the dtype of its arguments. */
const opcodes: Record<DType, Opcodes> = {
  f32: floats(0xe0, 0x41, [0x67, 0x68, 0x6a]),
  f64: floats(0xec, 0x47, [0x74, 0x75, 0x94]),
  i32: { ...integers, ...signed, abs: 0xa0, neg: 0xa1 },
  u32: { ...integers, ...unsigned },
  bool: { ...bits, ...unsigned }
}

const isShift = (fn: Fn): boolean => fn === "shiftLeft" || fn === "shiftRight"

const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64"

/** Locals for four elements. */
export const freshLanes = (dtype: DType, locals: Locals): Lanes =>
  dtype === "f64" ? [locals.fresh(V128), locals.fresh(V128)] : [locals.fresh(V128)]

/** One number in every lane. */
export const splat = (dtype: DType, x: number): Code =>
  dtype === "f32" ? splatF32(x) : dtype === "f64" ? splatF64(x) : splatI32(dtype === "bool" && x !== 0 ? -1 : x)

/** The upper half of a vector, below. */
const upper = (v: Code): Code => shuffle([2, 3, 2, 3], v, v)
/** The lower halves of two vectors. */
const halves = (a: Code, b: Code): Code => shuffle([0, 1, 4, 5], a, b)
/** A mask of four lanes as two masks of two wide ones. */
const wideMask = (mask: Code, half: number): Code => shuffle(half === 0 ? [0, 0, 1, 1] : [2, 2, 3, 3], mask, mask)
/** The lower words of two pairs of wide lanes: of masks, those of four. */
const narrow = (a: Code, b: Code): Code => shuffle([0, 2, 4, 6], a, b)

/** Four i32, u32, f32 or 0/1 as two pairs of f64. */
const widened = (opcode: number, v: Code, out: Lanes): Code => [
  set(out[0]!, simd(opcode, v)),
  set(out[1]!, simd(opcode, upper(v)))
]

const [FROM_I32, FROM_U32] = [0xfe, 0xff]
const PROMOTE = 0x5f

/** Four f32 as two pairs of f64. */
export const promoted = (v: Code, out: Lanes): Code => widened(PROMOTE, v, out)

/** Two pairs of f64 as four f32. */
export const demoted = (v: Lanes): Code => halves(simd(0x5e, get(v[0]!)), simd(0x5e, get(v[1]!)))

const toBool = (from: DType, [a, b]: Lanes, out: Lanes): Code => {
  const isTrue = (v: number): Code => simd(opcodes[from].ne!, get(v), splat(from, 0))
  return set(out[0]!, b === undefined ? isTrue(a!) : narrow(isTrue(a!), isTrue(b)))
}

/** Floats saturate, integers wrap around, as in the interpreter. */
const fromF64 = (to: DType, a: Lanes, out: Lanes): Code => {
  if (to === "f32") return set(out[0]!, demoted(a))
  const opcode = to === "i32" ? 0xfc : 0xfd
  return set(out[0]!, halves(simd(opcode, get(a[0]!)), simd(opcode, get(a[1]!))))
}

const cast = (from: DType, to: DType, a: Lanes, out: Lanes): Code => {
  const x = get(a[0]!)
  if (from === to) return copy(a, out)
  if (to === "bool") return toBool(from, a, out)
  if (from === "f64") return fromF64(to, a, out)
  const plain = from === "bool" ? simd(0x4e, x, splatI32(1)) : x
  if (to === "f64") return from === "f32" ? promoted(x, out) : widened(from === "u32" ? FROM_U32 : FROM_I32, plain, out)
  if (to === "f32") return set(out[0]!, simd(from === "u32" ? 0xfb : 0xfa, plain))
  return set(out[0]!, from === "f32" ? simd(to === "i32" ? 0xf8 : 0xf9, x) : plain)
}

const copy = (a: Lanes, out: Lanes): Code => out.map((o, i) => set(o, get(a[i]!)))

/** 1, -1, or the number itself where it is neither above nor below 0. */
const sign = (dtype: DType, a: Lanes, out: Lanes): Code => {
  const { lt, gt } = opcodes[dtype]
  const one = (x: number): Code => splat(dtype, x)
  return out.map((o, i) => {
    const x = get(a[i]!)
    const rest = simd(0x52, one(-1), x, simd(lt!, x, one(0)))
    return set(o, simd(0x52, one(1), rest, simd(gt!, x, one(0))))
  })
}

/** Beside a zero, whose bits are none, the mask is enough. */
const select = ([condition, a, b]: readonly Lanes[], zeros: readonly boolean[], out: Lanes): Code =>
  out.map((o, i) => {
    const mask = out.length === 1 ? get(condition![0]!) : wideMask(get(condition![0]!), i)
    if (zeros[2] === true) return set(o, simd(0x4e, get(a![i]!), mask))
    if (zeros[1] === true) return set(o, simd(0x4f, get(b![i]!), mask))
    return set(o, simd(0x52, get(a![i]!), get(b![i]!), mask))
  })

const shift = (fn: Fn, dtype: DType, a: Lanes, by: number, out: Lanes): Code => {
  const far = by >>> 0 > 31
  if (far && !(fn === "shiftRight" && dtype === "i32")) return set(out[0]!, splatI32(0))
  const opcode = fn === "shiftLeft" ? 0xab : dtype === "u32" ? 0xad : 0xac
  return set(out[0]!, simd(opcode, get(a[0]!), i32(far ? 31 : by)))
}

const rotateXor = ([a, , b]: readonly Lanes[], by: number, out: Lanes): Code => {
  const x = get(a![0]!)
  const rotated = simd(bits.or!, simd(0xab, x, i32(by)), simd(0xad, x, i32(32 - by)))
  return set(out[0]!, simd(bits.xor!, rotated, get(b![0]!)))
}

/** In f64 a quotient of integers is right but for its fraction; beside 1.5·2⁵² its lowest bits are those of the integer. */
const quotient = (fn: Fn, dtype: DType, a: Code, b: Code): Code => {
  const wide = (v: Code): Code => simd(dtype === "i32" ? FROM_I32 : FROM_U32, v)
  const half = (part: (v: Code) => Code): Code => {
    const whole = simd(0x7a, simd(0xf3, wide(part(a)), wide(part(b))))
    return simd(0xf0, whole, splatF64(1.5 * 2 ** 52))
  }
  const q = narrow(
    half(v => v),
    half(upper)
  )
  const { mul, sub, ne } = opcodes[dtype]
  return simd(0x4e, fn === "div" ? q : simd(sub!, a, simd(mul!, q, b)), simd(ne!, b, splatI32(0)))
}

/** The number in a lane, as f64. */
const numberIn = (dtype: DType, [a, b]: Lanes, lane: number): Code => {
  if (dtype === "f64") return [simd(0x21, get(lane < 2 ? a! : b!)), lane & 1]
  if (dtype === "f32") return plain(0xbb, [simd(0x1f, get(a!)), lane])
  return plain(dtype === "i32" ? 0xb7 : 0xb8, [simd(0x1b, get(a!)), lane])
}

/** Puts a number into a lane: an f64 for floats, an i32 for integers. */
const setNumber = (dtype: DType, [a, b]: Lanes, lane: number, x: Code): Code => {
  if (dtype === "f64") return set(lane < 2 ? a! : b!, [simd(0x22, get(lane < 2 ? a! : b!), x), lane & 1])
  return set(a!, [dtype === "f32" ? simd(0x20, get(a!), plain(0xb6, x)) : simd(0x1c, get(a!), x), lane])
}

/** A function of the interpreter, one number after the other. */
const oneByOne = (fn: Fn, dtype: DType, args: readonly Lanes[], out: Lanes, count: number): Code =>
  range(count).map(lane => {
    const given = args.map(a => numberIn(dtype, a, lane))
    return setNumber(dtype, out, lane, callLent(fn, dtype, given))
  })

/** The number of the function that computes another of four floats of a dtype, if there is one. */
export type FunctionOf = (fn: Fn, dtype: DType) => number | undefined

/**
 * Sets `out` to a function of arguments, which are in lanes, so many of which count; `views` says what they are, and
 * `functionOf` which functions of four there are.
 */
export const computed = (
  fn: Fn,
  views: readonly View[],
  args: readonly Lanes[],
  to: DType,
  out: Lanes,
  count: number,
  functionOf: FunctionOf
): Code => {
  const from = views[0]!.node.dtype
  const index = functionOf(fn, from)
  if (index !== undefined) return setAll(out, call(index, ...args.flat().map(get)))
  if (fn === "copy") return copy(args[0]!, out)
  if (fn === "cast") return cast(from, to, args[0]!, out)
  if (fn === "sign") return sign(from, args[0]!, out)
  if (fn === "rotateXor") return rotateXor(args, constantIn(views[1]!)!, out)
  const by = isShift(fn) ? constantIn(views[1]!) : undefined
  if (by !== undefined) return shift(fn, from, args[0]!, by, out)
  if (fn === "select")
    return select(
      args,
      views.map(view => Object.is(constantIn(view), 0)),
      out
    )
  const opcode = opcodes[from][fn]
  if (opcode === undefined && !isFloat(from) && (fn === "div" || fn === "rem"))
    return set(out[0]!, quotient(fn, from, get(args[0]![0]!), get(args[1]![0]!)))
  if (opcode === undefined) return oneByOne(fn, from, args, out, count)
  const each = args[0]!.map((_, i) => simd(opcode, ...args.map(a => get(a[i]!))))
  if (isComparison(fn) && isFloat(from) && each.length === 2) return set(out[0]!, narrow(each[0]!, each[1]!))
  return out.map((o, i) => set(o, each[i]!))
}

/** The instruction by which two values of a dtype become one, of bool as masks. */
export const combining = (fn: "sum" | "prod" | "max" | "min", dtype: DType): number => {
  if (dtype === "bool") return fn === "max" ? bits.or! : bits.and!
  return opcodes[dtype][fn === "sum" ? "add" : fn === "prod" ? "mul" : fn]!
}
