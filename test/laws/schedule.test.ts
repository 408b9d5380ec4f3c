import fc from "fast-check"
import { item, scalar } from "thalweg"
import { arbSchedule, arbScheduleSpec, check, exact, law, type ScheduleChoice } from "thalweg/laws"
import { schedules } from "thalweg/schedule"
import { describe, expect, test } from "vitest"
import { isHeld } from "./hold.js"
import { schedules as suites } from "./suites/schedules.js"

describe.each(suites.map(suite => [suite[0], suite] as const))("%s", (_, suite) => {
  isHeld(suite)
})

type Fields = Readonly<Record<string, { readonly kind: string; readonly choices?: readonly string[] }>>

/** Each option of a schedule by name; words by name and word. */
const entriesOf = (schedule: string, options: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(options).flatMap(([option, value]) => [
    `${schedule}.${option}`,
    ...[value].flat().flatMap(word => (typeof word === "string" ? [`${schedule}.${option} ${word}`] : []))
  ])

describe("random schedules", () => {
  const specs = fc.sample(arbScheduleSpec(), { seed: 1, numRuns: 3000 })

  test("are of every row, with every option and every word", () => {
    const seen = new Set(specs.flatMap(({ schedule, options }) => entriesOf(schedule, options)))
    const all = Object.entries<{ readonly fields: Fields }>(schedules).flatMap(([name, { fields }]) =>
      Object.entries(fields).flatMap(([option, { choices = [] }]) => entriesOf(name, { [option]: choices }))
    )
    expect(all.filter(entry => !seen.has(entry))).toEqual([])
  })

  test("print as code and shrink to a constant", () => {
    const small = law("there is no schedule", exact, arbSchedule(), s => [s(scalar(0)), []])
    expect(check(small)).toMatchObject({ holds: false, counterexample: "schedules.constant.make({ value: 0 })" })
    const texts = fc.sample(arbSchedule(), { seed: 1, numRuns: 500 }).map(String)
    expect(
      texts.some(text => /^schedules\.scale\.make\(\{ factor: \S+, schedule: schedules\.\w+\.make\(/.test(text))
    ).toBe(true)
  })

  test("do not grow when told not to", () => {
    const last = (choice: ScheduleChoice): number =>
      Math.max(
        ...fc.sample(arbSchedule(choice), { seed: 1, numRuns: 500 }).map(s => Math.abs(item(s(scalar(500, "f64")))))
      )
    expect(last({})).toBeGreaterThan(1e6)
    expect(last({ growing: false })).toBeLessThan(1e6)
  })
})
