import { isFloat, type DType } from "../dataflow/dtype.js"
import type { BinaryFn, UnaryFn } from "../dataflow/primitive.js"
import { inlined } from "./inlined.js"
import { integerPower } from "./integer-power.js"
import type { Row } from "./row.js"
import { typeText } from "./text.js"
import type { Named, Writer } from "./writer.js"

const unaryOps: Readonly<Record<UnaryFn, string>> = {
  neg: "stablehlo.negate",
  abs: "stablehlo.abs",
  sign: "stablehlo.sign",
  floor: "stablehlo.floor",
  ceil: "stablehlo.ceil",
  round: "stablehlo.round_nearest_even",
  sqrt: "stablehlo.sqrt",
  exp: "stablehlo.exponential",
  expm1: "stablehlo.exponential_minus_one",
  log: "stablehlo.log",
  log1p: "stablehlo.log_plus_one",
  sin: "stablehlo.sine",
  cos: "stablehlo.cosine",
  atan: "chlo.atan",
  tanh: "stablehlo.tanh",
  sigmoid: "stablehlo.logistic",
  erf: "chlo.erf",
  erfInv: "chlo.erf_inv",
  not: "stablehlo.not"
}

export const unary: Row<"unary"> = ({ fn }, [x], out, w) => {
  const op = unaryOps[fn]
  return op.startsWith("chlo.") ? w.define(out, `${op} ${x.name} : ${typeText(x)} -> ${typeText(out)}`) : w.same(op, x)
}

type Pair = (w: Writer, a: Named, b: Named) => Named

const pair =
  (op: string): Pair =>
  (w, a, b) =>
    w.same(op, a, b)

/** Integers divided by zero are zero. */
const integer =
  (op: string): Pair =>
  (w, a, b) =>
    w.only(w.compare("ne", b, w.constant(b, 0)), w.same(op, a, b), 0)

/**
 * XLA divides by what is broadcast, constant or a root as it multiplies by the reciprocal of that, which rounds twice, and
 * is 0 for divisors above 2^126. Behind a barrier it does not see what the divisor is.
 */
const quotient: Pair = (w, a, b) => w.same("divide", a, w.same("optimization_barrier", b))

const power: Pair = (w, a, b) => inlined(w, (x, y) => integerPower(x, y), a, b)

const binaryOps: Readonly<Record<BinaryFn, (dtype: DType) => Pair>> = {
  add: () => pair("add"),
  sub: () => pair("subtract"),
  mul: () => pair("multiply"),
  div: dtype => (isFloat(dtype) ? quotient : integer("divide")),
  rem: dtype => (isFloat(dtype) ? pair("remainder") : integer("remainder")),
  pow: dtype => (isFloat(dtype) ? pair("power") : power),
  atan2: () => pair("atan2"),
  max: () => pair("maximum"),
  min: () => pair("minimum"),
  and: () => pair("and"),
  or: () => pair("or"),
  xor: () => pair("xor"),
  shiftLeft: () => pair("shift_left"),
  shiftRight: dtype => pair(dtype === "u32" ? "shift_right_logical" : "shift_right_arithmetic")
}

export const binary: Row<"binary"> = ({ fn }, [a, b], { shape, dtype }, w) =>
  binaryOps[fn](dtype)(w, w.spread(a, shape), w.spread(b, shape))

export const compare: Row<"compare"> = ({ fn }, [a, b], { shape }, w) =>
  w.compare(fn, w.spread(a, shape), w.spread(b, shape))

export const select: Row<"select"> = (_, [condition, a, b], { shape }, w) =>
  w.select(w.spread(condition, shape), w.spread(a, shape), w.spread(b, shape))

export const cast: Row<"cast"> = ({ dtype }, [x], _, w) =>
  dtype === "bool" && x.dtype !== "bool" ? w.compare("ne", x, w.constant(x, 0)) : w.convert(x, dtype)
