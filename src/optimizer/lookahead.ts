import { add, mul, rem, sub } from "../dataflow/arithmetic.js"
import { isFloat } from "../dataflow/dtype.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, fixed, hyper, resolve, type Fields } from "../schedule/fields.js"
import { count, fraction, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../transform/transform.js"
import { around, byStep, type Optimizer } from "./optimizer.js"
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

/**
 * Lets the inner optimizer run ahead: every `k`-th step the slow weights go part of the way,
 * `slow' = (1-α)·slow + α·fast`, and the fast weights (the parameters) are set to them, exactly. `evalParams` gives the
 * slow weights.
 *
 * Acts on parameters. The inner state goes on over a synchronization, unless `atSync` says otherwise. Placed last in a
 * `pipe` it wraps all the rest; a combinator over it that acts on displacements sees `params' - params`, rounded.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: `mix` 1 ≡ the inner optimizer for every `k`, exactly (without a reset); `mix` 0 never moves the slow weights; after a
 * synchronization fast = slow, exactly.
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
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) => {
    const { go } = byStep(inner)
    const step: Optimizer<LookaheadPullbackF<F>, X>["step"] = (params, state, grads, ...extra) => {
      const { count, slow, inner: before, pulled } = state
      const [fast, after] = go(grads, before, params, ...extra)
      const [alpha, steps] = [mix(count), next(count)]
      const synced = eq(rem(steps, every), 0)
      // Exact at both ends and where both are alike: parameters that nothing moves do not drift.
      const towards = (s: Tensor, f: Tensor): Tensor => where(eq(alpha, 1), f, add(s, mul(sub(f, s), like(alpha, f))))
      const slower = Tree.zipWith((s: Tensor, f: Tensor) => where(synced, towards(s, f), s))(slow, fast)
      const faster = Tree.zipWith((s: Tensor, f: Tensor) => where(synced, s, f))(slower, fast)
      const rest = { count: steps, slow: slower }
      if (atSync === "keep") return [faster, { ...rest, inner: after } as typeof state]
      if (atSync === "reset")
        return [faster, { ...rest, inner: select(synced, inner.init(slower), after) } as typeof state]
      const mixed = Tree.zipWith((s: Tensor, f: Tensor) => (isFloat(f.dtype) ? towards(s, f) : f))(pulled, after)
      return [faster, { ...rest, inner: select(synced, mixed, after), pulled: select(synced, mixed, pulled) }]
    }
    return around<F, LookaheadPullbackF<F>, X, X>(inner, {
      init: params => {
        const fresh = inner.init(params)
        const state = { count: zeroCount, slow: params, inner: fresh }
        return (atSync === "pullback" ? { ...state, pulled: fresh } : state) as PullbackState<
          typeof params,
          typeof fresh
        >
      },
      step,
      update: (grads, state, params, ...extra) => {
        const [moved, after] = step(params, state, grads, ...extra)
        return [Tree.zipWith(sub)(moved, params), after]
      },
      evalParams: (_, state) => state.slow
    })
  }
}) as unknown as Lookahead
