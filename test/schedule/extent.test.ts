import { describe, expect, test } from "vitest"
import { pipe, scalar } from "thalweg"
import { adam, ontoL2Ball, sgd, withEma } from "thalweg/optimizer"
import {
  atLeast,
  atMost,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  inverseTime,
  join
} from "thalweg/schedule"
import { linear, noam, oneCycle, piecewiseConstant, piecewiseInterpolate, polynomial } from "thalweg/schedule"
import { product, scale, shift, warmup, type Schedule } from "thalweg/schedule"
import { decodeOptimizer, report } from "thalweg/spec"
import { thrown } from "../optimizer/samples.js"

/** Hyperparameters of which a bound does not belong to the range: β < 1, a largest norm > 0. */
const asDecay = (b1: Schedule) => thrown(() => adam({ b1 }))
const asRadius = (radius: Schedule) => thrown(() => ontoL2Ball(radius))

const rise = linear({ start: 0.5, end: 1.5, steps: 4 })

describe("a schedule that reaches what a number may not be is refused, and says where", () => {
  test.each<[title: string, reached: string, schedule: Schedule]>([
    ["constant", "1", constant(1)],
    ["linear", "1.5", rise],
    ["linear", "-0.5", linear({ start: 0.5, end: -0.5, steps: 2 })],
    ["polynomial", "1", polynomial({ start: 1, end: 0.5, steps: 4 })],
    ["cosine", "1", cosine({ start: 0.9, end: 1, steps: 4 })],
    ["cosineRestarts", "1.7976931348623157e+308", cosineRestarts({ start: 0.5, steps: 4, heightFactor: 1.01 })],
    ["exponential", "1.7976931348623157e+308", exponential({ start: 0.1, rate: 1.01 })],
    ["exponential", "-0.1", exponential({ start: -0.1, rate: 0.5 })],
    ["inverseTime", "2", inverseTime({ start: 2, rate: 1 })],
    ["noam", "2", noam({ modelSize: 1, warmupSteps: 4, factor: 4 })],
    ["piecewiseConstant", "1", piecewiseConstant({ boundaries: [3], values: [0.5, 1] })],
    ["piecewiseInterpolate", "1", piecewiseInterpolate({ boundaries: [3, 4], values: [0.5, 1, 0] })],
    ["cyclic", "1", cyclic({ low: 0, high: 1, upSteps: 2, downSteps: 2 })],
    ["oneCycle", "1", oneCycle({ peak: 1, upSteps: 2, downSteps: 2 })],
    ["join", "1.5", join({ schedules: [constant(0.5), rise], boundaries: [2] })],
    ["warmup", "1.5", pipe(rise, warmup({ steps: 2 }))],
    ["warmup", "-1", pipe(constant(0.5), warmup({ start: -1, steps: 2 }))],
    ["scale", "-0.75", pipe(rise, scale(-0.5))],
    ["shift", "1.5", pipe(rise, shift(2))],
    ["product", "1.125", product([rise, constant(0.75)])],
    ["atLeast", "1.5", pipe(rise, atLeast(0.75))],
    ["atMost", "1", pipe(rise, atMost(1))]
  ])("%s, %s", (title, reached, schedule) => {
    expect(asDecay(schedule)).toBe(
      `HyperparameterError adam at "b1": expected a number ≥ 0 and < 1 at every step; got ${title}, which may reach ${reached}`
    )
  })
})

describe("a schedule that keeps its range is taken", () => {
  test.each<[name: string, schedule: Schedule]>([
    ["linear", linear({ start: 0, end: 0.999, steps: 4 })],
    ["scale", pipe(rise, scale(0.5))],
    ["product", product([rise, constant(0.5), constant(1)])],
    ["atMost", pipe(rise, atMost(0.999))],
    ["what is unknown", () => scalar(7)],
    ["made of what is unknown", product([constant(2), () => scalar(7)])]
  ])("β < 1: %s", (_, schedule) => {
    expect(asDecay(schedule)).toBe("nothing")
  })

  test.each<[name: string, schedule: Schedule]>([
    ["exponential", exponential({ start: 1, rate: 0.5 })],
    ["exponential, scaled", pipe(exponential({ start: 1, rate: 0.5 }), scale(0.5))],
    ["exponentials", product([exponential({ start: 1, rate: 0.5 }), exponential({ start: 1, rate: 0.5 })])],
    ["inverseTime", inverseTime({ start: 1, rate: 2 })],
    ["noam", noam({ modelSize: 1, warmupSteps: 4 })],
    ["cosineRestarts", cosineRestarts({ start: 1, steps: 4 })],
    ["exponential that grows", exponential({ start: 1, rate: 2 })],
    ["what grows, scaled", pipe(exponential({ start: 1, rate: 1.1 }), scale(2))],
    ["what grows, twice", product([exponential({ start: 1, rate: 1.1 }), exponential({ start: 1, rate: 1.1 })])]
  ])("what falls for ever does not reach 0, nor does what grows reach infinity: %s", (_, schedule) => {
    expect(asRadius(schedule)).toBe("nothing")
  })

  test.each([linear({ start: 1, end: 0, steps: 3 }), exponential({ start: 0, rate: 0.5 })])(
    "0 is reached",
    schedule => {
      expect(asRadius(schedule)).toContain("which may reach 0")
    }
  )
})

test("a schedule keeps its bounds where it is handed on, and where it is one of many", () => {
  expect(thrown(() => pipe(sgd({ learningRate: 1 }), withEma(cosine({ start: 0.9, end: 1, steps: 4 }))))).toContain(
    'withEma at "decay": expected a number ≥ 0 and < 1 at every step; got cosine, which may reach 1'
  )
  const twice = Array.from({ length: 2000 }, () => constant(1))
  expect(asDecay(product(twice))).toContain("got product, which may reach 1")
})

test("data are refused alike, at the option", () => {
  const schedule = { schedule: "linear", start: 0.9, end: 1.2, steps: 3 }
  const adam = { optimizer: "adam", b1: { schedule: "shift", steps: 1, of: schedule } }
  const decoded = decodeOptimizer({ optimizer: "partition", optimizers: { a: adam }, labels: [["**", "a"]] })
  expect(decoded._tag === "Left" && report(decoded.left)).toEqual([
    "optimizers/a/b1: expected a number ≥ 0 and < 1 at every step, not shift, which may reach 1.2; got an object with keys schedule, steps, of"
  ])
})

test("a schedule may have more pieces than a call takes arguments", () => {
  const places = Array.from({ length: 130_000 }, (_, i) => i)
  const stairs = piecewiseConstant({ boundaries: places.slice(1), values: places })
  expect(() => adam({ learningRate: stairs })).not.toThrow()
  expect(asDecay(stairs)).toContain("129999")
})
