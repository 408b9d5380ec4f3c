import { describe, expect, test } from "vitest"
import {
  abs,
  at,
  compile,
  eye,
  item,
  matmul,
  max,
  mean,
  reshape,
  standardDeviation,
  sub,
  sum,
  toArray,
  toTyped,
  transpose,
  type Shape
} from "thalweg"
import * as nn from "thalweg/nn"
import { key } from "thalweg/random"

const { identityInitializer, initializers, normalInitializer, orthogonal, truncatedNormalInitializer, uniformInitializer, varianceScaling } = nn // prettier-ignore

describe("orthogonal", () => {
  test.each<readonly [Shape]>([[[7, 7]], [[20, 4]], [[4, 20]], [[3, 3, 2, 5]], [[1, 1]], [[0, 3]], [[64, 64]]])(
    "%j",
    shape => {
      const columns = shape.at(-1) ?? 0
      for (const [dtype, bound] of [
        ["f32", 3e-7],
        ["f64", 2e-15]
      ] as const) {
        // prettier-ignore
        const kernel = orthogonal()(key(3), shape, dtype)
        expect([kernel.shape, kernel.dtype]).toEqual([shape, dtype])
        if (kernel.shape.includes(0)) continue
        const matrix = reshape(kernel, [-1, columns])
        const isTall = (matrix.shape[0] ?? 0) > columns
        const products = isTall ? matmul(transpose(matrix), matrix) : matmul(matrix, transpose(matrix))
        expect(item(max(abs(sub(products, eye(products.shape[0] ?? 0, undefined, dtype)))))).toBeLessThan(bound)
      }
    }
  )

  test("is of either orientation, times a gain, the same compiled", () => {
    const corner = (k: number) => item(at(at(orthogonal({ gain: -2 })(key(k), [1, 1]), 0), 0))
    expect(new Set(Array.from({ length: 20 }, (_, k) => corner(k)))).toEqual(new Set([-2, 2]))
    const draw = () => orthogonal()(key(1), [5, 3], "f64")
    expect(item(max(abs(sub(compile(draw)(), draw()))))).toBeLessThan(1e-15)
  })
})

test("identity has a 1 in the middle of the window", () => {
  const kernel = identityInitializer()(key(0), [3, 2, 2, 3])
  expect(toArray(at(at(kernel, 1), 1))).toEqual([[1, 0, 0], [0, 1, 0]]) // prettier-ignore
  expect(item(sum(kernel))).toBe(2)
})

const shape = [100, 200]
test.each([
  ["normal", normalInitializer({ mean: 1, standardDeviation: 0.5 }), 1, 0.5],
  ["truncated", truncatedNormalInitializer({ mean: -1, standardDeviation: 2 }), -1, 2 * 0.8796256610342398],
  ["uniform", uniformInitializer({ min: -1, max: 3 }), 1, 4 / Math.sqrt(12)],
  ["fan out", varianceScaling({ scale: 3, mode: "fanOut", distribution: "uniform" }), 0, Math.sqrt(3 / 200)],
  ["fan average", varianceScaling({ mode: "fanAverage", distribution: "truncatedNormal" }), 0, Math.sqrt(1 / 150)]
] as const)("moments of %s", (_, draw, center, deviation) => {
  const drawn = draw(key(2), shape, "f64")
  expect(Math.abs(item(mean(drawn)) - center)).toBeLessThan((4 * deviation) / Math.sqrt(20000))
  expect(Math.abs(item(standardDeviation(drawn)) / deviation - 1)).toBeLessThan(0.02)
})

test.each(["normal", "truncatedNormal", "uniform"] as const)("a scale of 0 gives zeros, %s", distribution => {
  expect([...toTyped(varianceScaling({ scale: 0, distribution })(key(0), [2, 1]))].map(Math.abs)).toEqual([0, 0]) // prettier-ignore
})

test("uniform kernels are below the end of their range, where draws are rounded up to it", () => {
  const drawn = uniformInitializer({ min: 10, max: 11 })(key(1), [2 ** 22])
  expect(item(max(drawn))).toBe(11 - 2 ** -20)
})

test.each(Object.entries(initializers))("%s draws kernels of windows, in the dtype that is asked for", (_, draw) => {
  const kernel = draw(key(0), [2, 2, 3, 4], "f64")
  expect([kernel.shape, kernel.dtype]).toEqual([[2, 2, 3, 4], "f64"])
})

test.each<readonly [string, string, () => unknown]>([
  ["ShapeError", "orthogonal: expected a kernel […window, inputs, outputs]; got [3]", () => orthogonal()(key(0), [3])],
  [
    "ShapeError",
    "identityInitializer: expected a kernel […window, inputs, outputs]; got []",
    () => identityInitializer()(key(0), [])
  ],
  [
    "HyperparameterError",
    "uniformInitializer: expected min < max, apart by what f32 can hold; got 1 and 0.05",
    () => uniformInitializer({ min: 1 })
  ],
  [
    "HyperparameterError",
    "uniformInitializer: expected min < max, apart by what f32 can hold; got -3e+38 and 3e+38",
    () => uniformInitializer({ min: -3e38, max: 3e38 })
  ],
  [
    "HyperparameterError",
    "normalInitializer: expected standardDeviation to be a finite number ≥ 0 that f32 can hold; got 1e+39",
    () => normalInitializer({ standardDeviation: 1e39 })
  ],
  [
    "HyperparameterError",
    "truncatedNormalInitializer: expected lower < upper; got 2 and 2",
    () => truncatedNormalInitializer({ lower: 2 })
  ],
  ["HyperparameterError", "orthogonal: expected gain to be a finite number; got NaN", () => orthogonal({ gain: NaN })],
  [
    "HyperparameterError",
    "varianceScaling: expected scale to be a finite number ≥ 0 that f32 can hold; got -1",
    () => varianceScaling({ scale: -1 })
  ]
])("%s %s", (name, message, use) => {
  expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
})
