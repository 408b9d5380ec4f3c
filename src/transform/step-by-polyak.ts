import { add, maximum, minimum, mul, neg, square, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { finite, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { lossAt, next, quotient, scaledBy, zeroCount, type Count } from "./common.js"
import { globalNorm } from "./norm.js"
import type { AtLoss, StateFamily, Transform } from "./transform.js"

/** The options of Polyak's step. */
export interface PolyakOptions {
  /** η_max ≥ 0: the largest rate. Default 1. */
  readonly maxLearningRate?: Hyperparameter
  /** c > 0: the larger, the smaller the steps. Default 1, Polyak's own. */
  readonly scaling?: Hyperparameter
  /** f*: the least loss there is, or a bound below it. Default 0. */
  readonly fMin?: Hyperparameter
  /** ε ≥ 0, added to the squared norm. Default 0. */
  readonly eps?: Hyperparameter
  /** What a loss below f* does: nothing ("stay", the default), or steps uphill ("ascend", optax's "sps"). */
  readonly below?: "stay" | "ascend"
}

/** The rate of the last step (`eta`), after `count` updates. */
export type PolyakState = Count & { readonly eta: Tensor }

/** The count and the rate, whatever the parameters. */
export interface PolyakF extends StateFamily {
  readonly type: PolyakState
}

/** What the options of Polyak's step may be. */
export const polyakFields: Fields<PolyakOptions> = {
  maxLearningRate: hyper(nonNegative, 1),
  scaling: hyper(positive, 1),
  fMin: hyper(finite, 0),
  eps: hyper(nonNegative, 0),
  below: choice(["stay", "ascend"], "stay")
}

/**
 * Steps by the rate at which a linear loss would fall to its least: the displacement `-η·g` with
 * `η = min((f - f*) / (c·‖g‖² + ε), η_max)`, the norm over all leaves; a gap `f - f*` below 0 counts as 0.
 *
 * Needs the loss at which the gradient was taken: `update(grads, state, params, { loss })`. Looks across all leaves; the
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
 * import { stepByPolyak } from "thalweg/transform"
 *
 * const p = tensor([3, 4])
 * const polyak = stepByPolyak()
 * const [d] = polyak.update(p, polyak.init(p), p, { loss: scalar(12.5) }) // of ½‖p‖²
 * assert.deepStrictEqual(toArray(d), [-1.5, -2]) // half the way
 */
export const stepByPolyak = (options: PolyakOptions = {}): Transform<PolyakF, readonly [AtLoss]> => {
  const { maxLearningRate, scaling, fMin, eps, below } = resolve("stepByPolyak", polyakFields, options)
  return {
    init: () => ({ count: zeroCount, eta: scalar(0, "f64") }),
    update: (updates, { count }, _, atLoss) => {
      const gap = sub(lossAt("stepByPolyak", atLoss), fMin(count))
      const slope = add(mul(scaling(count), square(globalNorm(updates))), eps(count))
      const eta = minimum(quotient(below === "stay" ? maximum(gap, 0) : gap, slope), maxLearningRate(count))
      return [scaledBy(neg(eta))(updates), { count: next(count), eta }]
    },
    rate: ({ eta }) => eta
  }
}
