import { checkList, checkMethods, checkRecord } from "../dataflow/check.js"
import { lift } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mul } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import type { Tree, TreeLike } from "../tree/index.js"

/** What a step may need besides gradients. */
export interface Needs<P> {
  /** The loss at which the gradient was taken, a float scalar; what is inside an optimizer gets it in f64. */
  readonly loss: Tensor
  /** The loss as a function of the parameters, on the batch of the gradient. */
  readonly objective: (params: P) => Tensor
  /** The gradient of each example of the batch, taken where the gradient was: along a leading axis of every leaf. */
  readonly exampleGradients: P
}

/** The name of something that a step may need. */
export type Need = keyof Needs<Tree>

/**
 * A function on types, from parameters to the state that is kept for them and to what a step needs besides gradients:
 * `type` and `needs` in terms of `this["params"]`. A family that says nothing of its `needs` needs nothing.
 *
 * A state of several parts is a type of its own, `readonly type: Kept<this["params"]>`, or mapped,
 * `{ readonly [K in "mu" | "nu"]: this["params"] }`: TypeScript refuses `this` within an object literal.
 */
export interface StateFamily {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- `{} & P` is `P` itself, `Tree & P` a union of intersections
  readonly params: {}
  readonly type: Tree
  readonly needs: object
}

/** The state that a family keeps for parameters of type `P`. */
export type StateOf<F extends StateFamily, P extends object> = (F & { readonly params: P })["type"]

/** What a step of a family needs besides gradients, for parameters of type `P`. */
export type NeedsOf<F extends StateFamily, P extends object> = (F & { readonly params: P })["needs"]

/** The need of the loss, for families: `readonly needs: AtLoss`. */
export type AtLoss = Pick<Needs<unknown>, "loss">

/** The need of the objective, for families: `readonly needs: AtObjective<this["params"]>`. */
export type AtObjective<P> = Pick<Needs<P>, "objective">

/** The need of the gradient of each example, for families: `readonly needs: AtExamples<this["params"]>`. */
export type AtExamples<P> = Pick<Needs<P>, "exampleGradients">

/** How many steps were made before this one, an f64 scalar: what schedules are evaluated at. */
export type Clock = { readonly step: Tensor }

/** What an update is told besides gradients, state and parameters: the clock, and what its family needs. */
export type Now<F extends StateFamily, P extends object> = Clock & NeedsOf<F, P>

/**
 * The clock after so many steps, for a transform that is run by hand; an optimizer keeps one of its own.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { linear } from "thalweg/schedule"
 * import { clockAt, scale } from "thalweg/transform"
 *
 * const u = tensor([1])
 * const fading = scale(linear({ start: 1, end: 0, steps: 4 }))
 * assert.deepStrictEqual(toArray(fading.update(u, fading.init(u), u, clockAt(3))[0]), [0.25])
 */
export const clockAt = (step: number): Clock => ({ step: lift("clockAt", step, "f64") })

/**
 * A gradient transformation: a pure transition `(updates, state, params, now) → [updates', state']`. States hold tensors
 * only, never hyperparameters, so that a state goes on under other hyperparameters (but for an ε that is 0 for one of them,
 * see `scaleByAdam`); nor a count of steps, which is `now.step`.
 *
 * Shapes: updates before and after have the structure, shapes and dtypes of the parameters.
 * Laws: pure; the state after an update has the structure, shapes and dtypes of `init`'s.
 *
 * @example
 * import assert from "node:assert"
 * import { add, mul, toArray, tensor, Tree, type Tensor } from "thalweg"
 * import { clockAt, type StateFamily, type Transform } from "thalweg/transform"
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
 * const [{ w }] = average.update({ w: tensor([8, -4]) }, average.init(params), params, clockAt(0))
 * assert.deepStrictEqual(toArray(w), [4, -2])
 */
export type Transform<F extends StateFamily> = TransformParts<F> & SaysNeeds<F>

/** What a transform consists of. */
export interface TransformParts<F extends StateFamily> {
  init<P extends TreeLike<P>>(this: void, params: P): StateOf<F, P>
  update<P extends TreeLike<P>>(
    this: void,
    updates: P,
    state: StateOf<F, P>,
    params: P,
    now: Now<F, P>
  ): readonly [updates: P, state: StateOf<F, P>]
  /** The learning rate in force at a state, for transforms that apply one. */
  rate?<P extends TreeLike<P>>(this: void, state: StateOf<F, P>, now: Clock): Tensor
  /** What `now` must hold besides the clock, as the family says. May be absent where that is nothing. */
  readonly needs?: readonly Need[]
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- "nothing is needed"
type SaysNeeds<F extends StateFamily> = {} extends NeedsOf<F, Tree> ? unknown : { readonly needs: readonly Need[] }

/**
 * A family that stands for any other, for code that only hands states through: each goes back to what made it. It takes
 * whatever a step may need.
 */
export interface AnyF extends StateFamily {
  readonly type: Tree
  readonly needs: Partial<Omit<Needs<this["params"]>, "exampleGradients"> & AtExamples<Tree>>
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
 * import { clockAt, identity } from "thalweg/transform"
 *
 * const u = tensor([1, 2])
 * assert.deepStrictEqual(toArray(identity.update(u, identity.init(u), u, clockAt(0))[0]), [1, 2])
 */
export const identity: Transform<StatelessF> = /* @__PURE__ */ Object.freeze<Transform<StatelessF>>({
  init: () => [],
  update: (updates, state) => [updates, state]
})

type ChainState<Fs extends readonly StateFamily[], P extends object> = {
  readonly [K in keyof Fs]: StateOf<Fs[K], P>
}

/** What several families need together. */
export type NeedsOfAll<Fs extends readonly StateFamily[], P extends object> = Fs extends readonly [
  infer F extends StateFamily,
  ...infer Others extends readonly StateFamily[]
]
  ? NeedsOf<F, P> & NeedsOfAll<Others, P>
  : Fs extends readonly []
    ? object
    : NeedsOf<Fs[number], P>

/** The states of the parts, in their order. */
export interface ChainF<Fs extends readonly StateFamily[]> extends StateFamily {
  readonly type: ChainState<Fs, this["params"]>
  readonly needs: NeedsOfAll<Fs, this["params"]>
}

type Transforms<Fs extends readonly StateFamily[]> = { readonly [K in keyof Fs]: Transform<Fs[K]> }

/**
 * Lists what any of several need.
 *
 * @example
 * import assert from "node:assert"
 * import { identity, needsOfAll } from "thalweg/transform"
 *
 * const needs = needsOfAll([identity, { needs: ["loss"] }, { needs: ["objective", "loss"] }])
 * assert.deepStrictEqual(needs, ["loss", "objective"])
 */
export const needsOfAll = (parts: readonly { readonly needs?: readonly Need[] }[]): readonly Need[] => {
  const each = checkList("needsOfAll", "a list of transforms or optimizers", parts)
  return [...new Set(each.flatMap(part => (checkRecord("needsOfAll", part) as typeof part).needs ?? []))]
}

/**
 * What goes by the gradient that it is given, or a `HyperparameterError`: what needs that of each example goes by those, so that
 * whatever is done outside of it to the gradient would be lost, and whatever is read off it not be private.
 */
export const checkGoesByGradient = <A extends { readonly needs?: readonly Need[] }>(operation: string, inner: A): A =>
  inner.needs?.includes("exampleGradients") === true
    ? fail(
        "HyperparameterError",
        operation,
        "what needs the gradient of each example to stand outside of all that looks at the gradient: after it in a pipe, first in a chain",
        "it inside"
      )
    : inner

/** A transform, or a `DataError`. */
export const checkTransform = <T>(operation: string, transform: T, path?: string): T =>
  checkMethods(operation, "a transform, such as scaleByAdam()", transform, ["init", "update"], path)

/**
 * Applies transforms one after the other, each to the updates of the one before: `u' = tₙ(… t₂(t₁(u)))`. All see the
 * parameters of before the step. The state is the tuple of their states; the rate is the product of their rates.
 *
 * What needs the gradient of each example stands first, but for `identity`, else it is a `HyperparameterError`.
 *
 * Laws: associative, with `identity` as unit, exactly, on the stream of updates (states nest differently). Not
 * commutative.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { addDecayedWeights, chain, clockAt, scale } from "thalweg/transform"
 *
 * const params = tensor([10])
 * const decayThenScale = chain(addDecayedWeights(0.5), scale(-2))
 * const scaleThenDecay = chain(scale(-2), addDecayedWeights(0.5))
 * const [a] = decayThenScale.update(tensor([1]), decayThenScale.init(params), params, clockAt(0))
 * const [b] = scaleThenDecay.update(tensor([1]), scaleThenDecay.init(params), params, clockAt(0))
 * assert.deepStrictEqual([a, b].map(toArray), [[-12], [3]]) // -2·(1 + 5) and -2·1 + 5
 */
export const chain = <Fs extends readonly StateFamily[]>(...transforms: Transforms<Fs>): Transform<ChainF<Fs>> => {
  const parts: readonly Transform<AnyF>[] = transforms.map((part, i) => checkTransform("chain", part, String(i)))
  const changing = parts.filter(part => part !== (identity as Transform<StateFamily>))
  for (const part of changing.slice(1)) checkGoesByGradient("chain", part)
  const stateOf = (state: Tree, i: number): Tree => (state as readonly Tree[])[i] as Tree
  const rates = parts.flatMap(({ rate }, i) =>
    rate === undefined ? [] : [(state: Tree, now: Clock) => rate(stateOf(state, i), now)]
  )
  const composed: Transform<AnyF> = {
    init: params => parts.map(part => part.init(params)),
    update: (updates, state, params, now) => {
      const states: Tree[] = []
      const last = parts.reduce((current, part, i) => {
        const [next, after] = part.update(current, stateOf(state, i), params, now)
        states.push(after)
        return next
      }, updates)
      return [last, states]
    },
    ...(rates.length === 0
      ? {}
      : { rate: (state: Tree, now: Clock) => rates.map(rate => rate(state, now)).reduce((a, b) => mul(a, b)) }),
    needs: needsOfAll(parts)
  }
  return Object.freeze(composed) as Transform<ChainF<Fs>>
}

/**
 * Makes a transform that an option may ask for; in its absence nothing is done. The state is a list of one, or of none.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar } from "thalweg"
 * import { applyMomentum, optionally } from "thalweg/transform"
 *
 * const heavy = (decay?: number) => optionally(decay === undefined ? undefined : applyMomentum({ decay }))
 * assert.deepStrictEqual([heavy(), heavy(0.9)].map(({ init }) => init(scalar(8)).length), [0, 1])
 */
export const optionally = <F extends StateFamily>(
  transform: Transform<F> | undefined
): Transform<ChainF<readonly F[]>> => chain<readonly F[]>(...(transform === undefined ? [] : [transform]))
