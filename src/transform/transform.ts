import type { Tensor } from "../dataflow/primitive.js"
import { mul } from "../dataflow/arithmetic.js"
import type { Tree } from "../tree/index.js"

/** A function on types, from parameters to the state that is kept for them: `type` in terms of `this["params"]`. */
export interface StateFamily {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- `{} & P` is `P` itself, `Tree & P` a union of intersections
  readonly params: {}
  readonly type: Tree
}

/** The state that a family keeps for parameters of type `P`. */
export type StateOf<F extends StateFamily, P extends Tree> = (F & { readonly params: P })["type"]

/** The loss at which a gradient was taken, a float scalar. */
export type AtLoss = { readonly loss: Tensor }

/** What an update needs besides gradients: mostly nothing, or the loss. */
export type Extra = readonly [] | readonly [AtLoss]

/** What an update needs besides gradients, with another loss where it has one. */
export const mapLoss = <X extends Extra>(f: (loss: Tensor) => Tensor, extra: X): X =>
  extra.map(({ loss }) => ({ loss: f(loss) })) as unknown as X

/**
 * A gradient transformation: a pure transition `(updates, state, params) → [updates', state']`. States hold tensors
 * only, never hyperparameters, so that a state goes on under other hyperparameters.
 *
 * Shapes: updates before and after have the structure, shapes and dtypes of the parameters.
 * Laws: pure; the state after an update has the structure, shapes and dtypes of `init`'s.
 *
 * @example
 * import assert from "node:assert"
 * import { add, mul, toArray, tensor, Tree, type Tensor } from "thalweg"
 * import type { StateFamily, Transform } from "thalweg/transform"
 *
 * interface AverageF extends StateFamily {
 *   readonly type: this["params"] // the state is a tree like the parameters
 * }
 * const halfway = Tree.zipWith((average: Tensor, update: Tensor) => mul(add(average, update), 0.5))
 * const average: Transform<AverageF> = {
 *   init: params => Tree.zerosLike(params),
 *   update: (updates, state) => {
 *     const next = halfway(state, updates)
 *     return [next, next]
 *   }
 * }
 * const params = { w: tensor([0, 0]) }
 * const [{ w }] = average.update({ w: tensor([8, -4]) }, average.init(params), params)
 * assert.deepStrictEqual(toArray(w), [4, -2])
 */
export interface Transform<F extends StateFamily, X extends Extra = readonly []> {
  readonly init: <P extends Tree>(params: P) => StateOf<F, P>
  readonly update: <P extends Tree>(
    updates: P,
    state: StateOf<F, P>,
    params: P,
    ...extra: X
  ) => readonly [updates: P, state: StateOf<F, P>]
  /** The learning rate in force at a state, for transforms that apply one. */
  readonly rate?: <P extends Tree>(state: StateOf<F, P>) => Tensor
}

/** A family that stands for any other, for code that only hands states through: each goes back to what made it. */
export interface AnyF extends StateFamily {
  readonly type: Tree
}

/** No state: the empty tuple. */
export interface StatelessF extends StateFamily {
  readonly type: readonly []
}

/**
 * Passes updates unchanged: `u' = u`, without a state.
 *
 * Law: the unit of `chain`, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { identity } from "thalweg/transform"
 *
 * const u = tensor([1, 2])
 * assert.deepStrictEqual(toArray(identity.update(u, identity.init(u), u)[0]), [1, 2])
 */
export const identity: Transform<StatelessF> = {
  init: () => [],
  update: (updates, state) => [updates, state]
}

type ChainState<Fs extends readonly StateFamily[], P extends Tree> = { readonly [K in keyof Fs]: StateOf<Fs[K], P> }

/** The states of the parts, in their order. */
export interface ChainF<Fs extends readonly StateFamily[]> extends StateFamily {
  readonly type: ChainState<Fs, this["params"]>
}

type Transforms<Fs extends readonly StateFamily[]> = { readonly [K in keyof Fs]: Transform<Fs[K]> }

/**
 * Applies transforms one after the other, each to the updates of the one before: `u' = tₙ(… t₂(t₁(u)))`. All see the
 * parameters of before the step. The state is the tuple of their states; the rate is the product of their rates.
 *
 * Laws: associative, with `identity` as unit, exactly, on the stream of updates (states nest differently). Not
 * commutative.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { addDecayedWeights, chain, scale } from "thalweg/transform"
 *
 * const params = tensor([10])
 * const decayThenScale = chain(addDecayedWeights(0.5), scale(-2))
 * const scaleThenDecay = chain(scale(-2), addDecayedWeights(0.5))
 * const [a] = decayThenScale.update(tensor([1]), decayThenScale.init(params), params)
 * const [b] = scaleThenDecay.update(tensor([1]), scaleThenDecay.init(params), params)
 * assert.deepStrictEqual([a, b].map(toArray), [[-12], [3]]) // -2·(1 + 5) and -2·1 + 5
 */
export const chain = <Fs extends readonly StateFamily[]>(...transforms: Transforms<Fs>): Transform<ChainF<Fs>> => {
  const parts: readonly Transform<AnyF>[] = transforms
  const stateOf = (state: Tree, i: number): Tree => (state as readonly Tree[])[i] as Tree
  const rates = parts.flatMap(({ rate }, i) => (rate === undefined ? [] : [(state: Tree) => rate(stateOf(state, i))]))
  const composed: Transform<AnyF> = {
    init: params => parts.map(part => part.init(params)),
    update: (updates, state, params) => {
      const states: Tree[] = []
      const last = parts.reduce((current, part, i) => {
        const [next, after] = part.update(current, stateOf(state, i), params)
        states.push(after)
        return next
      }, updates)
      return [last, states]
    },
    ...(rates.length === 0 ? {} : { rate: (state: Tree) => rates.map(rate => rate(state)).reduce(mul) })
  }
  return composed as Transform<ChainF<Fs>>
}
