import {
  checkGoesByGradient,
  checkTransform,
  needsOfAll,
  type NeedsOf,
  type Now,
  type StateFamily,
  type StateOf,
  type Transform
} from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { excess, madeUp, moveLate } from "./finish.js"
import { moveBy } from "./motion.js"
import { around, checkMoving, type Optimizer } from "./optimizer.js"

/** A function from optimizers to optimizers that acts on the gradient, for `pipe`. */
export type OnGradient<T extends StateFamily> = <F extends StateFamily>(
  inner: Optimizer<F>
) => Optimizer<OnGradientF<T, F>>

type GradientState<S extends Tree, I extends Tree> = { readonly gradient: S; readonly inner: I }

/** The states of what acts on the gradient (`gradient`) and of the optimizer within (`inner`). */
export interface OnGradientF<T extends StateFamily, F extends StateFamily> extends StateFamily {
  readonly type: GradientState<StateOf<T, this["params"]>, StateOf<F, this["params"]>>
  readonly needs: NeedsOf<T, this["params"]> & NeedsOf<F, this["params"]>
}

/**
 * Makes a combinator of a transform that acts on the gradient, before the optimizer sees it: `g' = t(g)`.
 *
 * In a `pipe`, what comes later acts earlier on gradients. An optimizer that needs the gradient of each example looks at no
 * other: around it, it is a `HyperparameterError`.
 *
 * Laws: two of them compose as their chain does, `flow(onGradient(b), onGradient(a)) ≡ onGradient(chain(a, b))`; with
 * `identity`, nothing changes; exactly, but for the nesting of states.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { onGradient, sgd } from "thalweg/optimizer"
 * import { addDecayedWeights } from "thalweg/transform"
 *
 * const withL2 = onGradient(addDecayedWeights(0.5))
 * const opt = pipe(sgd({ learningRate: 0.5 }), withL2)
 * const params = { w: tensor([8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([2]) })
 * assert.deepStrictEqual(toArray(w), [5]) // 8 - 0.5·(2 + 0.5·8)
 */
export const onGradient =
  <T extends StateFamily>(transform: Transform<T>): OnGradient<T> =>
  <F extends StateFamily>(inner: Optimizer<F>) => {
    checkGoesByGradient("onGradient", checkMoving("onGradient", inner))
    return around<F, OnGradientF<T, F>>(inner, {
      needs: needsOfAll([checkTransform("onGradient", transform), inner]),
      init: params => ({ gradient: transform.init(params), inner: inner.motion.init(params) }),
      move: (grads, state, params, now) => {
        const [changed, gradient] = transform.update(grads, state.gradient, params, now)
        const [move, after] = inner.motion.move(changed, state.inner, params, now)
        return [move, { gradient, inner: after }]
      }
    })
  }

/** A function from optimizers to optimizers that acts on the displacement, for `pipe`. */
export type OnDisplacement<T extends StateFamily> = <F extends StateFamily>(
  inner: Optimizer<F>
) => Optimizer<OnDisplacementF<T, F>>

type DisplacementState<S extends Tree, I extends Tree> = { readonly displacement: S; readonly inner: I }

/** The states of what acts on the displacement (`displacement`) and of the optimizer within (`inner`). */
export interface OnDisplacementF<T extends StateFamily, F extends StateFamily> extends StateFamily {
  readonly type: DisplacementState<StateOf<T, this["params"]>, StateOf<F, this["params"]>>
  readonly needs: NeedsOf<T, this["params"]> & NeedsOf<F, this["params"]>
}

/**
 * Makes a combinator of a transform that acts on the displacement which the optimizer proposes: `p' = p + t(Δ)`.
 *
 * In a `pipe`, what comes later acts later on displacements. Its rate is that of the optimizer within.
 *
 * Laws: two of them compose as their chain does,
 * `flow(onDisplacement(a), onDisplacement(b)) ≡ onDisplacement(chain(a, b))`; with `identity`, nothing changes (over
 * `lookahead`, to rounding).
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { onDisplacement, sgd } from "thalweg/optimizer"
 * import { clipByGlobalNorm } from "thalweg/transform"
 *
 * const shortSteps = onDisplacement(clipByGlobalNorm(5))
 * const opt = pipe(sgd({ learningRate: 2 }), shortSteps)
 * const params = { w: tensor([0, 0]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([3, 4]) })
 * assert.deepStrictEqual(toArray(w), [-3, -4]) // not [-6, -8], which is 10 long
 */
export const onDisplacement =
  <T extends StateFamily>(transform: Transform<T>): OnDisplacement<T> =>
  <F extends StateFamily>(inner: Optimizer<F>) => {
    const { finish } = checkMoving("onDisplacement", inner).motion
    const made = checkGoesByGradient("onDisplacement", checkTransform("onDisplacement", transform))
    const needsClockOnly = needsOfAll([made]).length === 0 // of another, nobody knows at the end what it needs
    return around<F, OnDisplacementF<T, F>>(inner, {
      needs: needsOfAll([transform, inner]),
      init: params => ({ displacement: transform.init(params), inner: inner.motion.init(params) }),
      move: (grads, state, params, now) => {
        const [{ by }, after] = inner.motion.move(grads, state.inner, params, now)
        const [displacement, own] = transform.update(by, state.displacement, params, now)
        return [moveBy(params, displacement), { displacement: own, inner: after }]
      },
      ...(finish &&
        needsClockOnly && {
          finish: (params, { displacement, inner: within }, now) => {
            const [{ by }, after] = finish(params, within, now)
            const at = now as Now<T, typeof params> // it needs nothing else
            const [more, withIt] = transform.update(by, displacement, params, at)
            const [less, without] = transform.update(Tree.zerosLike(by), displacement, params, at)
            const caughtUp = madeUp<StateOf<T, typeof params>>(displacement, withIt, without)
            return [moveLate(params, excess(more, less)), { displacement: caughtUp, inner: after }]
          }
        })
    })
  }
