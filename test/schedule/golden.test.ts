import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { item, maximum, scalar, sub } from "thalweg"
import { constant, cosine, exponential, linear, type Schedule } from "thalweg/schedule"

const { cases } = JSON.parse(readFileSync("test/golden/schedules.json", "utf8")) as {
  readonly cases: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** A schedule that begins some steps later. */
const after =
  (steps: number, schedule: Schedule): Schedule =>
  t =>
    schedule(maximum(sub(t, steps), 0))

/** The schedules of the file that are offered; the options are those of its `reference`. */
const offered: Readonly<Record<string, Schedule>> = {
  "optax/constant": constant(0.3),
  "optax/linear": after(2, linear({ start: 0.1, end: 0.9, steps: 5 })),
  "optax/exponential": exponential({ start: 0.8, rate: 0.5, steps: 4 }),
  "optax/exponential-begin": after(3, exponential({ start: 0.8, rate: 0.5, steps: 4 })),
  "optax/cosine": cosine({ start: 0.6, steps: 8 }),
  "torch/exponential": exponential({ start: 0.5, rate: 0.8 }),
  "torch/linear": linear({ start: 0.5 * 0.2, end: 0.5 * 0.8, steps: 5 }),
  "keras/exponential": exponential({ start: 0.8, rate: 0.5, steps: 4 }),
  "keras/cosine": cosine({ start: 0.6, end: 0.06, steps: 8 })
}

test.each(Object.entries(offered))("%s", (name, schedule) => {
  const { values = [] } = cases.find(golden => golden.name === name) ?? {}
  expect(values.length).toBeGreaterThan(3)
  values.forEach((value, step) =>
    expect(Math.abs(item(schedule(scalar(step, "i32"))) - value)).toBeLessThanOrEqual(1e-15)
  )
})
