import { checkFunction } from "../dataflow/check.js"
import { ones, zerosLike } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Scope, Tensor } from "../dataflow/primitive.js"
import { end, newScope } from "../dataflow/scope.js"
import { isTensor } from "../dataflow/tensor.js"
import { variable } from "../dataflow/symbol.js"
import { showType } from "../dataflow/type.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { backprop } from "./backprop.js"

/** The leaves of a tree as variables of a scope, so that a tensor which stands in two places is two variables. */
export const variablesOf = <P extends TreeLike<P>>(
  operation: string,
  tree: P,
  scope: Scope
): readonly [variables: readonly Tensor[], tree: P] => {
  const variables: Tensor[] = []
  const wrapped = Tree.map(t => {
    if (!isFloat(t.dtype)) fail("GradientError", operation, "f32 or f64 values to differentiate by", t.dtype)
    const own = variable(t, scope)
    variables.push(own)
    return own
  })(tree)
  return [variables, wrapped]
}

const requireScalar = (operation: string, t: unknown): Tensor => {
  if (!isTensor(t)) return fail("GradientError", operation, "a function with a scalar result", describeValue(t))
  return t.shape.length === 0 && isFloat(t.dtype)
    ? t
    : fail("GradientError", operation, "a scalar of f32 or f64", showType(t))
}

/** Zeros where no cotangent flowed. */
export const orZeros = (cotangents: readonly (Tensor | undefined)[], like: readonly Tensor[]): readonly Tensor[] =>
  like.map((t, i) => cotangents[i] ?? zerosLike(t))

/** Calls `f` on variables in place of `x`, and gives the gradient of the scalar that `loss` picks from its result. */
const differentiate = <P extends TreeLike<P>, V>(
  operation: string,
  x: P,
  f: (x: P) => V,
  loss: (value: V) => unknown
): readonly [value: V, gradient: P] => {
  const scope = newScope()
  const [variables, wrapped] = variablesOf(operation, x, scope)
  const value = scope.trace(() => f(wrapped))
  const output = requireScalar(operation, loss(value))
  const found = backprop(scope, [output], [ones([], output.dtype)], variables)
  end(scope)
  return [value, Tree.unflatten<P>(Tree.flatten(x).structure)(orZeros(found, variables))]
}

/**
 * Makes the gradient of a scalar function by its first argument: `∇f(x)`, with the structure of `x`.
 *
 * `f` takes a tree of `f32` or `f64` tensors, and other arguments that are held fixed. The gradient is a graph like any
 * other: it can be differentiated again. It takes time linear in what `f` builds from `x`. Throws a `GradientError` when
 * the result is not a scalar or `x` holds integers.
 *
 * Laws: linear in `f`; the chain rule; agrees with central differences.
 *
 * @example
 * import assert from "node:assert"
 * import { add, grad, item, mul, scalar, sum, tensor, type Tensor } from "thalweg"
 *
 * const cube = (x: Tensor) => mul(x, mul(x, x))
 * assert.strictEqual(item(grad(cube)(scalar(2))), 12)
 * assert.strictEqual(item(grad(grad(cube))(scalar(2))), 12)
 *
 * const loss = ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor) => sum(add(mul(w, x), b))
 * const { w, b } = grad(loss)({ w: scalar(3), b: scalar(1) }, tensor([1, 2]))
 * assert.deepStrictEqual([item(w), item(b)], [3, 2])
 */
export const grad = <P extends TreeLike<P>, R extends readonly unknown[]>(
  f: (x: P, ...rest: R) => Tensor
): ((x: P, ...rest: R) => P) => {
  checkFunction("grad", f)
  return (x, ...rest) =>
    differentiate(
      "grad",
      x,
      own => f(own, ...rest),
      value => value
    )[1]
}

/**
 * Makes the value of a scalar function together with its gradient by the first argument: `[f(x), ∇f(x)]`; what they
 * share is computed once. Errors as of `grad`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, square, sum, tensor, toArray, valueAndGrad, type Tensor } from "thalweg"
 *
 * const [value, gradient] = valueAndGrad((x: Tensor) => sum(square(x)))(tensor([1, 2, 3]))
 * assert.strictEqual(item(value), 14)
 * assert.deepStrictEqual(toArray(gradient), [2, 4, 6])
 */
export const valueAndGrad = <P extends TreeLike<P>, R extends readonly unknown[]>(
  f: (x: P, ...rest: R) => Tensor
): ((x: P, ...rest: R) => readonly [value: Tensor, gradient: P]) => {
  checkFunction("valueAndGrad", f)
  return (x, ...rest) =>
    differentiate(
      "valueAndGrad",
      x,
      own => f(own, ...rest),
      value => value
    )
}

const lossOf = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 2
    ? value[0]
    : fail("GradientError", "valueAndGradWithAux", "a function that returns [loss, auxiliary]", describeValue(value))

/**
 * Differentiates as `valueAndGrad` a function that also returns something which is not differentiated: of `f(x) =
 * [loss, auxiliary]` it makes `[[loss, auxiliary], ∇loss(x)]`. Errors as of `grad`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mul, scalar, square, sub, sum, tensor, toArray, valueAndGradWithAux, type Tensor } from "thalweg"
 *
 * const loss = (w: Tensor, x: Tensor, y: Tensor) => {
 *   const prediction = mul(w, x)
 *   return [sum(square(sub(prediction, y))), prediction] as const
 * }
 * const [[value, prediction], gradient] = valueAndGradWithAux(loss)(scalar(2), tensor([1, 2]), tensor([1, 5]))
 * assert.deepStrictEqual([item(value), item(gradient)], [2, -2])
 * assert.deepStrictEqual(toArray(prediction), [2, 4])
 */
export const valueAndGradWithAux = <P extends TreeLike<P>, A extends TreeLike<A>, R extends readonly unknown[]>(
  f: (x: P, ...rest: R) => readonly [loss: Tensor, auxiliary: A]
): ((x: P, ...rest: R) => readonly [value: readonly [loss: Tensor, auxiliary: A], gradient: P]) => {
  checkFunction("valueAndGradWithAux", f)
  return (x, ...rest) => differentiate("valueAndGradWithAux", x, own => f(own, ...rest), lossOf)
}
