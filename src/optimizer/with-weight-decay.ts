import { mul, sub } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyperparameter, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "../transform/common.js"
import type { StateFamily, StateOf } from "../transform/transform.js"
import { around, type Optimizer } from "./optimizer.js"

type DecayState<I extends Tree> = { readonly count: Tensor; readonly inner: I }

export interface WithWeightDecayF<F extends StateFamily> extends StateFamily {
  readonly type: DecayState<StateOf<F, this["params"]>>
}

/**
 * Shrinks the parameters at every step, apart from the gradient: `p' = p + Δ - η·λ·p`, with the rate `η` in force and `p`
 * before the step.
 *
 * Acts on the displacement. Over `adam` it is AdamW. Under `withMomentum` the decay enters the velocity; over it, it does not.
 * `weightDecay` λ ≥ 0.
 *
 * Laws: `withWeightDecay(0)` changes nothing; with zero gradients from a fresh state, `n` steps scale `p` by `(1 - ηλ)ⁿ`; over plain `sgd` equal to
 * L2 regularization, over momentum or Adam not.
 * Source: Loshchilov & Hutter 2019, arXiv 1711.05101 (their multiplier without the base rate: divide λ by it).
 */
export const withWeightDecay = (weightDecay: Hyperparameter) => {
  const lambda = hyperparameter("withWeightDecay", "weightDecay", nonNegative, weightDecay)
  return <F extends StateFamily>(inner: Optimizer<F>) =>
    around<F, WithWeightDecayF<F>>(inner, {
      init: params => ({ count: zeroCount, inner: inner.init(params) }),
      update: (grads, { count, inner: before }, params) => {
        const decay = mul(inner.rate(before), lambda(count))
        const [displacement, after] = inner.update(grads, before, params)
        const decayed = Tree.zipWith((d: Tensor, p: Tensor) => sub(d, mul(p, like(decay, p))))(displacement, params)
        return [decayed, { count: next(count), inner: after }]
      }
    })
}
