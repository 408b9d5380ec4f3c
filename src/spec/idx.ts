import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { allocate, type Data, type DType } from "../dataflow/dtype.js"
import { literal } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { MAX_ELEMENTS, MAX_RANK, sizeOf } from "../dataflow/shape.js"
import { isBytes, refuse } from "./problem.js"

/** How elements stand in a file, most significant byte first, and what they are here. */
interface Element {
  readonly dtype: DType
  readonly width: number
  readonly read: (view: DataView, at: number) => number
}

/** The third byte of a file says what its elements are. */
const elements: Readonly<Partial<Record<number, Element>>> = {
  0x08: { dtype: "i32", width: 1, read: (view, at) => view.getUint8(at) },
  0x09: { dtype: "i32", width: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { dtype: "i32", width: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { dtype: "i32", width: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { dtype: "f32", width: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { dtype: "f64", width: 8, read: (view, at) => view.getFloat64(at) }
}

/** Two zeros, what the elements are, and how many axes there are. */
const MAGIC = 4

const readElements = ({ dtype, width, read }: Element, view: DataView, start: number, count: number): Data => {
  const data = allocate(dtype, count)
  for (let i = 0; i < count; i++) data[i] = read(view, start + i * width)
  return data
}

/**
 * Decodes a file in the IDX format, that of the MNIST data sets, as a tensor.
 *
 * Unsigned and signed bytes, 16- and 32-bit integers become `i32`, 32- and 64-bit floats `f32` and `f64`; the values are
 * those of the file. Files that are compressed are inflated by the caller, or by `readIdx` of `thalweg/node`.
 *
 * Decoding is total, in time and memory linear in the length of the bytes: a `Left` says what is wrong, such as a file
 * that is cut off or goes on after its elements.
 *
 * Source: Y. LeCun's page of MNIST, "The IDX file format".
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { decodeIdx, report } from "thalweg/spec"
 *
 * const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 0, 255) // bytes of shape [1, 3]
 * const decoded = decodeIdx(bytes)
 * assert.ok(decoded._tag === "Right")
 * assert.deepStrictEqual(toArray(decoded.right), [[7, 0, 255]])
 *
 * const short = decodeIdx(bytes.subarray(0, 13))
 * assert.ok(short._tag === "Left")
 * assert.deepStrictEqual(report(short.left), ["(root): expected 3 bytes of elements, of shape [1, 3]; got 1"])
 */
export const decodeIdx = (bytes: Uint8Array): E.Either<t.Errors, Tensor> => {
  if (!isBytes(bytes)) return refuse([], [], bytes, "a Uint8Array")
  if (bytes.length < MAGIC) return refuse([], [], bytes.length, `at least ${MAGIC} bytes`)
  const [first, second, kind = 0, rank = 0] = bytes
  if (first !== 0 || second !== 0)
    return refuse([], [], `${first}, ${second}`, "two bytes of 0, with which an IDX file begins")
  const element = elements[kind]
  if (element === undefined)
    return refuse([], [], kind, `8, 9, 11, 12, 13 or 14 as the third byte, the type of the elements`)
  if (rank > MAX_RANK) return refuse([], [], rank, `at most ${MAX_RANK} axes`)
  const start = MAGIC + 4 * rank
  if (bytes.length < start) return refuse([], [], bytes.length, `${start} bytes, the sizes of ${rank} axes among them`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(MAGIC + 4 * axis))
  if (!(sizeOf(shape.map(size => size || 1)) <= MAX_ELEMENTS))
    return refuse([], [], shape, `at most ${MAX_ELEMENTS} elements`)
  const count = sizeOf(shape)
  if (count * element.width !== bytes.length - start)
    return refuse(
      [],
      [],
      bytes.length - start,
      `${count * element.width} bytes of elements, of shape [${shape.join(", ")}]`
    )
  return E.right(literal(readElements(element, view, start, count), shape, element.dtype))
}
