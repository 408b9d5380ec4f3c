import { isFloat, type DType } from "../../dataflow/dtype.js"
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

/** Four elements at once: one vector, of which a lane of a bool is all ones or all zeros, or two vectors for f64. */
export type Vectors = readonly Code[]

/** Locals for four elements. */
export type Lanes = readonly number[]

export const freshLanes = (dtype: DType, locals: Locals): Lanes =>
  range(dtype === "f64" ? 2 : 1).map(() => locals.fresh(V128))

export const valuesIn = (lanes: Lanes): Vectors => lanes.map(get)

export const assigned = (out: Lanes, values: Vectors): Code => out.map((local, i) => set(local, values[i]!))

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
const widened = (opcode: number, v: Code): readonly [Code, Code] => [simd(opcode, v), simd(opcode, upper(v))]

const [FROM_I32, FROM_U32] = [0xfe, 0xff]
const PROMOTE = 0x5f

/** Four f32 as two pairs of f64. */
export const promoted = (v: Code): readonly [Code, Code] => widened(PROMOTE, v)

/** Two pairs of f64 as four of another type. */
const narrowed = (opcode: number, [a, b]: Vectors): Code => halves(simd(opcode, a!), simd(opcode, b!))

/** Two pairs of f64 as four f32. */
export const demoted = (v: Vectors): Code => narrowed(0x5e, v)

/** An instruction on every vector of its arguments. */
const each = (opcode: number, ...args: readonly Vectors[]): Vectors =>
  args[0]!.map((_, i) => simd(opcode, ...args.map(arg => arg[i]!)))

/** Masks of what was compared as those of four lanes. */
const maskOf = (masks: Vectors): Vectors => (masks.length === 1 ? masks : [narrow(masks[0]!, masks[1]!)])

/** Floats saturate, integers wrap around, as in the interpreter. */
const cast = (from: DType, to: DType, a: Vectors): Vectors => {
  const x = a[0]!
  if (from === to) return a
  if (to === "bool") return maskOf(a.map(v => simd(opcodes[from].ne!, v, splat(from, 0))))
  if (from === "f64") return [narrowed(to === "f32" ? 0x5e : to === "i32" ? 0xfc : 0xfd, a)]
  const plain = from === "bool" ? simd(0x4e, x, splatI32(1)) : x
  if (to === "f64") return widened(from === "f32" ? PROMOTE : from === "u32" ? FROM_U32 : FROM_I32, plain)
  if (to === "f32") return [simd(from === "u32" ? 0xfb : 0xfa, plain)]
  return [from === "f32" ? simd(to === "i32" ? 0xf8 : 0xf9, x) : plain]
}

/** 1, -1, or the number itself where it is neither above nor below 0. */
const sign = (dtype: DType, a: Vectors): Vectors => {
  const { lt, gt } = opcodes[dtype]
  const one = (x: number): Code => splat(dtype, x)
  return a.map(x => {
    const rest = simd(0x52, one(-1), x, simd(lt!, x, one(0)))
    return simd(0x52, one(1), rest, simd(gt!, x, one(0)))
  })
}

/** Beside a zero, whose bits are none, the mask is enough. */
const select = ([condition, a, b]: readonly Vectors[], isZero: (arg: number) => boolean): Vectors =>
  a!.map((x, i) => {
    const mask = a!.length === 1 ? condition![0]! : wideMask(condition![0]!, i)
    if (isZero(2)) return simd(0x4e, x, mask)
    return isZero(1) ? simd(0x4f, b![i]!, mask) : simd(0x52, x, b![i]!, mask)
  })

const shift = (fn: "shiftLeft" | "shiftRight", dtype: DType, a: Vectors, by: number): Vectors => {
  const far = by >>> 0 > 31
  if (far && !(fn === "shiftRight" && dtype === "i32")) return [splatI32(0)]
  const opcode = fn === "shiftLeft" ? 0xab : dtype === "u32" ? 0xad : 0xac
  return [simd(opcode, a[0]!, i32(far ? 31 : by))]
}

const rotateXor = (a: Vectors, by: number, b: Vectors): Vectors => {
  const rotated = simd(bits.or!, simd(0xab, a[0]!, i32(by)), simd(0xad, a[0]!, i32(32 - by)))
  return [simd(bits.xor!, rotated, b[0]!)]
}

/** In f64 a quotient of integers is right but for its fraction; beside 1.5·2⁵² its lowest bits are those of the integer. */
const quotient = (fn: Fn, dtype: DType, a: Code, b: Code): Code => {
  const wide = (v: Code): Vectors => widened(dtype === "i32" ? FROM_I32 : FROM_U32, v)
  const [dividends, divisors] = [wide(a), wide(b)]
  const half = (i: number): Code => {
    const whole = simd(0x7a, simd(0xf3, dividends[i]!, divisors[i]!))
    return simd(0xf0, whole, splatF64(1.5 * 2 ** 52))
  }
  const q = narrow(half(0), half(1))
  const { mul, sub, ne } = opcodes[dtype]
  return simd(0x4e, fn === "div" ? q : simd(sub!, a, simd(mul!, q, b)), simd(ne!, b, splatI32(0)))
}

/** The number in a lane, as f64. */
const numberIn = (dtype: DType, [a, b]: Vectors, lane: number): Code => {
  if (dtype === "f64") return [simd(0x21, lane < 2 ? a! : b!), lane & 1]
  if (dtype === "f32") return plain(0xbb, [simd(0x1f, a!), lane])
  return plain(dtype === "i32" ? 0xb7 : 0xb8, [simd(0x1b, a!), lane])
}

/** Puts a number into a lane: an f64 for floats, an i32 for integers. */
const setNumber = (dtype: DType, [a, b]: Lanes, lane: number, x: Code): Code => {
  if (dtype === "f64") return set(lane < 2 ? a! : b!, [simd(0x22, get(lane < 2 ? a! : b!), x), lane & 1])
  return set(a!, [dtype === "f32" ? simd(0x20, get(a!), plain(0xb6, x)) : simd(0x1c, get(a!), x), lane])
}

/** A function of the interpreter, one number after the other. */
const oneByOne = (fn: Fn, dtype: DType, args: readonly Vectors[], out: Lanes, count: number): Code =>
  range(count).map(lane => {
    const given = args.map(a => numberIn(dtype, a, lane))
    return setNumber(dtype, out, lane, callLent(fn, dtype, given))
  })

/** The number of the function that computes another of four floats of a dtype, if there is one. */
export type FunctionOf = (fn: Fn, dtype: DType) => number | undefined

/** What instructions on vectors make of arguments, if there are such; `views` says what they are. */
const byInstructions = (fn: Fn, views: readonly View[], args: readonly Vectors[], to: DType): Vectors | undefined => {
  const from = views[0]!.node.dtype
  const [a, b, c] = args as readonly [Vectors, Vectors, Vectors]
  if (fn === "copy") return a
  if (fn === "cast") return cast(from, to, a)
  if (fn === "sign") return sign(from, a)
  if (fn === "select") return select(args, arg => Object.is(constantIn(views[arg]!), 0))
  if (fn === "rotateXor") return rotateXor(a, constantIn(views[1]!)!, c)
  if (fn === "shiftLeft" || fn === "shiftRight") {
    const by = constantIn(views[1]!)
    return by === undefined ? undefined : shift(fn, from, a, by)
  }
  if (!isFloat(from) && (fn === "div" || fn === "rem")) return [quotient(fn, from, a[0]!, b[0]!)]
  const opcode = opcodes[from][fn]
  if (opcode === undefined) return undefined
  return isComparison(fn) ? maskOf(each(opcode, ...args)) : each(opcode, ...args)
}

/**
 * Sets `out` to a function of arguments, so many lanes of which count; `views` says what they are, and `functionOf` which
 * functions of four there are.
 */
export const computed = (
  fn: Fn,
  views: readonly View[],
  args: readonly Vectors[],
  to: DType,
  out: Lanes,
  count: number,
  functionOf: FunctionOf
): Code => {
  const from = views[0]!.node.dtype
  const index = functionOf(fn, from)
  if (index !== undefined) return setAll(out, call(index, ...args.flat()))
  const values = byInstructions(fn, views, args, to)
  return values === undefined ? oneByOne(fn, from, args, out, count) : assigned(out, values)
}

/** The instruction by which two values of a dtype become one, of bool as masks. */
export const combining = (fn: "sum" | "prod" | "max" | "min", dtype: DType): number => {
  if (dtype === "bool") return fn === "max" ? bits.or! : bits.and!
  return opcodes[dtype][fn === "sum" ? "add" : fn === "prod" ? "mul" : fn]!
}
