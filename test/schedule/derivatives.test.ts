import { describe, expect, test } from "vitest"
import { add, div, grad, item, scalar, sub, type Tensor } from "thalweg"
import { constant, join, linear, schedules } from "thalweg/schedule"
import { at, samples } from "./samples.js"

const slope = (schedule: (t: Tensor) => Tensor, step: number): number => item(grad(schedule)(scalar(step, "f64")))

test("there is a sample of every schedule", () => {
  const names = new Set(Object.keys(samples).map(name => name.split(" ")[0]))
  expect([...names].toSorted()).toEqual(Object.keys(schedules).toSorted())
})

describe.each(Object.entries(samples))("%s", (_, schedule) => {
  test("has a slope at steps", () => {
    for (let step = 0; step < 20; step++) expect(slope(schedule, step)).not.toBeNaN()
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
})
