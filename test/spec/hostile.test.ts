import fc from "fast-check"
import { isLeft } from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { dataset, report } from "thalweg/spec"

const codec = dataset({ features: 2, classes: 3 })

/** Decodes, and reads all that a user would see; the number of errors. */
const refused = (input: unknown): number => {
  const decoded = codec.decode(input)
  if (!isLeft(decoded)) return 0
  const lines = report(decoded.left)
  expect(lines.every(line => line.length < 200)).toBe(true)
  return decoded.left.length
}

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth))
const objects = (depth: number): unknown => JSON.parse('{"x":'.repeat(depth) + "1" + "}".repeat(depth))
const cyclic: Record<string, unknown> = {}
Object.assign(cyclic, { x: [[cyclic, cyclic]], y: [cyclic] })
const holes = (length: number): unknown[] => new Array<unknown>(length)

const hostile: readonly (readonly [name: string, input: unknown])[] = [
  ["deeply nested arrays", nested(100_000)],
  ["deeply nested objects", objects(100_000)],
  ["deeply nested rows", { x: [nested(50_000)], y: [0] }],
  ["deeply nested numbers", { x: [[nested(50_000), 1]], y: [nested(50_000)] }],
  ["a cycle", cyclic],
  ["rows that are holes", { x: holes(2), y: [0, 1] }],
  ["labels that are holes", { x: [[1, 2], [1, 2]], y: holes(2) }], // prettier-ignore
  ["numbers that are holes", { x: [holes(2)], y: [0] }],
  ["one hole among labels", JSON.parse('{"x":[[1,2],[1,2]],"y":[0,null]}')],
  ["as many holes as there can be", { x: holes(2 ** 32 - 1), y: holes(2 ** 32 - 1) }],
  ["as many holes as are let in", { x: holes(2 ** 29), y: holes(2 ** 29) }],
  ["a long row", { x: [holes(2 ** 32 - 1)], y: [0] }],
  ["many rows without numbers", { x: Array.from({ length: 1_000_000 }, () => []), y: holes(1_000_000).fill(0) }],
  ["many wrong numbers", { x: Array.from({ length: 300_000 }, () => ["a", "b"]), y: holes(300_000).fill(7) }],
  ["many rows for one label", { x: Array.from({ length: 1_000_000 }, () => [1, 2]), y: [0] }],
  ["a long text", { x: [["9".repeat(10_000_000), 1]], y: ["0".repeat(10_000_000)] }],
  ["numbers as text", { x: [["1", "2"]], y: ["0"] }],
  ["numbers as objects", { x: [[Object(1), Object(2)]], y: [Object(0)] }],
  ["big integers", { x: [[1n, 2n]], y: [0n] }],
  ["dates and functions", { x: [[new Date(0), () => 1]], y: [() => 0] }],
  ["symbols", { x: [[Symbol("x"), 1]], y: [Symbol.iterator] }],
  ["typed rows", { x: [Float32Array.of(1, 2)], y: Int32Array.of(0) }],
  ["keys that would reach a prototype", JSON.parse('{"__proto__":{"x":[[1,2]],"y":[0]}}')],
  ["a prototype in a row", JSON.parse('{"x":[{"__proto__":[1,2],"length":2}],"y":[0]}')],
  ["a constructor", JSON.parse('{"constructor":{"prototype":{"x":1}},"x":1}')]
]

describe("hostile input is refused, within a second and without a crash", () => {
  test.each(hostile)("%s", (_, input) => {
    const start = performance.now()
    expect(refused(input)).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test("errors are bounded: at most 100 rows and 100 labels are listed", () => {
    const wrong = { x: Array.from({ length: 5000 }, () => []), y: Array.from({ length: 5000 }, () => 9) }
    expect(refused(wrong)).toBe(200)
  })

  test("nothing reaches a prototype", () => {
    for (const [, input] of hostile) codec.decode(input)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
    expect(Object.prototype.hasOwnProperty.call(Object.prototype, "length")).toBe(false)
  })

  test("whatever JSON holds, the answer is an Either", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("x", "y", "both"), (value, place) => {
        const x = place === "y" ? [[1, 2]] : value
        const y = place === "x" ? [0] : value
        expect(["Left", "Right"]).toContain(codec.decode({ x, y })._tag)
        expect(codec.decode(value)._tag).toBe("Left")
      })
    )
  })

  test("whatever else it is, too", () => {
    fc.assert(
      fc.property(
        fc.anything({ withSparseArray: true, withTypedArray: true, withNullPrototype: true, withBigInt: true }),
        value => {
          expect(
            refused(value) + refused({ x: value, y: value }) + refused({ x: [value], y: [value] })
          ).toBeGreaterThan(0)
          expect(refused({ x: [[value, 1]], y: [0] })).toBe(
            Number.isFinite(value) && Number.isFinite(Math.fround(value as number)) ? 0 : 1
          )
        }
      ),
      { numRuns: 300 }
    )
  })

  test("a getter is read once, and what it gives is decoded", () => {
    let reads = 0
    const input = {
      get x() {
        reads++
        return reads === 1 ? [[1, 2]] : "something else"
      },
      y: [0]
    }
    expect(refused(input)).toBe(0)
    expect(reads).toBe(1)
  })
})
