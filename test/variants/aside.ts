import { eq, mul, rem, sub, Tree, where, type Tensor } from "thalweg"
import type { Optimizer, ScheduleFreeF, WithEmaF } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"

// What a library does around a step, written on `step` alone: `update` stays that of the optimizer inside.

/** Multiplies the parameters by `1 - decay` before all else, so that the step sees what is left (Keras's `weight_decay`). */
export const decayFirst =
  (decay: number) =>
  <F extends StateFamily>(inner: Optimizer<F>): Optimizer<F> => ({
    ...inner,
    step: (params, state, grads, ...given) =>
      inner.step(Tree.map(p => mul(p, 1 - decay))(params), state, grads, ...given)
  })

/** Lets the decay of the gradient point reach the average alone, before the step, as Keras does. */
export const decayAverage =
  (decay: number) =>
  <F extends StateFamily>(inner: Optimizer<ScheduleFreeF<F>>): Optimizer<ScheduleFreeF<F>> => ({
    ...inner,
    step: (params, state, grads, ...given) => {
      const shrink = Tree.zipWith((x: Tensor, y: Tensor) => sub(x, mul(y, decay)))
      const average = shrink(state.inner.average, inner.gradientPoint(params, state))
      return inner.step(params, { ...state, inner: { ...state.inner, average } }, grads, ...given)
    }
  })

/** Sets the parameters to their average after every `k`-th step; velocity and average stay. */
export const overwriteEvery =
  (k: number) =>
  <F extends StateFamily>(averaged: Optimizer<WithEmaF<F>>): Optimizer<WithEmaF<F>> => ({
    ...averaged,
    step: (params, state, grads, ...given) => {
      const [moved, after] = averaged.step(params, state, grads, ...given)
      const due = eq(rem(after.count, k), 0)
      const choose = Tree.zipWith((average: Tensor, p: Tensor) => where(due, average, p))
      return [choose(averaged.evalParams(moved, after), moved), after]
    }
  })
