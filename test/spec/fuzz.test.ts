import fc from "fast-check"
import { isLeft, type Either } from "fp-ts/lib/Either.js"
import type { Errors } from "io-ts"
import { zeros } from "thalweg"
import { combinators, optimizers } from "thalweg/optimizer"
import { schedules } from "thalweg/schedule"
import { combinatorSpec, dataset, decodeTensors, decodeTree, optimizerSpec, report, scheduleSpec } from "thalweg/spec"
import { expect, test } from "vitest"
import { fileOf } from "./files.js"

/** How many values are tried: `FUZZ=100000 npx vitest run --testTimeout=0 test/spec/fuzz`, which tells the slowest. */
const runs = Number(process.env["FUZZ"] ?? 500)

/** Of this process alone, for the machine may be busy. */
const milliseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const times = <A>(n: number, item: A): A[] => Array.from({ length: n }, () => item)
const nested = (depth: number, inside: unknown, wrap: (inside: unknown) => object): unknown => {
  let value = inside
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}
const refuse = (): never => {
  throw new Error("not to be looked at")
}
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  return proxy
}
const cyclic: object = { optimizer: "muon" }
Object.assign(cyclic, { elsewhere: cyclic, x: [cyclic], y: [0], pipe: [cyclic] })

const rows = Object.entries({ optimizer: optimizers, combinator: combinators, schedule: schedules }).flatMap(
  ([tag, catalogue]) =>
    Object.entries<{ readonly fields: object }>(catalogue).map(([name, { fields }]) => ({ tag, name, keys: Object.keys(fields) })) // prettier-ignore
)
const key = fc.oneof(
  fc.constantFrom(...rows.flatMap(({ keys }) => keys)),
  fc.constantFrom("pipe", "of", "x", "y", "", "a/b", "__proto__", "constructor", "prototype", "toString", "length", "then"), // prettier-ignore
  fc.nat(1e5).map(n => "k".repeat(n))
)
const leaf = fc.oneof(
  fc.constantFrom<unknown>(0, 1, 0.5, 3, -0, NaN, 2 ** 40, 5e-324, 2n ** 70n, -(2n ** 1_000_000n), null, undefined, true),
  fc.constantFrom<unknown>("", "**", "**/bias", "adm", "x".repeat(1e6), "a*/".repeat(1e6), "\ud800", ...rows.map(({ name }) => name)),
  fc.constantFrom<unknown>(Symbol("x".repeat(1e4)), () => 1, Date, /x/, new Map(), Object(1), Float32Array.of(1), { optimizer: revoked(), x: [revoked()], y: revoked() }, cyclic),
  fc.constant<unknown>(Object.assign(() => 1, { toString: refuse, [Symbol.toPrimitive]: refuse })),
  fc.anything({ withSparseArray: true, withTypedArray: true, withNullPrototype: true, withBigInt: true })
) // prettier-ignore

/** Values inside values inside others. */
const wraps: readonly ((inside: unknown) => object)[] = [
  inside => [inside],
  inside => [inside, inside],
  inside => ({ optimizer: "partition", optimizers: { a: inside, b: inside }, labels: [["**", "a"]] }),
  inside => ({ optimizer: "muon", elsewhere: inside }),
  inside => ({ optimizer: "adam", learningRate: inside, b3: inside, pipe: [inside] }),
  inside => ({ schedule: "scale", factor: 1, of: inside }),
  inside => ({ x: inside, y: inside })
]

/** More or less what is expected, with other things inside. */
const named: fc.Memo<object> = fc.memo(depth => {
  const parts: fc.Arbitrary<readonly object[]> = depth <= 1 ? fc.constant([]) : fc.array(named(), { maxLength: 3 })
  return fc
    .tuple(fc.constantFrom(...rows), fc.dictionary(key, depth <= 1 ? leaf : value(), { maxKeys: 5 }), parts)
    .map(([{ tag, name }, options, pipe]): object => ({
      [tag]: name,
      ...options,
      ...(pipe.length > 0 ? { pipe } : {})
    }))
})

const value: fc.Memo<unknown> = fc.memo(depth => {
  if (depth <= 1) return leaf
  const inside = value()
  const many = fc.tuple(inside, fc.nat(3000)).map(([one, n]) => Object.fromEntries(times(n, one).entries()))
  return fc.oneof(
    leaf,
    named(),
    named().map(one => Object.defineProperty(one, "x", { get: refuse, enumerable: true })),
    named().map(one => new Proxy(one, { ownKeys: refuse })),
    fc.array(inside, { maxLength: 5 }),
    fc.dictionary(key, inside, { maxKeys: 5 }),
    fc.tuple(inside, fc.nat(1e4)).map(([one, n]) => times(n, one)),
    many,
    many.map(optimizers => ({ optimizer: "partition", optimizers, labels: [["**", "0"]] })),
    fc
      .tuple(inside, fc.oneof(fc.nat(30), fc.nat(1e4)), fc.constantFrom(...wraps))
      .map(([one, n, wrap]) => nested(n, one, wrap)),
    fc.nat(2 ** 32 - 1).map(n => new Array<unknown>(n))
  )
})

/** What no decoder should stumble on, take long for or believe. */
const anything = value(4)

const labelled = fc.record({ x: fc.array(fc.array(fc.oneof({ weight: 9, arbitrary: fc.double() }, leaf), { maxLength: 2 })), y: fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, leaf)) }) // prettier-ignore
const entry = fc.record({ dtype: fc.oneof(fc.constantFrom("F32", "I32", "BOOL"), fc.string()), shape: fc.array(fc.nat(9)), data_offsets: fc.tuple(fc.nat(9), fc.nat(99)) }, { requiredKeys: [] }) // prettier-ignore
const file = fc
  .tuple(
    fc.oneof(fc.json(), fc.string(), fc.dictionary(fc.string(), entry)),
    fc.uint8Array(),
    fc.option(fc.nat(2 ** 25), { nil: undefined })
  ) // prettier-ignore
  .map(([header, data, length]) => fileOf(header, data, length))

interface Decoder {
  readonly decode: (input: never) => Either<Errors, unknown>
  readonly is?: (value: unknown) => boolean
}

const decoders: readonly (readonly [name: string, decoder: Decoder, hostile: fc.Arbitrary<unknown>])[] = [
  ["optimizerSpec", optimizerSpec, anything],
  ["combinatorSpec", combinatorSpec, anything],
  ["scheduleSpec", scheduleSpec, anything],
  [
    "dataset",
    dataset({ features: 1, classes: 2 ** 31 }),
    fc.oneof(anything, labelled, fc.record({ x: anything, y: anything }))
  ],
  ["decodeTree", { decode: decodeTree({ a: zeros([2]) }) }, fc.oneof(file, anything)],
  ["decodeTensors", { decode: decodeTensors }, fc.oneof(file, anything)]
]

test.each(decoders)("%s: an answer, soon, whatever comes", (name, { decode, is }, hostile) => {
  let slowest = 0
  fc.assert(
    fc.property(hostile, input => {
      const start = milliseconds()
      const decoded = decode(input as never)
      const lines = isLeft(decoded) ? report(decoded.left, Infinity) : []
      slowest = Math.max(slowest, milliseconds() - start)
      is?.(input)
      expect(lines.length).toBeLessThanOrEqual(200)
      expect(lines.every(({ length }) => length < 6000)).toBe(true)
    }),
    { seed: 1, numRuns: runs }
  )
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(slowest).toBeLessThan(1000)
  if (process.env["FUZZ"] !== undefined) console.log(`${name}: the slowest of ${runs} took ${slowest.toFixed(1)} ms`)
})
