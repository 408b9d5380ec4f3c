import { describe, expect, test } from "vitest"
import { abs, add, grad, item, max, mul, sub, sum, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import { layerNorm, rmsNorm } from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still = { training: false } as const
const apply = (x: Tensor, epsilon = 1e-5) => {
  const layer = layerNorm({ epsilon })
  return layer.apply(layer.init(key(0), x).params, [], x, still)[0]
}

describe("layerNorm", () => {
  test("is accurate far from 0, where the mean of squares would cancel", () => {
    const x = normal(key(1), [4, 16])
    const far = add(x, 4096)
    const worst = item(max(abs(sub(apply(far), apply(sub(far, 4096))))))
    expect(worst).toBeLessThan(1e-4)
  })

  test("gives the bias, and finite gradients, where all features are alike", () => {
    const x = tensor([[3, 3, 3]])
    expect(toArray(apply(x))).toEqual([[0, 0, 0]])
    const slope = grad((x: Tensor) => sum(mul(apply(x), tensor([1, 2, 3]))))(x)
    expect(toTyped(slope).every(Number.isFinite)).toBe(true)
  })

  test("takes one feature, no example and f64", () => {
    expect(toArray(apply(tensor([[5], [-7]])))).toEqual([[0], [0]])
    expect(apply(zeros([0, 3])).shape).toEqual([0, 3])
    const x = tensor([[1, 3]], { dtype: "f64" })
    expect(layerNorm().init(key(0), x).params.bias.dtype).toBe("f64")
    expect(apply(x).dtype).toBe("f64")
  })

  test("has no bias if there should be none", () => {
    expect(Object.keys(layerNorm({ bias: false }).init(key(0), zeros([1, 2])).params)).toEqual(["scale"])
    // @ts-expect-error -- there is none
    expect(layerNorm({ bias: false }).init(key(0), zeros([1, 2])).params.bias).toBeUndefined()
  })

  test("names itself in errors", () => {
    const { params } = layerNorm().init(key(0), zeros([1, 4]))
    expect(() => layerNorm().apply(params, [], zeros([2, 3]), still)).toThrow("layerNorm: expected inputs of 4 features; got f32[2, 3]") // prettier-ignore
    expect(() => layerNorm().init(key(0), zeros([1, 4], "i32"))).toThrow("layerNorm: expected f32 or f64; got i32")
    expect(() => layerNorm().init(key(0), zeros([]))).toThrow("layerNorm: expected inputs with a last axis of features")
    expect(() => layerNorm({ epsilon: 0 })).toThrow(
      "layerNorm: expected epsilon to be a finite number > 0 that f32 can hold; got 0"
    )
  })
})

describe("rmsNorm", () => {
  test("gives zeros, and finite gradients, of zeros", () => {
    const f = (x: Tensor) => rmsNorm().apply({ scale: tensor([1, 2]) }, [], x, still)[0]
    expect(toArray(f(zeros([1, 2])))).toEqual([[0, 0]])
    expect(toTyped(grad((x: Tensor) => sum(f(x)))(zeros([1, 2]))).every(Number.isFinite)).toBe(true)
  })

  test("names itself in errors", () => {
    expect(() => rmsNorm().apply({ scale: zeros([4]) }, [], zeros([2, 3]), still)).toThrow("rmsNorm: expected inputs of 4 features; got f32[2, 3]") // prettier-ignore
  })
})
