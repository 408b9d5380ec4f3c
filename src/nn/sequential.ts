import { describeValue, isList, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isLayer } from "../options/fields.js"
import type { Tree } from "../tree/index.js"
import { connect, connectParts, type Calls, type ContextsOf, type PartsParams, type PartsState } from "./connect.js"
import {
  checkLayer,
  frozen,
  specOf,
  type Initial,
  type InputOf,
  type Layer,
  type Mode,
  type OfTensors,
  type OutputOf,
  type Parts,
  type SomeLayer
} from "./layer.js"

/** What stands in an error at the place of a layer that does not take what the one before it gives. */
interface Takes<I> {
  readonly "a layer that takes": I
}

/** The layer before a place, which the first does not have. */
type Before<L extends readonly unknown[], K> = K extends keyof (readonly [undefined, ...L])
  ? (readonly [undefined, ...L])[K]
  : undefined

/** A layer at its place if it takes what the one before gives, else `Takes`; by name, where there is no order, if it is of tensors. */
type Fitting<L extends readonly unknown[], K extends keyof L> = L[K] extends Parts
  ? { readonly [N in keyof L[K]]: [Tensor, OutputOf<L[K][N]>] extends [InputOf<L[K][N]>, Tensor] ? L[K][N] : OfTensors }
  : Before<L, K> extends infer A extends SomeLayer
    ? [OutputOf<A>] extends [InputOf<L[K]>]
      ? L[K]
      : Takes<OutputOf<A>>
    : L[K]

type First<L> = L extends readonly [infer A, ...unknown[]] ? InputOf<A> : Tensor
type Last<L> = L extends readonly [...unknown[], infer Z] ? OutputOf<Z> : Tensor

/** Layers one after the other: by name where a record of them is all there is, else by place. */
type InOrder<L extends readonly unknown[]> = L extends readonly [infer K extends Parts]
  ? Layer<PartsParams<K>, PartsState<K>, Tensor, Tensor, ContextsOf<K[keyof K]>>
  : Layer<PartsParams<L>, PartsState<L>, First<L> & object, Last<L> & object, ContextsOf<L[number]>>

/** How layers come one after the other: by name, or by place. */
export type Sequential = <const L extends readonly SomeLayer[] | readonly [Parts]>(
  ...layers: { readonly [K in keyof L]: Fitting<L, K> }
) => InOrder<L>

/** Calls parts one after the other. */
const inOrder = (call: Calls<Parts>, input: Tree): Tree =>
  Object.values(call).reduce((x, run) => (run as (x: Tree) => Tree)(x), input)

const withSpec = (layer: SomeLayer, of: (parts: Parts) => Parts | readonly SomeLayer[]): SomeLayer =>
  frozen({ ...layer, spec: specOf("sequential", { of: Object.freeze(of(layer.layers ?? {})) }) })

/** The same, its parameters and states in tuples. */
const byPlace = (layers: readonly SomeLayer[]): SomeLayer => {
  const parts = Object.fromEntries(layers.map((layer, i) => [String(i), checkLayer("sequential", layer, String(i))]))
  const inner = connectParts("sequential", parts, inOrder)
  const listOf = (trees: object): readonly Tree[] =>
    Object.keys(parts).map(i => (trees as Record<string, Tree>)[i] as Tree)
  const recordOf = (trees: unknown): object =>
    isList(trees)
      ? Object.fromEntries(trees.entries())
      : fail("TreeError", "sequential", "parameters and states in lists", describeValue(trees))
  const init = (key: Tensor, input: Tree, context?: object): Initial<readonly Tree[], readonly Tree[]> => {
    const { params, state } = inner.init(key, input, context)
    return { params: listOf(params), state: listOf(state) }
  }
  const apply = (params: unknown, state: unknown, input: Tree, mode: Mode) => {
    const [output, after] = inner.apply(recordOf(params), recordOf(state), input, mode)
    return [output, listOf(after)] as const
  }
  return withSpec({ ...inner, init, apply }, parts => Object.values(parts))
}

/** The same, its parameters and states under names. */
const byName = (parts: Parts): SomeLayer => withSpec(connect("sequential", parts, inOrder), parts => parts)

/**
 * Applies layers one after the other: `y = lₙ(… l₂(l₁(x)))`. By place, `sequential(first, second)`, parameters and states
 * are tuples; by name, `sequential({ first, second })`, they are records with these names, in the order in which they are
 * written.
 *
 * Each layer takes what the one before gives; the compiler says so where they stand by place, `init` and `apply` where shapes
 * do not fit, with the place or the name as the path. Names that look like numbers are a `TreeError`, since JavaScript would
 * sort them.
 *
 * Laws: `apply` is associative up to regrouping parameters, where nothing is drawn (keys depend on the grouping);
 * `sequential()` is the identity.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { activation, dense, relu, sequential } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const model = sequential({ hidden: dense({ units: 3 }), relu: activation(relu), head: dense({ units: 1 }) })
 * const { params, state } = model.init(key(0), zeros([1, 2]))
 * assert.deepStrictEqual(Tree.paths(params), ["head/bias", "head/kernel", "hidden/bias", "hidden/kernel"])
 * assert.deepStrictEqual([params.hidden.kernel.shape, params.head.kernel.shape], [[2, 3], [3, 1]])
 *
 * const [output] = model.apply(params, state, zeros([5, 2]), { training: false })
 * assert.deepStrictEqual(output.shape, [5, 1])
 * const places = sequential(dense({ units: 3 }), activation(relu), dense({ units: 1 }))
 * assert.deepStrictEqual(places.init(key(0), zeros([1, 2])).params[2].kernel.shape, [3, 1])
 */
export const sequential: Sequential = (...layers: readonly unknown[]): never => {
  const [first, ...others] = layers
  const named = isRecord(first) && !isLayer(first) && others.length === 0
  return (named ? byName(first as Parts) : byPlace(layers as readonly SomeLayer[])) as never
}
