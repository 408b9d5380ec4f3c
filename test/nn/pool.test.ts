import { describe, expect, test } from "vitest"
import { flatten as flattened, grad, item, ones, sum, tensor, ThalwegError, toArray, zeros, type Tensor } from "thalweg"
import {
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  flatten,
  globalAveragePool,
  globalMaxPool,
  maxPool,
  reshape,
  upsample,
  type Mode,
  type Stateless
} from "thalweg/nn"

const still: Mode = { training: false }
const run = (layer: Stateless, x: Tensor): Tensor => layer.apply([], [], x, still)[0]

describe("shapes", () => {
  test.each([
    [maxPool({ window: 3 }), [2, 7, 5], [2, 2, 5]],
    [maxPool({ window: [3, 1], strides: [1, 2] }), [0, 7, 5, 1], [0, 5, 3, 1]],
    [maxPool({ window: 2 }), [1, 4, 4, 4, 3], [1, 2, 2, 2, 3]],
    [averagePool({ window: 3, strides: 2, padding: "same" }), [1, 1, 8, 1], [1, 1, 4, 1]],
    [averagePool({ window: 2, padding: [[0, 1]] }), [1, 3, 1], [1, 2, 1]],
    [globalMaxPool(), [0, 3, 4, 5], [0, 5]],
    [globalAveragePool(), [2, 1, 5], [2, 5]],
    [adaptiveMaxPool({ size: 4 }), [1, 1, 9, 2], [1, 4, 4, 2]],
    [adaptiveAveragePool({ size: [1, 7] }), [0, 3, 3, 2], [0, 1, 7, 2]],
    [upsample({ factor: 1, method: "linear" }), [1, 3, 2], [1, 3, 2]],
    [upsample({ factor: [1, 4] }), [1, 1, 1, 2], [1, 1, 4, 2]],
    [flatten(), [0, 2, 3], [0, 6]],
    [flatten(), [4], [4, 1]],
    [reshape({ shape: [] }), [4, 1], [4]],
    [reshape({ shape: [0, 3] }), [4, 3, 0], [4, 0, 3]],
    [reshape({ shape: [3, 2] }), [0, 6], [0, 3, 2]]
  ])("%#", (layer, input, output) => {
    expect(run(layer, zeros(input)).shape).toEqual(output)
  })
})

describe("mistakes in inputs", () => {
  test.each([
    [
      maxPool({ window: 4 }),
      [1, 3, 5, 2],
      "maxPool: expected inputs with places for a window of [4, 4]; got f32[1, 3, 5, 2]"
    ],
    [
      averagePool({ window: 4, padding: [[1, 1]] }),
      [1, 1, 2],
      "averagePool: expected inputs with places for a window of [4], padded by [[1, 1]]; got f32[1, 1, 2]"
    ],
    [
      maxPool({ window: 1, padding: "same" }),
      [1, 0, 2],
      "maxPool: expected inputs with places for a window of [1]; got f32[1, 0, 2]"
    ],
    [maxPool({ window: 2 }), [3, 2], "maxPool: expected inputs [batch, …places, channels]; got f32[3, 2]"],
    [globalAveragePool(), [3, 2], "globalAveragePool: expected inputs [batch, …places, channels]; got f32[3, 2]"],
    [globalMaxPool(), [3, 0, 2], "globalMaxPool: expected inputs with one place at least; got f32[3, 0, 2]"],
    [
      adaptiveMaxPool({ size: 2 }),
      [3, 0, 2],
      "adaptiveMaxPool: expected inputs with one place at least; got f32[3, 0, 2]"
    ],
    [upsample({ factor: 2 }), [3, 2], "upsample: expected inputs [batch, …places, channels]; got f32[3, 2]"],
    [flatten(), [], "flatten: expected inputs with a first axis of examples; got f32[]"],
    [reshape({ shape: [2, 2] }), [4, 3], "reshape: expected examples of as many elements as [2, 2] has; got f32[4, 3]"]
  ])("%#", (layer, shape, message) => {
    expect(() => run(layer, zeros(shape))).toThrow(expect.objectContaining({ name: "ShapeError", message }))
  })

  test.each([
    ["averagePool", averagePool({ window: 1 })],
    ["globalAveragePool", globalAveragePool()],
    ["adaptiveAveragePool", adaptiveAveragePool({ size: 1 })],
    ["upsample", upsample({ factor: 2, method: "linear" })]
  ])("%s of integers", (name, layer) => {
    const message = expect.stringContaining(name) as string
    expect(() => run(layer, zeros([1, 2, 1], "i32"))).toThrow(expect.objectContaining({ name: "DTypeError", message }))
  })

  test("integers have a largest", () => {
    const x = tensor([[[1], [5], [3]]], { dtype: "i32" })
    expect(
      [maxPool({ window: 3 }), adaptiveMaxPool({ size: 1 }), globalMaxPool()].map(layer => toArray(run(layer, x)))
    ).toEqual([[[[5]]], [[[5]]], [[5]]])
  })
})

describe("mistakes in options", () => {
  test.each([
    [
      () => maxPool({ window: 2, padding: [[0, 2]] }),
      "maxPool: expected padding to be below the window [2]; got [[0, 2]]"
    ],
    [
      () =>
        averagePool({
          window: [3, 1],
          padding: [
            [1, 1],
            [1, 1]
          ]
        }),
      "averagePool: expected padding to be below the window [3, 1]; got [[1, 1], [1, 1]]"
    ],
    [
      () =>
        maxPool({
          window: [2],
          padding: [
            [0, 0],
            [0, 0]
          ]
        }),
      "maxPool: expected window to be one number, or one for each of 2 spatial axes; got [2]"
    ],
    [
      () => run(maxPool({ window: [2, 2] }), zeros([1, 4, 1])),
      "maxPool: expected window to be one number, or one for each of 1 spatial axes; got [2, 2]"
    ],
    [
      () => run(maxPool({ window: 2, padding: [[0, 0]] }), zeros([1, 4, 4, 1])),
      "maxPool: expected padding to have a pair for each of 2 spatial axes; got [[0, 0]]"
    ],
    [
      () => run(adaptiveMaxPool({ size: [2, 2] }), zeros([1, 4, 1])),
      "adaptiveMaxPool: expected size to be one number, or one for each of 1 spatial axes; got [2, 2]"
    ],
    [() => upsample({ factor: 1.5 }), "upsample: expected factor to be a whole number ≥ 1; got 1.5"],
    [
      () => upsample({ factor: 2, method: "cubic" as "linear" }),
      'upsample: expected method to be nearest or linear; got "cubic"'
    ],
    [() => reshape({ shape: [-1] }), "reshape: expected shape[0] to be a whole number ≥ 0; got -1"]
  ])("%#", (make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: "HyperparameterError", message }))
  })
})

describe("numerics", () => {
  test("padding never wins, nor counts", () => {
    const x = tensor([[[-5], [-7]]])
    expect(toArray(run(maxPool({ window: 3, strides: 1, padding: "same" }), x))).toEqual([[[-5], [-5]]])
    expect(toArray(run(averagePool({ window: 3, strides: 1, padding: "same" }), x))).toEqual([[[-6], [-6]]])
  })

  test("infinities stay where they are", () => {
    const x = tensor([[[Infinity], [1], [2], [3]]])
    expect(toArray(run(adaptiveMaxPool({ size: 2 }), x))).toEqual([[[Infinity], [3]]])
    expect(toArray(run(upsample({ factor: 2 }), tensor([[[Infinity], [1]]])))).toEqual([
      [[Infinity], [Infinity], [1], [1]]
    ])
  })

  test.each([
    ["in bins of one size", [[[Infinity], [1], [2]]], 2, [[[Infinity], [1.5]]]],
    ["in more bins than places", [[[Infinity], [1], [2]]], 4, [[[Infinity], [Infinity], [1.5], [2]]]]
  ])("and in averages of bins: %s", (_, x, size, expected) => {
    expect(toArray(run(adaptiveAveragePool({ size }), tensor(x)))).toEqual(expected)
  })

  test.each([
    ["equals", [5, 5, 1, 5], [1, 0, 0, 0]],
    ["what is no number", [1, NaN, 2, NaN], [0, 1, 0, 0]]
  ])("the first of %s has the derivative in every maximum", (_, values, expected) => {
    const x = tensor(values, { shape: [1, 4, 1] })
    const slopes = [maxPool({ window: 4 }), globalMaxPool(), adaptiveMaxPool({ size: 1 })].map(layer =>
      toArray(flattened(grad((x: Tensor) => sum(run(layer, x)))(x)))
    )
    expect(slopes).toEqual([expected, expected, expected])
  })

  test("a place in two bins has the derivatives of both", () => {
    const gradient = grad((x: Tensor) => sum(run(adaptiveMaxPool({ size: 2 }), x)))(tensor([[[0], [1], [0]]]))
    expect(toArray(gradient)).toEqual([[[0], [2], [0]]])
  })

  test("more bins, or more places, than a call takes arguments", () => {
    expect(run(adaptiveMaxPool({ size: 130_000 }), zeros([1, 3, 1])).shape).toEqual([1, 130_000, 1])
    expect(() => run(upsample({ factor: 2 ** 33, method: "linear" }), ones([1, 1, 1]))).toThrow(ThalwegError)
    expect(item(sum(run(adaptiveAveragePool({ size: 200_000 }), ones([1, 400_000, 1]))))).toBe(200_000)
  })
})
