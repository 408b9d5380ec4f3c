import { sequenceS } from "fp-ts/lib/Apply.js"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { literal } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { toTyped } from "../engine/index.js"
import { decodeHeader, headerText, type Header, type NamedEntry } from "./header.js"
import { all, validation } from "./json.js"
import type { Metadata } from "./metadata.js"
import { isBytes, problem, refuse } from "./problem.js"
import { report } from "./report.js"
import { seal, unseal } from "./seal.js"
import { stored, storedAs, type Stored } from "./stored.js"
import { fromUtf8, toUtf8 } from "./utf8.js"

type Named = readonly (readonly [name: string, tensor: Tensor])[]

/** What a file says. */
interface Contents {
  readonly tensors: Named
  readonly metadata: Metadata
}

/** A header that was read, and the data after it. */
interface Read {
  readonly header: Header
  readonly data: Uint8Array
}

/** A file begins with the length of its header, in so many bytes; longer headers are refused. */
const LENGTH = 8
const MAX_HEADER = 2 ** 24

const lengthBytes = (length: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(LENGTH))
  view.setBigUint64(0, BigInt(length), true)
  return new Uint8Array(view.buffer)
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  parts.reduce((at, part) => {
    whole.set(part, at)
    return at + part.length
  }, 0)
  return whole
}

/** Where each part of the data stands, one after the other. */
const layOut = (tensors: Named): readonly NamedEntry[] => {
  let end = 0
  return tensors.map(([name, { dtype, shape }]) => {
    const begin = end
    end += stored[storedAs(dtype)].width * sizeOf(shape)
    return [name, { dtype: storedAs(dtype), shape, data_offsets: [begin, end] }]
  })
}

/** Writes a file. Wide elements come first, after a header of whole words, so that all of them are aligned. */
export const writeContents = ({ tensors, metadata }: Contents): Uint8Array => {
  const width = ([, { dtype }]: Named[number]): number => stored[storedAs(dtype)].width
  const ordered = [...tensors].sort((a, b) => width(b) - width(a))
  const data = ordered.map(([, tensor]) => new Uint8Array(toTyped(tensor).buffer))
  const header = toUtf8(headerText(seal(layOut(ordered), metadata, data)))
  const spaces = toUtf8(" ".repeat(-header.length & (LENGTH - 1)))
  const bytes = joined([lengthBytes(header.length + spaces.length), header, spaces, ...data])
  const again = readHeader(bytes)
  return E.isRight(again)
    ? bytes
    : fail("DataError", "encodeTree", "what can be read again", report(again.left).join("; "))
}

/** What torch.save writes begins so. */
const isZip = (bytes: Uint8Array): boolean => [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte)

/** The header, and the data after it. Nothing that a file claims is trusted before it was held against its length. */
const readHeader = (bytes: Uint8Array): t.Validation<Read> => {
  if (!isBytes(bytes)) return refuse([], [], bytes, "a Uint8Array")
  if (isZip(bytes)) return refuse([], [], "a zip file, perhaps of torch.save", "a safetensors file")
  if (bytes.length < LENGTH) return refuse([], [], bytes.length, `a safetensors file, at least ${LENGTH} bytes`)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const most = Math.min(MAX_HEADER, bytes.length - LENGTH)
  if (length > most) return refuse([], [], length, `a safetensors file, whose header has at most ${most} bytes`)
  const data = bytes.subarray(LENGTH + length)
  return pipe(
    E.tryCatch(
      () => fromUtf8(bytes.subarray(LENGTH, LENGTH + length)),
      () => [problem([], [], "other bytes", "a header in UTF-8")]
    ),
    E.chain(decodeHeader),
    E.map(header => ({ header, data }))
  )
}

/** No gap, no overlap: every tensor begins where the one before ends, and the last one ends with the data. */
const requireLayout = ({ header, data }: Read): t.Validation<unknown> => {
  const ordered = header.entries
    .map(([name, entry]) => ({ name, begin: entry.data_offsets[0], end: entry.data_offsets[1] }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  let at = 0
  for (const { name, begin, end } of ordered) {
    if (begin !== at) return refuse([], [name, "data_offsets"], begin, `${at}, the first byte that is free`)
    at = end
  }
  return at === data.length ? t.success(at) : refuse([], [], data.length, `${at} bytes of data`)
}

const readTensor = (
  [name, { dtype, shape, data_offsets: offsets }]: NamedEntry,
  data: Uint8Array
): t.Validation<Named[number]> => {
  const bytes = data.subarray(...offsets)
  const { dtype: own, read, only }: Stored = stored[dtype]
  const stray = only?.stray(bytes)
  if (only !== undefined && stray !== undefined) return refuse([], [name], stray, only.expected)
  return t.success([name, literal(read(bytes), shape, own)])
}

/** Reads a file. */
export const readContents = (bytes: Uint8Array): t.Validation<Contents> =>
  pipe(
    readHeader(bytes),
    E.chainFirst(requireLayout),
    E.chain(({ header, data }) =>
      sequenceS(validation)({
        tensors: all(header.entries, entry => readTensor(entry, data)),
        metadata: unseal(header, data)
      })
    )
  )
