import * as t from "io-ts"
import { tensor } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { toArray } from "../engine/index.js"
import { checkNumber, count } from "../schedule/schedule.js"

/** Labelled examples as JSON holds them. */
export interface RawDataset {
  readonly x: readonly (readonly number[])[]
  readonly y: readonly number[]
}

export interface DatasetOptions {
  /** Numbers per example. */
  readonly features: number
  /** Labels are whole numbers from 0 to below this. */
  readonly classes: number
}

/** More numbers than this are refused before anything is allocated. */
const MAX_VALUES = 2 ** 30

type Labelled = { readonly x: Tensor; readonly y: Tensor }

const problem = (
  context: t.Context,
  path: readonly (string | number)[],
  value: unknown,
  expected: string
): t.ValidationError => ({
  value,
  context: [...context, ...path.map(key => ({ key: String(key), type: t.unknown }))],
  message: `expected ${expected}`
})

/** The first thing that is wrong with a row, if any; finite rows are copied into `into`. */
const readRow = (
  row: unknown,
  features: number,
  into: Float32Array
): readonly [path: readonly number[], expected: string, value: unknown] | undefined => {
  if (!Array.isArray(row) || row.length !== features) return [[], `an array of ${features} numbers`, row]
  for (let i = 0; i < features; i++) {
    const value: unknown = row[i]
    if (typeof value !== "number" || !Number.isFinite(value)) return [[i], "a finite number", value]
    into[i] = value
  }
  return undefined
}

const raw = t.type({ x: t.UnknownArray, y: t.UnknownArray })

const decodeRows = (
  rows: readonly unknown[],
  features: number,
  context: t.Context
): readonly [values: Float32Array, errors: t.Errors] => {
  const values = new Float32Array(rows.length * features)
  const errors = rows.flatMap((row, i) => {
    const wrong = readRow(row, features, values.subarray(i * features, (i + 1) * features))
    return wrong === undefined ? [] : [problem(context, ["x", i, ...wrong[0]], wrong[2], wrong[1])]
  })
  return [values, errors]
}

const labelErrors = (labels: readonly unknown[], classes: number, context: t.Context): t.Errors =>
  labels.flatMap((label, i) =>
    Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes
      ? []
      : [problem(context, ["y", i], label, `a whole number from 0 to ${classes - 1}`)]
  )

const isLabelled = (value: unknown): value is Labelled =>
  typeof value === "object" && value !== null && "x" in value && "y" in value && isTensor(value.x) && isTensor(value.y)

const encode = ({ x, y }: Labelled): RawDataset => ({
  x: toArray(x) as readonly (readonly number[])[],
  y: toArray(y) as readonly number[]
})

/**
 * The codec of labelled examples: JSON `{ x: number[][], y: number[] }` ↔ `{ x: f32 [n, features], y: i32 [n] }`.
 *
 * Decoding is total: whatever comes, the answer is a `Left` with the place of each row or label that does not fit, or a
 * `Right`. Nothing is coerced; an empty data set is an error.
 */
export const dataset = ({ features, classes }: DatasetOptions): t.Type<Labelled, RawDataset> => {
  checkNumber("dataset", "features", count, features)
  checkNumber("dataset", "classes", count, classes)
  const validate: t.Validate<unknown, Labelled> = (input, context) => {
    const outer = raw.validate(input, context)
    if (outer._tag === "Left") return outer
    const { x, y } = outer.right
    if (x.length === 0) return t.failures([problem(context, ["x"], x, "at least one example")])
    if (y.length !== x.length)
      return t.failures([problem(context, ["y"], y, `${x.length} labels, one for each example`)])
    if (x.length * features > MAX_VALUES)
      return t.failures([problem(context, ["x"], x, `at most ${MAX_VALUES} numbers`)])
    const [values, rowErrors] = decodeRows(x, features, context)
    const errors = [...rowErrors, ...labelErrors(y, classes, context)]
    return errors.length > 0
      ? t.failures(errors)
      : t.success({ x: tensor(values, { shape: [x.length, features] }), y: tensor(y as number[], { dtype: "i32" }) })
  }
  return new t.Type<Labelled, RawDataset>("Dataset", isLabelled, validate, encode)
}
