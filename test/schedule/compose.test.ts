import { expect, test } from "vitest"
import { pipe, scalar } from "thalweg"
import { join, linear, scale, shift } from "thalweg/schedule"
import { at, first } from "./samples.js"

test("join at a boundary gives the next schedule, counted from there", () => {
  const [a, b] = [linear({ start: 1, end: 2, steps: 10 }), linear({ start: 5, end: 6, steps: 10 })]
  expect(first(join({ schedules: [a, b], boundaries: [2] }), 4)).toEqual([1, 1.1, 5, 5.1])
})

test("a delay undoes a jump ahead no more than time does", () => {
  const line = linear({ start: 0, end: 8, steps: 8 })
  expect(first(pipe(line, shift(-3), shift(3)), 5)).toEqual([3, 3, 3, 3, 4])
})

test("a schedule of an unusual dtype composes: f32 widens, others are an error", () => {
  expect(
    at(
      pipe(() => scalar(0.5), scale(3)),
      0
    )
  ).toBe(1.5)
  expect(() =>
    at(
      pipe(() => scalar(1, "i32"), scale(3)),
      0
    )
  ).toThrow("scale: expected schedules of f32 or f64; got i32")
})
