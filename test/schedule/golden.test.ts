import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { arange, compile, item, scalar, toArray } from "thalweg"
import { schedules } from "../variants/schedules.js"
import type { GivenSchedule } from "../variants/variant.js"

interface Case {
  readonly name: string
  readonly hyper: GivenSchedule
  readonly values: readonly number[]
}

const { cases } = JSON.parse(readFileSync("test/golden/schedules.json", "utf8")) as { readonly cases: readonly Case[] }

const rows = schedules.filter(row => row.kind === "schedule")

/** These see losses: they are no schedules but a combinator. */
const ofLosses = ["", "-cooldown", "-max", "-eps"].map(variant => `torch/reduce-on-plateau${variant}`)

test("every case of the file has a variant, or is no schedule", () => {
  const known = [...rows.flatMap(row => row.cases), ...ofLosses]
  expect(cases.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
})

const compared = cases.flatMap(golden =>
  rows.filter(row => row.cases.includes(golden.name)).map(row => [golden.name, row.ours(golden.hyper), golden] as const)
)

describe.each(compared)("%s", (_, schedule, { values }) => {
  const compiled = compile(schedule)
  const near = (value: number, i: number): boolean =>
    Math.abs(value - (values[i] ?? NaN)) <= 1e-12 * Math.abs(values[i] ?? NaN)

  test("is that of the library, step by step and compiled", () => {
    const steps = values.map((_, i) => scalar(i, "i32"))
    expect(steps.map(step => item(schedule(step))).filter((value, i) => !near(value, i))).toEqual([])
    expect(steps.map(step => item(compiled(step))).filter((value, i) => !near(value, i))).toEqual([])
  })

  test("is that of the library for all steps at once", () => {
    const actual = [toArray(schedule(arange(values.length, { dtype: "f64" })))].flat() as number[]
    const all = actual.length === 1 ? values.map(() => actual[0] ?? NaN) : actual
    expect(all.filter((value, i) => !near(value, i))).toEqual([])
  })
})
