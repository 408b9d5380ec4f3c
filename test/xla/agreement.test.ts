import { evaluate, ThalwegError, toArray, toTyped, Tree, type Tensor } from "thalweg"
import { difference, relative } from "thalweg/laws"
import { thrownBy } from "../support.js"
import { differences } from "./edges.js"
import { beforeAll, describe, expect, test } from "vitest"
import { python, runOnXla, type Case } from "./python.js"
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

if (python === undefined)
  test.skip("what XLA computes is what the interpreter computes: left out, needs PYTHON (npm run test:xla)")

describe.each(Object.entries(suites))("XLA computes what the interpreter does: %s", (_, suite) => {
  let results: Awaited<ReturnType<typeof runOnXla>> = []
  beforeAll(async () => {
    results = await runOnXla(suite.cases)
  })
  test.each(suite.cases.map(({ name }, i) => [name, i] as const))("%s", (__, i) => {
    const { name, f, args } = suite.cases[i] as Case
    const result = results[i]
    expect(typeof result === "string" ? result : "").toBe("")
    const expected = evaluate((f as (...args: readonly Tree[]) => Tree)(...args))
    expect(differing(result as readonly Tensor[], expected, suite, suite.exceptions?.[name])).toBe(undefined)
  })
})

describe.skipIf(python === undefined)("XLA differs as is said", () => {
  let results: Awaited<ReturnType<typeof runOnXla>> = []
  beforeAll(async () => {
    results = await runOnXla(differences.map(({ name, f, at }) => ({ name, f, args: at })))
  })
  test.each(differences.map((each, i) => [each.name, each, i] as const))("%s", (_, { f, at, interpreter, xla }, i) => {
    const mistake = thrownBy(() => toArray(f(...at)))
    expect(mistake instanceof ThalwegError ? mistake.name : toArray(f(...at))).toEqual(interpreter)
    const result = results[i]
    expect(typeof result === "string" ? result : result?.map(x => toArray(x))).toEqual([xla])
  })
})
