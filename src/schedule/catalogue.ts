import {
  atLeast,
  atMost,
  boundFields,
  join,
  joinFields,
  product,
  productFields,
  scale,
  scaleFields,
  shift,
  shiftFields,
  warmup,
  warmupFields
} from "./compose.js"
import { cosine, cosineFields, cosineRestarts, cosineRestartsFields } from "./cosine.js"
import { cyclic, cyclicFields, oneCycle, oneCycleFields } from "./cyclic.js"
import { exponential, exponentialFields, inverseTime, inverseTimeFields, noam, noamFields } from "./decay.js"
import type { Fields } from "./fields.js"
import {
  piecewiseConstant,
  piecewiseConstantFields,
  piecewiseInterpolate,
  piecewiseInterpolateFields
} from "./pieces.js"
import { constant, constantFields, linear, linearFields, polynomial, polynomialFields } from "./polynomial.js"
import type { Schedule } from "./schedule.js"

/** How a schedule is made of one record of options, and what they may be. */
export interface ScheduleEntry<O extends object> {
  readonly make: (options: O) => Schedule
  readonly fields: Fields<O>
}

const entry = <O extends object>(fields: Fields<O>, make: (options: O) => Schedule): ScheduleEntry<O> => ({
  make,
  fields
})

/**
 * Lists every schedule by name: how it is made of one record of options, and what each option may be. Options that are
 * schedules themselves have fields of kind "schedule" or "schedules", on which a reader of data recurses.
 *
 * `make` throws a `HyperparameterError` for options out of range, or that do not fit each other.
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
export const schedules = {
  constant: entry(constantFields, ({ value }) => constant(value)),
  linear: entry(linearFields, linear),
  polynomial: entry(polynomialFields, polynomial),
  exponential: entry(exponentialFields, exponential),
  inverseTime: entry(inverseTimeFields, inverseTime),
  noam: entry(noamFields, noam),
  piecewiseConstant: entry(piecewiseConstantFields, piecewiseConstant),
  piecewiseInterpolate: entry(piecewiseInterpolateFields, piecewiseInterpolate),
  cosine: entry(cosineFields, cosine),
  cosineRestarts: entry(cosineRestartsFields, cosineRestarts),
  cyclic: entry(cyclicFields, cyclic),
  oneCycle: entry(oneCycleFields, oneCycle),
  warmup: entry(warmupFields, ({ schedule, ...own }) => warmup(own)(schedule)),
  join: entry(joinFields, join),
  scale: entry(scaleFields, ({ factor, schedule }) => scale(factor)(schedule)),
  shift: entry(shiftFields, ({ steps, schedule }) => shift(steps)(schedule)),
  product: entry(productFields, ({ schedules }) => product(schedules)),
  atLeast: entry(boundFields, ({ bound, schedule }) => atLeast(bound)(schedule)),
  atMost: entry(boundFields, ({ bound, schedule }) => atMost(bound)(schedule))
} as const
