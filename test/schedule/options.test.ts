import { describe, expect, test } from "vitest"
import { compile, evaluate, grad, isFinite, item, pipe, scalar, type Tensor } from "thalweg"
import { sgd } from "thalweg/optimizer"
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
  warmup,
  type Schedule
} from "thalweg/schedule"
import { thrown } from "../optimizer/samples.js"

const f64 = (value: number): Tensor => scalar(value, "f64")
const slopeAtZero = (schedule: Schedule) => item(grad((t: Tensor) => schedule(t))(f64(0)))

describe("of 0 steps is a jump", () => {
  const falling = exponential({ start: 8, rate: 0.5 })
  test.each<[name: string, schedule: Schedule, values: readonly number[]]>([
    ["linear", linear({ start: 3, end: 1, steps: 0 }), [1, 1, 1]],
    ["polynomial", polynomial({ start: 3, end: 1, steps: 0, power: 0.5 }), [1, 1, 1]],
    ["polynomial, stretched", polynomial({ start: 3, end: 1, steps: 0, beyond: "stretch" }), [1, 1, 1]],
    ["cosine", cosine({ start: 3, end: 1, steps: 0 }), [1, 1, 1]],
    ["cosine, swinging", cosine({ start: 3, end: 1, steps: 0, beyond: "swing" }), [1, 1, 1]],
    ["warmup", pipe(falling, warmup({ steps: 0 })), [8, 4, 2]],
    ["noam", noam({ modelSize: 1, warmupSteps: 0 }), [1, Math.SQRT1_2, 1 / Math.sqrt(3)]],
    ["join", join({ schedules: [constant(9), falling], boundaries: [0] }), [8, 4, 2]],
    ["join, between", join({ schedules: [constant(9), constant(7), falling], boundaries: [1, 1] }), [9, 8, 4]],
    ["piecewiseConstant", piecewiseConstant({ boundaries: [0, 2, 2], values: [9, 1, 9, 2] }), [1, 1, 2]],
    ["piecewiseInterpolate", piecewiseInterpolate({ boundaries: [0, 2], values: [9, 4, 2] }), [4, 3, 2]],
    ["oneCycle, up", oneCycle({ peak: 4, upSteps: 0, downSteps: 2, divFactor: 2, finalDivFactor: 1 }), [4, 3, 2]],
    ["oneCycle, down", oneCycle({ peak: 4, upSteps: 1, downSteps: 0, divFactor: 2, finalDivFactor: 1 }), [2, 2, 2]]
  ])("%s", (_, schedule, values) => {
    expect([0, 1, 2].map(step => item(schedule(f64(step))))).toEqual(values.map(v => expect.closeTo(v, 15) as unknown))
    expect(slopeAtZero(schedule)).not.toBeNaN()
  })
})

type Of = (value: number | Tensor) => Schedule

describe("a tensor is the number, and can be differentiated by", () => {
  test.each<[name: string, of: Of]>([
    ["constant", value => constant(value)],
    ["linear start", start => linear({ start, end: 3, steps: 4 })],
    ["linear end", end => linear({ start: 3, end, steps: 4 })],
    ["polynomial start", start => polynomial({ start, steps: 4, power: 2 })],
    ["polynomial end", end => polynomial({ start: 3, end, steps: 4 })],
    ["cosine start", start => cosine({ start, steps: 4 })],
    ["cosine end", end => cosine({ start: 3, end, steps: 4 })],
    ["cosineRestarts start", start => cosineRestarts({ start, steps: 4, heightFactor: 0.5 })],
    ["cosineRestarts end", end => cosineRestarts({ start: 3, end, steps: 4 })],
    ["exponential start", start => exponential({ start, rate: 0.5 })],
    ["exponential rate", rate => exponential({ start: 3, rate })],
    ["inverseTime start", start => inverseTime({ start, rate: 0.5 })],
    ["inverseTime rate", rate => inverseTime({ start: 3, rate })],
    ["noam factor", factor => noam({ modelSize: 4, warmupSteps: 2, factor })],
    ["cyclic low", low => cyclic({ low, high: 3, upSteps: 2, downSteps: 3 })],
    ["cyclic high", high => cyclic({ low: 0, high, upSteps: 2, downSteps: 3, mode: "expRange", rate: 0.9 })],
    ["warmup start", start => pipe(constant(3), warmup({ start, steps: 4 }))],
    ["scale factor", factor => pipe(linear({ start: 1, end: 3, steps: 4 }), scale(factor))],
    ["atLeast bound", bound => pipe(linear({ start: 0, end: 0.3, steps: 4 }), atLeast(bound))],
    ["atMost bound", bound => pipe(linear({ start: 3, end: 2, steps: 4 }), atMost(bound))]
  ])("%s", (_, of) => {
    const step = f64(3)
    const expected = item(of(0.75)(step))
    expect(item(of(f64(0.75))(step))).toBe(expected)
    expect(item(of(scalar(0.75))(step))).toBe(expected)
    expect(item(compile((value: Tensor) => of(value)(step))(f64(0.75)))).toBe(expected)
    const slope = item(grad((value: Tensor) => of(value)(step))(f64(0.75)))
    const beside = (by: number): number => item(of(0.75 + by)(step))
    expect(slope).toBeCloseTo((beside(1e-5) - beside(-1e-5)) / 2e-5, 8)
  })

  test("known ones are checked as numbers are, others are taken", () => {
    const rate = (start: Tensor): string => thrown(() => sgd({ learningRate: linear({ start, end: 1, steps: 4 }) }))
    expect(rate(f64(-1))).toContain("got linear, which may reach -1")
    expect(
      evaluate(compile((start: Tensor) => isFinite(linear({ start, end: 1, steps: 4 })(f64(1))))(f64(-1)))
    ).toEqual(scalar(true))
    expect(compile((start: Tensor) => scalar(rate(start) === "nothing"))(f64(-1))).toEqual(scalar(true))
    expect(thrown(() => linear({ start: scalar(1, "i32"), end: 1, steps: 4 }))).toContain(
      "expected start to be a scalar of f32 or f64"
    )
    expect(thrown(() => exponential({ start: 1, rate: f64(0) }))).toContain("expected rate to be a finite number > 0")
  })
})
