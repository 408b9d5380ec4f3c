import { describe, expect, test } from "vitest"
import { grad, item, pipe, scalar, type Tensor } from "thalweg"
import {
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  linear,
  product,
  scale,
  warmup,
  type Schedule
} from "thalweg/schedule"
import { at } from "./samples.js"

/** The formulas in plain numbers. */
const formulas: readonly (readonly [name: string, schedule: Schedule, formula: (t: number) => number])[] = [
  ["constant", constant(0.3), () => 0.3],
  ["linear down", linear({ start: 0.1, end: 0.02, steps: 7 }), t => 0.1 - (0.08 * Math.min(t, 7)) / 7],
  ["linear up from 0", linear({ start: 0, end: 1, steps: 4 }), t => Math.min(t, 4) / 4],
  ["linear below 0", linear({ start: 1, end: -1, steps: 8 }), t => 1 - Math.min(t, 8) / 4],
  ["linear of one step", linear({ start: 5, end: 6, steps: 1 }), t => (t < 1 ? 5 : 6)],
  ["exponential", exponential({ start: 0.1, rate: 0.9 }), t => 0.1 * 0.9 ** t],
  ["exponential over steps", exponential({ start: 2, rate: 0.5, steps: 10 }), t => 2 * 0.5 ** (t / 10)],
  ["exponential over half steps", exponential({ start: 2, rate: 0.5, steps: 0.5 }), t => 2 * 0.25 ** t],
  ["exponential growth", exponential({ start: -1, rate: 1.1 }), t => -(1.1 ** t)],
  ["cosine to 0", cosine({ start: 0.4, steps: 9 }), t => 0.2 * (1 + Math.cos((Math.PI * Math.min(t, 9)) / 9))],
  [
    "cosine to a floor",
    cosine({ start: 1, end: 0.1, steps: 6 }),
    t => 0.55 + 0.45 * Math.cos((Math.PI * Math.min(t, 6)) / 6)
  ],
  ["cosine up", cosine({ start: -1, end: 1, steps: 5 }), t => -Math.cos((Math.PI * Math.min(t, 5)) / 5)]
]

test.each(formulas)("%s is its formula at every step", (_, schedule, formula) => {
  for (let step = 0; step < 25; step++) {
    const value = at(schedule, step)
    expect(Math.abs(value - formula(step))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(value)))
  }
})

describe("restarts", () => {
  /** The periods by counting. */
  const counted = (step: number, steps: number, factor: number): number => {
    let [t, length] = [step, steps]
    while (t >= length) [t, length] = [t - length, length * factor]
    return (1 + Math.cos((Math.PI * t) / length)) / 2
  }

  test.each([1, 2, 3, 4, 5, 7, 10])("fall on the right steps when periods grow by %d", factor => {
    for (const steps of [1, 2, 3, 5, 7, 10, 96]) {
      const schedule = cosineRestarts({ start: 1, steps, stepsFactor: factor })
      const begins = Array.from({ length: 12 }, (_, i) =>
        factor === 1 ? i * steps : (steps * (factor ** i - 1)) / (factor - 1)
      )
      for (const begin of begins.filter(begin => begin < 2 ** 40))
        for (const step of [begin - 1, begin, begin + 1].filter(t => t >= 0))
          expect(Math.abs(at(schedule, step) - counted(step, steps, factor))).toBeLessThan(1e-12)
    }
  })
})

const growth = exponential({ start: 2, rate: 2 })
const most = Number.MAX_VALUE

test.each<[name: string, schedule: Schedule, last: number]>([
  ["exponential", growth, most],
  ["exponential from 0", exponential({ start: 0, rate: 2 }), 0],
  ["cosineRestarts", cosineRestarts({ start: -1, steps: 1, heightFactor: 2 }), -most],
  ["cosineRestarts of no height", cosineRestarts({ start: 1, end: 1, steps: 1, heightFactor: 2 }), 1],
  ["cyclic", cyclic({ low: 0, high: 1, upSteps: 1, downSteps: 1, mode: "expRange", rate: 2 }), most],
  ["cyclic of no height", cyclic({ low: 1, high: 1, upSteps: 1, downSteps: 1, mode: "expRange", rate: 2 }), 1],
  ["scale", pipe(growth, scale(2), scale(0.5)), most / 2],
  ["scale by 0", pipe(growth, scale(2), scale(0)), 0],
  ["product", product([growth, growth, constant(0)]), 0],
  ["warmup", pipe(growth, warmup({ steps: 2 }), scale(0)), 0]
])("what grows stays finite: %s", (_, schedule, last) => {
  expect(Math.abs(at(schedule, 2 ** 31 - 1) - last)).toBe(0)
})

test("a schedule differentiates by the step", () => {
  const slope = (schedule: Schedule, step: number): number =>
    item(grad((t: Tensor) => schedule(t))(scalar(step, "f64")))
  expect(slope(linear({ start: 1, end: 0, steps: 8 }), 3)).toBe(-1 / 8)
  expect(slope(linear({ start: 1, end: 0, steps: 8 }), 30)).toBe(0)
  expect(slope(exponential({ start: 2, rate: 0.5 }), 3)).toBeCloseTo(2 * Math.log(0.5) * 0.125, 14)
  expect(slope(cosine({ start: 1, steps: 4 }), 2)).toBeCloseTo(-Math.PI / 8, 14)
})
