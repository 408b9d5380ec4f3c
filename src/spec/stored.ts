import { allocate, type Data, type DType } from "../dataflow/dtype.js"

/** How elements stand in a file, and what they are here. */
interface Stored {
  readonly dtype: DType
  /** Bytes of an element. */
  readonly width: number
  /** The elements in a buffer of their own. */
  readonly read: (bytes: Uint8Array) => Data
}

/** What is stored as it is, least byte first, as on every machine that JavaScript is common on. */
const own = (dtype: DType): Stored => {
  const width = allocate(dtype, 0).BYTES_PER_ELEMENT
  const read = (bytes: Uint8Array): Data => {
    const data = allocate(dtype, bytes.length / width)
    new Uint8Array(data.buffer).set(bytes)
    return data
  }
  return { dtype, width, read }
}

/** What is stored in 16 bits, and read as the f32 that is equal to it, whose bits a function gives. */
const half = (widened: (bits: number) => number): Stored => {
  const read = (bytes: Uint8Array): Data => {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return new Float32Array(
      new Uint32Array(bytes.length / 2).map((_, i) => widened(view.getUint16(2 * i, true))).buffer
    )
  }
  return { dtype: "f32", width: 2, read }
}

/** An f16 has 5 bits of exponent, with the bias 15, and 10 of fraction; an f32 has 8, with 127, and 23. */
const widenedF16 = (bits: number): number => {
  const [sign, exponent, fraction] = [(bits & 0x8000) << 16, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13)
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  const shift = Math.clz32(fraction) - 21
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13)
}

/** The dtypes that are read, by their names in the format. */
export const stored = {
  F32: own("f32"),
  F64: own("f64"),
  I32: own("i32"),
  U32: own("u32"),
  BOOL: own("bool"),
  BF16: half(bits => bits << 16),
  F16: half(widenedF16)
}

/** The name of a dtype that is read. */
export type StoredDType = keyof typeof stored

export const isStored = (name: unknown): name is StoredDType => typeof name === "string" && Object.hasOwn(stored, name)

/** The name of a dtype of ours in the format. */
export const storedAs = (dtype: DType): StoredDType => dtype.toUpperCase() as Uppercase<DType>
