import { customVjp } from "../../autodiff/custom-vjp.js"
import { add, mul, rem, sub } from "../../dataflow/arithmetic.js"
import { eq, isFinite, where } from "../../dataflow/logic.js"
import { isFloat } from "../../dataflow/dtype.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { choice, fixed, hyper, type OptionsOf } from "../../options/fields.js"
import { fraction, positiveI32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { castLike, next, scaledBy, times } from "../../transform/common.js"
import type { Clock, NeedsOf, StateFamily, StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { moveLate } from "../finish.js"
import { moveTo } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"
import { select } from "./select.js"

const fields = {
  /** k: fast steps between two synchronizations, a whole number from 1. Default 5. */
  every: fixed(positiveI32, 5),
  /** α: how far the slow weights go towards the fast ones, from 0 to 1. Default 0.5. */
  mix: hyper(fraction, 0.5),
  /**
   * What becomes of the inner state at a synchronization: "keep" (the default), "reset": made anew, its clock too, or
   * "pullback": mixed, as the parameters are, with that of the synchronization before.
   */
  atSync: choice(["keep", "reset", "pullback"], "keep")
}

/** How often and how far the slow weights follow. */
export interface LookaheadOptions extends OptionsOf<typeof fields> {}

type LookaheadState<P extends Tree, I extends Tree> = {
  readonly slow: P
  readonly inner: I
  readonly pulled: readonly I[]
}

/**
 * The slow weights, the state of the optimizer within (`inner`), and with "pullback" that at the last synchronization
 * (`pulled`), in a list.
 */
export interface LookaheadF<F extends StateFamily> extends StateFamily {
  readonly type: LookaheadState<this["params"], StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/**
 * From slow to fast: exact at both ends and where both are alike, so that parameters that nothing moves do not drift. The
 * derivative by α is that of the way at its end, too.
 */
const onTheWay = /* @__PURE__ */ customVjp(
  (slow: Tensor, fast: Tensor, alpha: Tensor) =>
    [where(eq(alpha, 1), fast, add(slow, times(sub(fast, slow), alpha))), [slow, fast, alpha]] as const,
  ([slow, fast, alpha], cotangent) => [
    times(cotangent, sub(1, alpha)),
    times(cotangent, alpha),
    castLike(sum(mul(cotangent, sub(fast, slow))), alpha)
  ]
)

const towards =
  (alpha: Tensor) =>
  (slow: Tensor, fast: Tensor): Tensor =>
    onTheWay(slow, fast, alpha)

/** Mixes the numbers of two states; whole ones, as counts are, stay, and so does what there is no way towards from ∞. */
const mixedState = (mixed: (slow: Tensor, fast: Tensor) => Tensor) =>
  Tree.zipWith((s: Tensor, f: Tensor) => (isFloat(f.dtype) ? where(isFinite(s), mixed(s, f), f) : f))

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
export const lookahead: Recipe<
  typeof fields,
  (options?: LookaheadOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<LookaheadF<F>>
> = combinator(
  "lookahead",
  fields,
  { ...apart, still: {} },
  ({ every, mix, atSync }) =>
    <F extends StateFamily>(inner: Optimizer<F>) => {
      const { init, move, rate, gradientPoint, finish } = inner.motion
      /** The clock inside: as often as the inner state is made anew, it begins again. */
      const within = <C extends Clock>(now: C): C => (atSync === "reset" ? { ...now, step: rem(now.step, every) } : now)
      return around<F, LookaheadF<F>>(inner, {
        init: params => {
          const fresh = init(params)
          return { slow: params, inner: fresh, pulled: atSync === "pullback" ? [fresh] : [] }
        },
        rate: (state, now) => rate(state.inner, within(now)),
        gradientPoint: (params, state, now) => gradientPoint(params, state.inner, within(now)),
        evalParams: (_, { slow }) => slow,
        ...(finish && {
          finish: (params, state, now) => {
            const [{ by }, after] = finish(params, state.inner, within(now))
            const synced = eq(rem(next(now.step), every), 0)
            const moved = moveLate(params, scaledBy(where(synced, mix(now.step), 1))(by))
            return [moved, { ...state, slow: select(synced, moved.to, state.slow), inner: after }]
          }
        }),
        move: (grads, state, params, now) => {
          const [{ to: fast }, after] = move(grads, state.inner, params, within(now))
          const synced = eq(rem(next(now.step), every), 0)
          const mixed = towards(mix(now.step))
          const slow = Tree.zipWith((s: Tensor, f: Tensor) => where(synced, mixed(s, f), s))(state.slow, fast)
          const backs = state.pulled.map(pulled => mixedState(mixed)(pulled, after))
          const [anew] = atSync === "reset" ? [init(slow)] : backs
          return [
            moveTo(params, select(synced, slow, fast)),
            {
              slow,
              inner: anew === undefined ? after : select(synced, anew, after),
              pulled: select(synced, backs, state.pulled)
            }
          ]
        }
      })
    }
)
