import { atan, atan2 } from "../interpreter/elementary/angle.js"
import { cos, sin } from "../interpreter/elementary/circular.js"
import { erf, erfInv } from "../interpreter/elementary/error.js"
import { exp, expm1, sigmoid, tanh } from "../interpreter/elementary/exponential.js"
import { log, log1p } from "../interpreter/elementary/logarithm.js"
import { power } from "../interpreter/elementary/power.js"
import { integerPower, shiftedLeft, shiftedRight, shiftedRightUnsigned } from "../interpreter/special.js"
import type { DType } from "../../dataflow/dtype.js"
import { call, F64, I32, type Code, type ValueType } from "./code.js"
import type { Import } from "./module.js"
import type { Fn } from "./node.js"

type Lent = Partial<Record<Fn, (a: number, b: number) => number>>

const rem = (a: number, b: number): number => a % b
const floats: Lent = { exp, expm1, log, log1p, sin, cos, atan, tanh, sigmoid, erf, erfInv, rem, pow: power, atan2 }
const integers: Lent = { pow: integerPower, shiftLeft: shiftedLeft }

/** Functions without instructions, by the dtype of their arguments: the interpreter lends them, so that loops have its bits. */
const functions = {
  f64: floats,
  i32: { ...integers, shiftRight: shiftedRight },
  u32: { ...integers, shiftRight: shiftedRightUnsigned }
} satisfies Partial<Record<DType, Lent>>

const list = Object.entries(functions).flatMap(([dtype, lent]) =>
  Object.entries(lent).map(([fn, f]) => ({
    name: `${dtype} ${fn}`,
    f,
    params: Array.from({ length: f.length }, (): ValueType => F64),
    results: [dtype === "f64" ? F64 : I32] as const
  }))
)

/** What is lent, by name. */
export const lent = Object.fromEntries(list.map(({ name, f }) => [name, f]))

/** The interpreter's steps, and its functions of numbers; the host wraps integers around. */
export const IMPORTS: readonly Import[] = [{ name: "interpret", params: [I32, I32], results: [] }, ...list]

/** Asks the interpreter for a step, by number, of whose values a frame has the addresses. */
export const callInterpreter = (step: Code, frame: Code): Code => call(0, step, frame)

const indices = new Map(IMPORTS.map(({ name }, i) => [name, i]))

/** A function of numbers of a dtype, which are given as f64; an integer comes as an i32. */
export const callLent = (fn: Fn, dtype: DType, args: readonly Code[]): Code =>
  call(indices.get(`${dtype === "f32" ? "f64" : dtype} ${fn}`)!, ...args)
