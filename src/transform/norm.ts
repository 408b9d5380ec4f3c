import { abs, add, div, maximum, mul, square } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { rootOf } from "./common.js"

const wide = (t: Tensor): Tensor => cast(t, "f64")

/** Of all elements, in f64. */
const sumOf = Tree.reduce(scalar(0, "f64"), (total, t) => add(total, sum(wide(t))))

/**
 * Computes the Euclidean norm of all leaves together, `√Σ x²`: of a tree, as an f64 scalar; squares and their sum are
 * taken in f64, so that f32 leaves never overflow. 0 for a tree without leaves; NaN where an element is NaN.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, tensor } from "thalweg"
 * import { globalNorm } from "thalweg/transform"
 *
 * assert.strictEqual(item(globalNorm({ kernel: tensor([[2, 4], [5, 6]]), bias: tensor([0, 0]) })), 9)
 * assert.strictEqual(item(globalNorm(scalar(1e30))) > 0.999e30, true)
 */
export const globalNorm = <P extends TreeLike<P>>(tree: P): Tensor =>
  rootOf(sumOf(Tree.map(t => square(wide(t)))(tree)))

/** The sum of the sizes of all elements, in f64. */
export const norm1 = (tree: Tree): Tensor => sumOf(Tree.map(t => abs(wide(t)))(tree))

/** The inner product of two trees, in f64. */
export const dot = <P extends Tree>(a: P, b: P): Tensor =>
  sumOf(Tree.zipWith((x: Tensor, y: Tensor) => mul(wide(x), wide(y)))(a, b))

/** The root mean square of a leaf, in f64; 0 for a leaf without elements. */
export const rms = (leaf: Tensor): Tensor => rootOf(div(sum(square(wide(leaf))), Math.max(1, sizeOf(leaf.shape))))

/** What shortens a length that exceeds `most` to it, and is 1 for others. */
export const shortening = (length: Tensor, most: Tensor): Tensor => div(most, maximum(length, most))
