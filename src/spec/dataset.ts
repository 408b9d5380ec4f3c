import * as t from "io-ts"
import { tensor } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { toArray } from "../engine/index.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger, whole } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { MAX_ERRORS } from "./json.js"
import { problem, readOr, readable, refuse } from "./problem.js"

/** Labelled examples as JSON holds them. */
export interface RawDataset {
  readonly x: readonly (readonly number[])[]
  readonly y: readonly number[]
}

/** Labels are i32. */
const classes = /* @__PURE__ */ whole(1, 2 ** 31)

const fields = {
  /** Numbers per example, a whole number from 1. */
  features: fixed(positiveInteger),
  /** Labels are whole numbers from 0 to below this, a whole number from 1 to 2³¹. */
  classes: fixed(classes)
}

/** What a data set must look like. */
export interface DatasetOptions extends OptionsOf<typeof fields> {}

/** More numbers than this are refused before anything is allocated. */
const MAX_VALUES = 2 ** 30

const EXPECTED = "{ x: number[][], y: number[] }"

type Labelled = { readonly x: Tensor; readonly y: Tensor }

/** What is wrong with the items of a list, holes included, each found by its index. */
const problems = (
  items: readonly unknown[],
  problemOf: (item: unknown, index: number) => t.ValidationError | undefined
): t.Errors => {
  const found: t.ValidationError[] = []
  for (let i = 0; i < items.length && found.length < MAX_ERRORS; i++) {
    const wrong = problemOf(items[i], i)
    if (wrong !== undefined) found.push(wrong)
  }
  return found
}

const isF32 = (value: unknown): boolean => typeof value === "number" && Number.isFinite(Math.fround(value))

/** The first thing that is wrong with each row. */
const rowErrors = (rows: readonly unknown[], features: number, context: t.Context): t.Errors =>
  problems(rows, (row, i) => {
    if (!Array.isArray(row) || row.length !== features)
      return problem(context, ["x", i], row, `an array of ${features} numbers`)
    const place = row.findIndex(value => !isF32(value))
    const expected = Number.isFinite(row[place]) ? "a number that f32 can hold" : "a finite number"
    return place < 0 ? undefined : problem(context, ["x", i, place], row[place], expected)
  })

const labelErrors = (labels: readonly unknown[], classes: number, context: t.Context): t.Errors =>
  problems(labels, (label, i) =>
    Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes
      ? undefined
      : problem(context, ["y", i], label, `a whole number from 0 to ${classes - 1}`)
  )

const toTensor = (rows: RawDataset["x"], features: number): Tensor => {
  const values = new Float32Array(rows.length * features)
  rows.forEach((row, i) => values.set(row, i * features))
  return tensor(values, { shape: [rows.length, features] })
}

const isLabelled = (value: unknown, features: number): value is Labelled =>
  t.UnknownRecord.is(value) &&
  Object.keys(value).length === 2 &&
  isTensor(value.x) &&
  isTensor(value.y) &&
  value.x.dtype === "f32" &&
  value.y.dtype === "i32" &&
  sameShape(value.x.shape, [value.y.shape[0] ?? 0, features]) &&
  value.y.shape.length === 1

const encode = ({ x, y }: Labelled): RawDataset => ({
  x: toArray(x) as readonly (readonly number[])[],
  y: toArray(y) as readonly number[]
})

/**
 * Makes the codec of labelled examples: JSON `{ x: number[][], y: number[] }` ↔ `{ x: f32 [n, features], y: i32 [n] }`.
 *
 * Decoding is total: whatever JSON comes, the answer is a `Left` with the places of the rows and labels that do not fit
 * (the first 100 of each), or of a key besides, or a `Right`. Numbers are rounded to `f32`, nothing else is coerced; an empty data set is an
 * error, and so is a number beyond `f32`.
 *
 * `features`, `classes`: whole numbers from 1, of classes up to 2³¹, else a `HyperparameterError`.
 *
 * What was decoded comes back: `decode(encode(d))` is `Right(d)`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { dataset, report } from "thalweg/spec"
 *
 * const flowers = dataset({ features: 2, classes: 3 })
 * const good = flowers.decode({ x: [[5.5, 1.5], [4.5, 1]], y: [2, 0] })
 * assert.ok(good._tag === "Right")
 * assert.deepStrictEqual(toArray(good.right.x), [[5.5, 1.5], [4.5, 1]])
 *
 * const bad = flowers.decode({ x: [[5.5, 1.5], [4.5, null]], y: [2, 3] })
 * assert.ok(bad._tag === "Left")
 * assert.deepStrictEqual(report(bad.left), [
 *   "x/1/1: expected a finite number; got null",
 *   "y/1: expected a whole number from 0 to 2; got 3"
 * ])
 */
export const dataset: Recipe<typeof fields, (options: DatasetOptions) => t.Type<Labelled, RawDataset>> = recipe(
  "dataset",
  fields,
  {},
  ({ features, classes }) => {
    const read: t.Validate<unknown, Labelled> = (input, context) => {
      if (!t.UnknownRecord.is(input)) return refuse(context, [], input, EXPECTED)
      const { x, y } = input
      if (!Array.isArray(x)) return refuse(context, ["x"], x, "an array of examples")
      if (!Array.isArray(y)) return refuse(context, ["y"], y, "an array of labels")
      if (x.length === 0) return refuse(context, ["x"], x, "at least one example")
      const other = Object.keys(input).find(name => name !== "x" && name !== "y")
      if (other !== undefined) return refuse(context, [other], input[other], "x and y alone")
      if (y.length !== x.length) return refuse(context, ["y"], y, `${x.length} labels, one for each example`)
      if (x.length * features > MAX_VALUES) return refuse(context, ["x"], x, `at most ${MAX_VALUES} numbers`)
      const errors = [...rowErrors(x, features, context), ...labelErrors(y, classes, context)]
      return errors.length > 0
        ? t.failures(errors)
        : t.success({ x: toTensor(x as RawDataset["x"], features), y: tensor(y as number[], { dtype: "i32" }) })
    }
    const validate: typeof read = (input, context) => readable(context, EXPECTED, () => read(input, context))
    const is = (value: unknown): value is Labelled => readOr(false, () => isLabelled(value, features))
    return new t.Type<Labelled, RawDataset>("Dataset", is, validate, encode)
  }
)
