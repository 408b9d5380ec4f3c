import { checkTensor } from "./check.js"
import { abs } from "./arithmetic.js"
import { lift, lift2, ones, type Operand } from "./create.js"
import { isFloat } from "./dtype.js"
import { binary, compare, unary } from "./elementwise.js"
import type { Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { apply } from "./tensor.js"

/**
 * Compares: `a = b`, as `bool`. NaN equals nothing, itself included. Takes two of any one dtype; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { eq, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(eq(tensor([1, 2, NaN]), tensor([1, 3, NaN]))), [true, false, false])
 */
export const eq = /* @__PURE__ */ compare("eq")

/**
 * Compares: `a ≠ b`, as `bool`; the negation of `eq`, so true where either is NaN. Takes two of any one dtype; shapes
 * broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { ne, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(ne(tensor([1, 2, NaN]), tensor([1, 3, NaN]))), [false, true, true])
 */
export const ne = /* @__PURE__ */ compare("ne")

/**
 * Compares: `a < b`, as `bool`; false where either is NaN. Takes two of any one dtype; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { lt, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(lt(tensor([1, 2, NaN]), 2)), [true, false, false])
 */
export const lt = /* @__PURE__ */ compare("lt")

/**
 * Compares: `a ≤ b`, as `bool`; false where either is NaN. Takes two of any one dtype; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { le, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(le(tensor([1, 2, NaN]), 2)), [true, true, false])
 */
export const le = /* @__PURE__ */ compare("le")

/**
 * Compares: `a > b`, as `bool`; false where either is NaN. Takes two of any one dtype; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { cast, gt, item, sum, tensor, toArray } from "thalweg"
 *
 * const x = tensor([3, -1, 4])
 * const positive = gt(x, 0)
 * assert.deepStrictEqual(toArray(positive), [true, false, true])
 * assert.strictEqual(item(sum(cast(positive, "i32"))), 2)
 */
export const gt = /* @__PURE__ */ compare("gt")

/**
 * Compares: `a ≥ b`, as `bool`; false where either is NaN. Takes two of any one dtype; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { ge, tensor, toArray } from "thalweg"
 *
 * const rows = tensor([[0], [1], [2]])
 * const lowerTriangle = ge(rows, tensor([0, 1, 2]))
 * assert.deepStrictEqual(toArray(lowerTriangle), [[true, false, false], [true, true, false], [true, true, true]])
 */
export const ge = /* @__PURE__ */ compare("ge")

/**
 * Selects: `a` where the condition holds, `b` elsewhere. All three broadcast; a condition that is not `bool`, or two
 * dtypes, are a `DTypeError`.
 *
 * Into the side not taken flows a derivative of 0; but 0 times an infinite derivative is NaN, so guard the argument of
 * a function rather than its result.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, gt, item, log, scalar, where, type Tensor } from "thalweg"
 *
 * const guarded = (x: Tensor) => where(gt(x, 0), log(where(gt(x, 0), x, 1)), 0)
 * const unguarded = (x: Tensor) => where(gt(x, 0), log(x), 0)
 * assert.strictEqual(item(unguarded(scalar(0))), 0)
 * assert.strictEqual(item(grad(guarded)(scalar(0))), 0)
 * assert.strictEqual(item(grad(unguarded)(scalar(0))), NaN)
 */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  apply(shapes.select, { kind: "select" }, [lift("where", condition, "bool"), ...lift2("where", a, b)])

/**
 * Tells whether each element is neither infinite nor NaN, as `bool`; integers and booleans always are.
 *
 * @example
 * import assert from "node:assert"
 * import { isFinite, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(isFinite(tensor([1, -Infinity, NaN]))), [true, false, false])
 */
export const isFinite = (x: Tensor): Tensor =>
  isFloat(checkTensor("isFinite", x).dtype) ? lt(abs(x), Infinity) : ones(x.shape, "bool")

/**
 * Tells whether each element is NaN, as `bool`: `x ≠ x`.
 *
 * @example
 * import assert from "node:assert"
 * import { isNaN, tensor, toArray, where } from "thalweg"
 *
 * const x = tensor([1, Infinity, NaN])
 * assert.deepStrictEqual(toArray(isNaN(x)), [false, false, true])
 * assert.deepStrictEqual(toArray(where(isNaN(x), 0, x)), [1, Infinity, 0])
 */
export const isNaN = (x: Tensor): Tensor => ne(checkTensor("isNaN", x), x)

/**
 * Negates: logically on `bool`, bit by bit on `i32` and `u32`; floats are a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, not, scalar, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(not(tensor([true, false]))), [false, true])
 * assert.strictEqual(item(not(scalar(0, "i32"))), -1)
 */
export const not = /* @__PURE__ */ unary("not")

/**
 * Conjoins: logically on `bool`, bit by bit on `i32` and `u32`; floats are a `DTypeError`. Shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { and, gt, item, lt, scalar, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 5, 9])
 * assert.deepStrictEqual(toArray(and(gt(x, 2), lt(x, 8))), [false, true, false])
 * assert.strictEqual(item(and(scalar(0b1100, "u32"), 0b1010)), 0b1000)
 */
export const and = /* @__PURE__ */ binary("and")

/**
 * Disjoins: logically on `bool`, bit by bit on `i32` and `u32`; floats are a `DTypeError`. Shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { item, or, scalar, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(or(tensor([true, false]), false)), [true, false])
 * assert.strictEqual(item(or(scalar(0b1100, "u32"), 0b1010)), 0b1110)
 */
export const or = /* @__PURE__ */ binary("or")

/**
 * Takes the exclusive or: logically on `bool`, bit by bit on `i32` and `u32`; floats are a `DTypeError`. Shapes
 * broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, tensor, toArray, xor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(xor(tensor([true, false]), true)), [false, true])
 * assert.strictEqual(item(xor(scalar(0b1100, "u32"), 0b1010)), 0b0110)
 */
export const xor = /* @__PURE__ */ binary("xor")

/**
 * Shifts bits to the left: `a · 2^b` modulo 2³²; 0 when `b` is outside 0 to 31. Takes `i32` or `u32`, else a
 * `DTypeError`; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { shiftLeft, tensor, toArray } from "thalweg"
 *
 * const by = tensor([0, 31, 32], { dtype: "u32" })
 * assert.deepStrictEqual(toArray(shiftLeft(1, by)), [1, 2147483648, 0])
 */
export const shiftLeft = /* @__PURE__ */ binary("shiftLeft")

/**
 * Shifts bits to the right: `⌊a / 2^b⌋`. Zeros come in at the left of a `u32`, the sign at the left of an `i32`; a `b`
 * outside 0 to 31 shifts everything out. Takes `i32` or `u32`, else a `DTypeError`; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, shiftRight } from "thalweg"
 *
 * assert.strictEqual(item(shiftRight(scalar(4294967295, "u32"), 28)), 15)
 * assert.strictEqual(item(shiftRight(scalar(-5, "i32"), 1)), -3)
 */
export const shiftRight = /* @__PURE__ */ binary("shiftRight")
