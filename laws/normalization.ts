import fc from "fast-check"
import {
  add,
  concat,
  mean,
  mul,
  onesLike,
  reshape,
  sliceAxis,
  square,
  stack,
  sub,
  swapAxes,
  variance,
  zerosLike,
  type Tensor
} from "thalweg"
import type { batchNorm, groupNorm, instanceNorm, Layer, Mode, RunningStatistics, ScaleAndBias } from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { still, trainedBy, upTo } from "./arbitrary/model.js"
import { amplified } from "./equality.js"
import { law, type Law } from "./law.js"

/** The layers that normalize channels. */
export interface Normalizations {
  readonly batchNorm: typeof batchNorm
  readonly groupNorm: typeof groupNorm
  readonly instanceNorm: typeof instanceNorm
}

/** A batch whose channels have places, at a distance from 0, and parameters and a state for it. */
const batch = fc
  .record({
    size: upTo(3),
    places: fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 2 }),
    channels: upTo(4),
    seed: fc.nat()
  })
  .map(({ size, places, channels, seed }) => {
    const draw = (salt: number, shape: readonly number[]): Tensor => normal(key(seed + salt), shape, { dtype: "f64" })
    const [x, z] = [0, 1].map(salt => add(draw(salt, [size, ...places, channels]), 3)) as [Tensor, Tensor]
    const params: ScaleAndBias = { scale: draw(2, [channels]), bias: draw(3, [channels]) }
    const state: RunningStatistics = { mean: draw(4, [channels]), variance: add(square(draw(5, [channels])), 0.5) }
    return { x, z, params, state, seed, axes: [...x.shape.keys()].slice(0, -1) }
  })

/** The same, and a momentum. */
const mixing = fc
  .tuple(batch, fc.constantFrom(0, 0.1, 0.5, 0.99))
  .map(([sample, momentum]) => ({ ...sample, momentum }))

type Sample = typeof batch extends fc.Arbitrary<infer A> ? A : never

const training = ({ seed }: Sample): Mode => trainedBy(seed)
const plain = ({ params: { scale } }: Sample): ScaleAndBias => ({ scale: onesLike(scale), bias: zerosLike(scale) })
const sharp = { epsilon: 1e-14 }

const through = (layer: Layer<ScaleAndBias>, params: ScaleAndBias, x: Tensor): Tensor =>
  layer.apply(params, [], x, still)[0]

/**
 * Lists the laws of layers that normalize channels: what batch normalization does while
 * training and otherwise, what changes of its inputs do not matter, what groups are to instances. Within some roundings of
 * f64, with an `epsilon` of 1e-14.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { checkAll, normalizationLaws } from "thalweg/laws"
 *
 * assert(checkAll(normalizationLaws(nn), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const normalizationLaws = (layers: Normalizations): readonly Law[] => [
  law("while training, batch norm gives channels of mean 0 and variance 1", amplified, batch, sample => {
    const { x, state, axes } = sample
    const [y] = layers.batchNorm(sharp).apply(plain(sample), state, x, training(sample))
    return [
      [mean(y, { axes }), variance(y, { axes })],
      [zerosLike(state.mean), onesLike(state.mean)]
    ]
  }),
  law("while training, batch norm does not see how channels are scaled and shifted", amplified, batch, sample => {
    const { x, params, state } = sample
    const run = (x: Tensor): Tensor => layers.batchNorm(sharp).apply(params, state, x, training(sample))[0]
    const gain = add(mul(params.scale, params.scale), 0.5)
    return [run(add(mul(x, gain), params.bias)), run(x)]
  }),
  law("otherwise, batch norm is affine, and keeps its state", amplified, batch, ({ x, z, params, state }) => {
    const run = (x: Tensor) => layers.batchNorm().apply(params, state, x, still)
    const mixed = (a: Tensor, b: Tensor): Tensor => sub(mul(a, 3), mul(b, 2))
    return [
      [run(mixed(x, z))[0], run(x)[1]],
      [mixed(run(x)[0], run(z)[0]), state]
    ]
  }),
  law("with momentum 1, what runs along is the mean and the variance of the sample", amplified, batch, sample => {
    const { x, params, state, axes } = sample
    const [, after] = layers.batchNorm({ momentum: 1 }).apply(params, state, x, training(sample))
    return [after, { mean: mean(x, { axes }), variance: variance(x, { axes, correction: 1 }) }]
  }),
  law("what runs along is the mixture of what was and the sample, by the momentum", amplified, mixing, sample => {
    const { x, params, state, momentum } = sample
    const after = (momentum: number) => layers.batchNorm({ momentum }).apply(params, state, x, training(sample))[1]
    const [now, next] = [after(1), after(momentum)]
    const mixed = (a: Tensor, b: Tensor): Tensor => add(mul(a, 1 - momentum), mul(b, momentum))
    return [next, { mean: mixed(state.mean, now.mean), variance: mixed(state.variance, now.variance) }]
  }),
  law("by the statistics of a batch, batch norm does to it what training does", amplified, batch, sample => {
    const { x, params, axes, state } = sample
    const layer = layers.batchNorm(sharp)
    const own = { mean: mean(x, { axes }), variance: variance(x, { axes }) }
    return [layer.apply(params, own, x, still)[0], layer.apply(params, state, x, training(sample))[0]]
  }),
  law("group norm with as many groups as channels is instance norm", amplified, batch, sample => {
    const groups = sample.x.shape.at(-1) ?? 1
    return [
      through(layers.groupNorm({ groups, ...sharp }), sample.params, sample.x),
      through(layers.instanceNorm(sharp), sample.params, sample.x)
    ]
  }),
  law("group norm is instance norm of what neighbouring channels have, as places", amplified, batch, sample => {
    const { x, z, params, state } = sample
    const groups = x.shape.at(-1) ?? 1
    const pairs = stack([x, z], -1)
    const joined = (t: Tensor): Tensor => reshape(t, [...x.shape.slice(0, -1), 2 * groups])
    const own = { scale: concat([params.scale, state.mean]), bias: concat([params.bias, state.variance]) }
    const apart = swapAxes(through(layers.instanceNorm(sharp), plain(sample), swapAxes(pairs, -1, -2)), -1, -2)
    return [
      through(layers.groupNorm({ groups, ...sharp }), own, joined(pairs)),
      add(mul(joined(apart), own.scale), own.bias)
    ]
  }),
  law(
    "instance norm does not see how channels of examples are scaled and shifted, nor group norm how examples are",
    amplified,
    batch,
    sample => {
      const { x, params, seed } = sample
      const instance = (x: Tensor): Tensor => through(layers.instanceNorm(sharp), params, x)
      const group = (x: Tensor): Tensor => through(layers.groupNorm({ groups: 1, ...sharp }), params, x)
      const [size = 1, channels = 1] = [x.shape[0], x.shape.at(-1)]
      const moved = (channels: number): Tensor => {
        const [gain, shift] = [0, 1].map(i =>
          normal(key(seed + i), [size, ...sample.axes.slice(1).map(() => 1), channels], { dtype: "f64" })
        ) as [Tensor, Tensor]
        return add(mul(x, add(square(gain), 0.5)), shift)
      }
      return [
        [instance(moved(channels)), group(moved(1))],
        [instance(x), group(x)]
      ]
    }
  ),
  law("instance norm of an example is batch norm of it alone", amplified, batch, sample => {
    const { x, params, state } = sample
    const alone = (t: Tensor): Tensor => sliceAxis(t, 0, 0, 1)
    const [y] = layers.batchNorm(sharp).apply(params, state, alone(x), training(sample))
    return [alone(through(layers.instanceNorm(sharp), params, x)), y]
  })
]
