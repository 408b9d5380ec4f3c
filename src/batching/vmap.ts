import { checkFunction } from "../dataflow/check.js"
import { describeValue, isList } from "../dataflow/describe.js"
import { fail, withPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { newScope } from "../dataflow/scope.js"
import { normalizeAxis, range } from "../dataflow/shape.js"
import { moveAxis } from "../dataflow/structure.js"
import { input } from "../dataflow/symbol.js"
import { flattenAs, paths as pathsOf, unflatten } from "../tree/tree.js"
import type { Tree, TreeLike, TreesLike } from "../tree/tree.js"
import { leafAxes, type MappedAxes } from "./axes.js"
import { batchAll } from "./batch.js"
import { forEach } from "./batched.js"

/** The examples along axis 0. */
const leading = (t: Tensor, axis: number, path: string): Tensor =>
  withPath(path, () => moveAxis(t, normalizeAxis("vmap", axis, t.shape.length), 0))

/** The one number of examples that all mapped leaves have. */
const sizeOfAll = (mapped: readonly (Tensor | undefined)[], paths: readonly string[]): number => {
  const first = mapped.findIndex(t => t !== undefined)
  const size = mapped[first]?.shape[0]
  if (size === undefined) return fail("AxisError", "vmap", "at least one tensor with an axis of examples", "none")
  const other = mapped.findIndex(t => t !== undefined && t.shape[0] !== size)
  return other < 0
    ? size
    : fail(
        "ShapeError",
        "vmap",
        `${size} examples, as at "${paths[first] ?? ""}"`,
        String(mapped[other]?.shape[0]),
        paths[other]
      )
}

/**
 * Makes a function of many examples of a function of one: `vmap(f)(xs)[i] = f(xs[i])`, along a leading axis of every leaf
 * of the result. `f` is called once, on symbols for one example; what it builds is written anew for all of them at once,
 * so that products of vectors become products of matrices. It composes with `grad`, `jvp`, `compile`, `scan` and itself.
 *
 * `axes` says for each argument along which axis its examples lie (default 0; negative numbers count from the end):
 * one number for all its leaves, `null` if every example has the same, or a record or array of these for its branches.
 * What does not depend on an example is computed once, and repeated in the result.
 *
 * Throws an `AxisError` for axes that are not there, or when nothing is mapped; a `ShapeError` with both paths and sizes
 * when the numbers of examples differ; and what `f` throws. Reading a value in `f` is an `UnboundInputError`. Keys are
 * arguments like any other: a `stack` of `split(key, n)` gives each example its own draws.
 *
 * Where examples end a loop at different times, or choose different branches of a `cond`, all of them go on for as long as any
 * does, and those that are done keep what they have, throw nothing and hold up no loop within: a derivative through `vmap(f)`,
 * unlike `vmap(grad(f))`, is then NaN where what was left out has none, as through `where`.
 *
 * Law: `vmap(f)(xs)[i] ≡ f(xs[i])`, but for the rounding of sums in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, mul, square, sub, sum, tensor, toArray, vmap, type Tensor } from "thalweg"
 *
 * const loss = (w: Tensor, x: Tensor, y: Tensor) => square(sub(sum(mul(w, x)), y))
 * const [w, xs, ys] = [tensor([1, 2]), tensor([[1, 0], [0, 1], [1, 1]]), tensor([0, 0, 0])]
 * assert.deepStrictEqual(toArray(vmap(loss, [null, 0, 0])(w, xs, ys)), [1, 4, 9])
 *
 * // the gradient of every example apart
 * assert.deepStrictEqual(toArray(vmap(grad(loss), [null, 0, 0])(w, xs, ys)), [[2, 0], [0, 4], [6, 6]])
 */
export const vmap = <A extends TreesLike<A>, B extends TreeLike<B>>(
  f: (...args: A) => B,
  axes?: { readonly [K in keyof A]: MappedAxes }
): ((...args: A) => B) => {
  checkFunction("vmap", f)
  if (axes !== undefined && !isList(axes))
    fail("AxisError", "vmap", "a list of axes, one for each argument", describeValue(axes))
  return (...args) => {
    const { leaves, structure } = flattenAs("vmap", args, "an argument")
    const paths = pathsOf(args as readonly Tree[])
    const along = leafAxes(structure, axes ?? 0)
    const mapped = leaves.map((t, i) => {
      const axis = along[i]
      return typeof axis === "number" ? leading(t, axis, paths[i] ?? "") : undefined
    })
    const size = sizeOfAll(mapped, paths)
    const scope = newScope()
    const symbols = leaves.map((t, i) => {
      const all = mapped[i]
      return all === undefined ? t : input(scope, paths[i] ?? "", all.shape.slice(1), all.dtype)
    })
    const result = flattenAs(
      "vmap",
      scope.trace(() => f(...unflatten<A>(structure)(symbols))),
      "a result"
    )
    const known = new Map(
      range(leaves.length).flatMap(i => {
        const value = mapped[i]
        return value === undefined ? [] : [[symbols[i] as Tensor, { value, mapped: true }] as const]
      })
    )
    const found = batchAll({ size, scopes: [scope], known }, result.leaves)
    return unflatten<B>(result.structure)(found.map(b => forEach(size, b)))
  }
}
