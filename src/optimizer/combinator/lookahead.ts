import { add, rem, sub } from "../../dataflow/arithmetic.js"
import { isFloat } from "../../dataflow/dtype.js"
import { eq, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { choice, fixed, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { count, fraction, type Hyperparameter, type Schedule } from "../../schedule/schedule.js"
import { Tree } from "../../tree/index.js"
import { next, times, zeroCount } from "../../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { around, byStep, type Optimizer } from "../optimizer.js"
import { select } from "./select.js"

interface Following {
  /** k: fast steps between two synchronizations, a whole number from 1. Default 5. */
  readonly every?: number
  /** α: how far the slow weights go towards the fast ones, from 0 to 1. Default 0.5. */
  readonly mix?: Hyperparameter
}

/** How often and how far the slow weights follow. */
export interface LookaheadOptions extends Following {
  /** What becomes of the inner state at a synchronization: `keep` (the default), or `reset`: made anew. */
  readonly atSync?: "keep" | "reset"
}

/** How often and how far the slow weights follow, the inner state too. */
export interface LookaheadPullbackOptions extends Following {
  /** The inner state is mixed, as the parameters are, with that of the synchronization before; counts are kept. */
  readonly atSync: "pullback"
}

export interface AnyLookahead extends Following {
  readonly atSync?: "keep" | "reset" | "pullback"
}

/** What the options of `lookahead` may be. */
export const lookaheadFields: Fields<AnyLookahead> = {
  every: fixed(count, 5),
  mix: hyper(fraction, 0.5),
  atSync: choice(["keep", "reset", "pullback"], "keep")
}

type LookaheadState<P extends Tree, I extends Tree> = { readonly count: Tensor; readonly slow: P; readonly inner: I }

/** The slow weights, the count of fast steps, and the state of the optimizer within (`inner`). */
export interface LookaheadF<F extends StateFamily> extends StateFamily {
  readonly type: LookaheadState<this["params"], StateOf<F, this["params"]>>
}

type PullbackState<P extends Tree, I extends Tree> = LookaheadState<P, I> & { readonly pulled: I }

/** The states of a lookahead that pulls back: also the inner state at the last synchronization (`pulled`). */
export interface LookaheadPullbackF<F extends StateFamily> extends StateFamily {
  readonly type: PullbackState<this["params"], StateOf<F, this["params"]>>
}

type Ahead<G extends "keep" | "pullback"> = <F extends StateFamily, X extends Extra = readonly []>(
  inner: Optimizer<F, X>
) => Optimizer<G extends "keep" ? LookaheadF<F> : LookaheadPullbackF<F>, X>

interface Lookahead {
  (options: LookaheadPullbackOptions): Ahead<"pullback">
  (options?: LookaheadOptions): Ahead<"keep">
}

/** From slow to fast: exact at both ends and where both are alike, so that parameters that nothing moves do not drift. */
const towards =
  (alpha: Tensor) =>
  (slow: Tensor, fast: Tensor): Tensor =>
    where(eq(alpha, 1), fast, add(slow, times(sub(fast, slow), alpha)))

/** After a fast step: whether the slow weights follow now, how, and where both are then. */
const following =
  (every: number, mix: Schedule) =>
  <P extends Tree>({ count, slow }: LookaheadState<P, Tree>, fast: P) => {
    const [mixed, steps] = [towards(mix(count)), next(count)]
    const synced = eq(rem(steps, every), 0)
    const slower = Tree.zipWith((s: Tensor, f: Tensor) => where(synced, mixed(s, f), s))(slow, fast)
    return { synced, mixed, faster: select(synced, slower, fast), weights: { count: steps, slow: slower } }
  }

type Follow = ReturnType<typeof following>

/** Made of a step: its displacement is how far that goes. */
const ofSteps = <G extends StateFamily, X extends Extra>(
  move: Optimizer<G, X>["update"]
): Pick<Optimizer<G, X>, "step" | "update"> => ({
  step: (params, state, grads, ...extra) => move(grads, state, params, ...extra),
  update: (grads, state, params, ...extra) => {
    const [moved, after] = move(grads, state, params, ...extra)
    return [Tree.zipWith(sub)(moved, params), after]
  }
})

const runningAhead =
  (follow: Follow, atSync: "keep" | "reset") =>
  <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) => {
    const { go } = byStep(inner)
    return around<F, LookaheadF<F>, X, X>(inner, {
      init: params => ({ count: zeroCount, slow: params, inner: inner.init(params) }),
      evalParams: (_, { slow }) => slow,
      ...ofSteps<LookaheadF<F>, X>((grads, state, params, ...extra) => {
        const [fast, after] = go(grads, state.inner, params, ...extra)
        const { synced, faster, weights } = follow(state, fast)
        const kept = atSync === "keep" ? after : select(synced, inner.init(weights.slow), after)
        return [faster, { ...weights, inner: kept }]
      })
    })
  }

const pullingBack =
  (follow: Follow) =>
  <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) => {
    const { go } = byStep(inner)
    return around<F, LookaheadPullbackF<F>, X, X>(inner, {
      init: params => {
        const fresh = inner.init(params)
        return { count: zeroCount, slow: params, inner: fresh, pulled: fresh }
      },
      evalParams: (_, { slow }) => slow,
      ...ofSteps<LookaheadPullbackF<F>, X>((grads, state, params, ...extra) => {
        const [fast, after] = go(grads, state.inner, params, ...extra)
        const { synced, mixed, faster, weights } = follow(state, fast)
        const back = Tree.zipWith((s: Tensor, f: Tensor) => (isFloat(f.dtype) ? mixed(s, f) : f))(state.pulled, after)
        return [faster, { ...weights, inner: select(synced, back, after), pulled: select(synced, back, state.pulled) }]
      })
    })
  }

/**
 * Lets the inner optimizer run ahead: every `k`-th step the slow weights go part of the way,
 * `slow' = (1-α)·slow + α·fast`, and the fast weights (the parameters) are set to them, exactly. `evalParams` gives the
 * slow weights.
 *
 * Acts on parameters. The inner state goes on over a synchronization, unless `atSync` says otherwise. Placed last in a
 * `pipe` it wraps all the rest; a combinator over it that acts on displacements sees `params' - params`, rounded.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: `mix` 1 ≡ the inner optimizer for every `k`, exactly (without a reset); `mix` 0 never moves the slow weights;
 * after a synchronization fast = slow, exactly.
 * Source: Zhang et al. 2019, arXiv 1907.08610, Algorithm 1; they compare the three treatments of the inner state
 * that are `atSync`. optax has `keep` and `reset`; the authors' code has all three, `keep` unless told otherwise.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { lookahead, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), lookahead({ every: 2, mix: 0.5 }))
 * const [p0, grads] = [{ w: tensor([0]) }, { w: tensor([-1]) }]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 * const [p2, s2] = opt.step(p1, s1, grads) // fast weights reach 2, slow ones go half the way
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[1], [1]])
 * assert.deepStrictEqual([opt.evalParams(p1, s1).w, opt.evalParams(p2, s2).w].map(toArray), [[0], [1]])
 */
export const lookahead = ((options: AnyLookahead = {}) => {
  const { every, mix, atSync } = resolve("lookahead", lookaheadFields, options)
  const follow = following(every, mix)
  return atSync === "pullback" ? pullingBack(follow) : runningAhead(follow, atSync)
}) as Lookahead
