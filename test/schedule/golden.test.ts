import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { arange, compile, item, pipe, scalar, toArray } from "thalweg"
import {
  atLeast,
  atMost,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  inverseTime,
  join,
  linear,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  scale,
  shift,
  warmup,
  type Schedule
} from "thalweg/schedule"

interface Case {
  readonly name: string
  readonly values: readonly number[]
}

const { cases } = JSON.parse(readFileSync("test/golden/schedules.json", "utf8")) as { readonly cases: readonly Case[] }

const falling = { start: 0.8, steps: 4, rate: 0.5 }
const growing = exponential({ start: 0.1, steps: 2, rate: 3 })
const stairs = exponential({ ...falling, staircase: true })
const points = { boundaries: [3, 7, 9], values: [0.8, 0.4, 0.8, 0.2] }
const swings = { low: 0.1, high: 1, upSteps: 4, downSteps: 3 }
const once = { peak: 2, divFactor: 10, finalDivFactor: 100 }
const keras = { start: 0.8, end: 0.1, steps: 5, power: 2 }

/** How each case is reached: numbers in place of the factors that a library gives. */
const recipes: Readonly<Record<string, Schedule>> = {
  "optax/constant": constant(0.3),
  "optax/linear": pipe(linear({ start: 0.1, end: 0.9, steps: 5 }), shift(2)),
  "optax/polynomial": polynomial({ start: 1, end: 0.1, steps: 6, power: 2 }),
  "optax/polynomial-half": pipe(polynomial({ start: 0, end: 2, steps: 6, power: 0.5 }), shift(2)),
  "optax/exponential": exponential(falling),
  "optax/exponential-staircase": stairs,
  "optax/exponential-begin": pipe(exponential(falling), shift(3)),
  "optax/exponential-end": pipe(exponential(falling), atLeast(0.25)),
  "optax/exponential-growth-end": pipe(growing, atMost(1.5)),
  "optax/exponential-all": pipe(stairs, shift(3), atLeast(0.15)),
  "optax/cosine": cosine({ start: 0.6, steps: 8 }),
  "optax/cosine-alpha": cosine({ start: 0.6, end: 0.06, steps: 8, power: 1.5 }),
  "optax/warmup-cosine": pipe(
    cosine({ start: 0.9, end: 0.05, steps: 8, power: 1.5 }),
    warmup({ start: 0.1, steps: 4 })
  ),
  "optax/warmup-constant": pipe(constant(0.5), warmup({ steps: 4 })),
  "optax/warmup-exponential": pipe(
    exponential({ start: 0.9, steps: 3, rate: 0.5, staircase: true }),
    shift(2),
    atLeast(0.2),
    warmup({ start: 0.1, steps: 4 })
  ),
  "optax/cosine-restarts": join({
    schedules: [
      pipe(cosine({ start: 1, end: 0.02, steps: 4 }), warmup({ start: 0.1, steps: 2 })),
      pipe(cosine({ start: 0.5, end: 0.02, steps: 7 }), warmup({ start: 0.2, steps: 1 }))
    ],
    boundaries: [6]
  }),
  "optax/piecewise-constant": piecewiseConstant({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.04, 0.16] }),
  "optax/piecewise-linear": piecewiseInterpolate(points),
  "optax/piecewise-cosine": piecewiseInterpolate({ ...points, interpolation: "cosine" }),
  "optax/one-cycle-linear": oneCycle({ ...once, upSteps: 6, downSteps: 11, finalSteps: 3 }),
  "optax/one-cycle-cosine": oneCycle({ ...once, upSteps: 6, downSteps: 14, interpolation: "cosine" }),
  "optax/join": join({
    schedules: [linear({ start: 0, end: 1, steps: 4 }), exponential({ start: 1, steps: 2, rate: 0.5 }), constant(0.05)],
    boundaries: [4, 9]
  }),
  "torch/step": exponential({ start: 0.5, steps: 3, rate: 0.4, staircase: true }),
  "torch/multi-step": piecewiseConstant({ boundaries: [2, 5, 6], values: [0.5, 0.2, 0.08, 0.032] }),
  "torch/exponential": exponential({ start: 0.5, rate: 0.8 }),
  "torch/constant": piecewiseConstant({ boundaries: [3], values: [0.125, 0.5] }),
  "torch/linear": linear({ start: 0.1, end: 0.4, steps: 5 }),
  "torch/polynomial": polynomial({ start: 0.5, steps: 6, power: 2 }),
  "torch/cosine": cosine({ start: 0.5, end: 0.05, steps: 6, beyond: "swing" }),
  "torch/cosine-restarts": cosineRestarts({ start: 0.5, end: 0.05, steps: 3, stepsFactor: 2 }),
  "torch/cosine-restarts-equal": cosineRestarts({ start: 0.5, end: 0.05, steps: 4 }),
  "torch/cyclic-triangular": cyclic(swings),
  "torch/cyclic-triangular2": cyclic({ ...swings, mode: "triangular2" }),
  "torch/cyclic-exp-range": cyclic({ ...swings, mode: "expRange", rate: 0.9 }),
  "torch/one-cycle-cosine": oneCycle({ ...once, upSteps: 5, downSteps: 14, interpolation: "cosine" }),
  "torch/one-cycle-linear": oneCycle({ ...once, upSteps: 5, downSteps: 14 }),
  "torch/one-cycle-three-phase": oneCycle({ ...once, upSteps: 5, downSteps: 5, finalSteps: 9 }),
  "torch/sequential": pipe(
    join({
      schedules: [linear({ start: 0.2, end: 1, steps: 4 }), exponential({ start: 1, rate: 0.8 }), constant(0.1)],
      boundaries: [4, 8]
    }),
    scale(0.5)
  ),
  "keras/exponential": exponential(falling),
  "keras/exponential-staircase": stairs,
  "keras/inverse-time": inverseTime(falling),
  "keras/inverse-time-staircase": inverseTime({ ...falling, staircase: true }),
  "keras/piecewise-constant": piecewiseConstant({ boundaries: [3 + 1, 7 + 1], values: [0.8, 0.4, 0.1] }),
  "keras/polynomial": polynomial(keras),
  "keras/polynomial-cycle": polynomial({ ...keras, beyond: "stretch" }),
  "keras/cosine": cosine({ start: 0.6, end: 0.06, steps: 8 }),
  "keras/warmup-cosine": pipe(cosine({ start: 0.9, end: 0.09, steps: 8 }), warmup({ start: 0.1, steps: 4 })),
  "keras/cosine-restarts": cosineRestarts({ start: 0.6, end: 0.06, steps: 3, stepsFactor: 2, heightFactor: 0.5 }),
  "keras/cosine-restarts-equal": cosineRestarts({ start: 0.6, steps: 4, heightFactor: 0.5 }),
  "paper/noam": noam({ modelSize: 64, warmupSteps: 4 }),
  "paper/inverse-time": inverseTime({ start: 0.8, rate: 0.25 })
}

/** These see losses: they are no schedules but a combinator. */
const ofLosses = ["", "-cooldown", "-max", "-eps"].map(variant => `torch/reduce-on-plateau${variant}`)

test("every case of the file has a recipe, or is no schedule", () => {
  expect(cases.map(({ name }) => name).toSorted()).toEqual([...Object.keys(recipes), ...ofLosses].toSorted())
})

describe.each(cases.filter(({ name }) => name in recipes).map(golden => [golden.name, golden] as const))(
  "%s",
  (name, { values }) => {
    const schedule = recipes[name] ?? constant(NaN)
    const compiled = compile(schedule)
    const near = (value: number, i: number): boolean =>
      Math.abs(value - (values[i] ?? NaN)) <= 1e-12 * Math.abs(values[i] ?? NaN)

    test("is that of the library, step by step and compiled", () => {
      const steps = values.map((_, i) => scalar(i, "i32"))
      expect(steps.map(step => item(schedule(step))).filter((value, i) => !near(value, i))).toEqual([])
      expect(steps.map(step => item(compiled(step))).filter((value, i) => !near(value, i))).toEqual([])
    })

    test("is that of the library for all steps at once", () => {
      const actual = [toArray(schedule(arange(values.length, { dtype: "f64" })))].flat() as number[]
      const all = actual.length === 1 ? values.map(() => actual[0] ?? NaN) : actual
      expect(all.filter((value, i) => !near(value, i))).toEqual([])
    })
  }
)
