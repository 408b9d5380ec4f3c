import { checkRecord, checkTensor } from "../dataflow/check.js"
import { tensor } from "../dataflow/create.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { take } from "../dataflow/indexing.js"
import { isTensor } from "../dataflow/tensor.js"
import { evaluate, toTyped } from "../engine/index.js"
import { choice, codeField, fixed, type OptionsOf } from "../options/fields.js"
import { checkNumber, fraction, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { permutation } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import type { SomeDataset } from "./task.js"

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

/** Examples and what is wanted of them, as many of the one as of the other, or a `DataError`. */
export const checkDataset = <D extends SomeDataset>(operation: string, data: D): D => {
  if (!isRecord(data) || !("x" in data) || !("y" in data))
    fail("DataError", operation, "a data set { x, y } of tensors", describeValue(data))
  const { x, y } = data as { readonly x: Tree; readonly y: Tree }
  for (const [part, value] of Object.entries({ x, y })) underPath(part, () => checkExamples(operation, value))
  exampleCount(operation, { x, y })
  return data
}

/** Some examples of a data set, as literals. */
const pickExamples = <D extends Tree>(data: D, indices: Int32Array): D => {
  const places = tensor(indices)
  return evaluate(Tree.map(t => take(t, places))(data))
}

/** The order in which examples are visited: shuffled by a key, or as they stand. */
const orderOf = (n: number, key: Tensor | undefined): Int32Array =>
  key === undefined ? Int32Array.from({ length: n }, (_, i) => i) : Int32Array.from(toTyped(permutation(key, n)))

const batchFields = {
  /** Examples per batch, a whole number from 1. */
  batchSize: fixed(positiveInteger),
  /** Shuffles by this key. Without one, the order stays. */
  key: codeField("a tensor", isTensor, "none"),
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
      const n = exampleCount("batches", data)
      const order = orderOf(n, key)
      const end = remainder === "drop" ? n - (n % batchSize) : n
      return {
        *[Symbol.iterator]() {
          for (let start = 0; start < end; start += batchSize)
            yield pickExamples(data, order.subarray(start, Math.min(start + batchSize, end)))
        }
      }
    }
)

/**
 * Divides a data set at random by a key: `splitDataset(key, { train: 0.8, validation: 0.1, test: 0.1 })(data)`.
 *
 * The parts have the names of the fractions. Where a fraction of the examples is not a whole number, the places of the
 * cuts are rounded. Throws a `HyperparameterError` unless the fractions lie within 0 and 1 and add up to 1 (to 1e-9), a
 * `DataError` for an empty data set, leaves of different lengths or a part that would be empty.
 *
 * Laws: the parts do not overlap and together are the whole; the same key gives the same parts, to the last bit.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { splitDataset } from "thalweg/train"
 *
 * const { train, test } = splitDataset(key(0), { train: 0.75, test: 0.25 })({ x: arange(8) })
 * assert.deepStrictEqual([train.x.shape, test.x.shape], [[6], [2]])
 * const all = [train, test].flatMap(({ x }) => toArray(x) as number[])
 * assert.deepStrictEqual(all.sort(), [0, 1, 2, 3, 4, 5, 6, 7])
 */
export const splitDataset =
  <K extends string>(key: Tensor, fractions: { readonly [name in K]: number }) =>
  <D extends TreeLike<D>>(data: D): { readonly [name in K]: D } => {
    const parts = Object.entries<number>(checkRecord("splitDataset", fractions) as typeof fractions)
    for (const [name, value] of parts) checkNumber("splitDataset", name, fraction, value)
    const total = parts.reduce((sum, [, value]) => sum + value, 0)
    if (Math.abs(total - 1) > 1e-9)
      fail("HyperparameterError", "splitDataset", "fractions that add up to 1", String(total))
    const n = exampleCount("splitDataset", data)
    const order = orderOf(n, key)
    let passed = 0
    const cut = parts.map(([name, value]) => {
      const start = Math.round(passed * n)
      passed += value
      const indices = order.subarray(start, Math.round(passed * n))
      if (indices.length === 0)
        fail("DataError", "splitDataset", `at least one example in "${name}"`, `${value} of ${n} examples`)
      return [name, pickExamples(data, indices)] as const
    })
    return Object.fromEntries(cut) as { readonly [name in K]: D }
  }
