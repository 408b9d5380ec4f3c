import { evaluate, ThalwegError, toArray, toTyped, Tree, type Tensor } from "thalweg"
import { difference, relative } from "thalweg/laws"
import { thrownBy } from "../support.js"
import { differences } from "./edges.js"
import { beforeAll, describe, expect, test } from "vitest"
import { python, runOnXla, type Build, type Case } from "./python.js"
import type { Suite } from "./suites.js"

const suites = python === undefined ? {} : (await import("./suites.js")).suites

const largestOf = (t: Tensor): number => {
  const sizes = Array.from(toTyped(t), x => Math.abs(x))
  return sizes.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, x) : most), 0)
}

/** Where leaves first differ by more than is granted. */
const differing = (found: readonly Tensor[], expected: Tree, { f32, f64, floor = 0 }: Suite, granted?: number) => {
  const paths = Tree.paths(expected)
  const texts = Tree.leaves(expected).map((t, i) => {
    const tolerance = granted ?? (t.dtype === "f32" ? f32 : f64)
    const said = difference(relative(tolerance, Math.max(floor, largestOf(t))), found[i] as Tensor, t)
    return said === undefined ? undefined : `${paths[i] ?? ""} ${said}`
  })
  return texts.find(text => text !== undefined)
}

const results = new Map<Case, readonly Tensor[] | string>()

/** The results of a case; what went wrong, if it did not run. */
const resultOf = (one: Case): readonly Tensor[] => {
  const result = results.get(one) ?? "it was not run"
  if (typeof result === "string") throw new Error(result)
  return result
}

beforeAll(async () => {
  if (python === undefined) return
  const all = [...Object.values(suites).flatMap(({ cases }) => cases), ...differences]
  const found = await runOnXla(all)
  all.forEach((one, i) => results.set(one, found[i] ?? "it gave nothing"))
})

test.skipIf(python !== undefined)("without Python it is said what is left out", () => {
  console.info("Left out: what XLA computes, held to the interpreter. It needs PYTHON; see npm run test:xla.")
})

describe.each(Object.entries(suites))("XLA computes what the interpreter does: %s", (_, suite) => {
  test.each(suite.cases.map(one => [one.name, one] as const))("%s", (name, one) => {
    const expected = evaluate((one.f as Build)(...(one.args as readonly Tensor[])))
    expect(differing(resultOf(one), expected, suite, suite.exceptions?.[name])).toBe(undefined)
  })
})

describe.skipIf(python === undefined)("XLA differs as is said", () => {
  test.each(differences.map(one => [one.name, one] as const))("%s", (_, one) => {
    const mistake = thrownBy(() => toArray(one.f(...one.args)))
    expect(mistake instanceof ThalwegError ? mistake.name : toArray(one.f(...one.args))).toEqual(one.interpreter)
    expect(resultOf(one).map(x => toArray(x))).toEqual([one.xla])
  })
})
