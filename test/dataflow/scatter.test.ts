import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  add,
  compile,
  dynamicSlice,
  dynamicUpdateSlice,
  scalar,
  scatterMax,
  scatterSet,
  tensor,
  toArray,
  toTyped,
  zeros,
  type DType,
  type Tensor
} from "thalweg"

/** A base `[a, size, b]`, indices and updates along axis 1. */
const cases = fc
  .record({
    a: fc.nat(2),
    size: fc.integer({ min: 1, max: 4 }),
    b: fc.nat(2),
    count: fc.nat(5),
    dtype: fc.constantFrom<DType>("f32", "f64", "i32"),
    seed: fc.nat(99)
  })
  .map(({ a, size, b, count, dtype, seed }) => {
    const noise = (i: number): number => ((seed + 7) * (i + 3) * 7919) % 23
    const filled = (n: number, shift: number): number[] => Array.from({ length: n }, (_, i) => noise(i + shift) - 11)
    return {
      a,
      size,
      b,
      count,
      base: tensor(filled(a * size * b, 0), { shape: [a, size, b], dtype }),
      indices: tensor(
        Array.from({ length: count }, (_, i) => noise(i) % size),
        { dtype: "i32" }
      ),
      updates: tensor(filled(a * count * b, 100), { shape: [a, count, b], dtype })
    }
  })

/** The same by loops. */
const byHand = (
  { a, size, b, count, base, indices, updates }: ReturnType<typeof cases.generate>["value"],
  combine: (old: number, update: number) => number
): number[] => {
  const result = Array.from(toTyped(base), Number)
  const [places, values] = [toTyped(indices), toTyped(updates)]
  for (let i = 0; i < a; i++)
    for (let k = 0; k < count; k++)
      for (let j = 0; j < b; j++) {
        const at = (i * size + Number(places[k])) * b + j
        result[at] = combine(result[at] ?? NaN, Number(values[(i * count + k) * b + j]))
      }
  return result
}

describe("scatterSet and scatterMax", () => {
  test.each([
    ["scatterSet", scatterSet, (_: number, update: number) => update],
    ["scatterMax", scatterMax, (old: number, update: number) => Math.max(old, update)]
  ] as const)("%s is a loop over the indices, in order", (_, scatter, combine) => {
    fc.assert(
      fc.property(cases, sample => {
        const found = [
          scatter(sample.base, sample.indices, sample.updates, 1),
          compile((base: Tensor, indices: Tensor, updates: Tensor) => scatter(base, indices, updates, 1))(
            sample.base,
            sample.indices,
            sample.updates
          )
        ]
        for (const result of found) expect(Array.from(toTyped(result), Number)).toEqual(byHand(sample, combine))
      }),
      { numRuns: 60, seed: 1 }
    )
  })

  test("indices may have any rank, values any bits", () => {
    const indices = tensor([[0, 1], [1, 0]], { dtype: "u32" }) // prettier-ignore
    expect(toArray(scatterSet(zeros([2]), indices, tensor([[1, 2], [3, 4]])))).toEqual([4, 3]) // prettier-ignore
    const [first] = toTyped(scatterSet(tensor([1, 1]), tensor([0], { dtype: "i32" }), tensor([-0])))
    expect(Object.is(first, -0)).toBe(true)
    expect(toArray(scatterSet(tensor([1, 1]), tensor([0], { dtype: "i32" }), tensor([NaN])))).toEqual([NaN, 1])
    expect(toArray(scatterMax(tensor([1, 1]), tensor([0, 0], { dtype: "i32" }), tensor([NaN, 2])))).toEqual([NaN, 1])
    expect(toArray(scatterSet(tensor([true, true]), tensor([1], { dtype: "i32" }), tensor([false])))).toEqual([
      true,
      false
    ])
  })

  test.each<[string, () => unknown]>([
    [
      "ShapeError: scatterSet: expected updates of shape [2, 3]; got [2]",
      () => scatterSet(zeros([4, 3]), tensor([0, 1], { dtype: "i32" }), zeros([2]))
    ],
    [
      "DTypeError: scatterMax: expected updates of f32; got f64",
      () => scatterMax(zeros([4]), tensor([0], { dtype: "i32" }), zeros([1], "f64"))
    ],
    [
      "AxisError: scatterSet: expected an axis from -1 to 0; got 1",
      () => scatterSet(zeros([4]), tensor([0], { dtype: "i32" }), zeros([1]), 1)
    ]
  ])("%s", (message, use) => {
    const [name = "", ...text] = message.split(": ")
    expect(use).toThrow(expect.objectContaining({ name, message: text.join(": ") }) as Error)
  })

  test("an index outside is an IndexError", () => {
    for (const scatter of [scatterSet, scatterMax])
      expect(() => toArray(scatter(zeros([2]), tensor([2], { dtype: "i32" }), zeros([1])))).toThrow(
        expect.objectContaining({ name: "IndexError" }) as Error
      )
  })
})

describe("dynamicSlice and dynamicUpdateSlice", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) // prettier-ignore

  test("take and replace what plain slices would, wherever they start", () => {
    const taken = compile((i: Tensor, j: Tensor) => dynamicSlice(x, [i, j], [2, 1]))
    const replaced = compile((i: Tensor, j: Tensor) => dynamicUpdateSlice(x, zeros([2, 1]), [i, j]))
    const rows = toArray(x) as number[][]
    for (const i of [0, 1])
      for (const j of [0, 1, 2]) {
        const [a, b] = [scalar(i, "i32"), scalar(j, "u32")]
        expect(toArray(taken(a, b))).toEqual([[rows[i]?.[j]], [rows[i + 1]?.[j]]])
        const expected = rows.map((row, r) => row.map((v, c) => (c === j && (r === i || r === i + 1) ? 0 : v)))
        expect(toArray(replaced(a, b))).toEqual(expected)
      }
    expect(toArray(dynamicSlice(scalar(3), [], []))).toBe(3)
    expect(dynamicSlice(x, [0, 3], [2, 0]).shape).toEqual([2, 0])
    expect(toArray(dynamicUpdateSlice(x, zeros([0, 3]), [1, 0]))).toEqual(rows)
  })

  test.each<[string, () => unknown]>([
    [
      "ShapeError: dynamicSlice: expected a start for each of 2 axes; got 1 of them",
      () => dynamicSlice(x, [0], [1, 1])
    ],
    ["ShapeError: dynamicSlice: expected a slice within [3, 3]; got [4, 1]", () => dynamicSlice(x, [0, 0], [4, 1])],
    [
      "ShapeError: dynamicUpdateSlice: expected a slice within [3, 3]; got [1]",
      () => dynamicUpdateSlice(x, zeros([1]), [0, 0])
    ],
    ["DTypeError: dynamicSlice: expected starts of i32 or u32; got f32", () => dynamicSlice(x, [scalar(0), 0], [1, 1])],
    [
      "ShapeError: dynamicSlice: expected scalar starts; got shape [1]",
      () => dynamicSlice(x, [zeros([1], "i32"), 0], [1, 1])
    ]
  ])("%s", (message, use) => {
    const [name = "", ...text] = message.split(": ")
    expect(use).toThrow(expect.objectContaining({ name, message: text.join(": ") }) as Error)
  })

  test("a slice that reaches outside is an IndexError when it is computed", () => {
    expect(() => toArray(dynamicSlice(x, [add(scalar(1, "i32"), 1), 0], [2, 3]))).toThrow(
      expect.objectContaining({ name: "IndexError" }) as Error
    )
    expect(() => toArray(dynamicUpdateSlice(x, zeros([2, 3]), [2, 0]))).toThrow(
      expect.objectContaining({ name: "IndexError" }) as Error
    )
  })
})
