import { eye, reshape } from "../dataflow/structure.js"
import { ones, zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail, locate } from "../dataflow/error.js"
import type { Pullback, Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape, sizeOf } from "../dataflow/shape.js"
import { apply, isTensor } from "../dataflow/tensor.js"
import { tracing, variable } from "../dataflow/trace.js"
import { scan } from "../tree/scan.js"
import { Tree } from "../tree/index.js"
import { backprop } from "./backprop.js"

/** The leaves of a tree as variables of their own, so that a tensor which stands in two places is two variables. */
const variablesOf = <P extends Tree>(operation: string, tree: P): readonly [variables: readonly Tensor[], tree: P] => {
  const variables: Tensor[] = []
  const wrapped = Tree.map(t => {
    if (!isFloat(t.dtype)) fail("GradientError", operation, "f32 or f64 values to differentiate by", t.dtype)
    const own = variable(t)
    variables.push(own)
    return own
  })(tree)
  return [variables, wrapped]
}

const requireScalar = (operation: string, t: unknown): Tensor => {
  if (!isTensor(t)) return fail("GradientError", operation, "a function with a scalar result", typeof t)
  return t.shape.length === 0 && isFloat(t.dtype)
    ? t
    : fail("GradientError", operation, "a scalar of f32 or f64", `${t.dtype}${showShape(t.shape)}`)
}

/** Zeros where no cotangent flowed. */
const orZeros = (cotangents: readonly (Tensor | undefined)[], like: readonly Tensor[]): readonly Tensor[] =>
  like.map((t, i) => cotangents[i] ?? zerosLike(t))

/** Calls `f` on variables in place of `x`, and gives the gradient of the scalar that `loss` picks from its result. */
const differentiate = <P extends Tree, V>(
  operation: string,
  x: P,
  f: (x: P) => V,
  loss: (value: V) => unknown
): readonly [value: V, gradient: P] => {
  const [variables, wrapped] = variablesOf(operation, x)
  const value = tracing(variables, () => f(wrapped))
  const output = requireScalar(operation, loss(value))
  const found = backprop([output], [ones([], output.dtype)], variables)
  return [value, Tree.unflatten<P>(Tree.flatten(x).structure)(orZeros(found, variables))]
}

/**
 * The gradient of a scalar function by its first argument: `∇f(x)`, with the structure of `x`.
 *
 * `f` takes a tree of `f32` or `f64` tensors, and other arguments that are held fixed. The gradient is a graph like any
 * other: it can be differentiated again. Throws a `GradientError` when the result is not a scalar or `x` holds integers.
 *
 * Laws: linear in `f`; the chain rule; agrees with central differences.
 */
export const grad =
  <P extends Tree, R extends readonly unknown[]>(f: (x: P, ...rest: R) => Tensor): ((x: P, ...rest: R) => P) =>
  (x, ...rest) =>
    differentiate(
      "grad",
      x,
      own => f(own, ...rest),
      value => value
    )[1]

/** The value of a scalar function and its gradient by the first argument; what they share is computed once. */
export const valueAndGrad =
  <P extends Tree, R extends readonly unknown[]>(
    f: (x: P, ...rest: R) => Tensor
  ): ((x: P, ...rest: R) => readonly [value: Tensor, gradient: P]) =>
  (x, ...rest) =>
    differentiate(
      "valueAndGrad",
      x,
      own => f(own, ...rest),
      value => value
    )

const lossOf = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 2
    ? value[0]
    : fail(
        "GradientError",
        "valueAndGradWithAux",
        "a function that returns [loss, auxiliary]",
        isTensor(value) ? "a tensor" : typeof value
      )

/** As `valueAndGrad`, for a function that also returns something which is not differentiated: `[loss, auxiliary]`. */
export const valueAndGradWithAux =
  <P extends Tree, A extends Tree, R extends readonly unknown[]>(
    f: (x: P, ...rest: R) => readonly [loss: Tensor, auxiliary: A]
  ): ((x: P, ...rest: R) => readonly [value: readonly [loss: Tensor, auxiliary: A], gradient: P]) =>
  (x, ...rest) =>
    differentiate("valueAndGradWithAux", x, own => f(own, ...rest), lossOf)

const requireLike = (operation: string, expected: Tree, received: Tree): void => {
  Tree.requireSameStructure(operation, expected, received)
  const given = Tree.leaves(received)
  const names = Tree.paths(expected)
  Tree.leaves(expected).forEach((t, i) => {
    const other = given[i] as Tensor
    locate(names[i] ?? "", () => {
      if (!sameShape(t.shape, other.shape) || t.dtype !== other.dtype)
        fail("GradientError", operation, `${t.dtype}${showShape(t.shape)}`, `${other.dtype}${showShape(other.shape)}`)
    })
  })
}

/**
 * The value of a function and its pullback: `[f(x), v ↦ vᵀ · J]`. The cotangent `v` has the structure, shapes and dtypes
 * of the value; the result those of `x`.
 */
export const vjp =
  <P extends Tree, Y extends Tree>(f: (x: P) => Y): ((x: P) => readonly [value: Y, pullback: (cotangent: Y) => P]) =>
  x => {
    const [variables, wrapped] = variablesOf("vjp", x)
    const value = tracing(variables, () => f(wrapped))
    const pullback = (cotangent: Y): P => {
      requireLike("vjp", value, cotangent)
      const found = backprop(Tree.leaves(value), Tree.leaves(cotangent), variables)
      return Tree.unflatten<P>(Tree.flatten(x).structure)(orZeros(found, variables))
    }
    return [value, pullback]
  }

/**
 * The value of a function and its derivative in a direction: `[f(x), J · v]`, for `v` like `x`.
 *
 * The pullback is linear in its cotangent; its own pullback is the pushforward. So one table of rules serves both modes,
 * and evaluating the result runs nothing that depends on the cotangent that was put in between.
 */
export const jvp =
  <P extends Tree, Y extends Tree>(f: (x: P) => Y): ((x: P, tangent: P) => readonly [value: Y, tangent: Y]) =>
  (x, tangent) => {
    requireLike("jvp", x, tangent)
    const [variables, wrapped] = variablesOf("jvp", x)
    const value = tracing(variables, () => f(wrapped))
    const outputs = Tree.leaves(value)
    const between = outputs.map(t => variable(zerosLike(t)))
    const pulled = tracing(between, () => backprop(outputs, between, variables))
    const tangents = Tree.leaves(tangent)
    const reached = pulled.flatMap((t, i) => (t === undefined ? [] : [[t, tangents[i]] as const]))
    const pushed = backprop(
      reached.map(([t]) => t),
      reached.map(([, v]) => v),
      between
    )
    return [value, Tree.unflatten<Y>(Tree.flatten(value).structure)(orZeros(pushed, outputs))]
  }

/** The product of the Hessian of a scalar function with a direction: `∇²f(x) · v`, without forming the Hessian. */
export const hvp =
  <P extends Tree>(f: (x: P) => Tensor): ((x: P, direction: P) => P) =>
  (x, direction) =>
    jvp(grad(f))(x, direction)[1]

/** All derivatives of a tensor-valued function: each leaf has the shape of the value followed by that of the leaf of `x`. */
export const jacobian =
  <P extends Tree>(f: (x: P) => Tensor): ((x: P) => P) =>
  x => {
    const [value, pullback] = vjp(f)(x)
    const size = sizeOf(value.shape)
    const basis = reshape(eye(size, size, value.dtype), [size, ...value.shape])
    const [, rows] = scan((carry: readonly Tree[], row: Tensor) => [carry, pullback(row)] as const, [], basis)
    return Tree.zipWith((row: Tensor, t: Tensor) => reshape(row, [...value.shape, ...t.shape]))(rows, x)
  }

/** The matrix (for a vector `x`) of second derivatives of a scalar function: shape `[...x, ...x]`. */
export const hessian = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => jacobian(grad(f))

/** What a hand-written derivative returned, if it fits the arguments. */
const requireCotangents = (
  args: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[]
): readonly (Tensor | undefined)[] => {
  if (!Array.isArray(cotangents) || cotangents.length !== args.length)
    fail(
      "GradientError",
      "customVjp",
      `a backward that returns ${args.length} cotangents, one per argument`,
      `${cotangents.length}`
    )
  args.forEach((t, i) => {
    const ct = cotangents[i]
    if (ct !== undefined && (!sameShape(ct.shape, t.shape) || ct.dtype !== t.dtype))
      fail(
        "GradientError",
        "customVjp",
        `a cotangent of ${t.dtype}${showShape(t.shape)}`,
        `${ct.dtype}${showShape(ct.shape)}`,
        String(i)
      )
  })
  return cotangents
}

/**
 * A function with a derivative of one's own. `forward` gives the value and what the derivative needs; `backward` turns
 * that and the cotangent of the value into the cotangents of the arguments (`undefined` where nothing flows).
 *
 * `backward` must be linear in the cotangent. Throws a `GradientError` when a cotangent has another shape than its
 * argument, or when `forward` closes over a value by which one differentiates.
 */
export const customVjp =
  <X extends readonly Tensor[], S extends Tree>(
    forward: (...x: X) => readonly [value: Tensor, saved: S],
    backward: (saved: S, cotangent: Tensor) => { readonly [K in keyof X]: Tensor | undefined }
  ): ((...x: X) => Tensor) =>
  (...x) => {
    const own = x.map(variable)
    const [value, saved] = forward(...(own as unknown as X))
    const pullback: Pullback = ct => requireCotangents(x, backward(saved, ct))
    return apply({ kind: "customVjp", name: forward.name, pullback }, [value, ...own])
  }
