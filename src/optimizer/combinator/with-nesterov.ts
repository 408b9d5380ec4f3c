import { add } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { times } from "../../transform/common.js"
import { Tree } from "../../tree/index.js"
import { onDisplacement, type OnDisplacement } from "../lift.js"
import { altered } from "../optimizer.js"
import { preserving } from "../traits.js"
import { withMomentum } from "./with-momentum.js"

const fields: Pick<typeof withMomentum.fields, "momentum"> = { momentum: withMomentum.fields.momentum }

/**
 * Gives an optimizer Nesterov's momentum: `v = γ·v + Δ`, `p' = p + v`, where the gradient is to be taken where the
 * velocity alone would lead, at `gradientPoint = p + γ·v`.
 *
 * Acts on the displacement, like `withMomentum`, from which it differs by the `gradientPoint` only: whoever takes the
 * gradient elsewhere has plain momentum. `trainStep` takes it there. Over `sgd` it is `nag`.
 *
 * `momentum`: γ, `0 ≤ γ < 1`, else a `HyperparameterError`. The state holds a velocity for every parameter.
 *
 * Laws: `withNesterov(0)` changes nothing, exactly (over `lookahead`, to rounding); over plain `sgd` at a constant rate,
 * its gradient points move as the parameters of `sgd({ momentum, nesterov: true })` do.
 * Source: Nesterov 1983; Sutskever et al. 2013, equations 3 and 4.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, scalar, item } from "thalweg"
 * import { sgd, withNesterov } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), withNesterov(0.5))
 * const p0 = scalar(8) // of ½x², whose gradient is x
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0) // v = -4
 * const ahead = opt.gradientPoint(p1, s1)
 * const [p2] = opt.step(p1, s1, ahead) // v = 0.5·-4 - 0.5·2
 * assert.deepStrictEqual([p1, ahead, p2].map(item), [4, 2, 1])
 */
export const withNesterov: Recipe<typeof fields, (momentum: Hyperparameter) => OnDisplacement<VelocityF>> =
  combinatorOf(
    "withNesterov",
    "momentum",
    fields,
    preserving,
    ({ momentum }) =>
      inner =>
        altered(onDisplacement(applyMomentum({ decay: momentum }))(inner), {
          gradientPoint: (params, { displacement: { velocity }, inner: within }, now) => {
            const gamma = momentum(now.step)
            const ahead = Tree.zipWith((p: Tensor, v: Tensor) => add(p, times(v, gamma)))(params, velocity)
            return inner.motion.gradientPoint(ahead, within, now)
          }
        })
  )
