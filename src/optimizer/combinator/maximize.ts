import { neg } from "../../dataflow/arithmetic.js"
import { mapLoss, type Extra, type StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import type { Optimizer } from "../optimizer.js"

/**
 * Makes an optimizer climb: it gets the negated gradient, and the negated loss if it needs one.
 *
 * Acts on the gradient. In a `pipe`, `withL2` belongs before it; after it, what is added would be climbed too. The state
 * is that of the inner optimizer.
 *
 * Law: maximizing f ≡ minimizing -f, exactly; twice, it changes nothing.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { maximize, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), maximize)
 * const params = tensor([1, 1])
 * const [climbed] = opt.step(params, opt.init(params), tensor([2, -4]))
 * assert.deepStrictEqual(toArray(climbed), [2, -1])
 */
export const maximize = <F extends StateFamily, X extends Extra = readonly []>(
  inner: Optimizer<F, X>
): Optimizer<F, X> => ({
  ...inner,
  update: (grads, state, params, ...extra) => inner.update(Tree.map(neg)(grads), state, params, ...mapLoss(neg, extra)),
  step: (params, state, grads, ...extra) => inner.step(params, state, Tree.map(neg)(grads), ...mapLoss(neg, extra))
})
