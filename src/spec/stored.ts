import { allocate, type Data, type DType } from "../dataflow/dtype.js"

/** How elements stand in a file, and what they are here. */
export interface Stored {
  readonly dtype: DType
  /** Bytes of an element. */
  readonly width: number
  /** The elements in a buffer of their own. */
  readonly read: (bytes: Uint8Array) => Data
  /** What elements have to be that are not whatever their bits are, and the first that is something else. */
  readonly only?: { readonly expected: string; readonly stray: (bytes: Uint8Array) => number | bigint | undefined }
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

/** From where to where integers go that have 32 bits here. */
const limits = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const

/** Integers of another width than 32 bits, which are read as ours where they fit. */
const integer = (
  dtype: keyof typeof limits,
  width: number,
  at: (view: DataView, offset: number) => number | bigint
): Stored => {
  const [least, most] = limits[dtype]
  const elements = (bytes: Uint8Array): readonly (number | bigint)[] => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return Array.from({ length: bytes.length / width }, (_, i) => at(view, i * width))
  }
  return {
    dtype,
    width,
    read: bytes => {
      const data = allocate(dtype, bytes.length / width)
      data.set(elements(bytes).map(Number))
      return data
    },
    only: {
      expected: `whole numbers from ${least} to ${most}`,
      stray: bytes => elements(bytes).find(element => element < least || element > most)
    }
  }
}

const bool: Stored = {
  ...own("bool"),
  only: { expected: "bytes 0 and 1", stray: bytes => bytes.find(byte => byte > 1) }
}

/** The dtypes that are read, by their names in the format. */
export const stored = {
  F32: own("f32"),
  F64: own("f64"),
  I32: own("i32"),
  U32: own("u32"),
  BOOL: bool,
  BF16: half(bits => bits << 16),
  F16: half(widenedF16),
  I64: integer("i32", 8, (view, offset) => view.getBigInt64(offset, true)),
  U64: integer("u32", 8, (view, offset) => view.getBigUint64(offset, true)),
  I16: integer("i32", 2, (view, offset) => view.getInt16(offset, true)),
  U16: integer("u32", 2, (view, offset) => view.getUint16(offset, true)),
  I8: integer("i32", 1, (view, offset) => view.getInt8(offset)),
  U8: integer("u32", 1, (view, offset) => view.getUint8(offset))
} satisfies Readonly<Record<string, Stored>>

/** The name of a dtype that is read. */
export type StoredDType = keyof typeof stored

export const isStored = (name: unknown): name is StoredDType => typeof name === "string" && Object.hasOwn(stored, name)

/** The name of a dtype of ours in the format. */
export const storedAs = (dtype: DType): StoredDType => dtype.toUpperCase() as Uppercase<DType>
