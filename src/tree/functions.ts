import { checkFunction, checkTensor } from "../dataflow/check.js"
import { zerosLike as zerosLikeTensor } from "../dataflow/create.js"
import { withPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { leavesLike } from "./structure.js"
import { flatten, pathOf, paths, unflatten, walk, type TreeLike } from "./tree.js"

export { requireSameStructure, sameStructure } from "./structure.js"
export { flatten, leaves, paths, unflatten } from "./tree.js"
export type { Tree } from "./tree.js"

/**
 * Applies `f` to every leaf and its path. The tree keeps its structure and its type; an error inside `f` says at which
 * path.
 *
 * Laws: identity and composition, `map(g)(map(f)(t)) ≡ map(x => g(f(x)))(t)`.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, scalar, tensor, toArray, Tree } from "thalweg"
 *
 * const params = { kernel: tensor([1, 2]), bias: scalar(3) }
 * const decayed = Tree.map((t, path) => (path === "bias" ? t : mul(t, 0.5)))(params)
 * assert.deepStrictEqual(toArray(decayed.kernel), [0.5, 1])
 * assert.strictEqual(decayed.bias, params.bias)
 */
export const map = (f: (leaf: Tensor, path: string) => Tensor) => {
  checkFunction("map", f)
  return <T extends TreeLike<T>>(tree: T): T => {
    const mapped: Tensor[] = []
    const structure = walk(tree, (t, trail) => {
      const path = pathOf(trail)
      mapped.push(withPath(path, () => checkTensor("map", f(t, path), "a function that returns a tensor")))
    })
    return unflatten<T>(structure)(mapped)
  }
}

/**
 * Applies `f` to the leaves at the same place of several trees. Another structure is a `TreeError` with its path; an
 * error inside `f` says at which path.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mul, scalar, sub, tensor, toArray, Tree, type Tensor } from "thalweg"
 *
 * const descend = Tree.zipWith((p: Tensor, g: Tensor) => sub(p, mul(0.5, g)))
 * const next = descend({ w: tensor([1, 2]), b: scalar(3) }, { w: tensor([2, 2]), b: scalar(4) })
 * assert.deepStrictEqual(toArray(next.w), [0, 1])
 * assert.strictEqual(item(next.b), 1)
 * assert.throws(() => Tree.zipWith((a: Tensor, _: Tensor) => a)<Tree>([scalar(1)], []), { name: "TreeError" })
 */
export const zipWith = <L extends readonly [Tensor, ...Tensor[]]>(f: (...leaves: L) => Tensor) => {
  checkFunction("zipWith", f)
  return <T extends TreeLike<T>>(...trees: { readonly [K in keyof L]: T }): T => {
    const [first, ...rest] = trees as unknown as readonly [T, ...T[]]
    const { leaves, structure } = flatten(first)
    const columns = [leaves, ...rest.map(other => leavesLike("zipWith", structure, other))]
    const row = (i: number): L => columns.map(column => column[i]) as unknown as L
    const zipped = leaves.map((_, i) =>
      withPath(
        () => paths(first)[i] ?? "",
        () => checkTensor("zipWith", f(...row(i)), "a function that returns a tensor")
      )
    )
    return unflatten<T>(structure)(zipped)
  }
}

/**
 * Folds the leaves, and their paths, in the order of their paths: `f(… f(f(initial, leaf₀), leaf₁) …)`.
 *
 * @example
 * import assert from "node:assert"
 * import { add, item, scalar, square, sum, tensor, Tree } from "thalweg"
 *
 * const squaredNorm = Tree.reduce(scalar(0), (total, t) => add(total, sum(square(t))))
 * assert.strictEqual(item(squaredNorm({ w: tensor([3, 4]), b: scalar(1) })), 26)
 */
export const reduce = <A>(initial: A, f: (accumulated: A, leaf: Tensor, path: string) => A) => {
  checkFunction("reduce", f)
  return <T extends TreeLike<T>>(tree: T): A => {
    let accumulated = initial
    walk(tree, (t, trail) => {
      const path = pathOf(trail)
      accumulated = withPath(path, () => f(accumulated, t, path))
    })
    return accumulated
  }
}

/**
 * Makes a tree of the same structure, shapes and dtypes, of which every element is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray, Tree } from "thalweg"
 *
 * const params = { w: tensor([1, 2]), b: scalar(3) }
 * assert.deepStrictEqual(toArray(Tree.zerosLike(params).w), [0, 0])
 */
export const zerosLike = /* @__PURE__ */ map(zerosLikeTensor)

/**
 * Counts the elements of all leaves.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 *
 * assert.strictEqual(Tree.size({ kernel: zeros([784, 10]), bias: zeros([10]) }), 7850)
 */
export const size = /* @__PURE__ */ reduce(0, (n, t) => n + sizeOf(t.shape))
