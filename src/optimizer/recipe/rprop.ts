import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByRprop, type RpropF, type RpropOptions } from "../../transform/step-by-rprop.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { preserving } from "../traits.js"

/**
 * Makes Rprop, which sees only the signs of the gradients: each coordinate steps by a length of its own,
 * `p' = p - length·sign(g)`, which grows by `η⁺` where the sign stays and shrinks by `η⁻` where it changes; where it
 * changed, `p` stays.
 *
 * For gradients of the whole data: the noise of batches would change signs. The state holds a length and a sign for
 * every parameter. Defaults: first length 1e-2 (`learningRate`), η⁻ 0.5, η⁺ 1.2, lengths from 1e-6 to 50. It has no
 * `rate` to fall: `rate` is 1. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients, exactly; odd in the gradients; elementwise.
 * Source: Riedmiller & Braun 1993; without weight backtracking, and with the sign forgotten after a change, as
 * PyTorch's. optax 0.2.8 applies the length found one call earlier, against the paper; that form is not offered.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { rprop } from "thalweg/optimizer"
 *
 * const opt = rprop({ learningRate: 1, etaPlus: 2 })
 * const p0 = { w: tensor([8, 8]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([9, 0.1]) })
 * const [p2] = opt.step(p1, s1, { w: tensor([9, -0.1]) })
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[7, 7], [5, 7]])
 */
export const rprop: Recipe<typeof stepByRprop.fields, (options?: RpropOptions) => Optimizer<RpropF>> = recipe(
  "rprop",
  stepByRprop.fields,
  preserving,
  options => optimizer(stepByRprop(options))
)
