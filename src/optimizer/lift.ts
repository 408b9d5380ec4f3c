import type { Tree } from "../tree/index.js"
import type { StateFamily, StateOf, Transform } from "../transform/transform.js"
import { around, checkGradients, type Optimizer } from "./optimizer.js"

/** A function from optimizers to optimizers, for `pipe`. */
export type OnGradient<T extends StateFamily> = <F extends StateFamily>(
  inner: Optimizer<F>
) => Optimizer<OnGradientF<T, F>>

type GradientState<S extends Tree, I extends Tree> = { readonly gradient: S; readonly inner: I }

export interface OnGradientF<T extends StateFamily, F extends StateFamily> extends StateFamily {
  readonly type: GradientState<StateOf<T, this["params"]>, StateOf<F, this["params"]>>
}

/**
 * Makes a combinator of a transform that acts on the gradient, before the optimizer sees it.
 *
 * Law: two of them compose as their chain does: `flow(onGradient(b), onGradient(a)) ≡ onGradient(chain(a, b))`.
 */
export const onGradient =
  <T extends StateFamily>(transform: Transform<T>): OnGradient<T> =>
  <F extends StateFamily>(inner: Optimizer<F>) =>
    around<F, OnGradientF<T, F>>(inner, {
      init: params => ({ gradient: transform.init(params), inner: inner.init(params) }),
      update: (grads, state, params) => {
        const [changed, gradient] = transform.update(grads, state.gradient, params)
        const [displacement, after] = inner.update(changed, state.inner, params)
        return [displacement, { gradient, inner: after }]
      },
      step: (params, state, grads) => {
        const [changed, gradient] = transform.update(checkGradients(params, grads), state.gradient, params)
        const [next, after] = inner.step(params, state.inner, changed)
        return [next, { gradient, inner: after }]
      }
    })

/** A function from optimizers to optimizers, for `pipe`. */
export type OnDisplacement<T extends StateFamily> = <F extends StateFamily>(
  inner: Optimizer<F>
) => Optimizer<OnDisplacementF<T, F>>

type DisplacementState<S extends Tree, I extends Tree> = { readonly displacement: S; readonly inner: I }

export interface OnDisplacementF<T extends StateFamily, F extends StateFamily> extends StateFamily {
  readonly type: DisplacementState<StateOf<T, this["params"]>, StateOf<F, this["params"]>>
}

/**
 * Makes a combinator of a transform that acts on the displacement which the optimizer proposes.
 *
 * Law: two of them compose as their chain does: `flow(onDisplacement(a), onDisplacement(b)) ≡ onDisplacement(chain(a, b))`.
 */
export const onDisplacement =
  <T extends StateFamily>(transform: Transform<T>): OnDisplacement<T> =>
  <F extends StateFamily>(inner: Optimizer<F>) =>
    around<F, OnDisplacementF<T, F>>(inner, {
      init: params => ({ displacement: transform.init(params), inner: inner.init(params) }),
      update: (grads, state, params) => {
        const [proposed, after] = inner.update(grads, state.inner, params)
        const [displacement, own] = transform.update(proposed, state.displacement, params)
        return [displacement, { displacement: own, inner: after }]
      }
    })
