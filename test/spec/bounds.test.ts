import * as E from "fp-ts/lib/Either.js"
import { combinators, optimizers } from "thalweg/optimizer"
import type { Type } from "io-ts"
import { combinatorSpec, decodeOptimizer, optimizerSpec, ranges, report, scheduleSpec, type Json } from "thalweg/spec"
import { describe, expect, test, vi } from "vitest"
import { leastOptions } from "./samples.js"

const problems = (json: unknown): readonly string[] => {
  const decoded = decodeOptimizer(json)
  return E.isLeft(decoded) ? report(decoded.left) : []
}

type Fields = Readonly<Record<string, { readonly kind: string }>>
const numbersOf = (rows: Readonly<Record<string, { readonly fields: object }>>) =>
  Object.entries(rows).flatMap(([name, { fields }]) =>
    Object.entries(fields as Fields).flatMap(([option, { kind }]) =>
      kind === "number" || kind === "seed" ? [[name, option] as const] : []
    )
  )

describe("a large number sizes nothing", () => {
  const hugest = [1e9, Number.MAX_SAFE_INTEGER]
  test.each(numbersOf(optimizers))("%s: %s", (name, option) => {
    const least = leastOptions(optimizers[name as keyof typeof optimizers].fields)
    const before = performance.now()
    for (const huge of hugest) problems({ optimizer: name, ...least, [option]: huge })
    expect(performance.now() - before).toBeLessThan(5000)
  })
  test.each(numbersOf(combinators))("%s: %s", (name, option) => {
    const least = leastOptions(combinators[name as keyof typeof combinators].fields)
    const before = performance.now()
    for (const huge of hugest) problems({ optimizer: "adam", pipe: [{ combinator: name, ...least, [option]: huge }] })
    expect(performance.now() - before).toBeLessThan(5000)
  })
  test("the iterations of Muon are limited", () => {
    expect(problems({ optimizer: "muon", nsSteps: 1e9 })).toEqual([
      "nsSteps: expected a whole number from 1 to 100; got 1000000000"
    ])
  })
})

test("what doubles the state may be there four times, wherever it stands", () => {
  const pullback = { combinator: "lookahead", atSync: "pullback" }
  const times = (n: number) => Array.from({ length: n }, () => pullback)
  expect(problems({ optimizer: "adam", pipe: times(4) })).toEqual([])
  const message = [expect.stringMatching(/^\(root\): expected at most 4 lookaheads that pull back; got/)]
  expect(problems({ optimizer: "adam", pipe: times(5) })).toEqual(message)
  const elsewhere = { optimizer: "adam", pipe: times(3) }
  expect(problems({ optimizer: "muon", elsewhere, pipe: times(2) })).toEqual(message)
})

test("schedules and combinators have codecs of their own", () => {
  const schedule = { schedule: "scale", factor: 2, of: { schedule: "cosine", start: 1, end: 0.1, steps: 9 } }
  const combinator = { combinator: "clipByNorm", maxNorm: schedule }
  const holds = <S>(codec: Type<S, Json>, json: Json): void => {
    const decoded = codec.decode(json)
    expect(E.isRight(decoded) && codec.encode(decoded.right)).toEqual(json)
    expect(E.isRight(decoded) && codec.is(decoded.right)).toBe(true)
    expect(codec.is({ schedule: "cosine", combinator: "x", options: {} })).toBe(false)
    expect(E.isLeft(codec.decode({ optimizer: "adam" }))).toBe(true)
    expect(E.isLeft(codec.decode(JSON.parse('{ "__proto__": {} }')))).toBe(true)
  }
  holds(scheduleSpec, schedule)
  holds(combinatorSpec, combinator)
})

describe("ranges are codecs of branded numbers", () => {
  test.each([
    ["finite", [-1, 0, 1e300], [NaN, Infinity]],
    ["nonNegative", [0, 1e300], [-1e-300, Infinity, NaN]],
    ["positive", [1e-300], [0, -1, Infinity]],
    ["decay", [0, 0.999], [1, -0.1, NaN]],
    ["fraction", [0, 1], [1.1, -0.1]],
    ["count", [1, 2 ** 53 - 1], [0, 1.5, 2 ** 53]],
    ["natural", [0, 7], [-1, 0.5]]
  ] as const)("%s", (name, good, bad) => {
    for (const value of good) expect(ranges[name].decode(value)).toEqual(E.right(value))
    for (const value of [...bad, "1", null, undefined, {}]) expect(E.isLeft(ranges[name].decode(value))).toBe(true)
  })
})

describe("what passes a bound is the one mistake, and nothing after it is looked at", () => {
  const list = <A>(n: number, item: A): readonly A[] => Array.from({ length: n }, () => item)
  const record = <A>(n: number, item: A): object => Object.fromEntries(list(n, item).entries())
  const deep = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels))
  const wide = list(7000, list(7000, 0))
  test.each([
    ["values", [wide], "x/0/0: expected at most 10000 values; got an array of length 7000"],
    ["values of all levels together", list(40, list(40, list(40, 0))), "x/6/1: expected at most 10000 values; got an array of length 40"], // prettier-ignore
    [
      "keys",
      [record(10_000, 0), ...wide],
      "x/0: expected at most 10000 values; got an object with keys 0, 1, 2, 3, 4, 5, 6, 7, … 10000 in all"
    ],
    ["objects", [list(374, {}), {}, {}, ...wide], "(root): expected at most 1500 objects, each counted once for every level; got an object with keys optimizer, x"], // prettier-ignore
    ["levels", [deep(22), deep(23), ...wide], `x/1${"/0".repeat(22)}: expected JSON nested at most 24 deep; got an array of length 0`], // prettier-ignore
    ["a text", ["x".repeat(1000), "x".repeat(1001), ...wide], `x/1: expected a text of at most 1000 characters; got "${"x".repeat(40)}…"`], // prettier-ignore
    ["a key", [{ ["x".repeat(1001)]: wide }], `x/0/${"x".repeat(200)}: expected a text of at most 1000 characters; got "${"x".repeat(40)}…"`], // prettier-ignore
    ["what is no JSON", list(3000, undefined), "x/0: expected JSON; got undefined"]
  ])("%s", (_, x, line) => {
    expect(problems({ optimizer: "adam", x })).toEqual([line])
  })

  test("as much as may be is read", () => {
    const most = [deep(22), list(374, {}), "x".repeat(1000), { ["x".repeat(1000)]: 1 }]
    const x = [...most, list(10_000 - 404, 0)]
    const unknown = [expect.stringMatching(/^x: expected options of adam only/)]
    expect(problems({ optimizer: "adam", x })).toEqual(unknown)
    expect(problems({ optimizer: "adam", x: [...x, 0] })).toEqual([expect.stringMatching(/^x\/4: expected at most/)])
  })

  test("a hundred mistakes are told, wherever they are", () => {
    const wrong = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k${i}`, { optimizer: "adm", pipe: [{}] }]))
    const errors = (json: unknown) => {
      const decoded = decodeOptimizer(json)
      return E.isLeft(decoded) ? decoded.left : []
    }
    expect(errors({ optimizer: "partition", optimizers: wrong, labels: [["**", "k0"]] }).length).toBe(100)
    const pipe = Array.from({ length: 32 }, () => ({ combinator: "masked", mask: Array.from({ length: 50 }, () => 0) }))
    expect(errors({ optimizer: "partition", optimizers: wrong, labels: 0, pipe }).length).toBe(100)
  })
})

test("what is made of an optimizer grows with its objects and their levels", () => {
  /** How many hyperparameters were made: each is remembered. */
  const made = (levels: number): number => {
    const remember = vi.spyOn(WeakSet.prototype, "add")
    const around = (elsewhere: Json): Json => ({ optimizer: "muon", elsewhere })
    expect(problems(Array.from({ length: levels }).reduce<Json>(around, { optimizer: "adam" }))).toEqual([])
    const count = remember.mock.calls.length
    remember.mockRestore()
    return count
  }
  expect(made(20) / made(10)).toBeLessThan(4)
})

test("a guard is bounded, too", () => {
  const inside: unknown = { optimizer: "adam", options: {}, pipe: [] }
  const shared = Array.from({ length: 40 }).reduce(
    a => ({ optimizer: "partition", options: { optimizers: { a, b: a }, labels: [["**", "a"]] }, pipe: [] }),
    inside
  )
  expect(optimizerSpec.is(shared)).toBe(false)
  expect(optimizerSpec.is(inside)).toBe(true)
})
