import fc from "fast-check"
import { tensor, toTyped, Tree } from "thalweg"
import { decodeTensors, decodeTree, encodeTree, report } from "thalweg/spec"
import { describe, expect, test } from "vitest"
import { fileOf, partsOf, refusal } from "./files.js"

const LARGEST = 2 ** 24 - 100

const entry = { dtype: "F32", shape: [0], data_offsets: [0, 0] }
const many = (n: number, value: object | number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, value])))
const fill = (before: string, text: string, after = ""): string =>
  before + text.repeat((LARGEST - before.length - after.length) / text.length) + after
const said = (key: string, text: string): object => ({ __metadata__: { "thalweg.version": "1", [key]: text } })

const hostile: readonly (readonly [name: string, header: string | object])[] = [
  ["many levels of lists", fill('{"a":', "[")],
  ["many levels of objects", fill("", '{"a":')],
  ["many ends", fill("{", "}")],
  ["many empty lists", fill('{"a":[', "[],", "0]}")],
  ["many numbers", fill('{"a":[', "0,", "0]}")],
  ["many sizes", fill('{"a":{"dtype":"F32","data_offsets":[0,4],"shape":[', "1,", "1]}}")],
  ["as many sizes as are read", { a: { ...entry, shape: Array.from({ length: 200_000 }, () => 1) } }],
  ["many quotes", fill("{", '"')],
  ["many quotes within a name", fill('{"', '\\"')],
  ["a name without an end", fill('{"', "a")],
  ["a long name", fill('{"', "a", '":0}')],
  ["a long name of slashes", fill('{"', "/", '":0}')],
  ["a long dtype", { a: { ...entry, dtype: "F".repeat(LARGEST - 100) } }],
  ["spaces after a name", fill('{"a"', " ")],
  ["spaces after the header", fill('{"a":0}', " ")],
  ["more names than are read", many(500_000, 0)],
  ["as many names as are read", many(250_000, 0)],
  ["as many offsets that overlap as are read", many(25_000, { ...entry, data_offsets: [1, 1] })],
  ["a name that would reach a prototype", '{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'],
  ["a field that would reach a prototype", '{"a":{"dtype":"F32","shape":[0],"__proto__":{"data_offsets":[0,0]}}}'],
  ["metadata that would reach a prototype", '{"__metadata__":{"thalweg.version":"1","__proto__":"{}"}}'],
  ["a name that objects inherit", { a: { ...entry, dtype: "constructor" } }],
  ["as many strings as are read", `{"__metadata__":${many(250_000, 0)}}`],
  ["a long version", { __metadata__: { "thalweg.version": "1".repeat(LARGEST - 100) } }],
  ["many levels of metadata", said("user", "[".repeat(LARGEST - 200))],
  ["many values of metadata", said("history", `[${"0,".repeat(LARGEST / 2 - 200)}0]`)],
  ["as many values of metadata as are read", said("history", `[${"0,".repeat(49_990)}0]`)],
  ["a key of metadata twice", said("user", '{"a":1,"a":2}')]
]

describe("hostile headers are refused, soon", () => {
  test.each(hostile)("%s", (_, header) => {
    const file = fileOf(header)
    const start = performance.now()
    const lines = refusal(decodeTensors(file))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join("").length).toBeLessThan(4000)
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  test("a length beyond the largest header is refused before anything is read", () => {
    const file = new Uint8Array(2 ** 24 + 100)
    file.set(fileOf("{", new Uint8Array(), 2 ** 24 + 1))
    expect(refusal(decodeTensors(file))).toEqual([
      "(root): expected a safetensors file, whose header has at most 16777216 bytes; got 16777217"
    ])
  })

  test("nothing reached a prototype", () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Readonly<Record<string, unknown>>)["data_offsets"]).toBeUndefined()
  })
})

const tree = { é: tensor([0.5, -1]), s: [tensor([3], { dtype: "f64" }), tensor([true, false])], n: tensor([], {}) }
const file = encodeTree(tree, { step: 2, history: [{ loss: NaN }], user: { note: "ü" } })

describe("damaged files", () => {
  test("no bit can be flipped", () => {
    const unnoticed = Array.from({ length: 8 * file.length }, (_, i) => i).filter(bit => {
      const flipped = file.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      return refusal(decodeTree(tree)(flipped)).length === 0 || refusal(decodeTensors(flipped)).length === 0
    })
    expect(unnoticed).toEqual([])
  })

  test("nothing can be cut off, or added", () => {
    for (let n = 0; n < file.length; n++) expect(refusal(decodeTree(tree)(file.slice(0, n)))).not.toEqual([])
    expect(refusal(decodeTree(tree)(Uint8Array.of(...file, 0)))).not.toEqual([])
  })

  /** Without a checksum, so that damage goes deeper. */
  const foreign = fileOf(partsOf(file)[0].replace(/"__metadata__":\{.*?\},/, ""), partsOf(file)[1])
  const changes = fc.array(fc.tuple(fc.nat(foreign.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })

  test("whatever comes is refused or can be read to its end", () => {
    expect(refusal(decodeTree(tree)(foreign))).toEqual([])
    fc.assert(
      fc.property(changes, fc.nat(foreign.length), fc.uint8Array({ maxLength: 40 }), (edits, cut, more) => {
        const damaged = foreign.slice()
        for (const [at, byte] of edits) damaged[at] = byte
        for (const bytes of [damaged, Uint8Array.of(...damaged.slice(0, cut), ...more), more]) {
          const decoded = decodeTensors(bytes)
          if (decoded._tag === "Left") expect(refusal(decodeTree(tree)(bytes))).toEqual(refusal(decoded))
          else for (const t of Object.values(decoded.right)) expect(toTyped(t).length).toBe(Tree.size(t))
        }
      }),
      { numRuns: 3000 }
    )
  })
})

test("what torch.save wrote is told to be another format", () => {
  const zip = Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0)
  const found = decodeTensors(zip)
  expect(found._tag === "Left" && report(found.left)).toEqual([
    '(root): expected a safetensors file; got "a zip file, perhaps of torch.save"'
  ])
})
