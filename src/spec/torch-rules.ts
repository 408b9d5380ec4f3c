import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { scalar, zerosLike } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, sizeOf } from "../dataflow/shape.js"
import { sliceAxis } from "../dataflow/slice.js"
import { transpose } from "../dataflow/structure.js"
import {
  both,
  oneByOne,
  ordered,
  pick,
  same,
  turned,
  window,
  windowOfTransposed,
  type Named,
  type Rule
} from "./torch-layouts.js"

const dense: Rule = {
  ...oneByOne({
    weight: ["kernel", both(both(ordered("inputs", 0), ordered("outputs", 1)), turned)],
    bias: ["bias", ordered("outputs")]
  }),
  isOrdered: true
}
const conv = oneByOne({ weight: ["kernel", window], bias: ["bias", same] })
const convTranspose = oneByOne({ weight: ["kernel", windowOfTransposed], bias: ["bias", same] })
const table = oneByOne({ weight: ["table", same] })

const scale = { weight: ["scale", ordered("inputs")], bias: ["bias", ordered("inputs")] } as const
const norm: Rule = { ...oneByOne(scale), isOrdered: true }
/** Groups of neighbours are other ones in another order. */
const normByGroup = oneByOne({ weight: ["scale", same], bias: ["bias", same] })
const batchNorm: Rule = {
  ...oneByOne({
    ...scale,
    running_mean: ["mean", ordered("inputs")],
    running_var: ["variance", ordered("inputs")]
  }),
  besides: { num_batches_tracked: scalar(0, "i32") },
  isOrdered: true
}
const prelu: Rule = { ...oneByOne({ weight: ["slope", ordered("inputs")] }), isOrdered: true }

/** The two kernels of a cell, whose gates stand in the same order. */
const kernels = oneByOne({ weight_ih: ["kernel", turned], weight_hh: ["recurrent", turned] })

/** A cell: its kernels, and how its biases become the two of PyTorch, of which ours is the sum, and back. */
const cell = (
  hiddenOf: (bias: Tensor, own: Named) => Tensor,
  from: (input: Tensor, hidden: Tensor) => Named
): Rule => ({
  to: (own, place) => {
    const { bias } = own
    return { ...kernels.to(own, place), ...(bias && { bias_ih: bias, bias_hh: hiddenOf(bias, own) }) }
  },
  from: (named, place, like) => {
    const { bias_ih: input, bias_hh: hidden } = named
    return { ...kernels.from(named, place, like), ...(input && hidden && from(input, hidden)) }
  }
})

const plainCell = cell(zerosLike, (input, hidden) => ({ bias: add(input, hidden) }))

/** The second bias of the candidate, the last third, is multiplied by the reset, and so is one of its own. */
const gruCell = cell(
  (_, own) => {
    const candidate = pick(own, "recurrentBias")
    const zeros = zerosLike(candidate)
    return concat([zeros, zeros, candidate])
  },
  (input, hidden) => {
    const size = sizeOf(hidden.shape)
    const gates = (2 * size) / 3
    const recurrentBias = sliceAxis(hidden, 0, gates, size)
    const others = concat([sliceAxis(hidden, 0, 0, gates), zerosLike(recurrentBias)])
    return { bias: add(input, others), recurrentBias }
  }
)

const PROJECTIONS = ["query", "key", "value"] as const
const output = oneByOne({ "out_proj.weight": ["output/kernel", turned], "out_proj.bias": ["output/bias", same] })
const kernelsOf = (own: Named): readonly Tensor[] => PROJECTIONS.map(name => pick(own, `${name}/kernel`))
const biasesOf = (own: Named): readonly Tensor[] => PROJECTIONS.flatMap(name => own[`${name}/bias`] ?? [])

/** Whether there is one weight for three kernels: a memory of another width has weights of its own. */
const isOne = (kernels: readonly Tensor[]): boolean =>
  kernels.every(({ shape }) => sameShape(shape.slice(0, 1), kernels[0]?.shape.slice(0, 1) ?? []))

/** What is cut out of one tensor for each of some: by the first axis, as long as the last one of those. */
const cut = (whole: Tensor, likes: readonly Tensor[]): readonly Tensor[] => {
  const ends = likes.map((_, i) => likes.slice(0, i + 1).reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0))
  return ends.map((end, i) => sliceAxis(whole, 0, ends[i - 1] ?? 0, end))
}

const byProjection = (what: string, tensors: readonly Tensor[]): Named =>
  Object.fromEntries(tensors.map((tensor, i) => [`${PROJECTIONS[i] ?? ""}/${what}`, tensor]))

const attention: Rule = {
  to: (own, place) => {
    const weights = kernelsOf(own).map(kernel => transpose(kernel))
    const biases = biasesOf(own)
    return {
      ...(isOne(kernelsOf(own))
        ? { in_proj_weight: concat(weights) }
        : Object.fromEntries(weights.map((weight, i) => [`${PROJECTIONS[i]?.[0] ?? ""}_proj_weight`, weight]))),
      ...(biases.length > 0 && { in_proj_bias: concat(biases) }),
      ...output.to(own, place)
    }
  },
  from: (named, place, like) => {
    const { in_proj_weight: weight, in_proj_bias: bias } = named
    const weights = weight
      ? cut(weight, kernelsOf(like))
      : PROJECTIONS.map(([letter = ""]) => pick(named, `${letter}_proj_weight`))
    return {
      ...byProjection(
        "kernel",
        weights.map(weight => transpose(weight))
      ),
      ...(bias && byProjection("bias", cut(bias, biasesOf(like)))),
      ...output.from(named, place, like)
    }
  }
}

/** A layer that has nothing in PyTorch. */
const nothing: Rule = oneByOne({})

/** What a tensor of a user's layer is called: its path, with dots. */
const dotted = (path: string): string => path.replaceAll("/", ".")

/** A layer of the user's: each of its tensors by its path, as it is. */
export const asItIs: Rule = {
  to: own => Object.fromEntries(Object.entries(own).map(([path, tensor]) => [dotted(path), tensor])),
  from: (named, _, like) => Object.fromEntries(Object.keys(like).map(path => [path, pick(named, dotted(path))]))
}

/** Rules by the name of the layer. */
export const rules: Readonly<Partial<Record<string, Rule>>> = {
  dense,
  embedding: table,
  positions: table,
  cachedPositions: table,
  cachedSinusoidalPositions: nothing,
  batchNorm,
  layerNorm: norm,
  rmsNorm: norm,
  groupNorm: normByGroup,
  instanceNorm: normByGroup,
  prelu,
  conv1d: conv,
  conv2d: conv,
  depthwiseConv2d: conv,
  convTranspose1d: convTranspose,
  convTranspose2d: convTranspose,
  rnnCell: plainCell,
  lstmCell: plainCell,
  gruCell,
  multiHeadAttention: attention,
  crossAttention: attention,
  cachedAttention: attention
}

/** The layers whose tensors are numbered where they go along places. */
export const cells: readonly string[] = ["rnnCell", "lstmCell", "gruCell"]

const blockNames = { attention: "self_attn", cross: "multihead_attn", up: "linear1", down: "linear2" }

/** What the parts of a layer are called, if not what they are called here. */
export const partNames: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  transformerBlock: blockNames,
  cachedTransformerBlock: blockNames,
  decoderBlock: blockNames,
  cachedDecoderBlock: blockNames
}
