import fc from "fast-check"
import { describe, expect, expectTypeOf, test } from "vitest"
import { tensor, zeros } from "thalweg"
import { key } from "thalweg/random"
import { splitDataset } from "thalweg/train"
import { indices, numbered, sorted, upTo, type Numbered } from "./numbered.js"

const k = key(0)

describe("splitDataset", () => {
  const arbSplit = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 10, max: 60 }),
    weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 })
  })

  test("parts do not overlap, together are the whole, and have the sizes of their fractions", () => {
    fc.assert(
      fc.property(arbSplit, ({ seed, n, weights }) => {
        const total = weights.reduce((sum, w) => sum + w, 0)
        const fractions = Object.fromEntries(weights.map((w, i) => [`part${i}`, w / total]))
        const parts = splitDataset(key(seed), fractions)(numbered(n * total))
        expect(Object.keys(parts)).toEqual(Object.keys(fractions))
        expect(Object.values(parts).map(part => part.y.shape)).toEqual(weights.map(w => [n * w]))
        expect(sorted(Object.values(parts).flatMap(indices))).toEqual(upTo(n * total))
      }),
      { numRuns: 30 }
    )
  })

  test("sizes are rounded so that nothing is lost: each is within one of its fraction", () => {
    for (const n of [11, 97, 101, 1000]) {
      const parts = splitDataset(k, { train: 0.7, validation: 0.15, test: 0.15 })(numbered(n))
      expect(sorted(Object.values(parts).flatMap(indices))).toEqual(upTo(n))
      expect(Math.abs((parts.train.y.shape[0] as number) - 0.7 * n)).toBeLessThan(1)
      expect(Math.abs((parts.test.y.shape[0] as number) - 0.15 * n)).toBeLessThan(1)
    }
    const thirds = splitDataset(k, { a: 1 / 3, b: 1 / 3, c: 1 / 3 })(numbered(10))
    expect(Object.values(thirds).map(({ y }) => y.shape[0])).toEqual([3, 4, 3])
  })

  test("is drawn by its key alone: the same to the last bit, another for another; literals come out", () => {
    const split = (seed: number) => splitDataset(key(seed), { a: 0.5, b: 0.5 })(numbered(40))
    expect(indices(split(1).a)).toEqual(indices(split(1).a))
    expect(indices(split(1).a)).not.toEqual(indices(split(2).a))
    expect(indices(split(1).a)).not.toEqual(upTo(20))
    expect(split(1).a.x.op.kind).toBe("literal")
  })

  test("keeps names and structure in its type; one part of all is allowed", () => {
    const parts = splitDataset(k, { train: 0.8, test: 0.2 })(numbered(10))
    expectTypeOf(parts.train).toEqualTypeOf<Numbered>()
    expectTypeOf<keyof typeof parts>().toEqualTypeOf<"train" | "test">()
    expect(sorted(indices(splitDataset(k, { all: 1 })(numbered(7)).all))).toEqual(upTo(7))
    expect(splitDataset(k, { a: 0.5, b: 0.5 })(tensor([1, 2])).a.shape).toEqual([1])
  })

  const two = (a: number, b: number) => () => splitDataset(k, { a, b })(numbered(10))
  test.each([
    ["HyperparameterError splitDataset: expected fractions that add up to 1; got 0.9", two(0.5, 0.4)],
    ["HyperparameterError splitDataset: expected fractions that add up to 1; got 1.1", two(0.5, 0.6)],
    [
      "HyperparameterError splitDataset: expected fractions that add up to 1; got 0",
      () => splitDataset(k, {})(numbered(3))
    ],
    ["HyperparameterError splitDataset: expected a to be a number from 0 to 1; got -0.5", two(-0.5, 1.5)],
    ["HyperparameterError splitDataset: expected a to be a number from 0 to 1; got NaN", two(NaN, 1)],
    ["HyperparameterError splitDataset: expected b to be a number from 0 to 1; got 20", two(0.8, 20)],
    ['DataError splitDataset: expected at least one example in "b"; got 0.01 of 10 examples', two(0.99, 0.01)],
    ['DataError splitDataset: expected at least one example in "a"; got 0 of 10 examples', two(0, 1)],
    [
      "DataError splitDataset: expected at least one example; got an empty data set",
      () => splitDataset(k, { a: 1 })(numbered(0))
    ],
    [
      "DataError splitDataset: expected at least one example; got an empty data set",
      () => splitDataset(k, { a: 1 })({})
    ],
    [
      'DataError splitDataset at "y": expected 3 examples in every leaf; got 4',
      () => splitDataset(k, { a: 1 })({ x: zeros([3, 2]), y: zeros([4]) })
    ],
    [
      'DataError splitDataset at "y": expected a leading axis of examples; got a scalar',
      () => splitDataset(k, { a: 1 })({ x: zeros([3]), y: zeros([]) })
    ]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })

  test("needs a key", () => {
    expect(() => splitDataset(tensor([0, 1]), { a: 1 })(numbered(3))).toThrow(
      expect.objectContaining({ name: "KeyError" }) as Error
    )
  })
})
