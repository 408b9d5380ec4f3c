import { scalar } from "../dataflow/create.js"
import { div, maximum, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { and, ge, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { extentOf, hullBy, timesEnd, whereKnown, within, type Extent } from "../options/extent.js"
import {
  fixed,
  numbers,
  quantity,
  scheduleField,
  schedulesField,
  type GivenOf,
  type NumberField,
  type OptionsOf,
  type QuantityField,
  type Resolved,
  type ScheduleField
} from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { finite, integer, natural } from "../options/range.js"
import { recipe, recipeAs, type Recipe } from "../options/recipe.js"
import { resolve } from "../options/resolve.js"
import { divisor, finiteProduct, line } from "./common.js"
import { checkBoundaries, pieceAt } from "./pieces.js"
import { constant } from "./polynomial.js"

/** A schedule from f64 to f64; a `HyperparameterError` if it gives no float. */
const wide = (operation: string, schedule: Schedule): Schedule =>
  within(extentOf(schedule), step => {
    const value = schedule(cast(step, "f64"))
    return isTensor(value) && isFloat(value.dtype)
      ? cast(value, "f64")
      : fail("HyperparameterError", operation, "schedules of f32 or f64", isTensor(value) ? value.dtype : typeof value)
  })

const endsOf = ({ least, most }: Extent): readonly number[] => [least, most]

const extremes = (values: readonly number[]): readonly number[] => [Math.min(...values), Math.max(...values)]

const joinFields = {
  /** At least one. */
  schedules: schedulesField,
  /** The steps from which the next schedule applies: whole numbers from 0 that do not fall, one fewer than schedules. */
  boundaries: numbers(natural)
}

/** The options of schedules one after another. */
export interface JoinOptions extends OptionsOf<typeof joinFields> {}

/**
 * Puts schedules one after another: `s(t) = sᵢ(t - bᵢ)` with `bᵢ` the last boundary at or before `t` (0 before the
 * first). At a boundary the next schedule applies, counted from there.
 *
 * A schedule sees only the steps at which it applies, also when it is differentiated. The bounds of its values, which
 * hyperparameters check, are those of all parts at all steps: `atMost` and `atLeast` narrow them.
 * Options: see `JoinOptions`; others are a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Law: associative, exactly: `join([join([a, b], [m]), c], [n]) ≡ join([a, join([b, c], [n - m])], [m])`.
 * Source: optax's `join_schedules`, PyTorch's `SequentialLR`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { exponential, join, linear } from "thalweg/schedule"
 *
 * const schedules = [linear({ start: 0, end: 1, steps: 2 }), exponential({ start: 8, rate: 0.5 })]
 * assert.deepStrictEqual(toArray(join({ schedules, boundaries: [2] })(arange(5))), [0, 0.5, 8, 4, 2])
 */
export const join: Recipe<typeof joinFields, (options: JoinOptions) => Schedule> = recipe(
  "join",
  joinFields,
  {},
  ({ schedules, boundaries }): Schedule => {
    checkBoundaries("join", boundaries, "schedules", schedules)
    const parts = schedules.map(schedule => wide("join", schedule))
    const extent = hullBy("join", schedules, known => known.flatMap(endsOf))
    return within(extent, step => {
      const t = cast(step, "f64")
      const pieces = parts.map((part, i) => {
        const begin = boundaries[i - 1] ?? 0
        const applies = and(ge(t, begin), lt(t, boundaries[i] ?? Infinity))
        return part(where(applies, sub(t, begin), 0))
      })
      return pieceAt(t, boundaries, pieces)
    })
  }
)

const riseFields = {
  /** The value at step 0, a finite number. Default 0, with which the first step does not move. */
  start: quantity(finite, 0),
  /** How many steps it takes, a whole number from 0; with 0 the schedule begins at once. */
  steps: fixed(natural)
}

/** The options of a warm-up. */
export interface WarmupOptions extends OptionsOf<typeof riseFields> {}

const warmupFields = {
  ...riseFields,
  /** What follows. */
  schedule: scheduleField
}

/** A function from schedules to schedules, for `pipe`. */
export type OnSchedule = (schedule: Schedule) => Schedule

/**
 * Lets a schedule begin after a straight line from `start` to its first value, over `steps` steps:
 * `s'(t) = start + (s(0) - start) · t / steps`, then `s(t - steps)`.
 *
 * Options: see `WarmupOptions`; others are a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Laws: a `join` of `linear` and the schedule; from 0, step 0 is a no-op while moments advance.
 * Source: Goyal et al. 2017, arXiv 1706.02677, §2.2. optax's `warmup_*` and Keras's `CosineDecay` are compositions. A
 * factor that rises while the schedule already runs is `product([linear({ start: 0, end: 1, steps }), schedule])`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, pipe, toArray } from "thalweg"
 * import { polynomial, warmup } from "thalweg/schedule"
 *
 * const schedule = pipe(polynomial({ start: 8, steps: 2 }), warmup({ steps: 4 }))
 * assert.deepStrictEqual(toArray(schedule(arange(7))), [0, 2, 4, 6, 8, 4, 0])
 */
export const warmup: Recipe<typeof warmupFields, (options: WarmupOptions) => OnSchedule, Schedule> = recipeAs(
  "warmup",
  warmupFields,
  {},
  ({ start, steps, schedule }) => {
    const first = wide("warmup", schedule)(scalar(0, "f64"))
    const rise: Schedule = step => line(start, first, div(step, divisor(steps)))
    const extent = hullBy("warmup", [schedule], known => [start, ...known.flatMap(endsOf)])
    return within(extent, join({ schedules: [rise, schedule], boundaries: [steps] }))
  },
  make => options => {
    resolve("warmup", riseFields, options)
    return schedule => make({ ...options, schedule })
  }
)

/** Makes a recipe of a value, checked at once, and a schedule, given last, for `pipe`. */
const onSchedule = <
  K extends string,
  Fs extends { readonly [N in K]: NumberField<undefined> | QuantityField<undefined> } & {
    readonly schedule: ScheduleField
  }
>(
  title: string,
  name: K,
  fields: Fs,
  make: (value: Resolved<Fs>[K], schedule: Schedule) => Schedule,
  endOf: (value: number, end: number) => number
) =>
  recipeAs(
    title,
    fields,
    {},
    (options: Resolved<Fs>) => {
      const value: Resolved<Fs>[K] = options[name]
      const schedule = options.schedule as Schedule
      const ends = (known: readonly Extent[]) =>
        known.flatMap(endsOf).map(end => whereKnown([value as number | Tensor, end], endOf))
      return within(hullBy(title, [schedule], ends), make(value, wide(title, schedule)))
    },
    make =>
      (value: GivenOf<Fs[K]>): OnSchedule => {
        fields[name].check(title, name, value)
        return schedule => {
          const options: Readonly<Record<string, unknown>> = { [name]: value, schedule }
          return make(options as OptionsOf<Fs>)
        }
      }
  )

const scaleFields = {
  /** By what the schedule is multiplied, a finite number. */
  factor: quantity(finite),
  /** What is multiplied. */
  schedule: scheduleField
}

/**
 * Multiplies a schedule by a number: `s'(t) = factor · s(t)`. Products beyond f64 stay at its largest number.
 *
 * `factor`: a finite number or a tensor, else a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Laws: `product` with a `constant`; `scale(1)` changes nothing.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, pipe, toArray } from "thalweg"
 * import { exponential, scale } from "thalweg/schedule"
 *
 * const halves = pipe(exponential({ start: 1, rate: 0.5 }), scale(8))
 * assert.deepStrictEqual(toArray(halves(arange(4))), [8, 4, 2, 1])
 */
export const scale: Recipe<typeof scaleFields, (factor: number | Tensor) => OnSchedule, Schedule> = onSchedule(
  "scale",
  "factor",
  scaleFields,
  (factor, inner) => product([inner, constant(factor)]),
  timesEnd
)

const shiftFields = {
  /** How many steps later it begins, a whole number; a negative one is earlier. */
  steps: fixed(integer),
  /** What begins later. */
  schedule: scheduleField
}

/**
 * Lets a schedule begin later, and holds its first value until then: `s'(t) = s(max(t - steps, 0))`. A negative number
 * of steps begins in the middle: `s'(t) = s(t + |steps|)`.
 *
 * `steps`: a whole number, else a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Laws: `shift(0)` changes nothing; two shifts of one sign add up; `shift(-n)(join(…, [n]))` is the second schedule.
 * Source: optax's `transition_begin`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, pipe, toArray } from "thalweg"
 * import { linear, shift } from "thalweg/schedule"
 *
 * const line = linear({ start: 3, end: 0, steps: 3 })
 * assert.deepStrictEqual(toArray(pipe(line, shift(2))(arange(5))), [3, 3, 3, 2, 1])
 * assert.deepStrictEqual(toArray(pipe(line, shift(-2))(arange(3))), [1, 0, 0])
 */
export const shift: Recipe<typeof shiftFields, (steps: number) => OnSchedule, Schedule> = onSchedule(
  "shift",
  "steps",
  shiftFields,
  (steps, inner) => step => {
    const t = sub(cast(step, "f64"), steps)
    return inner(where(ge(t, 0), t, 0))
  },
  (_, end) => end
)

/** How schedules multiply: kept finite, where a product of some might leave f64; what is unknown may be of any size. */
const multiplying = (schedules: readonly Schedule[]): ((a: Tensor, b: Tensor) => Tensor) => {
  const sizes = schedules.map(schedule => {
    const { least, most } = extentOf(schedule) ?? { least: 0, most: Infinity }
    return Math.max(1, -least, most)
  })
  return Number.isFinite(sizes.reduce((product, size) => product * size, 1)) ? mul : finiteProduct
}

const productFields = {
  /** Any number of them. */
  schedules: schedulesField
}

/**
 * Multiplies schedules: `s(t) = s₁(t) · s₂(t) · …`, from the left; 1 of none. Products beyond f64 stay at its largest
 * number.
 *
 * What is no list of schedules is a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Laws: associative and commutative, to rounding; `constant(1)` is its unit.
 * Source: PyTorch's `ChainedScheduler`, of schedules given as factors.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { exponential, linear, product } from "thalweg/schedule"
 *
 * const rise = linear({ start: 0, end: 1, steps: 2 }) // while the schedule below already falls
 * const falling = product([rise, exponential({ start: 8, rate: 0.5 })])
 * assert.deepStrictEqual(toArray(falling(arange(4))), [0, 2, 2, 1])
 */
export const product: Recipe<typeof productFields, (schedules: readonly Schedule[]) => Schedule> = recipeAs(
  "product",
  productFields,
  {},
  ({ schedules }): Schedule => {
    const factors = schedules.map(schedule => wide("product", schedule))
    const [one, multiply] = [scalar(1, "f64"), multiplying(schedules)]
    const extent = hullBy("product", schedules, known =>
      known.map(endsOf).reduce((ends, others) => extremes(ends.flatMap(a => others.map(b => timesEnd(a, b)))), [1])
    )
    return within(extent, step =>
      factors.reduce((value, factor, i) => (i === 0 ? factor(step) : multiply(value, factor(step))), one)
    )
  },
  make => schedules => make({ schedules })
)

const boundFields = {
  /** The least value, or the greatest, a finite number. */
  bound: quantity(finite),
  /** What is kept within. */
  schedule: scheduleField
}

/**
 * Keeps a schedule from falling below a number: `s'(t) = max(s(t), bound)`.
 *
 * `bound`: a finite number or a tensor, else a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Law: idempotent. Source: optax's `end_value` of a decaying exponential.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, pipe, toArray } from "thalweg"
 * import { atLeast, exponential } from "thalweg/schedule"
 *
 * const decay = pipe(exponential({ start: 1, rate: 0.5 }), atLeast(0.3))
 * assert.deepStrictEqual(toArray(decay(arange(4))), [1, 0.5, 0.3, 0.3])
 */
export const atLeast: Recipe<typeof boundFields, (bound: number | Tensor) => OnSchedule, Schedule> = onSchedule(
  "atLeast",
  "bound",
  boundFields,
  (bound, inner) => step => maximum(inner(step), bound),
  Math.max
)

/**
 * Keeps a schedule from rising above a number: `s'(t) = min(s(t), bound)`.
 *
 * `bound`: a finite number or a tensor, else a `HyperparameterError`. Shape: that of the step; f64.
 *
 * Law: idempotent. Source: optax's `end_value` of a growing exponential.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, pipe, toArray } from "thalweg"
 * import { atMost, exponential } from "thalweg/schedule"
 *
 * const growth = pipe(exponential({ start: 1, rate: 2 }), atMost(5))
 * assert.deepStrictEqual(toArray(growth(arange(4))), [1, 2, 4, 5])
 */
export const atMost: Recipe<typeof boundFields, (bound: number | Tensor) => OnSchedule, Schedule> = onSchedule(
  "atMost",
  "bound",
  boundFields,
  (bound, inner) => step => minimum(inner(step), bound),
  Math.min
)
