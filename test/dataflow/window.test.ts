import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { ConvolutionOptions, PoolOptions, Tensor } from "thalweg"
import { f32, f64, i32, observe, pattern } from "./values.js"

interface Line {
  readonly strides: number
  readonly low: number
  readonly high: number
  readonly dilation: number
  readonly inputDilation: number
}

/** The convolution along one axis from its definition: spread, pad (or crop), slide, multiply, add. */
const convolve = (x: readonly number[], kernel: readonly number[], o: Line): readonly number[] => {
  const spread = x.flatMap((v, i) => (i === 0 ? [v] : [...new Array<number>(o.inputDilation - 1).fill(0), v]))
  const zeros = (n: number): readonly number[] => new Array<number>(Math.max(0, n)).fill(0)
  const padded = [...zeros(o.low), ...spread, ...zeros(o.high)]
  const line = padded.slice(Math.max(0, -o.low), padded.length - Math.max(0, -o.high))
  const reach = (kernel.length - 1) * o.dilation + 1
  const places = Math.max(0, Math.floor((line.length - reach) / o.strides) + 1)
  return Array.from({ length: places }, (_, p) =>
    kernel.reduce((sum, w, k) => sum + w * (line[p * o.strides + k * o.dilation] ?? NaN), 0)
  )
}

const column = (values: readonly number[]): Tensor => t.reshape(f64([...values]), [1, -1, 1])

describe("conv along one axis is its definition", () => {
  const x = [1, -2, 3, 5, -8, 13, 21]
  const paddings = [
    [0, 0],
    [2, 0],
    [0, 3],
    [1, 4],
    [-1, 0],
    [-2, -3],
    [5, -4]
  ] as const
  const rows = paddings.flatMap(([low, high]) =>
    [1, 2, 3].flatMap(strides =>
      [
        [1, 1],
        [2, 1],
        [1, 2],
        [2, 3]
      ].map(([d = 1, i = 1]) => ({ low, high, strides, dilation: d, inputDilation: i }))
    )
  )
  test.each(rows)("%j", o => {
    for (const kernel of [[2], [1, -1], [1, 2, 3]]) {
      const options: ConvolutionOptions = {
        strides: o.strides,
        padding: [[o.low, o.high]],
        dilation: o.dilation,
        inputDilation: o.inputDilation
      }
      const y = t.conv(column(x), t.reshape(f64(kernel), [-1, 1, 1]), options)
      expect(Array.from(t.toTyped(y))).toEqual(convolve(x, kernel, o))
    }
  })
})

describe("conv of more axes", () => {
  const image = pattern([2, 5, 4, 6])
  test("with a kernel of one tap is a matrix product of the channels", () => {
    const kernel = pattern([1, 1, 6, 3])
    expect(observe(t.conv(image, kernel))).toEqual(observe(t.matmul(image, t.reshape(kernel, [6, 3]))))
  })

  test("with a kernel as large as the image is a scalar product", () => {
    const kernel = pattern([5, 4, 6, 1])
    expect(observe(t.conv(image, kernel)).data).toEqual(
      observe(t.einsum("nhwc,hwc->n", image, t.reshape(kernel, [5, 4, 6]))).data
    )
  })

  test("in groups is the convolution of each group by itself", () => {
    const kernel = pattern([3, 2, 2, 9])
    const parts = [0, 1, 2].map(g =>
      t.conv(t.sliceAxis(image, 3, 2 * g, 2 * g + 2), t.sliceAxis(kernel, 3, 3 * g, 3 * g + 3), { padding: "same" })
    )
    expect(observe(t.conv(image, kernel, { groups: 3, padding: "same" }))).toEqual(observe(t.concat(parts, 3)))
  })

  test("depthwise, each channel has its own kernel", () => {
    const kernel = pattern([2, 2, 1, 6])
    const one = t.conv(t.sliceAxis(image, 3, 4, 5), t.sliceAxis(kernel, 3, 4, 5))
    expect(observe(t.sliceAxis(t.conv(image, kernel, { groups: 6 }), 3, 4, 5))).toEqual(observe(one))
  })

  test("is right over more places than are worked on at once", () => {
    const long = pattern([1, 9001, 1])
    const y = t.conv(long, f64([[[1]], [[-1]]]))
    expect(observe(y).data).toEqual(observe(t.sub(t.sliceAxis(long, 1, 0, -1), t.sliceAxis(long, 1, 1, 9001))).data)
  })
})

describe("padding 'same' gives ⌈size / stride⌉ places, the odd element at the end", () => {
  const rows = [1, 2, 3, 4, 5, 8].flatMap(n =>
    [1, 2, 3, 4].flatMap(window => [1, 2, 3].map(strides => [n, window, strides] as const))
  )
  test.each(rows)("size %d, window %d, stride %d", (n, window, strides) => {
    const x = t.add(t.arange(n, { dtype: "f64" }), 1)
    const total = Math.max(0, (Math.ceil(n / strides) - 1) * strides + window - n)
    const padding = [[Math.floor(total / 2), Math.ceil(total / 2)]] as const
    const image = t.reshape(x, [1, n, 1])
    const kernel = t.ones([window, 1, 1], "f64")
    const same = t.conv(image, kernel, { strides, padding: "same" })
    expect(same.shape).toEqual([1, Math.ceil(n / strides), 1])
    expect(observe(same)).toEqual(observe(t.conv(image, kernel, { strides, padding })))
    expect(observe(t.sumPool(image, { window, strides, padding: "same" }))).toEqual(observe(same))
  })
})

describe("pooling", () => {
  const pooled = (f: (x: Tensor, o: PoolOptions) => Tensor, x: Tensor, o: PoolOptions): unknown =>
    t.toArray(t.flatten(f(t.reshape(x, [1, -1, 1]), o)))
  test.each<[string, unknown, unknown]>([
    [
      "maxPool: padding never wins",
      pooled(t.maxPool, f32([-5, -7, -6]), { window: 3, strides: 1, padding: [[2, 2]] }),
      [-5, -5, -5, -6, -6]
    ],
    [
      "maxPool of integers: nor there",
      pooled(t.maxPool, i32([-(2 ** 31)]), { window: 2, padding: "same" }),
      [-(2 ** 31)]
    ],
    ["maxPool with NaN", pooled(t.maxPool, f64([1, NaN, 2, 3]), { window: 2 }), [NaN, 3]],
    ["maxPool of the lowest", pooled(t.maxPool, f64([-Infinity, -Infinity]), { window: 2 }), [-Infinity]],
    ["maxPool strides by its window", pooled(t.maxPool, f64([1, 2, 3, 4, 5]), { window: 2 }), [2, 4]],
    ["maxPool with holes", pooled(t.maxPool, f64([1, 9, 2, 8, 3]), { window: 2, strides: 1, dilation: 2 }), [2, 9, 3]],
    [
      "sumPool counts padding as 0",
      pooled(t.sumPool, f64([1, 2, 3]), { window: 2, strides: 1, padding: [[1, 1]] }),
      [1, 3, 5, 3]
    ],
    ["sumPool of integers", pooled(t.sumPool, i32([1, 2, 3]), { window: 3 }), [6]],
    ["sumPool crops", pooled(t.sumPool, f64([1, 2, 3, 4]), { window: 2, padding: [[-1, 0]] }), [5]],
    [
      "averagePool does not count padding",
      pooled(t.averagePool, f64([3, 6, 9]), { window: 3, strides: 1, padding: "same" }),
      [4.5, 6, 7.5]
    ]
  ])("%s", (_, values, expected) => {
    expect(values).toEqual(expected)
  })

  test("each axis has its own window and stride, each channel and example its own result", () => {
    const x = pattern([2, 4, 6, 3])
    const y = t.maxPool(x, { window: [2, 3], strides: [2, 3] })
    const blocks = t.max(t.reshape(x, [2, 2, 2, 2, 3, 3]), { axes: [2, 4] })
    expect(observe(y)).toEqual(observe(blocks))
  })
})
