import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isTensor, toArray, toTyped } from "thalweg"
import { decodeIdx, report } from "thalweg/spec"

const u32 = (n: number): readonly number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
const file = (kind: number, shape: readonly number[], elements: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, kind, shape.length, ...shape.flatMap(u32), ...elements])

const bytesOf = (width: number, set: (view: DataView) => void): readonly number[] => {
  const view = new DataView(new ArrayBuffer(width))
  set(view)
  return [...new Uint8Array(view.buffer)]
}

const decoded = (bytes: Uint8Array) => {
  const result = decodeIdx(bytes)
  if (result._tag === "Left") throw new Error(report(result.left).join())
  return result.right
}

describe("decodeIdx", () => {
  test.each([
    ["unsigned bytes", 0x08, [255, 7], "i32", [255, 7]],
    ["signed bytes", 0x09, [255, 7], "i32", [-1, 7]],
    ["shorts", 0x0b, [255, 254, 1, 0], "i32", [-2, 256]],
    ["ints", 0x0c, [128, 0, 0, 0, 0, 1, 0, 0], "i32", [-(2 ** 31), 65536]],
    [
      "floats",
      0x0d,
      [bytesOf(4, v => v.setFloat32(0, 0.1)), bytesOf(4, v => v.setFloat32(0, NaN))].flat(),
      "f32",
      [Math.fround(0.1), NaN]
    ],
    [
      "doubles",
      0x0e,
      [bytesOf(8, v => v.setFloat64(0, 0.1)), bytesOf(8, v => v.setFloat64(0, -0))].flat(),
      "f64",
      [0.1, -0]
    ]
  ] as const)("%s", (_, kind, elements, dtype, values) => {
    const x = decoded(file(kind, [2, 1], elements))
    expect([x.dtype, x.shape]).toEqual([dtype, [2, 1]])
    expect([...toTyped(x)]).toEqual(values)
  })

  test("scalars and empty tensors are tensors too; bytes may begin anywhere in a buffer", () => {
    expect(toArray(decoded(file(0x08, [], [3])))).toBe(3)
    expect(decoded(file(0x08, [0, 3], [])).shape).toEqual([0, 3])
    const shifted = new Uint8Array([9, ...file(0x0c, [1], [0, 0, 0, 5])]).subarray(1)
    expect(toArray(decoded(shifted))).toEqual([5])
  })

  test.each([
    ["expected a Uint8Array; got an array of length 0", []],
    ["expected at least 4 bytes; got 3", Uint8Array.of(0, 0, 8)],
    ['expected two bytes of 0, with which an IDX file begins; got "31, 139"', Uint8Array.of(31, 139, 8, 0)],
    ["expected 8, 9, 11, 12, 13 or 14 as the third byte, the type of the elements; got 10", file(10, [], [1])],
    ["expected 12 bytes, the sizes of 2 axes among them; got 8", Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1)],
    ["expected 3 bytes of elements, of shape [3]; got 4", file(8, [3], [1, 2, 3, 4])],
    ["expected at most 64 axes; got 255", Uint8Array.of(0, 0, 8, 255)],
    ["expected at most 2147483648 elements; got an array of length 3", file(8, [2 ** 32 - 1, 2 ** 32 - 1, 0], [])]
  ])("%s", (text, bytes) => {
    const result = decodeIdx(bytes as Uint8Array)
    expect(result._tag === "Left" && report(result.left)).toEqual([`(root): ${text}`])
  })

  test("is total: whatever bytes come, the answer is an Either, and a tensor has the bytes of its shape", () => {
    const near = fc
      .tuple(
        fc.constantFrom(8, 9, 11, 12, 13, 14, 10),
        fc.array(fc.nat(3), { maxLength: 3 }),
        fc.uint8Array({ maxLength: 30 })
      )
      .map(([kind, shape, elements]) => file(kind, shape, [...elements]))
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 40 })), bytes => {
        const result = decodeIdx(bytes)
        expect(result._tag === "Left" ? report(result.left).length > 0 : isTensor(result.right)).toBe(true)
        if (result._tag === "Right") expect(toTyped(result.right).length).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 500 }
    )
  })
})
