import { atan, atan2 } from "../interpreter/elementary/angle.js"
import { cos, sin } from "../interpreter/elementary/circular.js"
import { exp, expm1, tanh } from "../interpreter/elementary/exponential.js"
import { log, log1p } from "../interpreter/elementary/logarithm.js"
import { power } from "../interpreter/elementary/power.js"
import { sigmoid } from "../interpreter/special.js"
import type { DType } from "../../dataflow/dtype.js"
import { f32, f64, i32, plain, type Code } from "./code.js"
import { constantIn, type Elementwise, type Fn } from "./node.js"
import type { View } from "./node.js"

type Opcodes = Partial<Record<Fn, number>>

// prettier-ignore
const floats = (comparison: number, arithmetic: number): Opcodes => ({
  eq: comparison, ne: comparison + 1, lt: comparison + 2, gt: comparison + 3, le: comparison + 4, ge: comparison + 5,
  abs: arithmetic, neg: arithmetic + 1, ceil: arithmetic + 2, floor: arithmetic + 3, round: arithmetic + 5,
  sqrt: arithmetic + 6, add: arithmetic + 7, sub: arithmetic + 8, mul: arithmetic + 9, div: arithmetic + 10,
  min: arithmetic + 11, max: arithmetic + 12
})

const equality: Opcodes = { eq: 0x46, ne: 0x47 }
const bits: Opcodes = { and: 0x71, or: 0x72, xor: 0x73 }
const integers: Opcodes = { ...equality, ...bits, add: 0x6a, sub: 0x6b, mul: 0x6c, shiftLeft: 0x74 }
const unsigned: Opcodes = { lt: 0x49, gt: 0x4b, le: 0x4d, ge: 0x4f }

/** The instruction of each function, by the dtype of its arguments. */
export const opcodes: Record<DType, Opcodes> = {
  f32: floats(0x5b, 0x8b),
  f64: floats(0x61, 0x99),
  i32: { ...integers, shiftRight: 0x75, lt: 0x48, gt: 0x4a, le: 0x4c, ge: 0x4e },
  u32: { ...integers, ...unsigned, shiftRight: 0x76 },
  bool: { ...equality, ...bits, ...unsigned, not: 0x45 }
}

/** Functions of f64 that the interpreter lends, so that scalars have its bits. */
export const lent = { exp, expm1, log, log1p, sin, cos, atan, tanh, sigmoid, pow: power, atan2 }

type Lent = keyof typeof lent

/** Their names, in the order in which they are imported. */
export const LENT = Object.keys(lent) as readonly Lent[]

const isLent = (fn: Fn): fn is Lent => Object.hasOwn(lent, fn)

/** How a scalar becomes one of another dtype; an empty list where its bits stay. */
const casts: Partial<Record<`${DType} ${DType}`, Code>> = {
  "f32 f64": 0xbb,
  "f64 f32": 0xb6,
  "i32 f64": 0xb7,
  "u32 f64": 0xb8,
  "bool f64": 0xb8,
  "i32 f32": 0xb2,
  "u32 f32": 0xb3,
  "bool f32": 0xb3,
  "f32 i32": [0xfc, 0x00],
  "f32 u32": [0xfc, 0x01],
  "f64 i32": [0xfc, 0x02],
  "f64 u32": [0xfc, 0x03],
  "i32 u32": [],
  "u32 i32": [],
  "bool i32": [],
  "bool u32": []
}

const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64"

/** Whether straight-line code computes a function of scalars; the others are run by the interpreter. */
export const isInScalars = (fn: Fn, args: readonly View[], to: DType): boolean => {
  const from = args[0]!.node.dtype
  if (fn === "cast") return from === to || to === "bool" || casts[`${from} ${to}`] !== undefined
  if (fn === "copy" || fn === "select") return true
  if (fn === "shiftLeft" || fn === "shiftRight") {
    const by = constantIn(args[1]!)
    return by !== undefined && by >>> 0 < 32
  }
  return opcodes[from][fn] !== undefined || (isFloat(from) && isLent(fn))
}

/** A number as an element of a dtype. */
export const constantCode = (dtype: DType, x: number): Code =>
  dtype === "f32" ? f32(x) : dtype === "f64" ? f64(x) : i32(x)

/** The code of one scalar, given that of its arguments; `lent` calls a function of the interpreter. */
export const scalarCode = (
  { fn, args: views, dtype }: Elementwise,
  args: readonly Code[],
  lent: (fn: Lent, args: readonly Code[]) => Code
): Code => {
  const from = views[0]!.node.dtype
  if (fn === "copy" || (fn === "cast" && from === dtype)) return args[0]!
  if (fn === "cast" && dtype === "bool") return plain(opcodes[from].ne!, args[0]!, constantCode(from, 0))
  if (fn === "cast") return [args[0]!, casts[`${from} ${dtype}`]!]
  if (fn === "rotateXor") return plain(0x73, plain(0x77, args[0]!, args[1]!), args[2]!)
  if (fn === "select") return [args[1]!, args[2]!, args[0]!, 0x1b]
  const opcode = opcodes[from][fn]
  if (opcode !== undefined) return plain(opcode, ...args)
  if (!isLent(fn)) throw new Error(`no code for ${fn}`)
  if (dtype === "f64") return lent(fn, args)
  const wide = args.map(a => plain(0xbb, a))
  return plain(0xb6, lent(fn, wide))
}
