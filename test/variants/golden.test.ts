import { describe, expect, test } from "vitest"
import { allCases, bareName, type Case } from "./cases.js"
import {
  againstF64,
  boundOf,
  comparisons,
  deviation,
  exceptions,
  notReached,
  overlooked,
  ownDeviation,
  tolerance,
  type Comparison
} from "./deviations.js"
import { composed, entries } from "./index.js"
import type { Mode } from "./trajectories.js"

test("every case of the files has a variant, or a reason not to have one", () => {
  const known = [...composed.flatMap(({ cases }) => cases), ...Object.keys(notReached)]
  expect([...new Set(allCases.map(bareName))].toSorted()).toEqual([...new Set(known)].toSorted())
})

test("every row has a case, but for those that stand in cases of others, move nothing, or draw", () => {
  const withCases = Object.entries(entries).filter(([, { variants }]) =>
    variants.some(variant => variant.kind === "composed" && variant.cases.length > 0)
  )
  const without = Object.keys(entries).filter(name => !withCases.some(([one]) => one === name))
  expect(without).toEqual(["withL1", "withL2", "addNoise", "withNesterov", "freeze", "withSchedule"])
})

test("every case of the files is compared in its dtype, once for each variant that names it", () => {
  const names = comparisons.map(({ golden }) => golden)
  expect(new Set(names).size + Object.keys(notReached).length * 2).toBe(allCases.length)
  expect(new Set(comparisons.map(({ golden, variant }) => [variant, golden])).size).toBe(comparisons.length)
})

test("nothing that a case says is overlooked", () => {
  expect(overlooked).toEqual([])
})

test("every exception is a case", () => {
  const names = comparisons.map(({ golden }) => golden.name)
  expect([...Object.keys(exceptions), ...againstF64].filter(name => !names.includes(name))).toEqual([])
})

test("what is compared with f64 is no nearer to its own f64", () => {
  const near = allCases.filter(golden => againstF64.includes(golden.name) && ownDeviation(golden) < tolerance.f32)
  expect(near.map(({ name }) => name)).toEqual([])
})

const offs = new Map<string, number>()

/** Compiled in every dtype, and in the narrow bounds of f64 as it is built, too: what is compiled has the same bits. */
const runs: readonly (readonly [mode: Mode, compared: readonly Comparison[]])[] = [
  ["compiled", comparisons],
  ["evaluated", comparisons.filter(({ golden }) => golden.dtype === "f64")]
]

describe.each(runs)("%s", (mode, compared) => {
  test.each(compared.map(each => [each.golden.name, each] as const))("%s", (_, each) => {
    const off = deviation(each, mode)
    offs.set(each.golden.name, Math.max(off, offs.get(each.golden.name) ?? 0))
    expect(off).toBeLessThanOrEqual(boundOf(each.golden))
  })
})

/** Where a case is counted: with its source and dtype, or on its own. */
const groupOf = ({ name, source, dtype }: Case): string => (name in exceptions ? name : `${source} ${dtype}`)

/** The worst of some cases, and which it is. */
const row = (all: readonly Comparison[]) => {
  const far = all.map(({ golden: { name } }) => ({ case: name, worst: offs.get(name) ?? Infinity }))
  const farthest = far.reduce((a, b) => (b.worst > a.worst ? b : a))
  return { cases: far.length, worst: farthest.worst, of: farthest.case }
}

test("the worst of every source and dtype is within the tolerance, but for the exceptions", () => {
  const groups = [...new Set(comparisons.map(({ golden }) => groupOf(golden)))]
  const table = groups.map(
    group => [group, row(comparisons.filter(({ golden }) => groupOf(golden) === group))] as const
  )
  if (process.env["DEVIATIONS"] !== undefined) console.table(Object.fromEntries(table))
  const worstOf = (dtype: "f32" | "f64"): readonly number[] =>
    table.filter(([name]) => name.endsWith(` ${dtype}`)).map(([, { worst }]) => worst)
  expect([worstOf("f64").length, worstOf("f32").length]).toEqual([11, 11])
  expect(Math.max(...worstOf("f64"))).toBeLessThanOrEqual(tolerance.f64)
  expect(Math.max(...worstOf("f32"))).toBeLessThanOrEqual(tolerance.f32)
})
