import { mean, mul, reshape, rsqrt, square, swapAxes, Tree, type Tensor } from "thalweg"
import { normalizationLaws, type Normalizations } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { mutant, type Mutants } from "./mutant.js"

const broken = (wrong: { readonly [K in keyof Normalizations]?: unknown }) =>
  normalizationLaws({ ...nn, ...wrong } as Normalizations)

type Apply = nn.Layer<nn.ScaleAndBias, nn.RunningStatistics>["apply"]

/** Batch normalization that applies otherwise. */
const batching = (how: (apply: Apply) => Apply) =>
  broken({
    batchNorm: (options: nn.BatchNormOptions) => {
      const layer = nn.batchNorm(options)
      return { ...layer, apply: how(layer.apply) }
    }
  })

const biased = batching(apply => (params, state, x, mode) => {
  const [y, { mean, variance }] = apply(params, state, x, mode)
  const count = x.shape.slice(0, -1).reduce((n, size) => n * size, 1)
  return [y, { mean, variance: mul(variance, (count - 1) / count) }]
})

const soft = broken({ batchNorm: () => nn.batchNorm({ epsilon: 0.1 }) })

/** Groups every so-manieth channel, as if the axis of groups came after that of their channels. */
const scattered = (options: nn.GroupNormOptions): nn.Layer<nn.ScaleAndBias> => {
  const layer = nn.groupNorm(options)
  const turned = (t: Tensor, groups: number): Tensor => {
    const [outer, channels] = [t.shape.slice(0, -1), t.shape.at(-1) ?? 1]
    return reshape(swapAxes(reshape(t, [...outer, channels / groups, groups]), -1, -2), t.shape)
  }
  return {
    ...layer,
    apply: (params, state, x, mode) => {
      const [groups, members] = [options.groups, (x.shape.at(-1) ?? 1) / options.groups]
      const own = Tree.map((t: Tensor) => turned(t, groups))(params)
      return [turned(layer.apply(own, state, turned(x, groups), mode)[0], members), state]
    }
  }
}

/** Divides by the root of the mean of squares. */
const uncentered = () =>
  nn.stateless("uncentered", (x: Tensor) => {
    const axes = [...x.shape.keys()].slice(1, -1)
    return mul(x, rsqrt(mean(square(x), { axes, keepDims: true })))
  })

export const normalizationMutants: Mutants = {
  "while training, batch norm gives channels of mean 0 and variance 1": [
    mutant("adds a large epsilon", soft),
    mutant(
      "goes by what ran along",
      batching(apply => (params, state, x) => apply(params, state, x, { training: false }))
    )
  ],
  "while training, batch norm does not see how channels are scaled and shifted": [mutant("adds a large epsilon", soft)],
  "otherwise, batch norm is affine, and keeps its state": [
    mutant(
      "goes by the batch",
      batching(apply => (params, state, x, mode) => apply(params, state, x, { ...mode, training: true } as nn.Mode))
    )
  ],
  "with momentum 1, what runs along is the mean and the variance of the sample": [
    mutant("divides by the count", biased)
  ],
  "what runs along is the mixture of what was and the sample, by the momentum": [
    mutant(
      "takes the momentum for the share of what was, as Keras does",
      broken({
        batchNorm: ({ momentum = 0.1, ...rest }: nn.BatchNormOptions = {}) =>
          nn.batchNorm({ ...rest, momentum: momentum === 1 ? 1 : 1 - momentum })
      })
    ),
    mutant(
      "forgets what was",
      broken({ batchNorm: (options: nn.BatchNormOptions) => nn.batchNorm({ ...options, momentum: 1 }) })
    )
  ],
  "by the statistics of a batch, batch norm does to it what training does": [
    mutant("normalizes by the variance of the sample", batching(apply => (params, state, x, mode) => {
      const count = x.shape.slice(0, -1).reduce((n, size) => n * size, 1)
      return apply(params, mode.training ? state : { ...state, variance: mul(state.variance, count / (count - 1)) }, x, mode)
    })), // prettier-ignore
    mutant(
      "takes deviations for variances",
      batching(
        apply => (params, state, x, mode) =>
          apply(params, mode.training ? state : { ...state, variance: square(state.variance) }, x, mode)
      )
    )
  ],
  "group norm with as many groups as channels is instance norm": [
    mutant("has one group", broken({ groupNorm: () => nn.groupNorm({ groups: 1 }) }))
  ],
  "group norm is instance norm of what neighbouring channels have, as places": [
    mutant("groups channels that lie apart", broken({ groupNorm: scattered }))
  ],
  "instance norm does not see how channels of examples are scaled and shifted, nor group norm how examples are": [
    mutant("only scales instances", broken({ instanceNorm: uncentered })),
    mutant("only scales groups", broken({ groupNorm: uncentered })),
    mutant("adds a large epsilon", broken({ instanceNorm: () => nn.instanceNorm({ epsilon: 0.1 }) }))
  ],
  "instance norm of an example is batch norm of it alone": [
    mutant("normalizes all channels as one", broken({ instanceNorm: () => nn.groupNorm({ groups: 1 }) }))
  ]
}
