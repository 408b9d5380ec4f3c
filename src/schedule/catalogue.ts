import type { Fields, Schedule } from "../options/types.js"
import { atLeast, atMost, join, product, scale, shift, warmup } from "./compose.js"
import { cosine, cosineRestarts } from "./cosine.js"
import { cyclic, oneCycle } from "./cyclic.js"
import { exponential, inverseTime, noam } from "./decay.js"
import { piecewiseConstant, piecewiseInterpolate } from "./pieces.js"
import { constant, linear, polynomial } from "./polynomial.js"

/**
 * Lists every schedule by name. Each says what its options may be (`fields`), and how it is made of one record of them
 * (`make`), however it is called by itself. Options that are schedules themselves have fields of kind "schedule" or
 * "schedules", on which a reader of data recurses.
 *
 * Of finite options, values are finite at every step: what would grow beyond f64 stays at its largest number.
 *
 * `make` throws a `HyperparameterError` for options out of range, or that do not fit each other. Values (of kind
 * "quantity") may be tensors, so that what depends on them is compiled once for many, or differentiated by them.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { schedules } from "thalweg/schedule"
 *
 * const { linear, scale } = schedules
 * const half = scale.make({ factor: 0.5, schedule: linear.make({ start: 8, end: 0, steps: 4 }) })
 * assert.strictEqual(item(half(scalar(1))), 3)
 * assert.strictEqual(scale.fields.schedule.kind, "schedule")
 */
export const schedules = Object.freeze({
  constant,
  linear,
  polynomial,
  exponential,
  inverseTime,
  noam,
  piecewiseConstant,
  piecewiseInterpolate,
  cosine,
  cosineRestarts,
  cyclic,
  oneCycle,
  warmup,
  join,
  scale,
  shift,
  product,
  atLeast,
  atMost
} as const satisfies Readonly<
  Record<string, { readonly fields: Fields; readonly make: (this: void, options: never) => Schedule }>
>)
