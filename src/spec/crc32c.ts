/** What one byte does to the remainder: division by the polynomial of Castagnoli, bits reversed. */
const TABLE = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) =>
  Array.from({ length: 8 }).reduce<number>(rest => (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0), byte)
)

/** The CRC-32C of bytes, after others of which it is known: `crc32c(b, crc32c(a))` is that of both. */
export const crc32c = (bytes: Uint8Array, before = 0): number => {
  let rest = ~before
  // by index, since `for … of` and `reduce` are several times slower
  for (let i = 0; i < bytes.length; i++) rest = (TABLE[(rest ^ (bytes[i] as number)) & 255] as number) ^ (rest >>> 8)
  return ~rest >>> 0
}
