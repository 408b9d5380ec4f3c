import { abs, add, div, maximum, mul } from "../dataflow/arithmetic.js"
import { stack } from "../dataflow/concat.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm, sum } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { castLike, quotient } from "./common.js"

/** In f64. */
export const asF64 = (t: Tensor): Tensor => cast(t, "f64")

/** Of all elements, in f64. */
const sumOf = Tree.reduce(scalar(0, "f64"), (total, t) => add(total, sum(asF64(t))))

/**
 * Computes the Euclidean norm of all leaves together, `√Σ x²`: of a tree, as an f64 scalar; no square overflows or
 * vanishes on the way. 0 for a tree without leaves; NaN where an element is NaN. Flat where it is 0.
 *
 * Law: `globalNorm(2ᵏ·x) ≡ 2ᵏ·globalNorm(x)`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, tensor } from "thalweg"
 * import { globalNorm } from "thalweg/transform"
 *
 * assert.strictEqual(item(globalNorm({ kernel: tensor([[2, 4], [5, 6]]), bias: tensor([0, 0]) })), 9)
 * assert.strictEqual(item(globalNorm(scalar(1e300, "f64"))), 1e300)
 */
export const globalNorm = <P extends TreeLike<P>>(tree: P): Tensor => {
  const norms = Tree.leaves(tree).map(t => norm(asF64(t)))
  const [first = scalar(0, "f64"), ...others] = norms
  return others.length === 0 ? first : norm(stack(norms))
}

/** The norm of all leaves together of each example, whose axis stands first in every leaf, in f64. */
export const normsOfExamples = (examples: Tree): Tensor => {
  const norms = Tree.leaves(examples).map(t => norm(asF64(t), { axes: t.shape.slice(1).map((_, i) => i + 1) }))
  return norms.length === 1 ? (norms[0] as Tensor) : norm(stack(norms), { axes: 0 })
}

/** The sum of the sizes of all elements, in f64. */
export const norm1 = (tree: Tree): Tensor => sumOf(Tree.map(t => abs(asF64(t)))(tree))

/** The inner product of two trees, in f64. */
export const dot = <P extends Tree>(a: P, b: P): Tensor =>
  sumOf(Tree.zipWith((x: Tensor, y: Tensor) => mul(asF64(x), asF64(y)))(a, b))

/** The root mean square of a leaf, in f64; 0 for a leaf without elements. */
export const rms = (leaf: Tensor): Tensor => div(norm(asF64(leaf)), Math.sqrt(Math.max(1, sizeOf(leaf.shape))))

/** A leaf times `above / below`, rounded once; `below` is no smaller than any element, so that nothing overflows. */
export const timesRatio = (leaf: Tensor, above: Tensor, below: Tensor): Tensor =>
  castLike(mul(quotient(asF64(leaf), below), above), leaf)

/** A leaf shortened by the factor by which a length must be, so as not to exceed `most`; as it is, if it does not. */
export const shortened = (leaf: Tensor, length: Tensor, most: Tensor): Tensor =>
  castLike(mul(asF64(leaf), quotient(most, maximum(length, most))), leaf)
