import { isLoop, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import type { ObservedDepth } from "../nn/observe.js"
import { Tree } from "../tree/index.js"
import { follow, verticesOf } from "./torch-axes.js"
import { kinship as axisKinship, need, type Kin, type Kinship, type Side } from "./torch-kin.js"
import type { Order } from "./torch-layouts.js"
import { orderReshaped, uniteReshaped, type Reshape } from "./torch-reshape.js"
import { kindOf, titleOf, TRANSPARENT } from "./torch-sites.js"

/** What is known of a layer, inside of which nobody looks. */
interface Known {
  /** Where its module in PyTorch has the features. */
  readonly side?: Side
  /** Which axes it gives as it takes them, in any order: all, all but the features, or none. */
  readonly keeps?: "all" | "places"
  /** Whether it tells one feature, or one place, from another. */
  readonly isPositional?: true
  /** Whether it takes more than its input, such as a memory. */
  readonly isWithContext?: true
}

const all = (titles: readonly string[], known: Known): Readonly<Record<string, Known>> =>
  Object.fromEntries(titles.map(title => [title, known]))

/** By the name of the layer. */
const knowledge: Readonly<Partial<Record<string, Known>>> = {
  ...all(["batchNorm", "groupNorm", "instanceNorm", "spatialDropout"], { side: "first", keeps: "all" }),
  ...all(["prelu"], { keeps: "all" }),
  ...all(["layerNorm", "rmsNorm"], { side: "last", keeps: "all" }),
  ...all(["positions", "cachedPositions", "sinusoidalPositions", "cachedSinusoidalPositions"], {
    side: "last",
    keeps: "all",
    isPositional: true
  }),
  ...all(["conv1d", "conv2d", "depthwiseConv2d", "convTranspose1d", "convTranspose2d"], { side: "first" }),
  ...all(["upsample", "maxPool", "averagePool", "adaptiveMaxPool", "adaptiveAveragePool"], { side: "first" }),
  ...all(["globalMaxPool", "globalAveragePool"], { side: "first" }),
  ...all(["dense", "embedding"], { side: "last", keeps: "places" }),
  ...all(["rnnCell", "lstmCell", "gruCell", "recurrent", "stateful", "bidirectional"], {
    side: "last",
    isWithContext: true
  }),
  ...all(["multiHeadAttention", "crossAttention", "cachedAttention"], { side: "last", isWithContext: true })
}

/** A tensor, or the one that stands at a key of a tree. */
const tensorAt = (tree: Tree, key: string): Tensor | undefined => {
  const x: unknown = isTensor(tree) ? tree : (tree as Readonly<Record<string, Tree>>)[key]
  return isTensor(x) ? x : undefined
}

const inputOf = ({ input }: ObservedDepth): Tensor | undefined => tensorAt(input, "x")

const outputOf = ({ output }: ObservedDepth): Tensor | undefined =>
  tensorAt(output, Array.isArray(output) ? "0" : "outputs")

const axesOf = ({ shape }: Tensor): readonly number[] => range(shape.length)

/** Where a layer says that there are features, and where places. Rows, which have no places, are alike everywhere. */
const markSides = ({ kinOf }: Kinship, side: Side, x: Tensor, end: "given" | "taken"): void => {
  const last = x.shape.length - 1
  if (last < 2) return
  kinOf(x, last)[end].add(side)
  axesOf(x)
    .slice(1, last)
    .forEach(axis => (kinOf(x, axis).isPlaces = true))
}

/** What a known layer says of the axes of what it takes and of what it gives. */
const followLayer = (
  kinship: Kinship,
  row: ObservedDepth,
  { side, keeps, isPositional, isWithContext }: Known
): void => {
  const [title, x, y] = [titleOf(row.layer), inputOf(row), outputOf(row)]
  if (side && x) markSides(kinship, side, x, "taken")
  if (side && y) markSides(kinship, side, y, "given")
  if (keeps && x && y)
    axesOf(y)
      .slice(0, keeps === "all" ? y.shape.length : -1)
      .forEach(axis => kinship.unite(x, axis, y, axis))
  if (isPositional && y) axesOf(y).forEach(axis => need(kinship, title, y, axis))
  if (keeps) return
  if (y) need(kinship, title, y, y.shape.length - 1, true)
  const taken = [...(x ? [x] : []), ...(isWithContext ? Tree.leaves(row.context) : [])]
  for (const t of taken) axesOf(t).forEach(axis => need(kinship, title, t, axis, true))
}

/** Features whose order cannot be told, if it can be said: because of which operation or layer. */
export interface Unclear {
  readonly because: string | undefined
}

/** The order of features that are not in the same one here and there. */
export type Features = Order | Unclear | undefined

const clashes = ({ orders, isUnclear, needs }: Kin): boolean =>
  orders.size > 1 || (orders.size > 0 && isUnclear) || ((orders.size > 0 || isUnclear) && needs !== undefined)

const featuresAt = ({ kinOf }: Kinship, x: Tensor | undefined): Features => {
  if (x === undefined || x.shape.length === 0) return undefined
  const kin = kinOf(x, x.shape.length - 1)
  const [order] = kin.orders.values()
  return kin.isUnclear || clashes(kin) ? { because: kin.needs ?? "reshape" } : order
}

const agreed = (a: Features, b: Features): Features =>
  JSON.stringify(a) === JSON.stringify(b) ? a : { because: undefined }

/** What is known of the features that a layer takes, and of those that it gives. */
export interface Around {
  readonly inputs: Features
  readonly outputs: Features
}

/** What is known of the features of a model. */
export interface FeaturesOf {
  /** Those around the layer at a path, of which depths. */
  readonly around: (spot: { readonly path: string; readonly depths: readonly number[] }) => Around
  /** What depends on an order that is another one in PyTorch, or that nobody knows, of what no layer after it can see any more. */
  readonly lost: string | undefined
}

const placeOf = ({ path, depths }: { readonly path: string; readonly depths: readonly number[] }): string =>
  `${depths.join()} ${path}`

const isReshape = (vertex: Vertex): vertex is Reshape => !isLoop(vertex) && vertex.op.kind === "reshape"

const tensorsOf = (tree: Tree): readonly Tensor[] => Tree.leaves(tree)

/**
 * In what order PyTorch has the features of each layer's input and output, where they were places and channels and stand on one
 * axis. It is read off the graph. Every primitive says which axes of its result are which axes of its arguments; a reshape says that
 * features were, or will be, those of places and channels; and the layers beside it, where PyTorch has the channels. What is not
 * known to keep axes, or to be the same in any order, needs that of its axes to be ours.
 *
 * `rows` is what `observeDepths` tells of a model that has `own`, and takes `input`.
 */
export const featuresOf = (own: Tree, input: Tree, rows: readonly ObservedDepth[]): FeaturesOf => {
  const isKnown = ({ layer }: ObservedDepth): boolean => knowledge[kindOf(layer)] !== undefined
  const known = rows.filter(isKnown)
  const [parameters, inputs] = [tensorsOf(own), tensorsOf(input)]
  const given = known.flatMap(row => (inputOf(row) === outputOf(row) ? [] : (outputOf(row) ?? [])))
  const ends = new Set<Vertex>([...parameters, ...inputs, ...given])
  const roots = rows.flatMap(row => [row.input, row.context, row.output].flatMap(tensorsOf))
  const vertices = verticesOf(roots, ends)
  const kinship = axisKinship()
  for (const vertex of vertices)
    if (isReshape(vertex)) uniteReshaped(kinship, vertex)
    else follow(kinship, vertex)
  for (const x of parameters) axesOf(x).forEach(axis => need(kinship, "parameters", x, axis))
  for (const x of inputs)
    axesOf(x)
      .slice(1, -1)
      .forEach(axis => (kinship.kinOf(x, axis).isPlaces = true))
  for (const row of known) followLayer(kinship, row, knowledge[kindOf(row.layer)] as Known)
  for (const vertex of vertices) if (isReshape(vertex)) orderReshaped(kinship, vertex)

  const places = new Map<string, Around>()
  for (const row of rows.filter(({ layer }) => !TRANSPARENT.includes(kindOf(layer)))) {
    const [inputs, outputs] = [featuresAt(kinship, inputOf(row)), featuresAt(kinship, outputOf(row))]
    const before = places.get(placeOf(row)) ?? { inputs, outputs } // a layer that is called twice has one order
    places.set(placeOf(row), { inputs: agreed(before.inputs, inputs), outputs: agreed(before.outputs, outputs) })
  }
  const lost = kinship.kins().find(kin => kin.isLeft && clashes(kin))
  return {
    around: spot => places.get(placeOf(spot)) ?? { inputs: undefined, outputs: undefined },
    lost: lost && (lost.needs ?? "reshape")
  }
}
