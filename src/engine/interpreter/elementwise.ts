import { allocate, type Data, type DType } from "../../dataflow/dtype.js"
import type { BinaryFn, CompareFn, UnaryFn } from "../../dataflow/primitive.js"
import { sameShape, sizeOf, type Shape } from "../../dataflow/shape.js"
import { atan, atan2 } from "./elementary/angle.js"
import { cos, sin } from "./elementary/circular.js"
import { erf, erfInv } from "./elementary/error.js"
import { exp, expm1, sigmoid, tanh } from "./elementary/exponential.js"
import { log, log1p } from "./elementary/logarithm.js"
import { power } from "./elementary/power.js"
import { integerPower, roundHalfEven, shiftedLeft, shiftedRight, shiftedRightUnsigned } from "./special.js"
import { broadcastStrides, offsets } from "./strided.js"
import type { Type } from "../../dataflow/type.js"
import type { Call } from "./call.js"

// Every function has a loop of its own, so that the JavaScript engine can specialize each of them. An operand is walked
// by a step of 1, or of 0 when it is one number.

type UnaryLoop = (out: Data, a: Data) => void
type BinaryLoop = (out: Data, a: Data, sa: number, b: Data, sb: number) => void

const each =
  (f: (x: number) => number): UnaryLoop =>
  (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i]!)
  }

const unaryLoops: Record<UnaryFn, UnaryLoop> = {
  neg: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = -a[i]!
  },
  abs: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(a[i]!)
  },
  sqrt: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(a[i]!)
  },
  exp: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = exp(a[i]!)
  },
  expm1: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = expm1(a[i]!)
  },
  log: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = log(a[i]!)
  },
  log1p: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = log1p(a[i]!)
  },
  sin: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = sin(a[i]!)
  },
  cos: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = cos(a[i]!)
  },
  atan: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = atan(a[i]!)
  },
  tanh: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = tanh(a[i]!)
  },
  sigmoid: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = sigmoid(a[i]!)
  },
  sign: each(Math.sign),
  floor: each(Math.floor),
  ceil: each(Math.ceil),
  round: each(roundHalfEven),
  erf: each(erf),
  erfInv: each(erfInv),
  not: (out, a) => {
    if (out instanceof Uint8Array) for (let i = 0; i < out.length; i++) out[i] = a[i] === 0 ? 1 : 0
    else for (let i = 0; i < out.length; i++) out[i] = ~a[i]!
  }
}

const pairs =
  (f: (a: number, b: number) => number): BinaryLoop =>
  (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i * sa]!, b[i * sb]!)
  }

const isInteger = (out: Data): boolean => out instanceof Int32Array || out instanceof Uint32Array

const multiplyIntegers = pairs(Math.imul)
// The quotient of the lowest i32 by -1 leaves the range of 32 bits: storing wraps it around.
const divideIntegers = pairs((a, b) => (b === 0 ? 0 : Math.trunc(a / b)))
const remainderIntegers = pairs((a, b) => (b === 0 ? 0 : a % b))
const powerIntegers = pairs(integerPower)

const binaryLoops: Record<BinaryFn, BinaryLoop> = {
  add: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! + b[i * sb]!
  },
  sub: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! - b[i * sb]!
  },
  mul: (out, a, sa, b, sb) => {
    if (isInteger(out)) multiplyIntegers(out, a, sa, b, sb)
    else for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! * b[i * sb]!
  },
  div: (out, a, sa, b, sb) => {
    if (isInteger(out)) divideIntegers(out, a, sa, b, sb)
    else for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! / b[i * sb]!
  },
  max: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i * sa]!, b[i * sb]!)
  },
  min: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.min(a[i * sa]!, b[i * sb]!)
  },
  rem: (out, a, sa, b, sb) => {
    if (isInteger(out)) remainderIntegers(out, a, sa, b, sb)
    else for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! % b[i * sb]!
  },
  pow: (out, a, sa, b, sb) => {
    if (isInteger(out)) powerIntegers(out, a, sa, b, sb)
    else for (let i = 0; i < out.length; i++) out[i] = power(a[i * sa]!, b[i * sb]!)
  },
  atan2: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = atan2(a[i * sa]!, b[i * sb]!)
  },
  and: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! & b[i * sb]!
  },
  or: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! | b[i * sb]!
  },
  xor: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! ^ b[i * sb]!
  },
  shiftLeft: pairs(shiftedLeft),
  shiftRight: (out, a, sa, b, sb) => {
    if (out instanceof Uint32Array) shiftRightUnsigned(out, a, sa, b, sb)
    else shiftRightSigned(out, a, sa, b, sb)
  }
}

const shiftRightSigned = pairs(shiftedRight)
const shiftRightUnsigned = pairs(shiftedRightUnsigned)

const compareLoops: Record<CompareFn, BinaryLoop> = {
  eq: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! === b[i * sb]! ? 1 : 0
  },
  ne: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! !== b[i * sb]! ? 1 : 0
  },
  lt: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! < b[i * sb]! ? 1 : 0
  },
  le: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! <= b[i * sb]! ? 1 : 0
  },
  gt: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! > b[i * sb]! ? 1 : 0
  },
  ge: (out, a, sa, b, sb) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i * sa]! >= b[i * sb]! ? 1 : 0
  }
}

/** The elements at some places, in a fresh buffer. */
export const gatherAt = (data: Data, dtype: DType, places: Int32Array): Data => {
  const out = allocate(dtype, places.length)
  for (let i = 0; i < out.length; i++) out[i] = data[places[i]!]!
  return out
}

/** An operand spread over the result's shape, and the step by which to walk it. */
const spread = (t: Type, data: Data, shape: Shape): readonly [data: Data, step: number] =>
  data.length === 1
    ? [data, 0]
    : sameShape(t.shape, shape)
      ? [data, 1]
      : [gatherAt(data, t.dtype, offsets(shape, broadcastStrides(t.shape, shape))), 1]

const runPairs = (loop: BinaryLoop, call: Call, [a, b]: readonly [Data, Data]): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const [left, sa] = spread(call.args[0]!, a, call.shape)
  const [right, sb] = spread(call.args[1]!, b, call.shape)
  loop(out, left, sa, right, sb)
  return out
}

export const unary = (fn: UnaryFn, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, a.length)
  unaryLoops[fn](out, a)
  return out
}

export const binary = (fn: BinaryFn, call: Call, args: readonly [Data, Data]): Data =>
  runPairs(binaryLoops[fn], call, args)

export const compare = (fn: CompareFn, call: Call, args: readonly [Data, Data]): Data =>
  runPairs(compareLoops[fn], call, args)

export const select = (call: Call, args: readonly [Data, Data, Data]): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const [condition, sc] = spread(call.args[0]!, args[0], call.shape)
  const [a, sa] = spread(call.args[1]!, args[1], call.shape)
  const [b, sb] = spread(call.args[2]!, args[2], call.shape)
  for (let i = 0; i < out.length; i++) out[i] = condition[i * sc] !== 0 ? a[i * sa]! : b[i * sb]!
  return out
}

const saturate =
  (low: number, high: number) =>
  (x: number): number =>
    x > low ? Math.min(Math.trunc(x), high) : x <= low ? low : 0

const toI32 = each(saturate(-(2 ** 31), 2 ** 31 - 1))
const toU32 = each(saturate(0, 2 ** 32 - 1))
const toBool = each(x => (x === 0 ? 0 : 1))

/** Floats saturate on their way to integers; integers wrap around among themselves, as their bits do. */
export const cast = (call: Call, a: Data): Data => {
  const out = allocate(call.dtype, a.length)
  const fromFloat = a instanceof Float32Array || a instanceof Float64Array
  if (call.dtype === "bool") toBool(out, a)
  else if (fromFloat && call.dtype === "i32") toI32(out, a)
  else if (fromFloat && call.dtype === "u32") toU32(out, a)
  else out.set(a)
  return out
}
