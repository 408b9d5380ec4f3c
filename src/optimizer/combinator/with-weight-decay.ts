import { mul, sub } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { checkOptions, hyper, patterns, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { Tree } from "../../tree/index.js"
import { next, times, zeroCount } from "../../transform/common.js"
import { chosen, hide, merge, type Mask } from "../../transform/mask.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { around, type Optimizer } from "../optimizer.js"

/** Which parameters decay. */
export interface DecayOptions {
  /** Patterns of paths, a function of the path, or a tree of booleans, as for `masked`. Default: all. */
  readonly mask?: Mask
}

/** How fast and which parameters decay. */
export interface Decay extends DecayOptions {
  readonly weightDecay: Hyperparameter
}

/** What the options of decay may be. */
export const decayFields: Fields<Decay> = { weightDecay: hyper(nonNegative), mask: patterns("**") }

type DecayState<I extends Tree> = { readonly count: Tensor; readonly inner: I }

/** The count of steps, and the state of the optimizer within (`inner`). */
export interface WithWeightDecayF<F extends StateFamily> extends StateFamily {
  readonly type: DecayState<StateOf<F, this["params"]>>
}

/**
 * Shrinks the parameters at every step, apart from the gradient: `p' = p + Δ - η·λ·p`, with the rate `η` in force and
 * `p` before the step.
 *
 * Acts on the displacement. Over `adam` it is AdamW. Under `withMomentum` the decay enters the velocity; over it, it
 * does not. Over `partition` the rate in force is the largest of its optimizers', and over `freeze` what is frozen
 * decays too: decay belongs inside of both.
 *
 * `weightDecay`: λ, a finite number ≥ 0, else a `HyperparameterError`. `mask`: which parameters decay (default all),
 * such as `"**\/kernel"`; one that does not fit them is a `TreeError` at `init` and `step`.
 *
 * Laws: `withWeightDecay(0)` changes nothing (over `lookahead`, to rounding); with zero gradients from a fresh state,
 * `n` steps at a constant rate scale `p` by `(1 - ηλ)ⁿ`; over plain `sgd` equal to L2 regularization, over momentum or
 * Adam not.
 * Source: Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2. We deviate, as PyTorch and optax do: their decay is
 * not multiplied by the base rate, only by the schedule; for theirs, divide λ by the base rate.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { adam, withWeightDecay } from "thalweg/optimizer"
 *
 * const adamw = pipe(adam({ learningRate: 0.5, eps: 0 }), withWeightDecay(0.25))
 * const params = { w: tensor([8]) }
 * const [{ w }] = adamw.step(params, adamw.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(w), [6.5]) // 8 - 0.5·1 - 0.5·0.25·8
 */
export const withWeightDecay = (weightDecay: Hyperparameter, options: DecayOptions = {}) => {
  const given = { ...checkOptions("withWeightDecay", options), weightDecay }
  const { weightDecay: lambda, mask } = resolve("withWeightDecay", decayFields, given)
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    around<F, WithWeightDecayF<F>, X, X>(inner, {
      init: params => {
        chosen("withWeightDecay", mask, params)
        return { count: zeroCount, inner: inner.init(params) }
      },
      update: (grads, { count, inner: before }, params, ...extra) => {
        const decay = mul(inner.rate(before), lambda(count))
        const [displacement, after] = inner.update(grads, before, params, ...extra)
        const decayed = Tree.zipWith((d: Tensor, p: Tensor) => sub(d, times(p, decay)))(displacement, params)
        const keep = chosen("withWeightDecay", mask, params)
        return [merge(keep, displacement, hide(keep, decayed)), { count: next(count), inner: after }]
      }
    })
}
