import { checkTensor } from "./check.js"
import { lift, lift2, type Operand } from "./create.js"
import { checkDType, isFloat, type DType } from "./dtype.js"
import { fail } from "./error.js"
import { nameOf, type BinaryFn, type CompareFn, type Tensor, type UnaryFn } from "./primitive.js"
import * as shapes from "./rules.js"
import { apply } from "./tensor.js"

export const unary = (fn: UnaryFn): ((x: Tensor) => Tensor) => {
  const op = Object.freeze({ kind: "unary", fn } as const)
  // A computed key names the function, so that a layer of it can say what it is.
  const named = { [fn]: (x: Tensor) => apply(shapes.unary, op, [lift(fn, x)]) }
  return named[fn] as (x: Tensor) => Tensor
}

export const binary = (fn: BinaryFn): ((a: Operand, b: Operand) => Tensor) => {
  const op = Object.freeze({ kind: "binary", fn } as const)
  const name = nameOf(op)
  return (a, b) => apply(shapes.binary, op, lift2(name, a, b))
}

export const compare = (fn: CompareFn): ((a: Operand, b: Operand) => Tensor) => {
  const op = Object.freeze({ kind: "compare", fn } as const)
  return (a, b) => apply(shapes.compare, op, lift2(fn, a, b))
}

/**
 * Changes the dtype.
 *
 * Floats become integers by truncation, saturating at the ends (NaN becomes 0); integers among themselves keep their
 * bits; anything but 0 becomes `true`, which becomes 1. Derivatives flow between `f32` and `f64` only. An unknown dtype
 * is a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { cast, item, scalar, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1.9, -1.9, 1e10, NaN])
 * assert.deepStrictEqual(toArray(cast(x, "i32")), [1, -1, 2147483647, 0])
 * assert.deepStrictEqual(toArray(cast(tensor([0, 0.5]), "bool")), [false, true])
 * assert.strictEqual(item(cast(scalar(-1, "i32"), "u32")), 4294967295)
 */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  checkTensor("cast", x).dtype === checkDType("cast", dtype) ? x : apply(shapes.cast, { kind: "cast", dtype }, [x])

/**
 * Gives the same value, held constant when something is differentiated: the derivative is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, mul, scalar, stopGradient, type Tensor } from "thalweg"
 *
 * const f = (x: Tensor) => mul(stopGradient(x), x)
 * assert.strictEqual(item(f(scalar(3))), 9)
 * assert.strictEqual(item(grad(f)(scalar(3))), 3)
 */
export const stopGradient = (x: Tensor): Tensor =>
  apply(shapes.stopGradient, { kind: "stopGradient" }, [lift("stopGradient", x)])

/** A float tensor, or an error that names the operation. */
export const requireFloat = (operation: string, x: Tensor): Tensor =>
  isFloat(checkTensor(operation, x).dtype) ? x : fail("DTypeError", operation, "f32 or f64", x.dtype)
