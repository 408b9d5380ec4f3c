import { argsOf, isLoop, type OpOf, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { range, sameShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import type { SomeLayer } from "../nn/layer.js"
import type { Observed } from "../nn/observe.js"
import type { Tree } from "../tree/index.js"
import type { Order } from "./torch-layouts.js"
import { innerOf, join, plainOf, titleOf, TRANSPARENT } from "./torch-sites.js"

/** Which axis has the features in PyTorch: that after the batch, or the last, as here. */
type Side = "first" | "last"

/** What is known of all tensors whose features are the same ones. */
interface Kin {
  /** Where layers that give such a tensor have its features, and where those that take it do. */
  readonly given: Set<Side>
  readonly taken: Set<Side>
  readonly orders: Map<string, Order>
  isUnclear: boolean
  isMixed: boolean
}

/** Where PyTorch's layer of that name has the features; whether the features it gives are those that it takes. */
const sides: Readonly<Partial<Record<string, readonly [side: Side | undefined, keeps: boolean]>>> = {
  batchNorm: ["first", true],
  groupNorm: ["first", true],
  instanceNorm: ["first", true],
  spatialDropout: ["first", true],
  prelu: [undefined, true],
  layerNorm: ["last", true],
  rmsNorm: ["last", true],
  positions: ["last", true],
  cachedPositions: ["last", true],
  sinusoidalPositions: ["last", true],
  cachedSinusoidalPositions: ["last", true],
  repeat: [undefined, true],
  ...Object.fromEntries(
    [
      ...["conv1d", "conv2d", "depthwiseConv2d", "convTranspose1d", "convTranspose2d", "upsample", "maxPool"],
      ...["averagePool", "adaptiveMaxPool", "adaptiveAveragePool", "globalMaxPool", "globalAveragePool"]
    ].map(title => [title, ["first", false]] as const)
  ),
  ...Object.fromEntries(
    [
      ...["dense", "embedding", "recurrent", "stateful", "bidirectional"],
      ...["multiHeadAttention", "crossAttention", "cachedAttention"]
    ].map(title => [title, ["last", false]] as const)
  )
}

/** A layer that was observed: what it takes and gives, and what is known of it. */
interface Known {
  readonly input: Tensor | undefined
  readonly output: Tensor
  readonly side: Side | undefined
  readonly keeps: boolean
}

const inputOf = ({ input }: Observed): Tensor | undefined => {
  const x = isTensor(input) ? input : (input as Readonly<Record<string, Tree>>)["x"]
  return isTensor(x) ? x : undefined
}

const outputOf = ({ output }: Observed): Tensor | undefined => {
  const y = Array.isArray(output) ? (output as readonly unknown[])[0] : output
  return isTensor(y) ? y : undefined
}

const knownOf = (row: Observed, isEach: boolean): readonly Known[] => {
  const { layer } = row
  const title = titleOf(layer)
  const inner = TRANSPARENT.includes(title) && layer.layers === undefined ? titleOf(innerOf(layer)) : title
  const [side, keeps] = sides[inner] ?? [undefined, undefined]
  const output = outputOf(row)
  if (output === undefined || (keeps === undefined && !isEach)) return []
  return [{ input: inputOf(row), output, side, keeps: keeps === true || isEach || title === "residual" }]
}

/** What keeps every element where it is, and what keeps none. */
const KEEPING: readonly string[] = ["unary", "binary", "select", "cast", "stopGradient", "customVjp"]
const ENDING: readonly string[] = ["dot", "conv", "reduce", "argReduce", "broadcast", "compare", "literal", "input"]

/** Whether what is not elementwise leaves the last axis alone. */
const sparesLast = ({ op, shape }: Tensor, arg: Tensor): boolean => {
  const last = shape.length - 1
  if (op.kind === "transpose") return op.permutation[last] === last
  if (op.kind === "concat") return op.axis !== last
  return ["slice", "reshape"].includes(op.kind) && arg.shape.at(-1) === shape[last]
}

/** A shape whose last axes became the last axis of another, from which axis on. */
const mergedFrom = (apart: Shape, merged: Shape): number | undefined => {
  const from = merged.length - 1
  return apart.length > merged.length && sameShape(apart.slice(0, from), merged.slice(0, from)) ? from : undefined
}

const isNode = (vertex: Vertex): vertex is Tensor => !isLoop(vertex)

/** All nodes that the outputs of layers are made of, without what happens inside of a known layer. */
const nodesOf = (roots: readonly Tensor[], ends: ReadonlySet<Vertex>): readonly Tensor[] => {
  const seen = new Set<Vertex>(roots)
  const open: Vertex[] = [...seen]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ends.has(next)) continue
    for (const arg of argsOf(next))
      if (!seen.has(arg)) {
        seen.add(arg)
        open.push(arg)
      }
  }
  return [...seen].filter(isNode)
}

/** The features of tensors, of which those that are the same ones can be joined. */
const kinship = () => {
  const parents = new Map<Tensor, Tensor>()
  const kins = new Map<Tensor, Kin>()
  const rootOf = (x: Tensor): Tensor => {
    let root = x
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up
    if (root !== x) parents.set(x, root)
    return root
  }
  const kinOf = (x: Tensor): Kin => {
    const root = rootOf(x)
    const fresh = {
      given: new Set<Side>(),
      taken: new Set<Side>(),
      orders: new Map(),
      isUnclear: false,
      isMixed: false
    }
    const kin = kins.get(root) ?? fresh
    kins.set(root, kin)
    return kin
  }
  const unite = (a: Tensor, b: Tensor): void => {
    const [root, other] = [rootOf(a), rootOf(b)]
    if (root === other) return
    const [kin, { given, taken, isMixed }] = [kinOf(root), kinOf(other)]
    given.forEach(side => kin.given.add(side))
    taken.forEach(side => kin.taken.add(side))
    kin.isMixed ||= isMixed
    parents.set(other, root)
  }
  return { kinOf, unite }
}

/** Where PyTorch has the features of a tensor of places; of images, they come first, unless a layer says otherwise. */
const sideOf = (rank: number, [sides, others]: readonly [ReadonlySet<Side>, ReadonlySet<Side>]): Side | undefined => {
  const [said, second] = [...(sides.size > 0 ? sides : others)]
  if (second !== undefined) return undefined
  if (rank > 3) return said === "last" ? undefined : "first"
  return said
}

/** Whether channels were put first, as PyTorch has them. */
const isChannelsFirst = ({ op, shape }: Tensor): boolean =>
  op.kind === "transpose" &&
  sameShape(op.permutation, [0, shape.length - 1, ...range(shape.length - 2).map(i => i + 1)])

type Reshape = Tensor & { readonly op: OpOf<"reshape"> }

const isReshape = (node: Tensor): node is Reshape => node.op.kind === "reshape"

/** Notes in what order a reshape puts the features of what has one axis for them, its argument or its result. */
const noteOrder = (kinOf: (x: Tensor) => Kin, node: Reshape): void => {
  const [before] = argsOf(node) as readonly [Tensor]
  const isMerging = before.shape.length > node.shape.length
  const [apart, merged] = isMerging ? [before, node] : [node, before]
  const from = mergedFrom(apart.shape, merged.shape)
  const { given, taken } = kinOf(apart)
  if (from === undefined || from === 0) {
    if (!sparesLast(node, before)) kinOf(node).isUnclear ||= kinOf(before).given.has("first")
    return
  }
  const [places, channels] = [sizeOf(apart.shape.slice(from, -1)), apart.shape.at(-1) ?? 0]
  const kin = kinOf(merged)
  if (places === 1 || channels === 1 || isChannelsFirst(before)) return
  if (from > 1)
    kin.isUnclear ||= (isMerging ? given : taken).has("first") // heads, or places whose order nobody knows
  else {
    const side = sideOf(apart.shape.length, isMerging ? [given, taken] : [taken, given])
    if (side === "first") kin.orders.set(`${places} ${channels}`, { places, channels })
    kin.isUnclear ||= side === undefined
  }
}

/** The order of features that are not in the same one here and there; "unclear" where it cannot be told. */
type Features = Order | "unclear" | undefined

const agreed = (a: Features, b: Features): Features => (JSON.stringify(a) === JSON.stringify(b) ? a : "unclear")

/** What is known of the features that a layer takes, and of those that it gives. */
export interface Around {
  readonly inputs: Features
  readonly outputs: Features
}

/** The paths of what is repeated. */
const repeatedPaths = (model: SomeLayer, rows: readonly Observed[]): ReadonlySet<string> =>
  new Set(
    [{ path: "", layer: model }, ...rows]
      .filter(({ layer }) => titleOf(layer) === "repeat")
      .map(({ path }) => join(path, "each"))
  )

/**
 * In what order PyTorch has the features of each layer's input and output, where they were places and channels and stand on one
 * axis. It is read off the graph: features stay the same ones through what is elementwise and through layers that keep them; a
 * reshape says that some were, or will be, those of places and channels; and the layers beside it, where PyTorch has the channels.
 */
export const featuresOf = (model: SomeLayer, observed: readonly Observed[]): ReadonlyMap<string, Around> => {
  const rows = observed.map(row => ({ ...row, layer: plainOf(row.layer) }))
  const repeated = repeatedPaths(plainOf(model), rows)
  const known = rows.flatMap(row => knownOf(row, repeated.has(row.path)))
  const roots = rows.flatMap(row => [inputOf(row), outputOf(row)].filter(x => x !== undefined))
  const ends = new Set<Vertex>(known.filter(({ input, output }) => input !== output).map(({ output }) => output))
  const nodes = nodesOf(roots, ends)
  const { kinOf, unite } = kinship()
  for (const { input, output, side, keeps } of known) {
    if (input && keeps) unite(input, output)
    if (side) kinOf(output).given.add(side)
    if (side && input) kinOf(input).taken.add(side)
  }
  for (const node of nodes.filter(node => !ends.has(node) && !ENDING.includes(node.op.kind)))
    for (const arg of argsOf(node).filter(isNode)) {
      if (KEEPING.includes(node.op.kind)) {
        if (sameShape(arg.shape, node.shape)) unite(node, arg)
      } else if (sparesLast(node, arg)) unite(node, arg)
      else if (node.op.kind === "transpose") {
        kinOf(arg).taken.add("last") // whoever turns axes has the order of PyTorch in hand
        kinOf(node).given.add("last")
      } else if (!isReshape(node)) {
        unite(node, arg)
        kinOf(node).isMixed = true
      }
    }
  for (const node of nodes) if (isReshape(node) && !ends.has(node)) noteOrder(kinOf, node)
  const orderOf = (x: Tensor | undefined): Features => {
    if (x === undefined) return undefined
    const { orders, isUnclear, isMixed } = kinOf(x)
    const [order] = orders.values()
    return isUnclear || orders.size > 1 || (orders.size > 0 && isMixed) ? "unclear" : order
  }
  const around = new Map<string, Around>()
  for (const row of rows) {
    const [inputs, outputs] = [orderOf(inputOf(row)), orderOf(outputOf(row))]
    const before = around.get(row.path) ?? { inputs, outputs } // a layer that is called twice has one order
    around.set(row.path, { inputs: agreed(before.inputs, inputs), outputs: agreed(before.outputs, outputs) })
  }
  return around
}
