import { add, mul, sub } from "../dataflow/arithmetic.js"
import { onesLike, zerosLike } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, sizeOf, type Shape } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { rsqrt } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { fraction } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { entryOf } from "./input.js"
import type { Layer } from "./layer.js"
import {
  checkChannels,
  checkScale,
  epsilonField,
  initialScale,
  normalize,
  rescale,
  type ScaleAndBias
} from "./normalize.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** The share of the batch in the running statistics, from 0 to 1. Default 0.1. */
  momentum: fixed(fraction, 0.1),
  ...epsilonField
}

/** How fast statistics follow batches, and what keeps the divisor from 0. */
export interface BatchNormOptions extends OptionsOf<typeof epsilonField & typeof fields> {}

/** The mean and the variance of each channel, over the batches so far. */
export type RunningStatistics = { readonly mean: Tensor; readonly variance: Tensor }

/** The statistics of as many channels as there are. */
const runningOf = (state: RunningStatistics, shape: Shape): RunningStatistics => ({
  mean: entryOf("batchNorm", state, "mean", shape),
  variance: entryOf("batchNorm", state, "variance", shape)
})

/** Normalizes by the batch; what follows of its mean and of its variance, as of a sample, goes with it. */
const byBatch = (
  x: Tensor,
  running: RunningStatistics,
  momentum: number,
  epsilon: number
): readonly [Tensor, RunningStatistics] => {
  const count = sizeOf(x.shape.slice(0, -1))
  if (count < 2)
    fail(
      "ShapeError",
      "batchNorm",
      'two values of each channel at least while training (a last batch that is too small is left out by remainder: "drop")',
      showType(x)
    )
  const { y, center, variance } = normalize(x, range(x.shape.length - 1), epsilon)
  const follow = (old: Tensor, now: Tensor, share: number): Tensor =>
    add(mul(old, 1 - momentum), mul(reshape(now, old.shape), share))
  const after = {
    mean: follow(running.mean, center, momentum),
    variance: follow(running.variance, variance, momentum * (count / (count - 1)))
  }
  return [y, after]
}

/**
 * Makes a layer that brings each channel to mean 0 and variance 1, and then scales and shifts it: `y = (x - mean) / √(variance
 * + epsilon) · scale + bias`. While training, mean and variance are those of the batch, over all places; otherwise those that
 * ran along: `running' = (1 - momentum)·running + momentum·batch`, at first 0 and 1.
 *
 * Shapes: `[batch, …, channels] → [batch, …, channels]`, of any rank from 2; `scale`, `bias`, and the state `mean` and `variance`
 * `[channels]`. The variance of a batch of `n` values per channel is divided by `n` to normalize, and by `n - 1` where it runs
 * along. It is computed in two passes, and exactly 0 where a channel is constant.
 *
 * `momentum`: from 0 to 1; `epsilon`: above 0; others are a `HyperparameterError`. Throws a `ShapeError` for inputs of another
 * number of channels than `init` was told, and, while training, for less than two values per channel, whose output would be
 * `bias` whatever they are; a `DTypeError` for inputs that are neither `f32` nor `f64`. In f32, deviations above 1e19 have
 * squares that overflow, and are normalized to 0, as by all normalizations here.
 *
 * Laws: while training, the output before scale and bias has mean 0 and variance 1, and does not change when inputs are
 * scaled and shifted (but for `epsilon`); otherwise the layer is affine in its input.
 * Source: Ioffe & Szegedy 2015, arXiv 1502.03167. As PyTorch; Keras's momentum is our `1 - momentum` (0.99 there), its `epsilon`
 * 1e-3, and its running variance is divided by `n`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { batchNorm } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = batchNorm({ momentum: 0.5, epsilon: 1e-12 })
 * const { params, state } = layer.init(key(0), zeros([2, 1]))
 * const [y, after] = layer.apply(params, state, tensor([[1], [5]]), { training: true, key: key(1) })
 * assert.deepStrictEqual(toArray(y), [[-1], [1]])
 * assert.deepStrictEqual([toArray(after.mean), toArray(after.variance)], [[1.5], [4.5]]) // of 3 and 8, half each
 * assert.deepStrictEqual(toArray(layer.apply(params, state, tensor([[7]]), { training: false })[0]), [[7]])
 */
export const batchNorm: Recipe<typeof fields, (options?: BatchNormOptions) => Layer<ScaleAndBias, RunningStatistics>> =
  /* @__PURE__ */ layerRecipe("batchNorm", fields, ({ momentum, epsilon }) => ({
    init: (_, input) => {
      const params = initialScale("batchNorm", checkChannels("batchNorm", input))
      return { params, state: { mean: zerosLike(params.bias), variance: onesLike(params.scale) } }
    },
    apply: (params, state, input, mode) => {
      const scale = checkScale("batchNorm", params, checkChannels("batchNorm", input))
      const running = runningOf(state, scale.scale.shape)
      if (mode.training) {
        const [y, after] = byBatch(input, running, momentum, epsilon)
        return [rescale("batchNorm", y, scale), after]
      }
      const gain = rsqrt(add(running.variance, epsilon))
      return [rescale("batchNorm", mul(sub(input, running.mean), gain), scale), running]
    }
  }))
