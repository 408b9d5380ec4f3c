import { describe, expect, test } from "vitest"
import {
  againstF64,
  boundOf,
  catalogue,
  compared,
  deviation,
  exceptions,
  notReached,
  overlooked,
  ownDeviation,
  recipeName,
  recipeTables,
  tolerance,
  type Golden
} from "./deviations.js"
import { modes, type Mode } from "./trajectories.js"

const allModes = Object.keys(modes) as Mode[]

test("every case of the files has one recipe, or a reason not to have one", () => {
  const known = [...recipeTables, notReached].flatMap(table => Object.keys(table))
  expect([...new Set(catalogue.map(recipeName))].toSorted()).toEqual(known.toSorted())
})

test("nothing that a case says is overlooked", () => {
  expect(overlooked).toEqual([])
})

test("every exception is a case", () => {
  const names = compared.map(({ name }) => name)
  expect([...Object.keys(exceptions), ...againstF64].filter(name => !names.includes(name))).toEqual([])
})

test("what is compared with f64 is no nearer to its own f64", () => {
  const near = compared.filter(golden => againstF64.includes(golden.name) && ownDeviation(golden) < tolerance.f32)
  expect(near.map(({ name }) => name)).toEqual([])
})

const offs = new Map<string, number>()
const off = (golden: Golden, mode: Mode): number => {
  const known = offs.get(golden.name + mode) ?? deviation(golden, mode)
  offs.set(golden.name + mode, known)
  return known
}

describe.each(allModes)("%s", mode => {
  test.each(compared.map(golden => [golden.name, golden] as const))("%s", (_, golden) => {
    expect(off(golden, mode)).toBeLessThanOrEqual(boundOf(golden))
  })
})

/** The worst of some cases, and which it is. */
const row = (golden: readonly Golden[]) => {
  const far = golden.map(each => ({ case: each.name, worst: Math.max(...allModes.map(mode => off(each, mode))) }))
  const farthest = far.reduce((a, b) => (b.worst > a.worst ? b : a))
  return { cases: far.length, worst: farthest.worst, of: farthest.case }
}

/** Where a case is counted: with its source and dtype, or on its own. */
const groupOf = ({ name, source, dtype }: Golden): string => (name in exceptions ? name : `${source} ${dtype}`)

test("the worst of every source and dtype is within the tolerance, but for the exceptions", () => {
  const groups = [...new Set(compared.map(groupOf))]
  const table = groups.map(name => [name, row(compared.filter(golden => groupOf(golden) === name))] as const)
  if (process.env["DEVIATIONS"] !== undefined) console.table(Object.fromEntries(table))
  const worstOf = (dtype: "f32" | "f64"): readonly number[] =>
    table.filter(([name]) => name.endsWith(` ${dtype}`)).map(([, { worst }]) => worst)
  expect([worstOf("f64").length, worstOf("f32").length]).toEqual([7, 7])
  expect(Math.max(...worstOf("f64"))).toBeLessThanOrEqual(tolerance.f64)
  expect(Math.max(...worstOf("f32"))).toBeLessThanOrEqual(tolerance.f32)
})
