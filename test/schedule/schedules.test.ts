import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, grad, item, scalar, tensor, toArray, type Tensor } from "thalweg"
import { constant, cosine, exponential, linear, type Schedule } from "thalweg/schedule"

const at = (schedule: Schedule, step: number): number => item(schedule(scalar(step, "i32")))

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

describe.each(formulas)("%s", (_, schedule, formula) => {
  test("is its formula at every step, also compiled and for any dtype of the step", () => {
    const compiled = compile(schedule)
    for (let step = 0; step < 25; step++) {
      const value = at(schedule, step)
      expect(Math.abs(value - formula(step))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(value)))
      for (const dtype of ["i32", "u32", "f32", "f64"] as const) {
        expect(item(schedule(scalar(step, dtype)))).toBe(value)
        expect(item(compiled(scalar(step, dtype)))).toBe(value)
      }
    }
  })

  test("is a scalar of f64", () => {
    const value = schedule(scalar(3, "i32"))
    expect([value.dtype, value.shape]).toEqual(["f64", []])
  })
})

describe("boundaries", () => {
  test.each([
    ["linear", linear({ start: 0.5, end: 0.25, steps: 10 })],
    ["cosine", cosine({ start: 0.5, end: 0.25, steps: 10 })]
  ])("%s begins at its start, is at its end after its steps and stays there", (_, schedule) => {
    expect([0, 10, 11, 2 ** 31 - 1].map(step => at(schedule, step))).toEqual([0.5, 0.25, 0.25, 0.25])
    expect(at(schedule, 9)).toBeGreaterThan(0.25)
  })

  test("exponential at multiples of its steps is multiplied by its rate, and never ends", () => {
    const schedule = exponential({ start: 3, rate: 0.5, steps: 100 })
    expect([0, 100, 200, 300].map(step => at(schedule, step))).toEqual([3, 1.5, 0.75, 0.375])
    expect(at(schedule, 1e6)).toBe(0)
  })

  test("linear and cosine stay between start and end, and move one way", () => {
    const arbEnds = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
    fc.assert(
      fc.property(arbEnds, fc.integer({ min: 1, max: 40 }), ([start, end], steps) => {
        const [low, high] = [Math.min(start, end) - 1e-15, Math.max(start, end) + 1e-15]
        for (const schedule of [linear({ start, end, steps }), cosine({ start, end, steps })]) {
          const values = Array.from({ length: steps + 3 }, (_, step) => at(schedule, step))
          expect(values.every(value => value >= low && value <= high)).toBe(true)
          const differences = values.slice(1).map((value, i) => (value - (values[i] ?? NaN)) * Math.sign(end - start))
          expect(differences.every(difference => difference >= -1e-15)).toBe(true)
        }
      }),
      { numRuns: 30 }
    )
  })
})

describe("a schedule is an expression", () => {
  test("of a vector of steps", () => {
    const steps = tensor([0, 5, 10, 20], { dtype: "i32" })
    expect(toArray(linear({ start: 1, end: 0, steps: 10 })(steps))).toEqual([1, 0.5, 0, 0])
  })

  test("which differentiates by the step", () => {
    const slope = (schedule: Schedule, step: number): number =>
      item(grad((t: Tensor) => schedule(t))(scalar(step, "f64")))
    expect(slope(linear({ start: 1, end: 0, steps: 8 }), 3)).toBe(-1 / 8)
    expect(slope(linear({ start: 1, end: 0, steps: 8 }), 30)).toBe(0)
    expect(slope(exponential({ start: 2, rate: 0.5 }), 3)).toBeCloseTo(2 * Math.log(0.5) * 0.125, 14)
    expect(slope(cosine({ start: 1, steps: 4 }), 2)).toBeCloseTo(-Math.PI / 8, 14)
  })
})
