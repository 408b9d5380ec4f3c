import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { arange, compile, item, pipe, scalar, toArray } from "thalweg"
import { reduceOnPlateau, sgd, type PlateauOptions } from "thalweg/optimizer"
import { schedules } from "../variants/schedules.js"
import type { GivenSchedule } from "../variants/variant.js"

interface Case {
  readonly name: string
  readonly hyper: GivenSchedule
  readonly losses?: readonly number[]
  readonly values: readonly number[]
}

const { cases } = JSON.parse(readFileSync("test/golden/schedules.json", "utf8")) as { readonly cases: readonly Case[] }

const rows = schedules.filter(row => row.kind === "schedule")

/** These see losses: they are no schedules but a combinator. PyTorch reduces after one loss more. */
const ofLosses: Readonly<Record<string, (given: GivenSchedule) => PlateauOptions>> = {
  "torch/reduce-on-plateau": ({ factor, patience }) => ({ factor, patience: patience + 1, rtol: 1e-4, atol: 0 }),
  "torch/reduce-on-plateau-cooldown": ({ factor, patience, cooldown, threshold, least, learningRate }) => ({
    ...{ factor, patience: patience + 1, cooldown, rtol: 0, atol: threshold },
    minScale: least / learningRate
  })
}

const notReached: Readonly<Record<string, string>> = {
  "torch/reduce-on-plateau-max": "what rises is watched by `maximize`, whose threshold is one of the negated loss",
  "torch/reduce-on-plateau-eps": "no reduction is so small that it is left out"
}

test("every case of the file has a variant, or a reason not to have one", () => {
  const known = [...rows.flatMap(row => row.cases), ...Object.keys(ofLosses), ...Object.keys(notReached)]
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

test.each(Object.entries(ofLosses))("%s, loss by loss", (name, optionsOf) => {
  const { hyper, losses = [], values } = cases.find(golden => golden.name === name) as Case
  const optimizer = pipe(sgd({ learningRate: hyper.learningRate }), reduceOnPlateau(optionsOf(hyper)))
  const zero = scalar(0, "f64")
  let state = optimizer.init(zero)
  const rates = losses.map(loss => {
    const given = { loss: scalar(loss, "f64") }
    const rate = item(optimizer.rate(state, given))
    state = optimizer.step(zero, state, zero, given)[1]
    return rate
  })
  expect(rates).toEqual(values)
})

test.each(Object.entries(ofLosses))("%s, epoch by epoch", (name, optionsOf) => {
  const { hyper, losses = [], values } = cases.find(golden => golden.name === name) as Case
  const plateau = reduceOnPlateau({ ...optionsOf(hyper), per: "epoch" })
  const optimizer = pipe(sgd({ learningRate: hyper.learningRate }), plateau)
  let state = optimizer.init(scalar(0, "f64"))
  const rates = losses.map(loss => {
    state = optimizer.endEpoch(state, scalar(loss, "f64"))
    return item(optimizer.rate(state))
  })
  expect(rates).toEqual(values)
})
