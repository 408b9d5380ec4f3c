import { add, grad, lstsq, mul, pinv, sum, svd, tensor, toTyped, type Tensor } from "thalweg"
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
