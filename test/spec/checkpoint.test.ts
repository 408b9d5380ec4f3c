import { add, compile, item, ones, scalar, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import { adam } from "thalweg/optimizer"
import {
  decodeOptimizer,
  decodeTensors,
  decodeTree,
  encodeOptimizer,
  encodeTree,
  report,
  type Metadata
} from "thalweg/spec"
import type { Fitted } from "thalweg/train"
import { describe, expect, expectTypeOf, test } from "vitest"
import { thrownBy } from "../support.js"
import { fileOf, partsOf, refusal, rightOf } from "./files.js"

const tree = { w: tensor([[1, 2]]), key: tensor([7, 8], { dtype: "u32" }), nothing: [{}, []] }
const file = encodeTree(tree, { step: 2 })
const read = decodeTree(tree)

describe("encodeTree", () => {
  test("computes what was not computed, and takes the state of an optimizer as it is", () => {
    const { init, step } = adam()
    const [params, state] = step({ w: ones([2]) }, init({ w: ones([2]) }), { w: add(ones([2]), 1) })
    const again = rightOf(decodeTree(init(params))(encodeTree(state))).tree
    expect([again.count, again.inner[0].mu.w].map(toArray)).toEqual([state.count, state.inner[0].mu.w].map(toArray))
  })

  test("aligns all data: wide elements come first, after a header of whole words", () => {
    const mixed = [tensor([true]), scalar(1), scalar(2, "f64"), tensor([true, false]), scalar(3, "i32")]
    const [header, data] = partsOf(encodeTree(mixed))
    const offsets = [0, 1, 2, 3, 4].map(i => (JSON.parse(header) as Readonly<Record<string, object>>)[i])
    expect(offsets).toMatchObject(
      [[16, 17], [8, 12], [0, 8], [17, 19], [12, 16]].map(pair => ({ data_offsets: pair })) // prettier-ignore
    )
    expect([header.length % 8, data.length]).toEqual([0, 19])
  })

  const failure = (name: string, message: string): unknown => expect.objectContaining({ name, message })
  const again = "encodeTree: expected metadata that can be read again; got"
  test.each<readonly [metadata: object, line: string]>([
    [{ step: -1 }, "__metadata__/step: expected a whole number ≥ 0; got -1"],
    [{ steps: 1 }, '__metadata__/steps: expected one of step, optimizer, history, user; got "1"'],
    [{ optimizer: [] }, "__metadata__/optimizer: expected an object; got an array of length 0"],
    [{ history: [{ loss: "1" }] }, '__metadata__/history/0/loss: expected a number, or one of NaN, Infinity, -Infinity, -0 as text; got "1"'], // prettier-ignore
    [{ user: { best: { loss: NaN } } }, "user/best/loss: expected a finite number; got NaN"],
    [{ user: { when: new Date(0) } }, "user/when: expected JSON; got an object"],
    [{ user: { list: Array.from({ length: 100_000 }, () => 0) } }, "user/list: expected at most 100000 values; got an array of length 100000"] // prettier-ignore
  ])("refuses metadata that would not come back: %#", (metadata, line) => {
    expect(thrownBy(() => encodeTree(tree, metadata as Metadata))).toEqual(failure("DataError", `${again} ${line}`))
  })

  test("refuses what would be no file, and symbols", () => {
    const free = 'encodeTree: expected a key that the format leaves free; got "__metadata__"'
    expect(thrownBy(() => encodeTree({ __metadata__: ones([1]) }))).toEqual(failure("TreeError", free))
    expect(thrownBy(() => encodeTree({ w: { __metadata__: ones([1]) } }))).toBeUndefined()
    const many = Array.from({ length: 40_000 }, () => scalar(1))
    expect(thrownBy(() => encodeTree(many))).toMatchObject({ name: "DataError", message: expect.stringContaining("at most 262144 values") as string }) // prettier-ignore
    const saving = compile((x: Tensor) => (encodeTree(x), x))
    expect(thrownBy(() => saving(ones([1])))).toMatchObject({ name: "UnboundInputError" })
  })
})

describe("decodeTree", () => {
  test("gives the metadata as they were said, an optimizer as JSON that its codec reads", () => {
    const spec = rightOf(decodeOptimizer({ optimizer: "adam", learningRate: 0.1 }))
    const metadata = {
      step: 9,
      optimizer: encodeOptimizer(spec),
      history: [{ epoch: 1, loss: Infinity, rate: -0 }, { loss: NaN }, {}],
      user: { notes: ["é", null, { "": true }], zeros: [-0, { deep: -0 }, 0] }
    }
    const given = rightOf(read(encodeTree(tree, metadata))).metadata
    expect(given).toEqual(metadata)
    expect(decodeOptimizer(given.optimizer)).toEqual({ _tag: "Right", right: spec })
    expect(rightOf(read(encodeTree(tree))).metadata).toEqual({})
    expectTypeOf<Fitted<object, object, object>["history"]>().toExtend<NonNullable<Metadata["history"]>>()
  })

  test("reads a part of a buffer, of any alignment, and copies it", () => {
    for (const before of [0, 1, 3]) {
      const buffer = Buffer.concat([Buffer.alloc(before), file, Buffer.alloc(1)])
      const part = buffer.subarray(before, before + file.length)
      const { w } = rightOf(read(part)).tree
      part.fill(0)
      expect(toTyped(w)).toEqual(new Float32Array([1, 2]))
    }
  })

  test("lists the first ten leaves that do not fit, and the first ten that are too many", () => {
    const twelve = (name: string) => Array.from({ length: 12 }, () => ({ [name]: zeros([1]) }))
    const lines = refusal(decodeTree(twelve("b"))(encodeTree(twelve("a"))))
    expect(lines.slice(9, 11)).toEqual([
      "9/b: expected a tensor f32[1]; got undefined",
      "0/a: expected no tensor; got a tensor f32[1]"
    ])
    expect(lines.length).toBe(20)
  })

  test("says of a tree that is one leaf that it is the root", () => {
    expect(refusal(decodeTree(zeros([2]))(encodeTree(zeros([2], "i32"))))).toEqual([
      "(root): expected a tensor f32[2]; got a tensor i32[2]"
    ])
  })

  test("reads a part of a file, below a path, and says what is wrong with it by its whole path", () => {
    const saved = encodeTree({ params: { a: tensor(1), ab: { x: tensor(2) } }, a: { x: tensor(3) } })
    const partOf = (like: Tree, under: string) => {
      const found = decodeTree(like, under)(saved)
      return found._tag === "Left" ? report(found.left) : Tree.leaves(found.right.tree).map(leaf => item(leaf))
    }
    expect([partOf(scalar(0), "params/a"), partOf({ x: scalar(0) }, "a"), partOf([], "none")]).toEqual([[1], [3], []])
    expect(partOf({ y: scalar(0) }, "params/ab")).toEqual([
      "params/ab/y: expected a tensor f32[]; got undefined",
      "params/ab/x: expected no tensor; got a tensor f32[]"
    ])
    expect(partOf({ x: scalar(0) }, "encoder")).toEqual(["encoder/x: expected a tensor f32[]; got undefined"])
    expect(() => decodeTree([], { under: "a" } as never)).toThrow('decodeTree: expected a path, such as "params/encoder"; got a record with keys under') // prettier-ignore
  })

  test("a `like` that is no tree is a mistake of the program", () => {
    expect(() => decodeTree({ w: 1 } as never)).toThrow(expect.objectContaining({ name: "TreeError" }) as Error)
  })
})

describe("files of ours say so", () => {
  const [header, data] = partsOf(file)
  const changed = (from: string, to: string): Uint8Array => {
    expect(header).toContain(from)
    return fileOf(header.replace(from, to), data)
  }
  const checksum = /"thalweg.crc32c":"(\w+)",/.exec(header)?.[0] ?? ""

  test.each([
    ["another version", changed('"thalweg.version":"1"', '"thalweg.version":"2"'), '__metadata__/thalweg.version: expected the version "1"; got "2"'], // prettier-ignore
    ["no version", changed(',"thalweg.version":"1"', ""), '__metadata__/thalweg.version: expected the version "1"; got undefined'], // prettier-ignore
    ["another step", changed('"step":"2"', '"step":"3"'), /^__metadata__\/thalweg\.crc32c: expected "\w{8}", which is the checksum of what was read; got "\w{8}"$/], // prettier-ignore
    ["another shape", changed("[1,2]", "[2,1]"), /^__metadata__\/thalweg\.crc32c: /],
    ["a step that is none", changed(`"step":"2",${checksum}`, '"step":"2.5",'), "__metadata__/step: expected a whole number ≥ 0; got 2.5"], // prettier-ignore
    ["a step that is no JSON", changed(`"step":"2",${checksum}`, '"step":"two",'), '__metadata__/step: expected JSON; got "two"'], // prettier-ignore
    ["a key of others", changed(checksum, '"format":"pt",'), '__metadata__/format: expected one of step, optimizer, history, user; got "pt"'] // prettier-ignore
  ])("%s", (_, wrong, line) => {
    expect(refusal(read(wrong))).toEqual([expect.stringMatching(line)])
    expect(refusal(decodeTensors(wrong))).toEqual(refusal(read(wrong)))
  })

  test("without a checksum they are read, and in another layout with the same", () => {
    const other = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(header) as object).reverse()), null, 1)
    for (const same of [changed(checksum, ""), fileOf(other, data)]) {
      expect(rightOf(read(same)).metadata).toEqual({ step: 2 })
      expect(encodeTree(rightOf(read(same)).tree, { step: 2 })).toEqual(file)
    }
  })
})

test("booleans are bytes 0 and 1", () => {
  const entry = { dtype: "BOOL", shape: [2], data_offsets: [0, 2] }
  expect(toArray(rightOf(decodeTensors(fileOf({ x: entry }, Uint8Array.of(1, 0))))["x"] as Tensor)).toEqual([
    true,
    false
  ])
  expect(refusal(decodeTensors(fileOf({ x: entry }, Uint8Array.of(1, 2))))).toEqual([
    "x: expected bytes 0 and 1; got 2"
  ])
})

test.each([
  ["I64", 2n ** 31n, "-2147483648 to 2147483647"],
  ["I64", -(2n ** 31n) - 1n, "-2147483648 to 2147483647"],
  ["I64", 2n ** 53n + 1n, "-2147483648 to 2147483647"],
  ["U64", 2n ** 32n, "0 to 4294967295"]
])("an integer of 64 bits that 32 do not hold is named: %s %s", (dtype, value, expected) => {
  const data = new Uint8Array(new BigInt64Array([0n, value]).buffer)
  const file = fileOf({ "bn.counter": { dtype, shape: [2], data_offsets: [0, 16] } }, data)
  expect(refusal(decodeTensors(file))).toEqual([`bn.counter: expected whole numbers from ${expected}; got ${value}`])
})
