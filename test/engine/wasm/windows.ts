import fc from "fast-check"
import { averagePool, conv, flip, maxPool, mul, sumPool, tensor, vjp, type DType, type Tensor } from "thalweg"
import type { Program } from "thalweg/laws"

const SIZES = [1, 2, 3, 4, 5, 7, 8, 11, 16]
const CHANNELS = [1, 1, 1, 2, 3, 4, 5, 16]

const hash = (i: number): number => Math.imul(i + 1, 0x9e3779b1) >>> 0

/** Numbers of which many are equal, some are zeros of either sign and, where asked for, some are not finite. */
const filled = (shape: readonly number[], dtype: DType, special: readonly number[] = []): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const numbers = [...Array.from({ length: 31 }, (_, i) => (((7 * i + 3) % 11) - 5) / 3), -0, ...special]
  return tensor(
    Array.from({ length: size }, (_, i) => numbers[hash(i) % numbers.length]!),
    { dtype, shape }
  )
}

const perAxis = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
const padding = fc.constantFrom(
  "valid" as const,
  "same" as const,
  [[1, 2], [0, 1]] as const, // prettier-ignore
  [[-1, 0], [3, -1]] as const // prettier-ignore
)
const float = fc.constantFrom("f32" as const, "f64" as const)

const programOf = (inputs: readonly Tensor[], build: Program["build"]): Program => ({
  inputs,
  build,
  toString: () => build(inputs).map(String).join("\n")
})

/** A function, of its inputs as they are and backwards, and its derivatives. */
const withPullback = (f: (inputs: readonly Tensor[]) => Tensor, inputs: readonly Tensor[]): Program =>
  programOf(inputs, given => {
    const [value, pullback] = vjp(f)(given.map(x => mul(x, 1)))
    return [value, ...pullback(filled(value.shape, value.dtype)), f(given.map(x => flip(x)))]
  })

/** Makes random convolutions of images of odd sizes, and their derivatives. */
export const arbConvolution: fc.Arbitrary<Program> = fc
  .record({
    batch: fc.constantFrom(1, 2, 3),
    spatial: fc.tuple(fc.constantFrom(...SIZES), fc.constantFrom(...SIZES)),
    window: perAxis(3),
    channels: fc.constantFrom(1, 2, 3, 4),
    outputs: fc.constantFrom(1, 2, 5, 8),
    groups: fc.constantFrom(1, 1, 2, 3),
    dtype: float,
    options: fc.record({ strides: perAxis(3), padding, dilation: perAxis(2), inputDilation: perAxis(2) })
  })
  .map(({ batch, spatial, window, channels, outputs, groups, dtype, options }) => {
    const inputs = [
      filled([batch, ...spatial, channels * groups], dtype),
      filled([...window, channels, outputs * groups], dtype)
    ]
    return withPullback(([x, kernel]) => conv(x!, kernel!, { ...options, groups }), inputs)
  })

/** Makes random poolings, some of which have a single window, and their derivatives. */
export const arbPooling: fc.Arbitrary<Program> = fc
  .record({
    pool: fc.constantFrom(maxPool, maxPool, sumPool, averagePool),
    batch: fc.constantFrom(1, 1, 2, 3),
    spatial: fc.tuple(fc.constantFrom(...SIZES), fc.constantFrom(...SIZES)),
    channels: fc.constantFrom(...CHANNELS),
    dtype: float,
    special: fc.constantFrom([], [NaN], [Infinity, -Infinity]),
    isGlobal: fc.boolean(),
    options: fc.record({ window: perAxis(5), strides: perAxis(4), padding, dilation: perAxis(2) })
  })
  .map(({ pool, batch, spatial, channels, dtype, special, isGlobal, options }) =>
    withPullback(
      ([x]) => pool(x!, isGlobal ? { window: spatial } : options),
      [filled([batch, ...spatial, channels], dtype, special)]
    )
  )

/** Makes random poolings of integers. */
export const arbIntegerPooling: fc.Arbitrary<Program> = fc
  .record({
    pool: fc.constantFrom(maxPool, sumPool),
    dtype: fc.constantFrom("i32" as const, "u32" as const),
    length: fc.constantFrom(...SIZES, 64),
    options: fc.record({ window: fc.constantFrom(1, 2, 3, 5), strides: fc.constantFrom(1, 2, 3) })
  })
  .map(({ pool, dtype, length, options }) => {
    const values = Array.from({ length }, (_, i) => hash(i) - (dtype === "i32" ? 2 ** 31 : 0))
    return programOf([tensor(values, { dtype, shape: [1, length, 1] })], ([x]) => [pool(x!, options)])
  })
