import type { DType } from "./dtype.js"
import { isFloat } from "./dtype.js"
import { fail } from "./error.js"
import { lift, lift2, ones, scalar, type Operand } from "./create.js"
import { nameOf, type BinaryFn, type CompareFn, type Tensor, type UnaryFn } from "./primitive.js"
import { apply } from "./tensor.js"

const unary = (fn: UnaryFn): ((x: Operand) => Tensor) => {
  const op = { kind: "unary", fn } as const
  return x => apply(op, [lift(fn, x)])
}

const binary = (fn: BinaryFn): ((a: Operand, b: Operand) => Tensor) => {
  const op = { kind: "binary", fn } as const
  return (a, b) => apply(op, lift2(nameOf(op), a, b))
}

const compare = (fn: CompareFn): ((a: Operand, b: Operand) => Tensor) => {
  const op = { kind: "compare", fn } as const
  return (a, b) => apply(op, lift2(fn, a, b))
}

/** `-x`. Signed dtypes. */
export const neg = unary("neg")
/** `|x|`. Signed dtypes; the derivative at 0 is 0. */
export const abs = unary("abs")
/** `-1`, `0` or `1`. Signed dtypes; the derivative is 0. */
export const sign = unary("sign")
/** The largest integer not above `x`. The derivative is 0. */
export const floor = unary("floor")
/** The smallest integer not below `x`. The derivative is 0. */
export const ceil = unary("ceil")
/** The nearest integer, halves to the even one. The derivative is 0. */
export const round = unary("round")
/** `√x`; NaN below 0. */
export const sqrt = unary("sqrt")
/** `e^x`. */
export const exp = unary("exp")
/** `e^x - 1`, accurate near 0. */
export const expm1 = unary("expm1")
/** The natural logarithm; NaN below 0. */
export const log = unary("log")
/** `log(1 + x)`, accurate near 0. */
export const log1p = unary("log1p")
/** The sine of `x` radians. */
export const sin = unary("sin")
/** The cosine of `x` radians. */
export const cos = unary("cos")
/** The arc tangent, in radians from -π/2 to π/2. */
export const atan = unary("atan")
/** The hyperbolic tangent. */
export const tanh = unary("tanh")
/** The logistic function `1 / (1 + e^-x)`; never overflows. */
export const sigmoid = unary("sigmoid")
/** The error function `2/√π ∫₀ˣ e^-t² dt`. */
export const erf = unary("erf")
/** The inverse of `erf` on `(-1, 1)`; ±∞ at ±1, NaN beyond. */
export const erfInv = unary("erfInv")
/** Logical negation of booleans, bitwise of integers. */
export const not = unary("not")

/** `a + b`, broadcasting. */
export const add = binary("add")
/** `a - b`, broadcasting. */
export const sub = binary("sub")
/** `a · b`, broadcasting. Integers wrap around. */
export const mul = binary("mul")
/** `a / b`, broadcasting. Integers truncate towards zero; an integer divided by 0 is 0. */
export const div = binary("div")
/** The remainder of `a / b` with the sign of `a`; an integer's remainder by 0 is 0. */
export const rem = binary("rem")
/** `a^b`, broadcasting. The derivative by `b` is taken as 0 where `a` is 0. */
export const pow = binary("pow")
/** The angle of the point `(b, a)`, in radians. */
export const atan2 = binary("atan2")
/** The larger of two; NaN if either is. Where they tie, the derivative is split in halves. */
export const maximum = binary("max")
/** The smaller of two; NaN if either is. Where they tie, the derivative is split in halves. */
export const minimum = binary("min")
/** Logical and of booleans, bitwise of integers. */
export const and = binary("and")
/** Logical or of booleans, bitwise of integers. */
export const or = binary("or")
/** Logical exclusive or of booleans, bitwise of integers. */
export const xor = binary("xor")
/** `a · 2^b` on the bits of an integer; 0 when `b` is 32 or more. */
export const shiftLeft = binary("shiftLeft")
/** `a / 2^b` on the bits of an integer: zeros come in at the left of a `u32`, the sign at the left of an `i32`. */
export const shiftRight = binary("shiftRight")

/** `a = b`, elementwise, as `bool`. */
export const eq = compare("eq")
/** `a ≠ b`, elementwise, as `bool`. */
export const ne = compare("ne")
/** `a < b`, elementwise, as `bool`. */
export const lt = compare("lt")
/** `a ≤ b`, elementwise, as `bool`. */
export const le = compare("le")
/** `a > b`, elementwise, as `bool`. */
export const gt = compare("gt")
/** `a ≥ b`, elementwise, as `bool`. */
export const ge = compare("ge")

/** `a` where the condition holds, `b` elsewhere; all three broadcast. No derivative flows into the side not taken. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  apply({ kind: "select" }, [condition, ...lift2("where", a, b)])

/**
 * Changes the dtype. Floats become integers by truncation, saturating at the ends (NaN becomes 0); anything but 0
 * becomes `true`.
 */
export const cast = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : apply({ kind: "cast", dtype }, [x]))

/** `x²`. */
export const square = (x: Operand): Tensor => {
  const t = lift("square", x)
  return mul(t, t)
}

/** `1 / x`. */
export const reciprocal = (x: Operand): Tensor => {
  const t = lift("reciprocal", x)
  return div(scalar(1, t.dtype), t)
}

/** `1 / √x`. */
export const rsqrt = (x: Operand): Tensor => reciprocal(sqrt(x))

/** The tangent of `x` radians. */
export const tan = (x: Operand): Tensor => {
  const t = lift("tan", x)
  return div(sin(t), cos(t))
}

/** `x` held within `[low, high]`. */
export const clamp = (x: Tensor, low: Operand, high: Operand): Tensor => minimum(maximum(x, low), high)

/** Whether each element is neither infinite nor NaN. */
export const isFinite = (x: Tensor): Tensor => (isFloat(x.dtype) ? lt(abs(x), Infinity) : ones(x.shape, "bool"))

/** Whether each element is NaN. */
export const isNaN = (x: Tensor): Tensor => ne(x, x)

/** The value, through which no derivative flows. */
export const stopGradient = (x: Tensor): Tensor => apply({ kind: "stopGradient" }, [x])

/** A float tensor, or an error that names the operation. */
export const requireFloat = (operation: string, x: Tensor): Tensor =>
  isFloat(x.dtype) ? x : fail("DTypeError", operation, "f32 or f64", x.dtype)
