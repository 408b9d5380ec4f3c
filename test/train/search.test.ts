import { describe, expect, expectTypeOf, test } from "vitest"
import { key } from "thalweg/random"
import { drawFrom, gridOf } from "thalweg/train"

describe("gridOf", () => {
  test("lists every combination once, the last name fastest, with its type", () => {
    const grid = gridOf({ a: [1, 2], b: ["x", "y", "z"] })
    expectTypeOf(grid[0]).toEqualTypeOf<{ readonly a: 1 | 2; readonly b: "x" | "y" | "z" } | undefined>()
    expect(grid.length).toBe(6)
    expect(grid.slice(0, 4)).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 1, b: "z" },
      { a: 2, b: "x" }
    ])
    expect(gridOf({})).toEqual([{}])
  })

  test("an empty list, what is none, and too many combinations are errors", () => {
    expect(() => gridOf({ a: [] })).toThrow("gridOf: expected at least one value for a; got an empty list")
    expect(() => gridOf({ a: 1 as never })).toThrow("gridOf: expected a list of values for a; got 1")
    const many = Array.from({ length: 2048 }, (_, i) => i)
    expect(() => gridOf({ a: many, b: many })).toThrow("gridOf: expected at most 1048576 combinations; got 4194304")
  })
})

describe("drawFrom", () => {
  test("refuses names that would be drawn alike", () => {
    const [altarage, zinke] = [[1, 2], [1, 2]] // prettier-ignore
    expect(() => drawFrom(key(0), 2, { altarage, a: [1], zinke })).toThrow(
      'drawFrom: expected names of different hashes, by which keys are drawn (call one otherwise); got "altarage" and "zinke"'
    )
  })

  const range = { from: 1e-4, to: 1, scale: "log" } as const

  test("values lie within their ranges; logarithms are drawn evenly; whole ends are as likely as what is between", () => {
    const drawn = drawFrom(key(1), 4000, { rate: range, units: { from: 1, to: 4, whole: true }, word: ["a", "b"] })
    expectTypeOf(drawn[0]).toEqualTypeOf<
      { readonly rate: number; readonly units: number; readonly word: "a" | "b" } | undefined
    >()
    expect(drawn.every(({ rate }) => rate >= 1e-4 && rate <= 1)).toBe(true)
    const below = drawn.filter(({ rate }) => rate < 1e-2).length / 4000
    expect(Math.abs(below - 0.5)).toBeLessThan(0.03)
    for (const n of [1, 2, 3, 4])
      expect(Math.abs(drawn.filter(({ units }) => units === n).length / 4000 - 0.25)).toBeLessThan(0.03)
    expect(Math.abs(drawn.filter(({ word }) => word === "a").length / 4000 - 0.5)).toBeLessThan(0.03)
  })

  test("what is drawn for a name does not depend on the others, nor on their order", () => {
    const alone = drawFrom(key(3), 5, { rate: range })
    const beside = drawFrom(key(3), 5, { units: [1, 2, 3], rate: range })
    expect(beside.map(({ rate }) => rate)).toEqual(alone.map(({ rate }) => rate))
    expect(drawFrom(key(4), 5, { rate: range })).not.toEqual(alone)
  })

  test.each([
    ["expected from to be below to; got from 1 to 1", { from: 1, to: 1 }],
    ["expected from to be above 0, for a logarithmic scale; got from 0 to 1", { from: 0, to: 1, scale: "log" }],
    ["expected whole numbers at both ends; got from 0.5 to 2", { from: 0.5, to: 2, whole: true }],
    ["expected options among from, to, scale, whole", { from: 0, to: 1, step: 1 }],
    ["expected from to be a finite number; got undefined", { to: 1 }],
    ["expected a list or a range for x; got 3", 3],
    ["expected at least one value for x; got an empty list", []]
  ])("%s", (text, x) => {
    expect(() => drawFrom(key(0), 1, { x } as never)).toThrow(text)
  })

  test("needs a key and a count", () => {
    expect(() => drawFrom(0 as never, 1, { x: [1] })).toThrow("write key(0)")
    expect(() => drawFrom(key(0), 0, { x: [1] })).toThrow(
      "expected count to be a whole number from 1 to 1000000; got 0"
    )
  })
})
