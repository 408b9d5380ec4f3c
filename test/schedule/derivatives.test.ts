import { describe, expect, test } from "vitest"
import { add, compile, div, grad, item, mul, scalar, sub, type Tensor } from "thalweg"
import { constant, join, linear, product, schedules, warmup } from "thalweg/schedule"
import { at, samples } from "./samples.js"

const slope = (schedule: (t: Tensor) => Tensor, step: number): number => item(grad(schedule)(scalar(step, "f64")))

test("there is a sample of every schedule", () => {
  const names = new Set(Object.keys(samples).map(name => name.split(" ")[0]))
  expect([...names].toSorted()).toEqual(Object.keys(schedules).toSorted())
})

describe.each(Object.entries(samples))("%s", (_, schedule) => {
  test("is an f64 scalar for any dtype of the step, also compiled", () => {
    const compiled = compile(schedule)
    for (const dtype of ["i32", "u32", "f32", "f64"] as const)
      for (const step of [0, 3, 4, 9, 100]) {
        const value = schedule(scalar(step, dtype))
        expect([value.dtype, value.shape]).toEqual(["f64", []])
        expect(item(value)).toBe(at(schedule, step))
        expect(item(compiled(scalar(step, dtype)))).toBe(at(schedule, step))
      }
  })

  test("has the slope of its central differences between steps", () => {
    for (let step = 0.5; step < 20; step++) {
      const difference = (at(schedule, step + 1e-6) - at(schedule, step - 1e-6)) / 2e-6
      expect(Math.abs(slope(schedule, step) - difference)).toBeLessThan(1e-8)
    }
  })

  test("has a finite slope at steps, and a finite value far out", () => {
    for (let step = 0; step < 20; step++) expect(slope(schedule, step)).not.toBeNaN()
    expect(Number.isFinite(at(schedule, 2 ** 31))).toBe(true)
  })
})

describe("composition", () => {
  const pole = (t: Tensor): Tensor => div(1, sub(4, t)) // infinite at 4

  test("keeps the poles of one schedule out of the others", () => {
    const before = join({ schedules: [pole, linear({ start: 1, end: 0, steps: 4 })], boundaries: [4] })
    expect([3, 4, 5].map(step => at(before, step))).toEqual([1, 1, 0.75])
    expect([3, 4, 5].map(step => slope(before, step))).toEqual([1, -0.25, -0.25])
    const after = join({ schedules: [constant(1), t => div(1, add(t, 1))], boundaries: [1] }) // infinite at 0 - 1
    expect(slope(after, 0)).toBe(0)
  })

  test("differentiates by a tensor within a schedule", () => {
    const rateAt2 = (peak: Tensor): Tensor =>
      product([warmup({ steps: 4 })(() => peak), t => mul(t, 3)])(scalar(2, "f64"))
    expect(item(grad(rateAt2)(scalar(0.7, "f64")))).toBe(3)
  })
})
