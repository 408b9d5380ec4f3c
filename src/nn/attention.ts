import { checkTensor } from "../dataflow/check.js"
import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { reshape, swapAxes } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { fixed, type Resolved } from "../options/fields.js"
import { decay, positive, positiveInteger } from "../options/range.js"
import { split } from "../random/index.js"
import { affine, affineFields, drawAffine, type Affine, type AffineOf, type Bias } from "./affine.js"
import { attend, type AttentionOptions } from "./attend.js"
import { drop } from "./dropout.js"
import { glorotUniform } from "./initializer.js"
import { checkInput, checkTree, featuresOf, someFeaturesOf } from "./input.js"
import type { Mode } from "./layer.js"
import { rotary } from "./rotary.js"

/** The options of every layer that attends. */
export const attentionFields = {
  /** How many heads, a whole number from 1. */
  heads: fixed(positiveInteger),
  /** How many heads keys and values have, a divisor of `heads`. Default as many. */
  keyValueHeads: fixed(positiveInteger, "none"),
  /** The width of all heads together, a multiple of `heads`. Default that of the input. */
  features: fixed(positiveInteger, "none"),
  /** The share of weights that is dropped while training, `0 ≤ rate < 1`. Default 0. */
  dropout: fixed(decay, 0),
  ...affineFields(glorotUniform)
}

/** How the places that attend to each other are told apart. */
export const rotaryField = {
  /** The base of rotary positions, a number > 0, such as 10 000. Default none: places are not told apart. */
  rotary: fixed(positive, "none")
}

/** A projection of queries, of keys, of values, and of what they give. */
export type AttentionParams<A = Affine> = {
  readonly query: A
  readonly key: A
  readonly value: A
  readonly output: A
}

type Projections = AttentionParams<AffineOf<Bias>>
type Attention = Resolved<typeof attentionFields>

/** A layer that attends, by its name and its options. */
export interface Attending extends Attention {
  readonly layer: string
}

/** Options of which one divides the other. */
export const checkHeads = (layer: string, options: Attention): Attending => {
  const { heads, keyValueHeads = heads, features = heads } = options
  if (heads % keyValueHeads !== 0)
    fail("HyperparameterError", layer, `keyValueHeads to divide the ${heads} heads`, String(keyValueHeads))
  if (features % heads !== 0)
    fail("HyperparameterError", layer, `features that ${heads} heads divide`, String(features))
  return { ...options, layer }
}

/** Inputs `[batch, places, features]`. */
export const checkSequences = (layer: string, input: Tensor, what = "inputs"): Tensor =>
  checkInput(layer, input).shape.length === 3
    ? input
    : fail("ShapeError", layer, `${what} [batch, places, features]`, showType(input))

/** How many heads there are of keys and values, and how wide each is. */
export const headsOf = ({ layer, heads, keyValueHeads = heads, features }: Attending, input: Tensor) => {
  const width = features ?? someFeaturesOf(layer, checkSequences(layer, input))
  if (width % heads !== 0) fail("ShapeError", layer, `a width that ${heads} heads divide`, String(width))
  return { keyValueHeads, size: width / heads }
}

/** Draws the projections. */
export const drawAttention = (of: Attending, key: Tensor, input: Tensor, memory: Tensor = input): Projections => {
  const { keyValueHeads, size } = headsOf(of, input)
  const [width, from] = [featuresOf(of.layer, input), featuresOf(of.layer, memory)]
  const draw = (key: Tensor, shape: readonly [number, number]) => drawAffine(of.layer, key, input, shape, of)
  const [q, k, v, o] = split(key, 4) as [Tensor, Tensor, Tensor, Tensor]
  return {
    query: draw(q, [width, of.heads * size]),
    key: draw(k, [from, keyValueHeads * size]),
    value: draw(v, [from, keyValueHeads * size]),
    output: draw(o, [of.heads * size, width])
  }
}

/** The projection of a name. */
const projected = (
  { layer, bias }: Attending,
  params: Projections,
  name: keyof Projections,
  x: Tensor,
  width: number | string
): Tensor => underPath(name, () => affine(layer, x, checkTree(layer, params[name]), width, bias))

/** `[batch, places, heads · size]` as `[batch, heads, places, size]`. */
const apart = (x: Tensor, size: number): Tensor => {
  const [batch = 0, places = 0, width = 0] = x.shape
  return swapAxes(reshape(x, [batch, places, width / size, size]), 1, 2)
}

/** The same, back. */
const together = (x: Tensor): Tensor => {
  const [batch = 0, heads = 0, places = 0, size = 0] = x.shape
  return reshape(swapAxes(x, 1, 2), [batch, places, heads * size])
}

/** Queries of the input, keys and values of what is attended to, by heads. */
export const project = (
  of: Attending,
  params: Projections,
  input: Tensor,
  memory: Tensor
): readonly [query: Tensor, key: Tensor, value: Tensor] => {
  const { size, keyValueHeads } = headsOf(of, input)
  const heads = (name: keyof Projections, x: Tensor, count: number): Tensor =>
    apart(projected(of, params, name, x, count * size), size)
  return [heads("query", input, of.heads), heads("key", memory, keyValueHeads), heads("value", memory, keyValueHeads)]
}

/** Queries and keys turned by their places. */
export const turn = <A extends readonly Tensor[]>(base: number | undefined, all: A, places?: Tensor): A =>
  base === undefined ? all : (all.map(x => rotary(x, { base, ...(places && { places }) })) as unknown as A)

/**
 * A mask over keys, `[batch, keys]`, over queries and keys, or over heads besides, as one that broadcasts to the scores.
 * `bool`, or numbers that are added.
 */
export const maskOf = (
  layer: string,
  name: string,
  mask: Tensor | undefined,
  input: Tensor,
  keys: number,
  heads: number
): Tensor | undefined => {
  if (mask === undefined) return undefined
  const [batch = 0, queries = 0] = input.shape
  const { shape, dtype } = checkTensor(layer, mask, `${name} as a tensor`)
  const full = [batch, heads, queries, keys]
  const wide = shape.length === 2 ? [batch, 1, 1, keys] : shape.length === 3 ? [batch, 1, queries, keys] : full
  const given = [...shape].toSpliced(1, 0, ...Array.from({ length: 4 - shape.length }, () => 1))
  if (shape.length < 2 || given.length !== 4 || given.some((n, i) => n !== wide[i]))
    fail(
      "ShapeError",
      layer,
      `${name} [${batch}, ${keys}] (batch, keys), [${batch}, ${queries}, ${keys}] or [${full.join(", ")}]`,
      showType(mask)
    )
  if (dtype !== "bool" && dtype !== input.dtype)
    fail("DTypeError", layer, `${name} of bool, true for what is there, or of ${input.dtype}`, dtype)
  return reshape(mask, given)
}

/** What heads give, projected; weights are dropped while training. */
export const gather = (
  of: Attending,
  params: Projections,
  heads: readonly [query: Tensor, key: Tensor, value: Tensor],
  options: AttentionOptions,
  mode: Mode
): Tensor => {
  const { dropout: rate } = of
  const dropped = (weights: Tensor): Tensor => drop(weights, rate, mode)
  return projected(of, params, "output", together(attend(heads, options, dropped)), "outputs")
}
