import { clamp, mul, neg, sign } from "../dataflow/arithmetic.js"
import { gt, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative, positive, type Range } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, filledLike, times, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** The lengths of the steps, and the signs of the gradients that were followed last. */
export type RpropState<P extends Tree> = { readonly lengths: P; readonly signs: P }

/** A length and a sign for every parameter, in its dtype. */
export interface RpropF extends StateFamily {
  readonly type: RpropState<this["params"]>
}

const shrinking: Range = { expected: "a number > 0 and < 1", holds: value => value > 0 && value < 1 }
const growing: Range = { expected: "a finite number ≥ 1", holds: value => Number.isFinite(value) && value >= 1 }

const fields = {
  /** Δ₀ ≥ 0: the first step in every coordinate, in units of the parameters (a schedule: its value at 0). Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** η⁻: what a step is multiplied by where the sign changed, from 0 to 1. Default 0.5. */
  etaMinus: hyper(shrinking, 0.5),
  /** η⁺: what a step is multiplied by where the sign did not change, at least 1. Default 1.2. */
  etaPlus: hyper(growing, 1.2),
  /** The smallest step, at least 0. Default 1e-6. */
  minStep: hyper(nonNegative, 1e-6),
  /** The largest step, above 0. Default 50. */
  maxStep: hyper(positive, 50)
}

/** The options of Rprop. */
export interface RpropOptions extends OptionsOf<typeof fields> {}

/**
 * Gives each coordinate a step of its own length along the sign of its gradient: the length is multiplied by `η⁺` where
 * the sign is that of the last step, by `η⁻` where it changed, and kept within its bounds; the displacement is
 * `-length·sign(g)` with the new length, and 0 where the sign changed.
 *
 * The step after a change, and after a gradient of 0, keeps its length. What it gives is a displacement already; it
 * says no `rate`. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: sees only signs; odd; elementwise.
 * Source: Riedmiller & Braun 1993, in the form without weight backtracking that sets the gradient to 0 after a change
 * (Igel & Hüsken 2000, iRprop⁻), which is PyTorch's.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByRprop } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const rprop = stepByRprop({ learningRate: 1, etaPlus: 2 })
 * const [d1, s1] = rprop.update(tensor([9]), rprop.init(p), p, clockAt(0))
 * const [d2, s2] = rprop.update(tensor([0.1]), s1, p, clockAt(1))
 * const [, s3] = rprop.update(tensor([-0.1]), s2, p, clockAt(2)) // the sign changed
 * assert.deepStrictEqual([d1, d2, s3.lengths].map(toArray), [[-1], [-2], [1]])
 */
export const stepByRprop: Recipe<typeof fields, (options?: RpropOptions) => Transform<RpropF>> = recipe(
  "stepByRprop",
  fields,
  {},
  ({ learningRate, etaMinus, etaPlus, minStep, maxStep }) => ({
    init: params => ({
      lengths: filledLike(learningRate(zeroCount))(params),
      signs: Tree.zerosLike(params)
    }),
    update: (updates, { lengths, signs }, _, { step }) => {
      const [minus, plus] = [etaMinus(step), etaPlus(step)]
      const [low, high] = [minStep(step), maxStep(step)]
      const bounded = (length: Tensor): Tensor => clamp(length, castLike(low, length), castLike(high, length))
      const agreement = Tree.zipWith((last: Tensor, g: Tensor) => mul(last, sign(g)))(signs, updates)
      const after = Tree.zipWith((length: Tensor, agrees: Tensor) => {
        const [grown, shrunk] = [times(length, plus), times(length, minus)]
        return where(gt(agrees, 0), bounded(grown), where(lt(agrees, 0), bounded(shrunk), length))
      })(lengths, agreement)
      const followed = Tree.zipWith((g: Tensor, agrees: Tensor) => where(lt(agrees, 0), 0, sign(g)))(updates, agreement)
      const displacement = Tree.zipWith((length: Tensor, s: Tensor) => neg(mul(length, s)))(after, followed)
      return [displacement, { lengths: after, signs: followed }]
    }
  })
)
