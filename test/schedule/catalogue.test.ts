import { describe, expect, test } from "vitest"
import { ThalwegError } from "thalweg"
import {
  atLeast,
  atMost,
  constant,
  join,
  piecewiseConstant,
  product,
  scale,
  schedules,
  shift,
  warmup,
  type Field,
  type Schedule
} from "thalweg/schedule"
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
  readonly title: string
  readonly fields: Readonly<Record<string, Field>>
  make(options: object): Schedule
}
const recipes: Readonly<Record<keyof typeof schedules, Entry>> = schedules
const entries = Object.entries(recipes) as readonly (readonly [keyof typeof schedules, Entry])[]

/** What a field does not take. */
const wrong = (field: Field): readonly unknown[] => {
  if (field.kind === "quantity" || field.kind === "number") return [NaN, "1", null]
  if (field.kind === "numbers") return [3, [NaN], ["1"], "12"]
  if (field.kind === "schedules") return [constant(1), [1]]
  return field.kind === "schedule" ? [1, null, [constant(1)]] : ["other", 1]
}

/** What has to stand beside a field for it to mean something. */
const beside = ({ beside: other, when = [] }: Field): object => (other === undefined ? {} : { [other]: when[0] })

const has = (field: Field): boolean => field.default !== undefined

describe.each(entries)("%s", (name, recipe) => {
  const { fields, title } = recipe
  const make = (options: object): Schedule => recipe.make(options)

  test("has its name as its title", () => {
    expect(title).toBe(name)
  })

  test("has a field for each option and no other", () => {
    const missing = Object.entries(fields).filter(([option, field]) => !has(field) && !(option in least[name]))
    expect(missing).toEqual([])
    expect(Object.keys(least[name]).filter(option => !(option in fields))).toEqual([])
  })

  test("is made of its least options, and of these with the defaults of its fields", () => {
    const defaults = Object.entries(fields).flatMap(([option, field]) =>
      has(field) && field.beside === undefined ? [[option, field.default] as const] : []
    )
    const made = first(make(least[name]), 8)
    expect(made.every(Number.isFinite)).toBe(true)
    expect(first(make({ ...Object.fromEntries(defaults), ...least[name] }), 8)).toEqual(made)
  })

  test.each(Object.keys(fields))("refuses what %s is not", option => {
    const field = fields[option]
    expect(field && wrong(field).length).toBeGreaterThan(0)
    for (const value of field ? wrong(field) : []) {
      const attempt = message(() => make({ ...least[name], ...(field && beside(field)), [option]: value }))
      expect(attempt).toMatch(/^HyperparameterError \w+: expected /)
      expect(attempt).toContain(option === "schedule" ? "to be a schedule" : option)
    }
  })
})

describe("lists", () => {
  test.each([
    [[2], [1], "piecewiseConstant: expected 2 values, one more than boundaries; got 1"],
    [[3, 2], [1, 2, 3], "piecewiseConstant: expected boundaries that do not fall; got [3, 2]"],
    [[-1], [1, 2], "piecewiseConstant: expected boundaries[0] to be a whole number ≥ 0; got -1"],
    [[1.5], [1, 2], "piecewiseConstant: expected boundaries[0] to be a whole number ≥ 0; got 1.5"],
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

describe("what stands before a schedule is checked before it comes", () => {
  test.each([
    ["warmup: expected steps to be a whole number ≥ 0; got -1", () => warmup({ steps: -1 })],
    [
      'warmup: expected options among start, steps; got "stops" (did you mean "steps"?)',
      () => warmup({ steps: 1, stops: 2 } as never)
    ],
    ["scale: expected factor to be a finite number; got NaN", () => scale(NaN)],
    ["shift: expected steps to be a whole number; got 0.5", () => shift(0.5)],
    ["atLeast: expected bound to be a finite number; got Infinity", () => atLeast(Infinity)],
    ["atMost: expected bound to be a finite number; got undefined", () => atMost(undefined as never)]
  ])("%s", (expected, use) => {
    expect(message(use)).toBe(`HyperparameterError ${expected}`)
  })

  test("and the schedule when it comes", () => {
    for (const change of [warmup({ steps: 1 }), scale(2), shift(1), atLeast(1), atMost(1)])
      expect(message(() => change(3 as never))).toMatch(/: expected schedule to be a schedule; got 3$/)
    expect(message(() => product([3 as never]))).toMatch(/: expected schedules\[0\] to be a schedule; got 3$/)
  })

  test("functions of one value take no more than it: they can be mapped", () => {
    expect([1, 2].map(constant).map(schedule => first(schedule, 1))).toEqual([[1], [2]])
  })
})
