import { describe, expect, test } from "vitest"
import { ThalwegError } from "thalweg"
import { constant, join, piecewiseConstant, schedules, type Schedule } from "thalweg/schedule"
import type { Field } from "../../src/schedule/fields.js"
import { first } from "./samples.js"

const message = (attempt: () => unknown): string => {
  try {
    attempt()
    return "nothing"
  } catch (error) {
    return error instanceof ThalwegError ? `${error.name} ${error.message}` : String(error)
  }
}

/** The least options of each schedule. */
const least: { readonly [K in keyof typeof schedules]: Parameters<(typeof schedules)[K]["make"]>[0] } = {
  constant: { value: 1 },
  linear: { start: 1, end: 2, steps: 3 },
  polynomial: { start: 1, steps: 3 },
  exponential: { start: 1, rate: 0.5 },
  inverseTime: { start: 1, rate: 0.5 },
  noam: { modelSize: 4, warmupSteps: 2 },
  piecewiseConstant: { boundaries: [1], values: [1, 2] },
  piecewiseInterpolate: { boundaries: [1], values: [1, 2] },
  cosine: { start: 1, steps: 3 },
  cosineRestarts: { start: 1, steps: 3 },
  cyclic: { low: 0, high: 1, upSteps: 2, downSteps: 2 },
  oneCycle: { peak: 1, upSteps: 2, downSteps: 2 },
  warmup: { steps: 2, schedule: constant(1) },
  join: { schedules: [constant(1), constant(2)], boundaries: [2] },
  scale: { factor: 2, schedule: constant(1) },
  shift: { steps: 2, schedule: constant(1) },
  product: { schedules: [constant(2), constant(3)] },
  atLeast: { bound: 2, schedule: constant(1) },
  atMost: { bound: 2, schedule: constant(3) }
}

interface Entry {
  readonly make: (options: object) => Schedule
  readonly fields: Readonly<Record<string, Field>>
}
const entries = Object.entries(schedules) as unknown as readonly (readonly [keyof typeof schedules, Entry])[]

/** What a field does not take. */
const wrong = (field: Field): readonly unknown[] => {
  if (field.kind === "hyperparameter" || field.kind === "number") return [NaN, "1", null]
  if (field.kind === "numbers") return [3, [NaN], ["1"], "12"]
  if (field.kind === "schedules") return [constant(1), [1]]
  return field.kind === "schedule" ? [1, null, [constant(1)]] : ["other", 1]
}

const has = (field: Field): boolean => "fallback" in field

describe.each(entries)("%s", (name, { make, fields }) => {
  test("has a field for each option and no other", () => {
    const missing = Object.entries(fields).filter(([option, field]) => !has(field) && !(option in least[name]))
    expect(missing).toEqual([])
    expect(Object.keys(least[name]).filter(option => !(option in fields))).toEqual([])
  })

  test("is made of its least options, and of these with the defaults of its fields", () => {
    const fallbacks = Object.entries(fields).flatMap(([option, field]) =>
      "fallback" in field ? [[option, field.fallback] as const] : []
    )
    const made = first(make(least[name]), 8)
    expect(made.every(Number.isFinite)).toBe(true)
    expect(first(make({ ...Object.fromEntries(fallbacks), ...least[name] }), 8)).toEqual(made)
  })

  test.each(Object.keys(fields))("refuses what %s is not", option => {
    const field = fields[option]
    expect(field && wrong(field).length).toBeGreaterThan(0)
    for (const value of field ? wrong(field) : []) {
      const attempt = message(() => make({ ...least[name], [option]: value }))
      expect(attempt).toMatch(/^HyperparameterError \w+: expected /)
      expect(attempt).toContain(option === "schedule" ? "to be a schedule" : option)
    }
  })
})

describe("lists", () => {
  test.each([
    [[2], [1], "piecewiseConstant: expected 2 values, one more than boundaries; got 1"],
    [[2, 2], [1, 2, 3], "piecewiseConstant: expected boundaries that rise; got [2, 2]"],
    [[3, 2], [1, 2, 3], "piecewiseConstant: expected boundaries that rise; got [3, 2]"],
    [[0], [1, 2], "piecewiseConstant: expected boundaries[0] to be a whole number ≥ 1; got 0"],
    [[1.5], [1, 2], "piecewiseConstant: expected boundaries[0] to be a whole number ≥ 1; got 1.5"],
    [[1], [1, Infinity], "piecewiseConstant: expected values[1] to be a finite number; got Infinity"]
  ])("boundaries %j and values %j are refused", (boundaries, values, expected) => {
    expect(message(() => piecewiseConstant({ boundaries, values }))).toBe(`HyperparameterError ${expected}`)
  })

  test("join needs one more schedule than boundaries, so at least one", () => {
    expect(message(() => join({ schedules: [], boundaries: [] }))).toBe(
      "HyperparameterError join: expected 1 schedules, one more than boundaries; got 0"
    )
  })

  test("are copied: changing them afterwards changes nothing", () => {
    const [boundaries, values] = [[2], [1, 5]]
    const schedule = piecewiseConstant({ boundaries, values })
    boundaries[0] = 1
    values[1] = 7
    expect(first(schedule, 3)).toEqual([1, 1, 5])
  })

  test("an unknown option is named", () => {
    expect(message(() => schedules.noam.make({ modelSize: 4, warmupSteps: 2, warmup: 2 } as never))).toBe(
      'HyperparameterError noam: expected options among modelSize, warmupSteps, factor; got "warmup"'
    )
  })
})
