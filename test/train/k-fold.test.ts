import fc from "fast-check"
import { describe, expect, expectTypeOf, test } from "vitest"
import { tensor, toTyped, zeros } from "thalweg"
import { key } from "thalweg/random"
import { kFold, splitDataset, type Fold } from "thalweg/train"
import { indices, numbered, sorted, upTo, type Numbered } from "./numbered.js"

const labelled = (labels: readonly number[]) => ({
  ...numbered(labels.length),
  label: tensor(labels, { dtype: "i32" })
})
const countsOf = (labels: readonly number[], of: readonly number[]): readonly number[] =>
  [...new Set(labels)].map(label => of.filter(i => labels[i] === label).length)

describe("kFold", () => {
  test("holds every example out once in every round, and trains on all others", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }).chain(n => fc.tuple(fc.constant(n), fc.integer({ min: 2, max: n }))),
        fc.option(fc.nat(), { nil: undefined }),
        ([n, k], seed) => {
          const options = seed === undefined ? { k } : { k, key: key(seed), repeats: 2 }
          const folds = [...kFold(options)(numbered(n))]
          expect(folds.length).toBe(seed === undefined ? k : 2 * k)
          for (let start = 0; start < folds.length; start += k)
            expect(sorted(folds.slice(start, start + k).flatMap(fold => indices(fold.validation)))).toEqual(upTo(n))
          for (const { train, validation } of folds) {
            expect(sorted([...indices(train), ...indices(validation)])).toEqual(upTo(n))
            expect(Math.abs(indices(validation).length - n / k)).toBeLessThan(1)
          }
        }
      ),
      { numRuns: 40 }
    )
  })

  test("with labels, every fold has each class within one example of each other, and folds are of equal size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.integer({ min: 5, max: 13 }), { minLength: 2, maxLength: 4 }),
        fc.nat(),
        (k, sizes, seed) => {
          const labels = sizes.flatMap((size, label) => Array.from<number>({ length: size }).fill(3 * label))
          const data = labelled(labels)
          const folds = [...kFold({ k, key: key(seed), stratify: data.label })(data)].map(f => indices(f.validation))
          expect(sorted(folds.flat())).toEqual(upTo(labels.length))
          const counts = folds.map(fold => countsOf(labels, fold))
          for (const c of sizes.keys()) {
            const of = counts.map(count => count[c] ?? NaN)
            expect(Math.max(...of) - Math.min(...of)).toBeLessThanOrEqual(1)
          }
          const lengths = folds.map(({ length }) => length)
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
        }
      ),
      { numRuns: 40 }
    )
  })

  test("shuffles by its key, each round anew; iterating again gives the same bits; classes stay mixed", () => {
    const data = labelled(upTo(40).map(i => Math.floor(i / 20)))
    const folds = kFold({ k: 4, key: key(1), repeats: 2, stratify: data.label })(data)
    const held = [...folds].map(({ validation }) => indices(validation))
    expect([...folds].map(({ validation }) => indices(validation))).toEqual(held)
    expect(held.slice(0, 4)).not.toEqual(held.slice(4))
    const [first] = folds
    const labels = [...toTyped((first as typeof first & object).train.label)]
    expect(labels).not.toEqual(sorted(labels))
  })

  test("makes a fold when it is asked for; literals come out, of the same type", () => {
    const [fold] = kFold({ k: 3 })(numbered(7))
    expectTypeOf(kFold({ k: 3 })(numbered(7))).toEqualTypeOf<Iterable<Fold<Numbered>>>()
    expect(fold?.train.x.op.kind).toBe("literal")
    expect([...kFold({ k: 2 })(tensor([1, 2]))].map(({ validation }) => [...toTyped(validation)])).toEqual([[1], [2]])
  })

  const i32 = (labels: readonly number[]) => tensor(labels, { dtype: "i32" })
  test.each([
    ["DataError kFold: expected at least 4 examples for 4 folds; got 3", () => kFold({ k: 4 })(numbered(3))],
    ["HyperparameterError kFold: expected k to be a whole number ≥ 2; got 1", () => kFold({ k: 1 })],
    [
      'HyperparameterError kFold at "repeats": expected key beside repeats; got nothing',
      () => kFold({ k: 2, repeats: 2 })
    ],
    [
      'DataError kFold at "stratify": expected labels of two classes or more; got one class',
      () => kFold({ k: 2, stratify: i32([1, 1, 1]) })(numbered(3))
    ],
    [
      'DataError kFold at "stratify": expected some of class 5 in fold 0; got 2 of it',
      () => kFold({ k: 3, stratify: i32([1, 1, 1, 1, 5, 5]) })(numbered(6))
    ],
    [
      "DTypeError kFold: expected labels of i32 or u32; got f32",
      () => kFold({ k: 2, stratify: zeros([3]) })(numbered(3))
    ],
    [
      'ShapeError kFold at "stratify": expected one label for each example, [3]; got [2]',
      () => kFold({ k: 2, stratify: i32([0, 1]) })(numbered(3))
    ],
    ["DataError kFold: expected at least one example; got an empty data set", () => kFold({ k: 2 })(numbered(0))]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })
})

describe("splitDataset by labels", () => {
  const labels = upTo(60).map(i => (i < 40 ? 0 : i < 55 ? 7 : 2))
  const data = labelled(labels)

  test("every part has each class within one of its share, and all examples are somewhere", () => {
    for (const seed of upTo(20)) {
      const fractions = { train: 0.7, validation: 0.2, test: 0.1 }
      const parts = splitDataset(key(seed), fractions, { stratify: data.label })({ ...data, label: data.label })
      expect(sorted(Object.values(parts).flatMap(indices))).toEqual(upTo(60))
      for (const name of ["train", "validation", "test"] as const)
        countsOf(labels, indices(parts[name])).forEach((count, c) =>
          expect(Math.abs(count - fractions[name] * ([40, 15, 5][c] ?? NaN))).toBeLessThan(1)
        )
    }
  })

  test("a part without a class is an error that names both", () => {
    const rare = labelled([0, 0, 0, 0, 5, 5])
    const thirds = { a: 0.5, b: 0.25, c: 0.25 }
    expect(() => splitDataset(key(0), thirds, { stratify: rare.label })(rare)).toThrow(
      'splitDataset at "stratify": expected some of class 5 in "c"; got 2 of it'
    )
    // @ts-expect-error -- there is no such option
    expect(() => splitDataset(key(0), { all: 1 }, { labels: data.label })).toThrow("expected options among stratify")
  })
})
