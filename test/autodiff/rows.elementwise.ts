import type fc from "fast-check"
import * as t from "thalweg"
import type { BinaryFn, UnaryFn } from "../../src/dataflow/primitive.js"
import {
  any,
  arbShape,
  betweenIntegers,
  elementwise,
  f64,
  fixed,
  nonzero,
  positive,
  tensors,
  unit,
  type Domain,
  type Sample
} from "./samples.js"

/** One way to reach a primitive, and what is expected of its derivative. */
export interface Row {
  readonly name: string
  readonly samples: fc.Arbitrary<Sample>
  /** Agrees with central differences (the default), or is exactly zero, whatever the differences say. */
  readonly expected?: "zero"
  /** Of the relative error. Default 1e-8. */
  readonly tolerance?: number
}

type Unary = (x: t.Tensor) => t.Tensor
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor

const unary = (name: string, f: Unary, domain: Domain = any): Row => ({
  name,
  samples: elementwise(f, [domain])
})

/** Broadcasting both ways, a number on either side, and one tensor on both sides. */
const binary = (name: string, f: Binary, left: Domain = any, right: Domain = any): readonly Row[] => [
  { name, samples: elementwise(f, [left, right]) },
  { name: `${name}, scalar on the right`, samples: fixed([[2, 3], []], f, [left, right]) },
  { name: `${name}, scalar on the left`, samples: fixed([[], [2, 3]], f, [left, right]) }
]

const notOfBool = (x: t.Tensor): t.Tensor => t.where(t.not(t.gt(x, 0)), t.mul(x, x), t.neg(x))

/** Gradients of integers do not flow; what depends on the float beside them does. */
const bitwise = (name: string, f: Binary): readonly Row[] => [
  {
    name,
    samples: elementwise(
      (a, b) => t.cast(f(t.cast(a, "i32"), t.cast(t.abs(b), "i32")), "f64"),
      [betweenIntegers, betweenIntegers]
    ),
    expected: "zero"
  }
]

export const unaryRows: Record<UnaryFn, readonly Row[]> = {
  neg: [unary("neg", t.neg)],
  abs: [unary("abs", t.abs)],
  sign: [{ ...unary("sign", t.sign), expected: "zero" }, unary("sign, times x", x => t.mul(t.sign(x), x))],
  floor: [{ ...unary("floor", t.floor, betweenIntegers), expected: "zero" }],
  ceil: [{ ...unary("ceil", t.ceil, betweenIntegers), expected: "zero" }],
  round: [{ ...unary("round", t.round, betweenIntegers), expected: "zero" }],
  sqrt: [unary("sqrt", t.sqrt, positive)],
  exp: [unary("exp", t.exp)],
  expm1: [unary("expm1", t.expm1)],
  log: [unary("log", t.log, positive)],
  log1p: [unary("log1p", t.log1p, positive), unary("log1p below 0", t.log1p, v => -0.9 * Math.tanh(Math.abs(v)))],
  sin: [unary("sin", t.sin)],
  cos: [unary("cos", t.cos)],
  atan: [unary("atan", t.atan)],
  tanh: [unary("tanh", t.tanh)],
  sigmoid: [unary("sigmoid", t.sigmoid)],
  erf: [unary("erf", t.erf)],
  erfInv: [unary("erfInv", t.erfInv, v => 0.9 * unit(v))],
  not: [unary("not", notOfBool)]
}

/** The quotient is a quarter away from an integer, so that it does not jump nearby. */
const remainders = arbShape()
  .chain(shape => tensors([shape, shape], [betweenIntegers, v => 1 + positive(v)]))
  .map(([quotient, b]): Sample => {
    const divisor = b ?? f64(1)
    return { f: t.rem, at: [t.evaluate(t.mul(quotient ?? 1, divisor)), divisor] }
  })

/** Integer exponents of negative numbers; the exponents are constants. */
const integerPowers = elementwise(x => t.concat([-2, -1, 0, 1, 2, 3].map(n => t.flatten(t.pow(x, n)))), [nonzero])

export const binaryRows: Record<BinaryFn, readonly Row[]> = {
  add: binary("add", t.add),
  sub: binary("sub", t.sub),
  mul: [...binary("mul", t.mul), unary("mul of one by itself", x => t.mul(x, x))],
  div: [...binary("div", t.div, any, nonzero), unary("div of one by itself", x => t.div(t.mul(x, x), x), nonzero)],
  rem: [
    { name: "rem", samples: remainders },
    { name: "rem of several by one", samples: fixed([[3], []], t.rem, [betweenIntegers, () => 0.9123]) }
  ],
  pow: [...binary("pow", t.pow, positive), { name: "pow, integer exponents", samples: integerPowers }],
  atan2: binary("atan2", t.atan2, any, nonzero),
  max: binary("max", t.maximum),
  min: binary("min", t.minimum),
  and: bitwise("and", t.and),
  or: bitwise("or", t.or),
  xor: bitwise("xor", t.xor),
  shiftLeft: bitwise("shiftLeft", t.shiftLeft),
  shiftRight: bitwise("shiftRight", t.shiftRight)
}
