import { checkFunction } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { end, newScope } from "../dataflow/scope.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { requireLike } from "../tree/require-like.js"
import { scan } from "../tree/scan.js"
import { backprop } from "./backprop.js"
import { grad, orZeros, variablesOf } from "./grad.js"
import { pushforward } from "./push.js"

const requireFloatTensor = (operation: string, t: unknown): void => {
  if (!isTensor(t) || !isFloat(t.dtype))
    fail("GradientError", operation, "a function with a result of f32 or f64", describeValue(t))
}

/**
 * Makes the value of a function and its pullback: `[f(x), v ↦ vᵀ · J]`, reverse mode.
 *
 * The cotangent `v` has the structure, shapes and dtypes of the value (a `TreeError`, `ShapeError` or `DTypeError`); the
 * result those of `x`, which holds `f32` or `f64` only (a `GradientError`).
 *
 * Law: `⟨v, J · t⟩ = ⟨vᵀ · J, t⟩` for the `J · t` of `jvp`.
 *
 * @example
 * import assert from "node:assert"
 * import { square, tensor, toArray, vjp, type Tensor } from "thalweg"
 *
 * const [value, pullback] = vjp((x: Tensor) => square(x))(tensor([1, 2, 3]))
 * assert.deepStrictEqual(toArray(value), [1, 4, 9])
 * assert.deepStrictEqual(toArray(pullback(tensor([1, 0, 10]))), [2, 0, 60])
 */
export const vjp = <P extends TreeLike<P>, Y extends TreeLike<Y>>(
  f: (x: P) => Y
): ((x: P) => readonly [value: Y, pullback: (cotangent: Y) => P]) => {
  checkFunction("vjp", f)
  return x => {
    const scope = newScope()
    const [variables, wrapped] = variablesOf("vjp", x, scope)
    const value = scope.trace(() => f(wrapped))
    const pullback = (cotangent: Y): P => {
      requireLike("vjp", "a cotangent", value, cotangent)
      const found = backprop(scope, Tree.leaves(value), Tree.leaves(cotangent), variables)
      return Tree.unflatten<P>(Tree.flatten(x).structure)(orZeros(found, variables))
    }
    return [value, pullback]
  }
}

/**
 * Makes the value of a function and its derivative in a direction: `[f(x), J · v]`, for `v` like `x` (a `TreeError`,
 * `ShapeError` or `DTypeError`), forward mode.
 *
 * The pullback is linear in its cotangent; its own pullback is the pushforward. So one table of rules serves both
 * modes, and evaluating the result runs nothing that depends on the cotangent that was put in between.
 *
 * @example
 * import assert from "node:assert"
 * import { cos, item, jvp, mul, scalar, sin, type Tensor } from "thalweg"
 *
 * const polar = ({ r, angle }: { r: Tensor; angle: Tensor }) => [mul(r, cos(angle)), mul(r, sin(angle))]
 * const start = { r: scalar(2), angle: scalar(0) }
 * const [point, velocity] = jvp(polar)(start, { r: scalar(0), angle: scalar(1) })
 * assert.deepStrictEqual(point.map(item), [2, 0])
 * assert.deepStrictEqual(velocity.map(item), [0, 2])
 */
export const jvp = <P extends TreeLike<P>, Y extends TreeLike<Y>>(
  f: (x: P) => Y
): ((x: P, tangent: P) => readonly [value: Y, tangent: Y]) => {
  checkFunction("jvp", f)
  return (x, tangent) => {
    requireLike("jvp", "a tangent", x, tangent)
    const scope = newScope()
    const [variables, wrapped] = variablesOf("jvp", x, scope)
    const value = scope.trace(() => f(wrapped))
    const outputs = Tree.leaves(value)
    const pushed = pushforward(backprop, scope, outputs, variables, Tree.leaves(tangent))
    end(scope)
    return [value, Tree.unflatten<Y>(Tree.flatten(value).structure)(orZeros(pushed, outputs))]
  }
}

/**
 * Makes the product of the Hessian of a scalar function with a direction: `∇²f(x) · v`, without forming the Hessian.
 * Errors as of `grad` and `jvp`.
 *
 * @example
 * import assert from "node:assert"
 * import { hvp, pow, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const f = (x: Tensor) => sum(pow(x, 3))
 * assert.deepStrictEqual(toArray(hvp(f)(tensor([1, 2]), tensor([1, 0.5]))), [6, 6])
 */
export const hvp = <P extends TreeLike<P>>(f: (x: P) => Tensor): ((x: P, direction: P) => P) => {
  const push = jvp(grad(checkFunction("hvp", f)))
  return (x, direction) => push(x, direction)[1]
}

/**
 * Makes all first derivatives of a tensor-valued function: `J[i, j] = ∂f(x)ᵢ / ∂xⱼ`, by one pullback per element of the
 * value.
 *
 * Shapes: with the structure of `x`, each leaf of the shape of the value followed by that of the leaf of `x`. A
 * `GradientError` when `x` holds integers.
 *
 * @example
 * import assert from "node:assert"
 * import { flip, jacobian, mul, tensor, toArray, type Tensor } from "thalweg"
 *
 * const f = (x: Tensor) => mul(x, flip(x))
 * assert.deepStrictEqual(toArray(jacobian(f)(tensor([2, 3]))), [[3, 2], [3, 2]])
 */
export const jacobian = <P extends TreeLike<P>>(f: (x: P) => Tensor): ((x: P) => P) => {
  const pull = vjp(checkFunction("jacobian", f))
  return x => {
    const [value, pullback] = pull(x)
    requireFloatTensor("jacobian", value)
    const size = sizeOf(value.shape)
    const basis = reshape(eye(size, size, value.dtype), [size, ...value.shape])
    const [, rows] = scan((carry: readonly Tree[], row: Tensor) => [carry, pullback(row)] as const, [], basis)
    return Tree.zipWith((row: Tensor, t: Tensor) => reshape(row, [...value.shape, ...t.shape]))(rows, x)
  }
}

/**
 * Makes all second derivatives of a scalar function of a tensor: `H[i, j] = ∂²f(x) / ∂xᵢ∂xⱼ`.
 *
 * Shape: that of `x` twice, `[...x, ...x]`. Errors as of `grad`. Law: symmetric, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { hessian, prod, tensor, toArray, type Tensor } from "thalweg"
 *
 * const f = (x: Tensor) => prod(x)
 * assert.deepStrictEqual(toArray(hessian(f)(tensor([2, 3]))), [[0, 1], [1, 0]])
 */
export const hessian = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
  jacobian(grad(checkFunction("hessian", f)))
