import { describe, expect, expectTypeOf, test } from "vitest"
import { grad, mul, sum, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import {
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  depthwiseConv2d,
  separableConv2d,
  sequential,
  type Layer,
  type Mode
} from "thalweg/nn"
import { key, normal } from "thalweg/random"

const still: Mode = { training: false }

/** The output of a layer for an input, with its first parameters. */
const run = (layer: Layer<never, never>, x: Tensor): Tensor => {
  const { params, state } = layer.init(key(0), x)
  return layer.apply(params, state, x, still)[0]
}
const shapeOf = (layer: object, shape: readonly number[]): readonly number[] =>
  run(layer as Layer<never, never>, zeros(shape)).shape

describe("places", () => {
  test.each([
    [conv1d({ outputs: 4, window: 3 }), [2, 3, 5], [2, 1, 4]],
    [conv1d({ outputs: 4, window: 3 }), [0, 3, 5], [0, 1, 4]],
    [conv1d({ outputs: 4, window: 3, padding: "same" }), [1, 1, 1], [1, 1, 4]],
    [conv1d({ outputs: 4, window: [3], padding: [[-1, 0]] }), [1, 4, 1], [1, 1, 4]],
    [conv2d({ outputs: 1, window: [1, 4], strides: [3, 1], padding: "same" }), [1, 7, 2, 3], [1, 3, 2, 1]],
    [depthwiseConv2d({ window: 2, multiplier: 3 }), [1, 2, 3, 4], [1, 1, 2, 12]],
    [separableConv2d({ outputs: 5, window: 2, strides: 2 }), [1, 5, 4, 3], [1, 2, 2, 5]],
    [convTranspose1d({ outputs: 2, window: 1, strides: 3 }), [1, 4, 1], [1, 12, 2]],
    [convTranspose1d({ outputs: 2, window: 5, strides: 3 }), [1, 4, 1], [1, 14, 2]],
    [convTranspose1d({ outputs: 2, window: 5, strides: 3, padding: "same" }), [1, 4, 1], [1, 12, 2]],
    [convTranspose2d({ outputs: 2, window: 2, strides: 2, outputPadding: [1, 0] }), [1, 1, 3, 1], [1, 3, 6, 2]]
  ])("%#", (layer, input, output) => {
    expect(shapeOf(layer, input)).toEqual(output)
  })
})

describe("fans", () => {
  const spread = (layer: Layer<never, never>, x: Tensor): number => {
    const [kernel] = Tree.leaves(layer.init(key(1), x).params as Tree).filter(t => t.shape.length > 1) as [Tensor]
    const all = Array.from(toTyped(kernel), Number)
    return Math.sqrt(all.reduce((total, w) => total + w * w, 0) / all.length)
  }
  // he: √(2 / fanIn)
  test.each([
    ["conv2d", conv2d({ outputs: 64, window: 4 }), [1, 4, 4, 32], 32 * 16],
    ["in groups", conv2d({ outputs: 256, window: 4, groups: 8 }), [1, 4, 4, 64], 8 * 16],
    ["depthwise", depthwiseConv2d({ window: 4 }), [1, 4, 4, 512], 16],
    ["transposed", convTranspose2d({ outputs: 64, window: 4 }), [1, 1, 1, 32], 32 * 16]
  ])("count what goes into one output: %s", (_, layer, shape, fanIn) => {
    expect(spread(layer as unknown as Layer<never, never>, zeros(shape)) / Math.sqrt(2 / fanIn)).toBeCloseTo(1, 1)
  })
})

describe("mistakes in inputs name the layer and both sizes", () => {
  test.each([
    [
      conv2d({ outputs: 1, window: 7 }),
      [1, 5, 9, 3],
      "conv2d: expected inputs with places for a window of [7, 7]; got f32[1, 5, 9, 3]"
    ],
    [
      conv1d({ outputs: 1, window: 2 }),
      [1, 0, 3],
      "conv1d: expected inputs with places for a window of [2]; got f32[1, 0, 3]"
    ],
    [
      convTranspose1d({ outputs: 1, window: 3 }),
      [1, 0, 3],
      "convTranspose1d: expected inputs with places for a window of [3]; got f32[1, 0, 3]"
    ],
    [
      conv1d({ outputs: 1, window: 1, padding: [[1, 1]] }),
      [1, 0, 3],
      "conv1d: expected inputs with places for a window of [1], padded by [[1, 1]]; got f32[1, 0, 3]"
    ],
    [
      conv1d({ outputs: 1, window: 2, dilation: 3 }),
      [1, 3, 3],
      "conv1d: expected inputs with places for a window of [2], spaced by [3]; got f32[1, 3, 3]"
    ],
    [
      conv2d({
        outputs: 1,
        window: 2,
        padding: [
          [-2, -2],
          [0, 0]
        ]
      }),
      [1, 5, 5, 3],
      "conv2d: expected inputs with places for a window of [2, 2], padded by [[-2, -2], [0, 0]]; got f32[1, 5, 5, 3]"
    ],
    [
      convTranspose1d({ outputs: 1, window: 2, padding: [[2, 2]] }),
      [1, 3, 3],
      "convTranspose1d: expected inputs with places for a window of [2], padded by [[2, 2]]; got f32[1, 3, 3]"
    ],
    [
      conv2d({ outputs: 1, window: 2 }),
      [28, 28, 3],
      "conv2d: expected inputs [batch, height, width, channels]; got f32[28, 28, 3]"
    ],
    [
      conv1d({ outputs: 1, window: 2 }),
      [1, 28, 28, 3],
      "conv1d: expected inputs [batch, length, channels]; got f32[1, 28, 28, 3]"
    ],
    [
      conv2d({ outputs: 4, window: 2, groups: 2 }),
      [1, 4, 4, 3],
      "conv2d: expected a number of channels that is a multiple of 2 groups; got f32[1, 4, 4, 3]"
    ],
    [
      separableConv2d({ outputs: 1, window: 5 }),
      [1, 4, 4, 3],
      'depthwiseConv2d at "depthwise": expected inputs with places for a window of [5, 5]; got f32[1, 4, 4, 3]'
    ]
  ])("%#", (layer, shape, message) => {
    expect(() => shapeOf(layer, shape)).toThrow(expect.objectContaining({ name: "ShapeError", message }))
  })

  test("other channels than init was told", () => {
    const model = sequential({ first: conv2d({ outputs: 4, window: 3 }) })
    const { params, state } = model.init(key(0), zeros([1, 8, 8, 3]))
    expect(() => model.apply(params, state, zeros([1, 8, 8, 1]), still)).toThrow(
      'conv2d at "first/kernel": expected a tensor [3, 3, 1, 4] for inputs f32[1, 8, 8, 1]; got f32[3, 3, 3, 4]'
    )
  })

  test.each([conv1d({ outputs: 1, window: 1 }), convTranspose1d({ outputs: 1, window: 1 })])(
    "integers, in init and in apply",
    layer => {
      const x = zeros([1, 4, 1], "i32")
      const { params } = layer.init(key(0), zeros([1, 4, 1]))
      expect(() => layer.init(key(0), x)).toThrow(
        expect.objectContaining({ name: "DTypeError", message: expect.stringMatching(/^conv/) as string })
      )
      expect(() => layer.apply(params, [], x, still)).toThrow(
        expect.objectContaining({ name: "DTypeError", message: expect.stringMatching(/^conv/) as string })
      )
    }
  )
})

describe("mistakes in options", () => {
  test.each([
    [
      () => conv2d({ outputs: 1, window: [3] }),
      "conv2d: expected window to be one number, or one for each of 2 spatial axes; got [3]"
    ],
    [
      () => conv1d({ outputs: 1, window: 3, strides: [1, 2] }),
      "conv1d: expected strides to be one number, or one for each of 1 spatial axes; got [1, 2]"
    ],
    [
      () => conv2d({ outputs: 1, window: 3, padding: [[1, 1]] }),
      "conv2d: expected padding to have a pair for each of 2 spatial axes; got [[1, 1]]"
    ],
    [
      () => conv2d({ outputs: 3, window: 3, groups: 2 }),
      "conv2d: expected outputs to be a multiple of 2 groups; got 3"
    ],
    [() => conv2d({ outputs: 0, window: 3 }), "conv2d: expected outputs to be a whole number ≥ 1; got 0"],
    [() => conv2d({ outputs: 1, window: [3, 0] }), "conv2d: expected window[1] to be a whole number ≥ 1; got 0"],
    [
      () => convTranspose1d({ outputs: 1, window: 3, strides: 2, outputPadding: 2 }),
      "convTranspose1d: expected outputPadding to be below the stride or the dilation; got [2]"
    ]
  ])("%#", (make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: "HyperparameterError", message }))
  })
})

test("parameters take the dtype of the input", () => {
  const layer = separableConv2d({ outputs: 2, window: 2 })
  const x = normal(key(0), [1, 3, 3, 2], { dtype: "f64" })
  const { params, state } = layer.init(key(1), x)
  expect(Tree.leaves(params).map(t => t.dtype)).toEqual(["f64", "f64", "f64"])
  expect(layer.apply(params, state, x, still)[0].dtype).toBe("f64")
})

test("an empty batch has zero gradients", () => {
  const layer = conv2d({ outputs: 2, window: 2 })
  const { params } = layer.init(key(0), zeros([1, 3, 3, 1]))
  const x = zeros([0, 3, 3, 1])
  const gradients = grad((p: typeof params) => sum(mul(layer.apply(p, [], x, still)[0], 2)))(params)
  expect(toArray(gradients.bias)).toEqual([0, 0])
  expect(gradients.kernel.shape).toEqual([2, 2, 1, 2])
})

test("whether there is a bias is known to the compiler", () => {
  expectTypeOf(conv2d({ outputs: 1, window: 1 })).toEqualTypeOf<
    Layer<{ readonly kernel: Tensor } & { readonly bias: Tensor }>
  >()
  expectTypeOf(depthwiseConv2d({ window: 1, bias: false })).toEqualTypeOf<Layer<{ readonly kernel: Tensor }>>()
  const { params } = separableConv2d({ outputs: 1, window: 1, bias: false }).init(key(0), zeros([1, 1, 1, 1]))
  expect(Tree.paths(params)).toEqual(["depthwise/kernel", "pointwise/kernel"])
  expectTypeOf(params.pointwise).toEqualTypeOf<{ readonly kernel: Tensor }>()
})
