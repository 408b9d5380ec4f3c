import {
  add,
  determinant,
  eye,
  grad,
  item,
  jvp,
  lstsq,
  mul,
  pinv,
  sum,
  svd,
  tensor,
  toTyped,
  type Tensor
} from "thalweg"
import { describe, expect, test } from "vitest"

type DType = "f32" | "f64"

const weights = (dtype: DType): Tensor => tensor([[1, 2], [3, 1], [2, 2]], { dtype }) // prettier-ignore
const tall = (dtype: DType): Tensor => tensor([[2, 1], [1, 3], [0.5, -1]], { dtype }) // prettier-ignore

/** What does not depend on the units of a matrix, here so many to the one. */
const functions: Record<string, (a: Tensor, units: number) => Tensor> = {
  svd: a => {
    const { u, v } = svd(a)
    return add(sum(mul(u, weights(a.dtype as DType))), sum(mul(v, tensor([[1, 2], [3, 4]], { dtype: a.dtype as DType })))) // prettier-ignore
  },
  pinv: (a, units) => mul(sum(pinv(a)), units),
  lstsq: (a, units) => sum(lstsq(a, mul(tensor([1, 2, 4], { dtype: a.dtype as DType }), units)))
}

describe("a derivative does not depend on the units of a matrix", () => {
  const scales: Record<DType, readonly number[]> = { f32: [1e20, 1e-20, 1e-25], f64: [1e160, 1e-160, 1e-200] }
  const cases = Object.entries(functions).flatMap(([name, f]) =>
    (["f32", "f64"] as const).flatMap(dtype => scales[dtype].map(units => [name, dtype, units, f] as const))
  )
  test.each(cases)("%s in %s, of %d", (_, dtype, units, f) => {
    const slope = grad((a: Tensor) => f(a, units))(mul(tall(dtype), units))
    const plain = toTyped(grad((a: Tensor) => f(a, 1))(tall(dtype)))
    const tolerance = dtype === "f32" ? 1e-5 : 1e-13
    Array.from(toTyped(slope)).forEach((x, i) => {
      expect(Math.abs(x * units - (plain[i] ?? NaN))).toBeLessThan(tolerance)
    })
  })
})

describe("a determinant is a number where it can be, whatever its pivots come to on the way", () => {
  const diagonal = (pivots: readonly number[], dtype: DType = "f64"): Tensor =>
    mul(eye(pivots.length, undefined, dtype), tensor(pivots, { dtype }))
  const near = (actual: number, expected: number): void => {
    if (Number.isFinite(expected) && expected !== 0) expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-14)
    else expect(actual + 0).toBe(expected)
  }
  const cases: readonly (readonly [pivots: readonly number[], value: number, cofactors: readonly number[]])[] = [
    [[1e200, 1e200, 1e-300], 1e100, [1e-100, 1e-100, Infinity]],
    [[1e-200, 1e-200, 1e300], 1e-100, [1e100, 1e100, 0]],
    [[1e-200, -1e-200, 1e300, 1e200], -1e100, [-1e300, 1e300, -1e-200, -1e-100]],
    [[1e200, 1e200, 1], Infinity, [1e200, 1e200, Infinity]],
    [[1e-200, 1e-200, 1], 0, [1e-200, 1e-200, 0]],
    [[2 ** -1074, 2 ** 1000, 2 ** 80], 64, [Infinity, 2 ** -994, 2 ** -74]],
    [[1.7e308, 1.5e-308, 2], 5.1, [3e-308, Infinity, 2.55]]
  ]
  test.each(cases)("%j", (pivots, value, cofactors) => {
    const a = diagonal(pivots)
    near(item(determinant(a)), value)
    const found = Array.from(toTyped(grad(determinant)(a)))
    found.forEach((x, i) => {
      const isOn = i % (pivots.length + 1) === 0
      near(x, isOn ? (cofactors[i / (pivots.length + 1)] ?? NaN) : 0)
    })
  })
  test("of many pivots, in f64 and f32, to the last bit", () => {
    const pivots = Array.from({ length: 1200 }, (_, i) => (i % 2 === 0 ? 1.96 : 0.98))
    const plain = pivots.reduce((a, b) => a * b, 1)
    near(item(determinant(diagonal(pivots))), plain)
    expect(item(determinant(diagonal([1e30, 1e30, 2 ** -100, 2 ** -100], "f32")))).toBe(
      Math.fround(Math.fround(1e30) * Math.fround(1e30) * 2 ** -200)
    )
  })
  test("and its second derivatives", () => {
    const a = diagonal([1e200, 1e200, 1e-300])
    const along = diagonal([0, 1e200, 0])
    const [, moved] = jvp(grad(determinant))(a, along)
    near(toTyped(moved)[0] ?? NaN, 1e-100)
  })
})
