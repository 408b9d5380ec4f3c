import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { item, pipe, scalar, tensor, toArray } from "thalweg"
import { adam } from "thalweg/optimizer"
import {
  atLeast,
  atMost,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  join,
  linear,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  product,
  scale,
  shift,
  warmup,
  type Schedule
} from "thalweg/schedule"
import { at, first, samples } from "./samples.js"

const arbSchedule = fc.constantFrom(...Object.values(samples))
const arbSteps = fc.integer({ min: 1, max: 6 })

/** Both sides, at the first 25 steps, are the same bits, or differ by no more than `within` of the value. */
const same = (one: Schedule, other: Schedule, within = 0): void =>
  first(one, 25).forEach((value, step) =>
    expect(Math.abs(value - at(other, step))).toBeLessThanOrEqual(within * Math.abs(value))
  )

describe("join", () => {
  test("is associative, exactly", () => {
    const arbBoundaries = fc.tuple(arbSteps, arbSteps)
    fc.assert(
      fc.property(arbSchedule, arbSchedule, arbSchedule, arbBoundaries, (a, b, c, [m, more]) => {
        const n = m + more
        const left = join({ schedules: [join({ schedules: [a, b], boundaries: [m] }), c], boundaries: [n] })
        const right = join({ schedules: [a, join({ schedules: [b, c], boundaries: [more] })], boundaries: [m] })
        same(left, right)
        same(left, join({ schedules: [a, b, c], boundaries: [m, n] }))
      }),
      { numRuns: 40 }
    )
  })

  test("at a boundary gives the next schedule, counted from there", () => {
    const [a, b] = [linear({ start: 1, end: 2, steps: 10 }), linear({ start: 5, end: 6, steps: 10 })]
    expect(first(join({ schedules: [a, b], boundaries: [2] }), 4)).toEqual([1, 1.1, 5, 5.1])
    same(join({ schedules: [a], boundaries: [] }), a)
  })

  test("of constants is piecewiseConstant; its second part is found by a shift", () => {
    const [boundaries, values] = [[2, 5], [3, 1, 2]] as const // prettier-ignore
    same(join({ schedules: values.map(constant), boundaries }), piecewiseConstant({ boundaries, values }))
    fc.assert(
      fc.property(arbSchedule, arbSchedule, arbSteps, (a, b, n) =>
        same(pipe(join({ schedules: [a, b], boundaries: [n] }), shift(-n)), b)
      ),
      { numRuns: 40 }
    )
  })
})

describe("warmup", () => {
  test("is a line to the first value, then the schedule", () => {
    fc.assert(
      fc.property(arbSchedule, arbSteps, (schedule, steps) => {
        const line = linear({ start: 0.25, end: at(schedule, 0), steps })
        const joined = join({ schedules: [line, schedule], boundaries: [steps] })
        same(pipe(schedule, warmup({ start: 0.25, steps })), joined, 1e-15)
      }),
      { numRuns: 40 }
    )
  })

  test("from 0 makes step 0 a no-op while moments advance", () => {
    const opt = adam({ learningRate: pipe(constant(0.1), warmup({ steps: 2 })) })
    const params = { w: tensor([1, -2]) }
    const [moved, state] = opt.step(params, opt.init(params), { w: tensor([3, 4]) })
    expect(toArray(moved.w)).toEqual([1, -2])
    expect(state).not.toEqual(opt.init(params))
    expect(item(opt.rate(state))).toBe(0.05)
  })
})

describe("algebra", () => {
  test.each(Object.entries(samples))("of %s: units and idempotence", (_, s) => {
    for (const unit of [scale(1), shift(0)]) same(unit(s), s)
    for (const one of [[s], [constant(1), s], [s, constant(1)]]) same(product(one), s)
    same(pipe(s, scale(0.3)), product([s, constant(0.3)]))
    for (const bound of [atLeast(0.4), atMost(0.4)]) same(pipe(s, bound), pipe(s, bound, bound))
  })

  test("two shifts of one sign add up; a delay undoes a jump ahead no more than time does", () => {
    for (const s of Object.values(samples)) {
      same(pipe(s, shift(2), shift(3)), pipe(s, shift(5)))
      same(pipe(s, shift(-2), shift(-3)), pipe(s, shift(-5)))
      same(pipe(s, shift(3), shift(-3)), s)
    }
    const line = linear({ start: 0, end: 8, steps: 8 })
    expect(first(pipe(line, shift(-3), shift(3)), 5)).toEqual([3, 3, 3, 3, 4])
  })

  test("a product is associative and commutative, to rounding", () => {
    fc.assert(
      fc.property(arbSchedule, arbSchedule, arbSchedule, (a, b, c) => {
        same(product([a, b, c]), product([a, product([b, c])]), 1e-15)
        same(product([a, b]), product([b, a]))
      }),
      { numRuns: 40 }
    )
  })
})

describe("special cases", () => {
  const ends = { start: 0.9, end: 0.1, steps: 7 }
  test.each([
    ["polynomial of power 1 is linear", polynomial(ends), linear(ends)],
    [
      "piecewiseInterpolate of one boundary is linear",
      piecewiseInterpolate({ boundaries: [7], values: [0.9, 0.1] }),
      linear(ends)
    ],
    [
      "piecewiseInterpolate by one cosine is cosine",
      piecewiseInterpolate({ boundaries: [7], values: [0.9, 0.1], interpolation: "cosine" }),
      cosine(ends)
    ],
    [
      "expRange of rate 1 is triangular",
      cyclic({ low: 0, high: 1, upSteps: 2, downSteps: 3, mode: "expRange" }),
      cyclic({ low: 0, high: 1, upSteps: 2, downSteps: 3 })
    ],
    [
      "piecewiseConstant without boundaries is constant",
      piecewiseConstant({ boundaries: [], values: [2] }),
      constant(2)
    ]
  ])("%s", (_, one, other) => same(one, other, 1e-14))

  test("a staircase is the smooth curve at its multiples", () => {
    const options = { start: 2, rate: 0.7, steps: 3 }
    for (const step of [0, 3, 6, 9])
      for (const later of [0, 1, 2])
        expect(at(exponential({ ...options, staircase: true }), step + later)).toBe(at(exponential(options), step))
  })
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

  test("within the first period are cosine", () => {
    const options = { start: 0.8, end: 0.2, steps: 5 }
    for (const stepsFactor of [1, 2])
      expect(first(cosineRestarts({ ...options, stepsFactor }), 5)).toEqual(first(cosine(options), 5))
  })
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
