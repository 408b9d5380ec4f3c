import { zerosLike as zerosLikeTensor } from "../dataflow/create.js"
import { sizeOf } from "../dataflow/shape.js"
import * as functions from "./tree.js"

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
const zerosLike = functions.map(zerosLikeTensor)

/**
 * Counts the elements of all leaves.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 *
 * assert.strictEqual(Tree.size({ kernel: zeros([784, 10]), bias: zeros([10]) }), 7850)
 */
const size = functions.reduce(0, (n, t) => n + sizeOf(t.shape))

/** Functions on trees: structure-preserving maps, strict zips, folds, paths. */
export const Tree = { ...functions, zerosLike, size }
export type Tree = functions.Tree
