import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { zerosLike } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, sizeOf, type Shape } from "../dataflow/shape.js"
import { sliceAxis } from "../dataflow/slice.js"
import { reshape, transpose } from "../dataflow/structure.js"
import type { Tree } from "../tree/index.js"

/** Tensors by their names in a module of PyTorch. */
export type Named = Readonly<Record<string, Tensor>>

/** What a layer has. */
export interface Own {
  readonly params: Tree
  readonly state: Tree
}

/** What is known of the place of a layer. */
export interface Place {
  /** What cells have behind the names of their tensors: `"_l0"`. */
  readonly suffix: string
  /** The shape of an example before it was put on one axis, if that is what a dense layer takes. */
  readonly flattened: Shape | undefined
  readonly options: Readonly<Record<string, unknown>>
}

/** How the tensors of a layer are named and laid out in PyTorch, and the way back. */
export interface Rule {
  readonly to: (own: Own, place: Place) => Named
  readonly from: (named: Named, place: Place, like: Own) => Own
}

type Params = Readonly<Record<string, Tensor>>

const pick = (named: Named, name: string): Tensor => named[name] as Tensor // all names were checked
const biasTo = (params: Params): Named => (params["bias"] === undefined ? {} : { bias: params["bias"] })
const biasFrom = (named: Named): Params => (named["bias"] === undefined ? {} : { bias: named["bias"] })

/** A rule for parameters alone. */
const rule = (to: (params: Params, place: Place) => Named, from: (named: Named, place: Place) => Tree): Rule => ({
  to: ({ params }, place) => to(params as Params, place),
  from: (named, place, { state }) => ({ params: from(named, place), state })
})

/** A kernel whose weight is another layout of it. */
const affine = (to: (kernel: Tensor, place: Place) => Tensor, from: (weight: Tensor, place: Place) => Tensor): Rule =>
  rule(
    (params, place) => ({ weight: to(pick(params, "kernel"), place), ...biasTo(params) }),
    (named, place) => ({ kernel: from(pick(named, "weight"), place), ...biasFrom(named) })
  )

/** The first axis of places and channels to the last, or back. */
const channelsFirst = (rank: number): readonly number[] => [0, rank - 1, ...range(rank - 2).map(i => i + 1)]
const channelsLast = (rank: number): readonly number[] => [0, ...range(rank - 2).map(i => i + 2), 1]

/** Our rows are those of places and then channels, PyTorch's columns those of channels and then places. */
const dense = affine(
  (kernel, { flattened }) => {
    const weight = transpose(kernel)
    if (flattened === undefined) return weight
    const apart = reshape(weight, [weight.shape[0] ?? 0, ...flattened])
    return reshape(transpose(apart, channelsFirst(apart.shape.length)), weight.shape)
  },
  (weight, { flattened }) => {
    if (flattened === undefined) return transpose(weight)
    const apart = reshape(weight, [weight.shape[0] ?? 0, flattened.at(-1) ?? 0, ...flattened.slice(0, -1)])
    return transpose(reshape(transpose(apart, channelsLast(apart.shape.length)), weight.shape))
  }
)

/** `[…window, inputs / groups, outputs]` and `[outputs, inputs / groups, …window]`. */
const conv = affine(
  kernel => {
    const rank = kernel.shape.length
    return transpose(kernel, [rank - 1, rank - 2, ...range(rank - 2)])
  },
  weight => transpose(weight, [...range(weight.shape.length - 2).map(i => i + 2), 1, 0])
)

const groupsOf = ({ options }: Place): number => Number(options["groups"] ?? 1)

/** `[…window, inputs / groups, outputs]` and `[inputs, outputs / groups, …window]`. */
const convTranspose = affine(
  (kernel, place) => {
    const [groups, rank] = [groupsOf(place), kernel.shape.length]
    const [window, [inputs = 0, outputs = 0]] = [kernel.shape.slice(0, -2), kernel.shape.slice(-2)]
    const apart = reshape(kernel, [...window, inputs, groups, outputs / groups])
    const turned = transpose(apart, [rank - 1, rank - 2, rank, ...range(rank - 2)])
    return reshape(turned, [groups * inputs, outputs / groups, ...window])
  },
  (weight, place) => {
    const [groups, rank] = [groupsOf(place), weight.shape.length]
    const [inputs = 0, outputs = 0, ...window] = weight.shape
    const apart = reshape(weight, [groups, inputs / groups, outputs, ...window])
    const turned = transpose(apart, [...range(rank - 2).map(i => i + 3), 1, 0, 2])
    return reshape(turned, [...window, inputs / groups, groups * outputs])
  }
)

const scale = rule(
  params => ({ weight: pick(params, "scale"), ...biasTo(params) }),
  named => ({ scale: pick(named, "weight"), ...biasFrom(named) })
)

const batchNorm: Rule = {
  to: (own, place) => {
    const state = own.state as Params
    return { ...scale.to(own, place), running_mean: pick(state, "mean"), running_var: pick(state, "variance") }
  },
  from: (named, place, like) => ({
    ...scale.from(named, place, like),
    state: { mean: pick(named, "running_mean"), variance: pick(named, "running_var") }
  })
}

const embedding = rule(
  params => ({ weight: pick(params, "table") }),
  named => ({ table: pick(named, "weight") })
)

/** The two kernels of a cell, whose gates stand in the same order. */
const kernelsTo = (params: Params, { suffix }: Place): Named => ({
  [`weight_ih${suffix}`]: transpose(pick(params, "kernel")),
  [`weight_hh${suffix}`]: transpose(pick(params, "recurrent"))
})

const kernelsFrom = (named: Named, { suffix }: Place): Params => ({
  kernel: transpose(pick(named, `weight_ih${suffix}`)),
  recurrent: transpose(pick(named, `weight_hh${suffix}`))
})

const biasesOf = (named: Named, { suffix }: Place): readonly [Tensor, Tensor] | undefined => {
  const [input, hidden] = [named[`bias_ih${suffix}`], named[`bias_hh${suffix}`]]
  return input === undefined || hidden === undefined ? undefined : [input, hidden]
}

/** PyTorch has two biases, of which ours is the sum; there, the second becomes zeros. */
const cell = rule(
  (params, place) => {
    const { bias } = params
    const biases = bias && { [`bias_ih${place.suffix}`]: bias, [`bias_hh${place.suffix}`]: zerosLike(bias) }
    return { ...kernelsTo(params, place), ...biases }
  },
  (named, place) => {
    const biases = biasesOf(named, place)
    return { ...kernelsFrom(named, place), ...(biases && { bias: add(...biases) }) }
  }
)

/** The same, but for the candidate, the last third, whose second bias is multiplied by the reset. */
const gruCell = rule(
  (params, place) => {
    const { bias, recurrentBias } = params
    const zeros = recurrentBias && zerosLike(recurrentBias)
    const hidden = recurrentBias && zeros && concat([zeros, zeros, recurrentBias])
    const biases = bias && hidden && { [`bias_ih${place.suffix}`]: bias, [`bias_hh${place.suffix}`]: hidden }
    return { ...kernelsTo(params, place), ...biases }
  },
  (named, place) => {
    const kernels = kernelsFrom(named, place)
    const biases = biasesOf(named, place)
    if (biases === undefined) return kernels
    const [input, hidden] = biases
    const gates = (2 * sizeOf(hidden.shape)) / 3
    const recurrentBias = sliceAxis(hidden, 0, gates, 3 * (gates / 2))
    const others = concat([sliceAxis(hidden, 0, 0, gates), zerosLike(recurrentBias)])
    return { ...kernels, bias: add(input, others), recurrentBias }
  }
)

const PROJECTIONS = ["query", "key", "value"] as const
type Attention = Readonly<Record<(typeof PROJECTIONS)[number] | "output", Params>>

/** Three projections are one; all of the width of the input, as PyTorch has them where keys and values are no other. */
const attention: Rule = {
  to: ({ params }, place) => {
    const { output, ...rest } = params as Attention
    const parts = PROJECTIONS.map(name => dense.to({ params: rest[name], state: [] }, place))
    const biases = parts.flatMap(({ bias }) => (bias === undefined ? [] : [bias]))
    const out = dense.to({ params: output, state: [] }, place)
    return {
      in_proj_weight: concat(parts.map(part => pick(part, "weight"))),
      ...(biases.length > 0 && { in_proj_bias: concat(biases) }),
      ...Object.fromEntries(Object.entries(out).map(([name, tensor]) => [`out_proj.${name}`, tensor]))
    }
  },
  from: (named, place, { state, params }) => {
    const like = params as Attention
    let at = 0
    const parts = PROJECTIONS.map(name => {
      const [begin, width] = [at, pick(like[name], "kernel").shape.at(-1) ?? 0]
      at += width
      const cut = (tensor: Tensor | undefined): Named[string] | undefined => tensor && sliceAxis(tensor, 0, begin, at)
      const [weight, bias] = [cut(named["in_proj_weight"]) as Tensor, cut(named["in_proj_bias"])]
      return [name, dense.from({ weight, ...(bias && { bias }) }, place, { params: [], state }).params] as const
    })
    const bias = named["out_proj.bias"]
    const out = { weight: pick(named, "out_proj.weight"), ...(bias && { bias }) }
    const output = dense.from(out, place, { params: [], state }).params
    return { params: { ...Object.fromEntries(parts), output }, state }
  }
}

/** Rules by the name of the layer. */
export const rules: Readonly<Partial<Record<string, Rule>>> = {
  dense,
  embedding,
  batchNorm,
  layerNorm: scale,
  groupNorm: scale,
  instanceNorm: scale,
  rmsNorm: scale,
  conv1d: conv,
  conv2d: conv,
  depthwiseConv2d: conv,
  convTranspose1d: convTranspose,
  convTranspose2d: convTranspose,
  rnnCell: cell,
  lstmCell: cell,
  gruCell,
  multiHeadAttention: attention,
  crossAttention: attention,
  cachedAttention: attention
}

const blockNames = { attention: "self_attn", cross: "multihead_attn", up: "linear1", down: "linear2" }

/** What the parts of a layer are called, if not what they are called here. */
export const partNames: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  transformerBlock: blockNames,
  cachedTransformerBlock: blockNames,
  decoderBlock: blockNames,
  cachedDecoderBlock: blockNames
}
