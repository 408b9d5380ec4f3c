import fc from "fast-check"
import { all, compile, grad, isFinite, item, mul, ne, scalar, stack, sub, Tree, zeros, type Tensor } from "thalweg"
import { adam, type AnyOptimizer } from "thalweg/optimizer"
import { constant, type Schedule, type warmup } from "thalweg/schedule"
import { hyper, recipe } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero, range } from "../arbitrary/numbers.js"
import { arbRun } from "../arbitrary/run.js"
import { arbOptions, arbSchedule, arbWrittenSchedule, type ScheduleCatalogue } from "../arbitrary/schedule.js"
import { exact, relative, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { outline, stepsOf, throws, truth } from "../sides.js"
import { compositionLaws } from "./compose.js"
import { curveLaws } from "./curves.js"
import { along, at, atEach } from "./sides.js"
import { pieceLaws } from "./pieces.js"
import type { FunctionOf } from "../callable.js"

const steps = range(24)
const dtypes = ["i32", "u32", "f32", "f64"] as const

/** Steps as far as any count goes, and some that are no power of two. */
const far = [100, 12345, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 32 + 1, 2 ** 53]

/** As many truths as there are steps. */
const truths = (points: readonly number[]): Tensor => stack(points.map(() => truth(true)))

const expressions = (schedules: ScheduleCatalogue): readonly Law[] => {
  const any = arbSchedule({}, schedules)
  return [
    law("a schedule depends on the step alone", exact, any, s => [
      atEach(s, steps.toReversed()),
      stack(steps.map(step => at(s, step)).toReversed())
    ]),
    law("a schedule is a scalar of f64", exact, any, s => [
      dtypes.map(dtype => outline(s(scalar(3, dtype)))),
      dtypes.map(() => zeros([], "f64"))
    ]),
    law("a schedule takes steps of any dtype", exact, fc.tuple(any, fc.nat(100)), ([s, step]) => [
      dtypes.map(dtype => s(scalar(step, dtype))),
      dtypes.map(() => at(s, step))
    ]),
    law("a compiled schedule is the schedule", exact, any, s => {
      const compiled = compile(s)
      return [
        [...steps.map(step => compiled(scalar(step, "f64"))), ...dtypes.map(dtype => compiled(scalar(7, dtype)))],
        [...steps, ...dtypes.map(() => 7)].map(step => at(s, step))
      ]
    }),
    law("a schedule of many steps is that of each", exact, any, s => [along(s, steps.length), atEach(s, steps)])
  ]
}

/** A function of one hyperparameter that a number may be. */
const taking = (holds: (value: number) => boolean) =>
  recipe("taking", { value: hyper({ expected: "in a range", holds }) }, {}, ({ value }) => value)

/** Rounding may lead a little beyond the extremes. */
const ROUNDING = 1e-9

const known = (schedules: ScheduleCatalogue): readonly Law[] => [
  law(
    "a schedule that leaves the range of a hyperparameter is refused",
    exact,
    fc.tuple(arbWrittenSchedule({}, schedules), fc.oneof(fc.nat(40), fc.constantFrom(...far))),
    ([{ value: schedule }, step]) => {
      const value = item(at(schedule, step))
      const margin = ROUNDING * (1 + Math.abs(value))
      const outside = [taking(x => x < value - margin), taking(x => x > value + margin)]
      return [
        outside.map(take => throws(["HyperparameterError"], () => take({ value: schedule }))),
        outside.map(() => truth(true))
      ]
    }
  )
]

/** Away from steps, where pieces meet, and from where a random bound is met. */
const BETWEEN = 0.41421356
const NEAR = 1e-5

const values = (schedules: ScheduleCatalogue): readonly Law[] => {
  const bounded = arbSchedule({ growing: false }, schedules)
  const slope = (s: Schedule, step: number): Tensor => grad((t: Tensor) => s(t))(scalar(step, "f64"))
  return [
    law("a schedule of finite options is finite at every step", exact, arbSchedule({ extreme: true }, schedules), s => [
      isFinite(atEach(s, [...steps, ...far])),
      truths([...steps, ...far])
    ]),
    law("the slope of a schedule is its difference quotient", relative(1e-5, 1), bounded, s => {
      const points = steps.map(step => step + BETWEEN)
      const beside = (by: number): Tensor =>
        atEach(
          s,
          points.map(point => point + by)
        )
      return [stack(points.map(point => slope(s, point))), mul(sub(beside(NEAR), beside(-NEAR)), 1 / (2 * NEAR))]
    }),
    law("polynomials and cosines of any power have a slope everywhere", exact, arbOptions("polynomial"), options => {
      const { start, end, steps: length, power } = options
      const curves = [schedules.polynomial, schedules.cosine].map(row => row.make({ start, end, steps: length, power }))
      const points = range(length + 2)
      return [curves.map(s => isFinite(stack(points.map(step => slope(s, step))))), curves.map(() => truths(points))]
    })
  ]
}

/**
 * Lists the laws of schedules, of every row of a catalogue and of their compositions.
 *
 * A schedule is an f64 scalar that depends on the step alone, whatever the step's dtype, compiled or not, one step or
 * many at once; finite, of finite options; its derivative is its difference quotient; one that leaves the range of a
 * hyperparameter is refused. Rows: special cases of each other, symmetries, periods, peaks; values lie between their
 * extremes. Compositions: `join` is associative; scales multiply, shifts add up, `product` is a commutative monoid, bounds
 * are idempotent, a warm-up is a line before the schedule. Exact, where both sides round alike.
 *
 * @example
 * import assert from "node:assert"
 * import { schedules } from "thalweg/schedule"
 * import { checkAll, scheduleLaws } from "thalweg/laws"
 *
 * assert(checkAll(scheduleLaws(schedules), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const scheduleLaws = (schedules: ScheduleCatalogue): readonly Law[] => [
  ...expressions(schedules),
  ...known(schedules),
  ...values(schedules),
  ...curveLaws(schedules),
  ...pieceLaws(schedules),
  ...compositionLaws(schedules)
]

const run = arbRun({ numbers: nonZero })
const rate = fixed(1, 0.01)
const length = fc.integer({ min: 1, max: 6 })

/**
 * Lists the laws of warming up an optimizer: from 0, step 0 of `adam` moves nothing (exactly), yet its moments advance
 * as they do at any rate; the rate rises evenly.
 *
 * @example
 * import assert from "node:assert"
 * import { warmup } from "thalweg/schedule"
 * import { checkAll, warmupLaws } from "thalweg/laws"
 *
 * assert(checkAll(warmupLaws(warmup), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const warmupLaws = (warm: FunctionOf<typeof warmup>): readonly Law[] => [
  law(
    "a warm-up from 0 makes step 0 of adam a no-op while moments advance",
    exact,
    fc.tuple(rate, length, run),
    ([learningRate, n, { params, gradients }]) => {
      const [grads = params] = gradients
      const warming = adam({ learningRate: warm({ steps: n })(constant(learningRate)) })
      const [moved, state] = warming.step(params, warming.init(params), grads)
      const [, reached] = adam({ learningRate }).step(params, warming.init(params), grads)
      const moments = Tree.leaves(state.inner[0])
      return [
        [moved, state, moments.map(moment => all(ne(moment, 0)))],
        [params, reached, moments.map(() => truth(true))]
      ]
    }
  ),
  law("the rate rises evenly during a warm-up", rounded, fc.tuple(rate, length, run), ([learningRate, n, r]) => {
    const warming: AnyOptimizer = adam({ learningRate: warm({ steps: n })(constant(learningRate)) })
    return [
      stepsOf(warming, r).map(([, state]) => warming.rate(state)),
      r.gradients.map((_, i) => scalar(learningRate * Math.min((i + 1) / n, 1), "f64"))
    ]
  })
]
