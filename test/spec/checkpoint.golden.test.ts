import { readFileSync } from "node:fs"
import { toTyped, zeros, type DType, type Shape, type Tensor, type Tree } from "thalweg"
import { decodeTensors, decodeTree, encodeTree } from "thalweg/spec"
import { describe, expect, test } from "vitest"
import { refusal, rightOf } from "./files.js"

interface File {
  readonly name: string
  readonly file: string
  readonly tensors: Readonly<Record<string, { readonly dtype: DType; readonly shape: Shape; readonly data: string }>>
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** See test/golden/safetensors.py. */
const golden = JSON.parse(readFileSync("test/golden/safetensors.json", "utf8")) as {
  readonly theirs: readonly File[]
  readonly ours: readonly File[]
  readonly wrong: readonly { readonly name: string; readonly file: string; readonly refused: boolean }[]
}

const bytesOf = (file: string): Uint8Array => Uint8Array.from(Buffer.from(file, "base64"))

/** Tensors by name, to the last bit. */
const contents = (tensors: Readonly<Record<string, Tensor>>): File["tensors"] =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => {
      const data = Buffer.from(toTyped(t).buffer).toString("base64")
      return [name, { dtype: t.dtype, shape: t.shape, data }]
    })
  )

const likes: Readonly<Record<string, Tree>> = {
  "every dtype": {
    params: { kernel: zeros([2, 3]), bias: zeros([4]) },
    state: [zeros([4], "f64"), zeros([], "f64")],
    count: zeros([], "i32"),
    key: zeros([2], "u32"),
    mask: zeros([3], "bool"),
    nothing: zeros([0, 3]),
    é: { "😀": zeros([1]) }
  },
  "one tensor": zeros([1]),
  nothing: { empty: [], also: {} },
  integers: {
    i64: zeros([5], "i32"),
    counter: zeros([], "i32"),
    u64: zeros([3], "u32"),
    i8: zeros([4], "i32"),
    u8: zeros([3], "u32"),
    i16: zeros([3], "i32"),
    u16: zeros([3], "u32")
  },
  halves: { f16: zeros([568]), bf16: zeros([2, 5]) }
}
const readAs = (name: string, file: Uint8Array) => rightOf(decodeTree(likes[name] ?? [])(file))

/** JSON with the numbers that it has not. */
const numbers = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (_, value: unknown) => (value === "NaN" ? NaN : value))

describe("files that Python's safetensors wrote are read", () => {
  test.each(golden.theirs.map(file => [file.name, file] as const))("%s", (name, { file, tensors, metadata }) => {
    expect(contents(rightOf(decodeTensors(bytesOf(file))))).toEqual(tensors)
    expect(readAs(name, bytesOf(file)).metadata).toEqual(metadata === null ? {} : { user: metadata })
  })
})

describe("files are written as Python's safetensors reads them", () => {
  test.each(golden.ours.map(file => [file.name, file] as const))("%s", (name, { file, tensors, metadata }) => {
    const read = readAs(name, bytesOf(file))
    expect(encodeTree(read.tree, read.metadata)).toEqual(bytesOf(file))
    expect(contents(rightOf(decodeTensors(bytesOf(file))))).toEqual(tensors)
    expect(read.metadata).toEqual(numbers(metadata))
  })
})

describe("files that are wrong are refused, also where Python's safetensors is lenient", () => {
  const start = "expected a header that begins with {; got"
  const shape = "a/shape: expected at most 64 whole numbers, for 2147483648 elements; got"
  const dtype = "a/dtype: expected one of F32, F64, I32, U32, BOOL, BF16, F16, I64, U64, I16, U16, I8, U8; got"
  const fields = "a: expected an object of data_offsets, dtype, shape; got"
  const lines: Readonly<Record<string, string>> = {
    "no bytes": "(root): expected a safetensors file, at least 8 bytes; got 0",
    "seven bytes": "(root): expected a safetensors file, at least 8 bytes; got 7",
    "no header": `(root): ${start} ""`,
    "a header longer than the file": "(root): expected a safetensors file, whose header has at most 58 bytes; got 1000",
    "a header longer than anything":
      "(root): expected a safetensors file, whose header has at most 58 bytes; got 18446744073709552000",
    "a header that is cut off": '(root): expected JSON; got "{\\"a\\":{\\"dtype\\":\\"F32\\","',
    "no UTF-8": '(root): expected a header in UTF-8; got "other bytes"',
    "no JSON": '(root): expected JSON; got "{a}"',
    "an array": `(root): ${start} "[]"`,
    "space first": `(root): ${start} " {`,
    "a mark of byte order first": `(root): ${start} "\ufeff{`,
    "two values": "(root): expected JSON; got",
    "a name twice": '(root): expected every key once; got "a"',
    "a field twice": '(root): expected every key once; got "shape"',
    "metadata twice": '(root): expected every key once; got "__metadata__"',
    "metadata that are no strings": "__metadata__/step: expected a string; got 1",
    "metadata that are a list": "__metadata__: expected an object of strings; got an array of length 1",
    "an entry that is a number": `${fields} 1`,
    "an entry without a shape": `${fields} an object`,
    "an unknown dtype": `${dtype} "F31"`,
    "a dtype of lower case": `${dtype} "f32"`,
    "a dtype in a list": `${dtype} an array of length 1`,
    "a negative size": `${shape} "[-1]"`,
    "a size with a fraction": `${shape} "[0.5,2]"`,
    "sizes that overflow 64 bits": `${shape} "[4294967296,4294967296,0]"`,
    "sizes that overflow to what is there": `${shape} "[4294967296,4294967297]"`,
    "a size beyond 64 bits": `${shape} "[18446744073709552000]"`,
    "more elements than bytes": 'a/data_offsets: expected two whole numbers that are 8 apart; got "[0,4]"',
    "fewer elements than bytes": 'a/data_offsets: expected two whole numbers that are 4 apart; got "[0,8]"',
    "ends before it begins": 'a/data_offsets: expected two whole numbers that are 4 apart; got "[4,0]"',
    "three offsets": 'a/data_offsets: expected two whole numbers that are 4 apart; got "[0,4,4]"',
    "offsets beyond the data": "a/data_offsets: expected 0, the first byte that is free; got 4",
    "data that are cut off": "(root): expected 4 bytes of data; got 3",
    "data to spare": "(root): expected 4 bytes of data; got 5",
    "a gap before": "a/data_offsets: expected 0, the first byte that is free; got 4",
    "a gap between": "b/data_offsets: expected 4, the first byte that is free; got 8",
    "one over the other": "b/data_offsets: expected 4, the first byte that is free; got 0",
    "one half over the other": "b/data_offsets: expected 4, the first byte that is free; got 2"
  }
  // JSON has one kind of number, so that 1e0 is a size
  const wrong = golden.wrong.filter(({ name }) => name !== "a size in exponents")

  test.each(wrong.map(({ name, file }) => [name, file] as const))("%s", (name, file) => {
    expect(refusal(decodeTensors(bytesOf(file)))).toEqual([expect.stringContaining(lines[name] ?? "a line for each")])
  })

  test("Python's refuses them but for two", () => {
    expect(wrong.filter(({ refused }) => !refused).map(({ name }) => name)).toEqual(["space first", "a name twice"])
  })
})
