import { checkTensor } from "../dataflow/check.js"
import { tensor } from "../dataflow/create.js"
import { describeKeys, describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { take } from "../dataflow/indexing.js"
import { sliceAxis } from "../dataflow/slice.js"
import { isTensor } from "../dataflow/tensor.js"
import { evaluate, toTyped } from "../engine/index.js"
import { choice, codeField, fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { permutation } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import type { Dataset, SomeDataset } from "./task.js"

/** The number of examples: the leading size of every leaf, which is one and the same. */
export const exampleCount = (operation: string, data: Tree): number => {
  const names = Tree.paths(data)
  const sizes = Tree.leaves(data).map(
    (t, i) => t.shape[0] ?? fail("DataError", operation, "a leading axis of examples", "a scalar", names[i])
  )
  const first = sizes[0]
  if (first === undefined || first === 0)
    return fail("DataError", operation, "at least one example", "an empty data set")
  const odd = sizes.findIndex(n => n !== first)
  if (odd >= 0) fail("DataError", operation, `${first} examples in every leaf`, String(sizes[odd]), names[odd])
  return first
}

/** What somebody took for a tensor. */
const isNumbers = (value: unknown): boolean =>
  typeof value !== "object" || ArrayBuffer.isView(value) || (Array.isArray(value) && value.some(isNumbers))

/** A tree of tensors; what somebody took for a tensor is told how to become one. */
export const checkExamples = <T>(operation: string, tree: T): T => {
  if (isNumbers(tree)) checkTensor(operation, tree as Tensor)
  flattenAs(operation, tree)
  return tree
}

/** A tree that nobody can change. */
export const ownTree = <D extends Tree>(data: D): D => Tree.map((leaf: Tensor) => leaf)(data)

/** A record of x and y alone: nothing else of a data set or a batch is looked at. */
export const checkPairs = <D extends SomeDataset>(operation: string, data: D): D => {
  if (!isRecord(data) || !("x" in data) || !("y" in data))
    return fail("DataError", operation, "a data set { x, y } of tensors", describeValue(data))
  const others = Object.keys(data).filter(name => name !== "x" && name !== "y")
  return others.length === 0
    ? data
    : fail(
        "DataError",
        operation,
        "x and y alone (weights of examples stand in y, { target, weights }, for a weighted loss)",
        `${describeKeys(others)} besides`
      )
}

/** Examples and what is wanted of them, as many of the one as of the other, which nobody can change, or a `DataError`. */
export const checkDataset = <D extends SomeDataset>(operation: string, data: D): D => {
  const { x, y } = checkPairs<Dataset<Tree, Tree>>(operation, data)
  for (const [part, value] of Object.entries({ x, y })) underPath(part, () => checkExamples(operation, value))
  exampleCount(operation, { x, y })
  return ownTree({ x, y }) as D
}

/** Some examples of a data set, as literals. */
export const pickExamples = <D extends Tree>(data: D, indices: Int32Array): D => {
  const places = tensor(indices)
  return evaluate(Tree.map(t => take(t, places))(data))
}

/** As many examples as a batch has, or all; as a graph, of which a model that is started reads shapes. */
export const firstExamples = <D extends Tree>(data: D, count: number): D =>
  Tree.map(t => sliceAxis(t, 0, 0, Math.min(count, t.shape[0] ?? 0)))(data)

/** The order in which examples are visited: shuffled by a key, or as they stand. */
export const orderOf = (n: number, key: Tensor | undefined): Int32Array =>
  key === undefined ? Int32Array.from({ length: n }, (_, i) => i) : Int32Array.from(toTyped(permutation(key, n)))

/** Shuffles by this key. Without one, the order stays. */
export const shufflingKey = /* @__PURE__ */ codeField("a tensor", isTensor, "none")

const batchFields = {
  /** Examples per batch, a whole number from 1. */
  batchSize: fixed(positiveInteger),
  /** Shuffles by this key. Without one, the order stays. */
  key: shufflingKey,
  /** What happens to the examples that do not fill the last batch. Default `"keep"`. */
  remainder: choice(["keep", "drop"], "keep")
}

/** How a data set is cut into batches. */
export interface BatchOptions extends OptionsOf<typeof batchFields> {}

/**
 * Cuts a data set into batches, made one at a time as they are asked for; the result can be iterated again and again.
 *
 * Shapes: every leaf `[examples, …] → [batchSize, …]`, the last batch perhaps smaller; batches are literals. A batch of
 * one example is stochastic, one of all of them batch gradient descent.
 * Options: see `BatchOptions`; others are a `HyperparameterError`. An empty data set, or leaves of different lengths,
 * are a `DataError`.
 *
 * Laws: joined together, the batches are the data set, in the order that the key gives; iterating again gives the same
 * bits.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { batches } from "thalweg/train"
 *
 * const data = { x: tensor([1, 2, 3, 4, 5]) }
 * const xs = (all: Iterable<typeof data>) => [...all].map(({ x }) => toArray(x))
 * assert.deepStrictEqual(xs(batches({ batchSize: 2 })(data)), [[1, 2], [3, 4], [5]])
 * assert.deepStrictEqual(xs(batches({ batchSize: 2, remainder: "drop" })(data)), [[1, 2], [3, 4]])
 * assert.deepStrictEqual(xs(batches({ batchSize: 2, key: key(0) })(data)).flat().sort(), [1, 2, 3, 4, 5])
 */
export const batches: Recipe<
  typeof batchFields,
  (options: BatchOptions) => <D extends TreeLike<D>>(data: D) => Iterable<D>
> = recipe(
  "batches",
  batchFields,
  {},
  ({ batchSize, key, remainder }) =>
    <D extends TreeLike<D>>(data: D): Iterable<D> => {
      const [n, own] = [exampleCount("batches", data), ownTree(data)]
      const order = orderOf(n, key)
      const end = remainder === "drop" ? n - (n % batchSize) : n
      return {
        *[Symbol.iterator]() {
          for (let start = 0; start < end; start += batchSize)
            yield pickExamples(own, order.subarray(start, Math.min(start + batchSize, end)))
        }
      }
    }
)
