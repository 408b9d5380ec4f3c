import fc from "fast-check"
import { einsum, grad, mul, reshape, round, sliceAxis, squeeze, sum, swapAxes, type Tensor } from "thalweg"
import type {
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  globalAveragePool,
  globalMaxPool,
  Layer,
  maxPool,
  separableConv2d,
  upsample
} from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { still, upTo } from "./arbitrary/model.js"
import { rounded } from "./equality.js"
import { law, type Law } from "./law.js"

/** The layers that go over places with a window. */
export interface Convolutions {
  readonly adaptiveAveragePool: typeof adaptiveAveragePool
  readonly adaptiveMaxPool: typeof adaptiveMaxPool
  readonly averagePool: typeof averagePool
  readonly conv1d: typeof conv1d
  readonly conv2d: typeof conv2d
  readonly convTranspose1d: typeof convTranspose1d
  readonly convTranspose2d: typeof convTranspose2d
  readonly globalAveragePool: typeof globalAveragePool
  readonly globalMaxPool: typeof globalMaxPool
  readonly maxPool: typeof maxPool
  readonly separableConv2d: typeof separableConv2d
  readonly upsample: typeof upsample
}

const draw = (seed: number, shape: readonly number[]): Tensor => normal(key(seed), shape, { dtype: "f64" })

/** A convolution over two axes, and how many places it has. */
const convolution = fc
  .record({
    window: fc.tuple(upTo(3), upTo(3)),
    strides: fc.tuple(upTo(3), upTo(3)),
    dilation: fc.tuple(upTo(2), upTo(2)),
    groups: upTo(2),
    inputs: upTo(2),
    outputs: upTo(2),
    places: fc.tuple(upTo(3), upTo(3)),
    batch: upTo(2),
    seed: fc.nat()
  })
  .map(({ inputs, outputs, ...rest }) => ({ ...rest, inputs: inputs * rest.groups, outputs: outputs * rest.groups }))

type Sample = typeof convolution extends fc.Arbitrary<infer A> ? A : never

const optionsOf = ({ window, strides, dilation, groups, outputs }: Sample) => ({
  ...{ window, strides, dilation, groups, outputs },
  bias: false as const
})

const kernelOf = ({ window, inputs, outputs, groups, seed }: Sample): Tensor =>
  draw(seed, [...window, inputs / groups, outputs])

/** The size of an axis whose convolution without padding has so many places. */
const reach = ({ window, strides, dilation, places }: Sample, axis: 0 | 1): number =>
  (places[axis] - 1) * strides[axis] + (window[axis] - 1) * dilation[axis] + 1

const inputOf = (sample: Sample, more = 0): Tensor =>
  draw(sample.seed + 1, [sample.batch, reach(sample, 0) + more, reach(sample, 1), sample.inputs])

/** Inputs and outputs swapped, within each group. */
const swapped = (kernel: Tensor, { window, inputs, outputs, groups }: Sample): Tensor => {
  const apart = reshape(kernel, [...window, inputs / groups, groups, outputs / groups])
  return reshape(swapAxes(apart, 2, 4), [...window, outputs / groups, inputs])
}

const given = <P extends object>(layer: Layer<P>, params: P, x: Tensor): Tensor => layer.apply(params, [], x, still)[0]

const pooled = (layer: Layer<readonly []>, x: Tensor): Tensor => given(layer, [], x)

/** The derivative of all that comes out, where several places of a window have one value. */
const slope = (layer: Layer<readonly []>, x: Tensor): Tensor => grad((x: Tensor) => sum(pooled(layer, x)))(round(x))

const padding = fc.constantFrom<("valid" | "same" | "pairs")[]>("valid", "same", "pairs")

const images = fc
  .record({ window: fc.tuple(upTo(3), upTo(3)), places: fc.tuple(upTo(3), upTo(3)), seed: fc.nat() })
  .map(({ window, places, seed }) => ({
    ...{ window, places },
    x: draw(seed, [2, places[0] * window[0], places[1] * window[1], 2])
  }))

/**
 * Lists the laws of layers that go over places with a window: convolutions and shifts, separable and transposed
 * convolutions as plain ones, pooling of the whole and of equal bins. Within roundings of f64.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { checkAll, convolutionLaws } from "thalweg/laws"
 *
 * assert(checkAll(convolutionLaws(nn), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const convolutionLaws = (layers: Convolutions): readonly Law[] => [
  law("a convolution of what is shifted is shifted", rounded, convolution, sample => {
    const [stride] = sample.strides
    const [kernel, x] = [kernelOf(sample), inputOf(sample, stride)]
    const run = (x: Tensor): Tensor => given(layers.conv2d(optionsOf(sample)), { kernel }, x)
    const from = (t: Tensor, start: number): Tensor => sliceAxis(t, 1, start, t.shape[1] ?? 0)
    return [run(from(x, stride)), from(run(x), 1)]
  }),
  law("conv1d and convTranspose1d are those over two axes, of height 1", rounded, convolution, sample => {
    const tall = { ...sample, window: [1, sample.window[1]], places: [1, sample.places[1]] } as const as Sample
    const flat = { ...optionsOf(tall), window: tall.window[1], strides: tall.strides[1], dilation: tall.dilation[1] }
    const [kernel, x] = [kernelOf(tall), inputOf(tall)]
    const [short, line] = [squeeze(kernel, 0), squeeze(x, 1)]
    const wide = { ...optionsOf(tall), strides: [1, tall.strides[1]] }
    return [
      [
        given(layers.conv1d(flat), { kernel: short }, line),
        given(layers.convTranspose1d(flat), { kernel: short }, line)
      ],
      [
        squeeze(given(layers.conv2d(wide), { kernel }, x), 1),
        squeeze(given(layers.convTranspose2d(wide), { kernel }, x), 1)
      ]
    ]
  }),
  law(
    "a separable convolution is a full one, whose kernel is the product",
    rounded,
    fc.tuple(convolution, upTo(3)),
    ([sample, multiplier]) => {
      const { window, strides, dilation, inputs, outputs, seed } = sample
      const options = { window, strides, dilation, outputs, bias: false as const }
      const depth = draw(seed, [...window, 1, inputs * multiplier])
      const point = draw(seed + 2, [1, 1, inputs * multiplier, outputs])
      const parts = [
        reshape(depth, [...window, inputs, multiplier]),
        reshape(point, [inputs, multiplier, outputs])
      ] as const
      const separable = layers.separableConv2d({ ...options, multiplier })
      const x = inputOf(sample)
      const params = { depthwise: { kernel: depth }, pointwise: { kernel: point } }
      return [
        separable.apply(params, { depthwise: [], pointwise: [] }, x, still)[0],
        given(layers.conv2d(options), { kernel: einsum("hwcm,cmo->hwco", ...parts) }, x)
      ]
    }
  ),
  law(
    "a transposed convolution is the adjoint of the convolution",
    rounded,
    fc.tuple(convolution, padding, fc.nat(), fc.nat()),
    ([sample, how, low, high]) => {
      const { window, dilation, strides, places, batch, inputs, outputs, seed } = sample
      const pair = (axis: 0 | 1) =>
        [low % window[axis], high % (1 + ((window[axis] - 1) * dilation[axis] - (low % window[axis])))] as const
      const sliding = { ...optionsOf(sample), padding: how === "pairs" ? [pair(0), pair(1)] : how }
      const outputPadding = how === "pairs" ? strides.map(stride => high % stride) : 0
      const kernel = kernelOf(sample)
      const y = draw(seed + 1, [batch, ...places, outputs])
      const transposed = layers.convTranspose2d({ ...sliding, outputs: inputs, outputPadding })
      const back = given(transposed, { kernel: swapped(kernel, sample) }, y)
      const x = draw(seed + 2, back.shape)
      return [sum(mul(given(layers.conv2d(sliding), { kernel }, x), y)), sum(mul(x, back))]
    }
  ),
  law("global pooling is pooling of one window", rounded, images, ({ x }) => {
    const window = x.shape.slice(1, -1)
    return [
      [pooled(layers.globalMaxPool(), x), pooled(layers.globalAveragePool(), x)],
      [pooled(layers.maxPool({ window }), x), pooled(layers.averagePool({ window }), x)].map(y => squeeze(y, [1, 2]))
    ]
  }),
  law("adaptive pooling into bins of one size is pooling", rounded, images, ({ x, window, places: size }) => [
    [pooled(layers.adaptiveMaxPool({ size }), x), pooled(layers.adaptiveAveragePool({ size }), x)],
    [pooled(layers.maxPool({ window }), x), pooled(layers.averagePool({ window }), x)]
  ]),
  law("of equals the first has the derivative, whatever pools", rounded, images, ({ x, window, places: size }) => {
    const whole = { window: x.shape.slice(1, -1) }
    return [
      [slope(layers.globalMaxPool(), x), slope(layers.adaptiveMaxPool({ size }), x)],
      [slope(layers.maxPool(whole), x), slope(layers.maxPool({ window }), x)]
    ]
  }),
  law("pooling undoes the repetition of places", rounded, images, ({ x, window }) => {
    const large = pooled(layers.upsample({ factor: window }), x)
    return [
      [pooled(layers.maxPool({ window }), large), pooled(layers.averagePool({ window }), large)],
      [x, x]
    ]
  })
]
