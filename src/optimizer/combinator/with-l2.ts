import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { applyingWhere, type ApplyWhereF } from "../../transform/apply-where.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { apartIfAll } from "../traits.js"
import { withWeightDecay, type DecayOptions } from "./with-weight-decay.js"

const { fields } = withWeightDecay

/**
 * Adds L2 regularization, `½λ‖p‖²`, by its gradient: `g' = g + λ·p`.
 *
 * Acts on the gradient: it enters momentum and moments, as the `weight_decay` of PyTorch's optimizers does (but for
 * AdamW). In a `pipe`, a clip that comes later acts before it, as PyTorch's and Keras's do; one that stands earlier
 * clips the sum.
 *
 * `weightDecay`: λ, a finite number ≥ 0, else a `HyperparameterError`. `mask`: which parameters decay, a `Mask`
 * such as `"**\/kernel"` (default all); one that does not fit them is a `TreeError` at `init` and `step`.
 *
 * Laws: `withL2(0)` changes nothing; over plain `sgd` equal to `withWeightDecay`, over momentum or Adam not.
 * Source: Krogh & Hertz 1991, "A simple weight decay can improve generalization".
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withL2 } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), withL2(0.5, { mask: "kernel" }))
 * const params = { kernel: tensor([8]), bias: tensor([8]) }
 * const [{ kernel, bias }] = opt.step(params, opt.init(params), { kernel: tensor([2]), bias: tensor([2]) })
 * assert.deepStrictEqual([kernel, bias].map(toArray), [[5], [7]]) // 8 - 0.5·(2 + 0.5·8) and 8 - 0.5·2
 */
export const withL2: Recipe<
  typeof withWeightDecay.fields,
  (weightDecay: Hyperparameter, options?: DecayOptions) => OnGradient<ApplyWhereF<StatelessF>>
> = combinatorOf("withL2", "weightDecay", fields, { additive: {}, ...apartIfAll }, ({ weightDecay, mask }) =>
  onGradient(applyingWhere("withL2", mask)(addDecayedWeights(weightDecay)))
)
