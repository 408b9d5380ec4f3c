import * as E from "fp-ts/lib/Either.js"
import { combinators, optimizers } from "thalweg/optimizer"
import type { Type } from "io-ts"
import { combinatorSpec, decodeOptimizer, ranges, report, scheduleSpec, type Json } from "thalweg/spec"
import { describe, expect, test } from "vitest"
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
  const schedule = { schedule: "scale", factor: 2, of: { schedule: "cosine", start: 1, steps: 9 } }
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
