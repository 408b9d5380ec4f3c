import { add, maximum, minimum, mul, neg, square, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { finite, nonNegative, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { lossAt, quotient, scaledBy } from "./common.js"
import { globalNorm } from "./norm.js"
import type { AtLoss, StateFamily, Transform } from "./transform.js"

/** The rate of the last step (`eta`). */
export type PolyakState = { readonly eta: Tensor }

/** The rate, whatever the parameters; a step needs the loss. */
export interface PolyakF extends StateFamily {
  readonly type: PolyakState
  readonly needs: AtLoss
}

const fields = {
  /** η_max ≥ 0: the largest rate. Default 1. */
  maxLearningRate: hyper(nonNegative, 1),
  /** c > 0: the larger, the smaller the steps. Default 1, Polyak's own. */
  scaling: hyper(positive, 1),
  /** f*: the least loss there is, or a bound below it. Default 0. */
  fMin: hyper(finite, 0),
  /** ε ≥ 0, added to the squared norm. Default 0. */
  eps: hyper(nonNegative, 0),
  /** What a loss below f* does: nothing ("stay", the default), or steps uphill ("ascend", optax's "sps"). */
  below: choice(["stay", "ascend"], "stay")
}

/** The options of Polyak's step. */
export interface PolyakOptions extends OptionsOf<typeof fields> {}

/**
 * Steps by the rate at which a linear loss would fall to its least: the displacement `-η·g` with
 * `η = min((f - f*) / (c·‖g‖² + ε), η_max)`, the norm over all leaves; a gap `f - f*` below 0 counts as 0.
 *
 * Needs the loss at which the gradient was taken: `now.loss`. Looks across all leaves; the
 * norm is taken in f64; `0/0` is 0. What it gives is a displacement already; its `rate` is that of the last step, at
 * first 0. Throws a `HyperparameterError` for options out of range, a `ShapeError` for a loss that is no float scalar.
 *
 * Laws: the rate is never above η_max; nothing moves at the least loss; does not see how the parameters are divided into
 * leaves; with losses and gradients scaled alike the steps are the same (f* = ε = 0) until η_max bounds them.
 * Source: Polyak 1987, "Introduction to Optimization"; Loizou et al. 2021, arXiv 2002.10542.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { clockAt, stepByPolyak } from "thalweg/transform"
 *
 * const p = tensor([3, 4])
 * const polyak = stepByPolyak()
 * const [d] = polyak.update(p, polyak.init(p), p, { ...clockAt(0), loss: scalar(12.5) }) // of ½‖p‖²
 * assert.deepStrictEqual(toArray(d), [-1.5, -2]) // half the way
 */
export const stepByPolyak: Recipe<typeof fields, (options?: PolyakOptions) => Transform<PolyakF>> = recipe(
  "stepByPolyak",
  fields,
  {},
  ({ maxLearningRate, scaling, fMin, eps, below }) => ({
    init: () => ({ eta: scalar(0, "f64") }),
    update: (updates, _state, _params, now) => {
      const { step } = now
      const gap = sub(lossAt("stepByPolyak", now), fMin(step))
      const slope = add(mul(scaling(step), square(globalNorm(updates))), eps(step))
      const eta = minimum(quotient(below === "stay" ? maximum(gap, 0) : gap, slope), maxLearningRate(step))
      return [scaledBy(neg(eta))(updates), { eta }]
    },
    rate: ({ eta }) => eta,
    needs: ["loss"]
  })
)
