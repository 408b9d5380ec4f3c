import { checkRecord } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { OptionsOf } from "../options/fields.js"
import { checkNumber, fraction } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import type { TreeLike } from "../tree/index.js"
import { exampleCount, orderOf, pickExamples } from "./dataset.js"
import { assign, stratifyField } from "./parts.js"

const fields = {
  /**
   * Labels of the examples, `i32` or `u32` of shape `[examples]`: each part then has each class within one example of its
   * fraction.
   */
  stratify: stratifyField
}

/** How a data set is divided. */
export interface SplitOptions extends OptionsOf<typeof fields> {}

type Fractions<K extends string> = { readonly [name in K]: number }

const checkFractions = (fractions: Fractions<string>): readonly (readonly [string, number])[] => {
  const parts = Object.entries<number>(checkRecord("splitDataset", fractions) as Fractions<string>)
  for (const [name, value] of parts) checkNumber("splitDataset", name, fraction, value)
  const total = parts.reduce((sum, [, value]) => sum + value, 0)
  if (Math.abs(total - 1) > 1e-9)
    fail("HyperparameterError", "splitDataset", "fractions that add up to 1", String(total))
  return parts
}

/**
 * Divides a data set at random by a key: `splitDataset(key, { train: 0.8, validation: 0.1, test: 0.1 })(data)`; by labels
 * too, so that each part has the classes of the whole: `splitDataset(key, fractions, { stratify: data.y })(data)`.
 *
 * The parts have the names of the fractions. Where a fraction of the examples is not a whole number, the places of the
 * cuts are rounded. Throws a `HyperparameterError` unless the fractions lie within 0 and 1 and add up to 1 (to 1e-9), a
 * `DataError` for an empty data set, leaves of different lengths or a part that would be empty; and with labels for a
 * single class, or a part that would have none of a class, a `DTypeError` if they are no integers, a `ShapeError` unless
 * there is one for each example.
 *
 * Laws: the parts do not overlap and together are the whole; the same key gives the same parts, to the last bit; with
 * labels, every part has every class within one example of its share.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, sum, tensor, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { splitDataset } from "thalweg/train"
 *
 * const { train, test } = splitDataset(key(0), { train: 0.75, test: 0.25 })({ x: arange(8) })
 * assert.deepStrictEqual([train.x.shape, test.x.shape], [[6], [2]])
 * const all = [train, test].flatMap(({ x }) => toArray(x) as number[])
 * assert.deepStrictEqual(all.sort(), [0, 1, 2, 3, 4, 5, 6, 7])
 *
 * const rare = { y: tensor([0, 0, 0, 0, 0, 0, 1, 1], { dtype: "i32" }) }
 * const half = splitDataset(key(0), { train: 0.5, test: 0.5 }, { stratify: rare.y })(rare)
 * assert.deepStrictEqual([half.train, half.test].map(({ y }) => toArray(sum(y))), [1, 1])
 */
export const splitDataset = <K extends string>(key: Tensor, fractions: Fractions<K>, options: SplitOptions = {}) => {
  const { stratify } = resolve("splitDataset", fields, options)
  const parts = checkFractions(fractions)
  return <D extends TreeLike<D>>(data: D): { readonly [name in K]: D } => {
    const n = exampleCount("splitDataset", data)
    const order = orderOf(n, key)
    const names = parts.map(([name]) => `"${name}"`)
    const owners = assign(
      "splitDataset",
      order,
      parts.map(([, value]) => value),
      names,
      stratify
    )
    const cut = parts.map(([name, value], part) => {
      const indices = order.filter((_, i) => owners[i] === part)
      if (indices.length === 0)
        fail("DataError", "splitDataset", `at least one example in "${name}"`, `${value} of ${n} examples`)
      return [name, pickExamples(data, indices)] as const
    })
    return Object.fromEntries(cut) as { readonly [name in K]: D }
  }
}
