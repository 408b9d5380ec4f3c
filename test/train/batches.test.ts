import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { item, tensor, toArray, zeros, type Tensor } from "thalweg"
import { key } from "thalweg/random"
import { batches } from "thalweg/train"
import { indices, numbered, sorted, upTo, type Numbered } from "./numbered.js"

describe("batches", () => {
  const arbBatches = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 1, max: 40 }),
    batchSize: fc.integer({ min: 1, max: 50 })
  })
  const sizesOf = (parts: readonly Numbered[]): readonly number[] => parts.map(({ y }) => y.shape[0] as number)

  test("cut the data in its order; the last holds what is left", () => {
    fc.assert(
      fc.property(arbBatches, ({ n, batchSize }) => {
        const parts = [...batches({ batchSize })(numbered(n))]
        expect(parts.flatMap(indices)).toEqual(upTo(n))
        expect(sizesOf(parts)).toEqual(upTo(Math.ceil(n / batchSize)).map(i => Math.min(batchSize, n - i * batchSize)))
      }),
      { numRuns: 40 }
    )
  })

  test('leave out what does not fill a batch with remainder "drop"; "keep" is the default', () => {
    fc.assert(
      fc.property(arbBatches, ({ n, batchSize }) => {
        const parts = [...batches({ batchSize, remainder: "drop" })(numbered(n))]
        expect(sizesOf(parts)).toEqual(upTo(Math.floor(n / batchSize)).map(() => batchSize))
        expect(parts.flatMap(indices)).toEqual(upTo(n - (n % batchSize)))
        const kept = [...batches({ batchSize, remainder: "keep" })(numbered(n))]
        expect(kept.flatMap(indices)).toEqual(upTo(n))
      }),
      { numRuns: 40 }
    )
  })

  test("shuffled by a key, are a permutation of the whole, the same for the same key", () => {
    fc.assert(
      fc.property(arbBatches, ({ seed, n, batchSize }) => {
        const shuffled = (s: number) => [...batches({ batchSize, key: key(s) })(numbered(n))].flatMap(indices)
        expect(sorted(shuffled(seed))).toEqual(upTo(n))
        expect(shuffled(seed)).toEqual(shuffled(seed))
      }),
      { numRuns: 30 }
    )
    const order = (seed: number) => [...batches({ batchSize: 7, key: key(seed) })(numbered(50))].flatMap(indices)
    expect(order(1)).not.toEqual(order(2))
    expect(order(1)).not.toEqual(upTo(50))
  })

  test("can be iterated again and again, also at the same time, and abandoned", () => {
    const cut = batches({ batchSize: 2, key: key(4) })(numbered(7))
    const once = [...cut].flatMap(indices)
    expect([...cut].flatMap(indices)).toEqual(once)
    const pairs: number[] = []
    for (const a of cut) for (const b of cut) pairs.push(indices(a)[0] ?? NaN, indices(b)[0] ?? NaN)
    expect(pairs.length).toBe(32)
    for (const first of cut) {
      expect(indices(first)).toEqual(once.slice(0, 2))
      break
    }
    const [walker, other] = [cut[Symbol.iterator](), cut[Symbol.iterator]()]
    walker.next()
    expect(indices(other.next().value as Numbered)).toEqual(once.slice(0, 2))
  })

  test("are made one at a time, as they are asked for", () => {
    const million = { x: zeros([1_000_000, 10]), y: zeros([1_000_000]) }
    const [first] = batches({ batchSize: 1 })(million)
    expect(first?.x.shape).toEqual([1, 10])
  })

  const cut = (batchSize: unknown) => () => batches({ batchSize: batchSize as number })
  const message = (got: string): string =>
    `HyperparameterError batches: expected batchSize to be a whole number ≥ 1; got ${got}`
  test.each([
    [message("0"), cut(0)],
    [message("1.5"), cut(1.5)],
    [message("NaN"), cut(NaN)],
    [message("Infinity"), cut(Infinity)],
    [message("-3"), cut(-3)],
    [message(JSON.stringify("8")), cut("8")],
    [message("undefined"), cut(undefined)],
    [
      'HyperparameterError batches: expected options among batchSize, key, remainder; got "drop"',
      () => batches({ batchSize: 1, drop: true } as never)
    ],
    [
      'HyperparameterError batches: expected remainder to be keep or drop; got "dorp"',
      () => batches({ batchSize: 1, remainder: "dorp" as never })
    ],
    [
      "HyperparameterError batches: expected key to be a tensor; got 0",
      () => batches({ batchSize: 1, key: 0 as never })
    ],
    [
      "DataError batches: expected at least one example; got an empty data set",
      () => batches({ batchSize: 1 })(zeros([0, 3]))
    ],
    [
      'DataError batches at "y": expected 3 examples in every leaf; got 2',
      () => batches({ batchSize: 1 })({ x: zeros([3, 2]), y: zeros([2]) })
    ]
  ])("%s", (text, use) => {
    const [name, ...rest] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: rest.join(" ") }) as Error)
  })

  test("of one tensor are tensors; a whole batch is the data", () => {
    const x: Tensor = tensor([5, 6, 7])
    expect([...batches({ batchSize: 2 })(x)].map(toArray)).toEqual([[5, 6], [7]])
    expect([...batches({ batchSize: 3 })(x)].map(toArray)).toEqual([[5, 6, 7]])
    expect(item([...batches({ batchSize: 1 })(x)][2] as Tensor)).toBe(7)
  })
})
