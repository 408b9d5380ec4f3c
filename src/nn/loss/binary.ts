import { add, mul, neg, square, sub } from "../../dataflow/arithmetic.js"
import { tensor } from "../../dataflow/create.js"
import { fail } from "../../dataflow/error.js"
import { softplus } from "../../dataflow/exponential.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { mean } from "../../dataflow/reduce.js"
import { exp } from "../../dataflow/transcendental.js"
import { fixed, perAxis } from "../../options/fields.js"
import { fraction, nonNegativeF32, positiveF32 } from "../../options/range.js"
import { relu } from "../activation/piecewise.js"
import {
  checkAlike,
  elementwise,
  lossOf,
  overOutputs,
  type LossFunction,
  type LossOptions,
  type Reducing
} from "./loss.js"

const binaryFields = {
  /** How much positive targets count, a finite number > 0, or one for each output. Default 1. */
  positiveWeight: perAxis(positiveF32, 1)
}

/** How much positive targets count. */
export interface BinaryCrossEntropyOptions extends LossOptions<typeof binaryFields> {}

/**
 * Computes the cross-entropy of yes or no, of logits: `-y·log σ(x) - (1 - y)·log(1 - σ(x))`, in nats, without overflow or
 * cancellation, averaged over outputs and examples. Targets are from 0 to 1; others are not refused, as in PyTorch and Keras, so that
 * they may mark what has the weight 0: of them, the loss has no meaning, and may have no bound.
 *
 * Shapes: logits and targets `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they
 * differ. Options: `positiveWeight` and those of `LossFunction`.
 *
 * Law: not negative. The derivative by a logit is `σ(x) - y`. PyTorch: `BCEWithLogitsLoss`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { binaryCrossEntropy } from "thalweg/nn"
 *
 * assert.ok(Math.abs(item(binaryCrossEntropy(tensor([[0, 0]]), tensor([[1, 0]]))) - Math.LN2) < 1e-6)
 * assert.strictEqual(item(binaryCrossEntropy.with({ positiveWeight: 3 })(tensor([-1000]), tensor([1]))), 3000)
 */
export const binaryCrossEntropy: LossFunction<BinaryCrossEntropyOptions> = /* @__PURE__ */ lossOf(
  "binaryCrossEntropy",
  binaryFields,
  {
    axes: 1,
    check: (logits, target, { positiveWeight }) => {
      checkAlike("binaryCrossEntropy", logits, target)
      const outputs = logits.shape.at(-1) ?? 0
      if (typeof positiveWeight !== "number" && positiveWeight.length !== outputs)
        fail(
          "ShapeError",
          "binaryCrossEntropy",
          `one positiveWeight, or as many as outputs, ${outputs}`,
          `${positiveWeight.length}`
        )
    },
    costs: (logits, target, { positiveWeight }) => {
      const weight = tensor(positiveWeight, { dtype: logits.dtype })
      const yes = mul(mul(target, weight), softplus(neg(logits)))
      return { each: overOutputs(mean)(add(yes, mul(sub(1, target), softplus(logits)))) }
    }
  }
)

const focalFields = {
  /** How much examples that are easy count less, a finite number ≥ 0. Default 2. */
  gamma: fixed(nonNegativeF32, 2),
  /** The weight of positive targets, from 0 to 1; that of negative ones is the rest. Default 0.25. */
  alpha: fixed(fraction, 0.25)
}

/** How much easy examples, and positive ones, count. */
export interface FocalLossOptions extends LossOptions<typeof focalFields> {}

/**
 * Computes the focal loss of yes or no, of logits: `-α·(1 - p)^γ·log p` of a positive target, with `p = σ(x)`, and
 * `-(1 - α)·p^γ·log(1 - p)` of a negative one, averaged over outputs and examples: what is certain already counts little.
 *
 * Shapes: logits and targets `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they
 * differ. Options: `gamma`, `alpha` and those of `LossFunction`.
 *
 * With γ = 0 and α = ½, half the binary cross-entropy. Source: Lin et al. 2017, arXiv 1708.02002, equation 5. Targets
 * are from 0 to 1, and not refused otherwise, as those of `binaryCrossEntropy`; those between mix the two; torchvision's `sigmoid_focal_loss` mixes the probabilities.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { focalLoss } from "thalweg/nn"
 *
 * const even = focalLoss(tensor([[0]]), tensor([[1]])) // ¼ · (1 - ½)² · log 2
 * assert.ok(Math.abs(item(even) - Math.LN2 / 16) < 1e-7)
 */
export const focalLoss: LossFunction<FocalLossOptions> = /* @__PURE__ */ elementwise(
  "focalLoss",
  focalFields,
  (logits, target, { gamma, alpha }) => {
    const [missed, claimed] = [softplus(neg(logits)), softplus(logits)] // -log p and -log (1 - p)
    const yes = mul(mul(target, alpha), mul(exp(mul(claimed, -gamma)), missed))
    const no = mul(mul(sub(1, target), 1 - alpha), mul(exp(mul(missed, -gamma)), claimed))
    return add(yes, no)
  }
)

/** What is missing to a margin of 1. */
const shortfall = (prediction: Tensor, target: Tensor): Tensor => relu(sub(1, mul(target, prediction)))

/**
 * Computes the hinge loss of targets -1 and 1: `max(0, 1 - target · prediction)`, averaged over outputs and examples. Its
 * derivative is 0 at the margin.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. Keras's `Hinge` takes targets of 0 for -1.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { hingeLoss } from "thalweg/nn"
 *
 * assert.strictEqual(item(hingeLoss(tensor([[2, 0.5]]), tensor([[1, -1]]))), 0.75) // (0 + 1½) / 2
 */
export const hingeLoss: LossFunction<Reducing> = /* @__PURE__ */ elementwise("hingeLoss", {}, shortfall)

/**
 * Computes the squared hinge loss of targets -1 and 1: `max(0, 1 - target · prediction)²`, averaged over outputs and
 * examples.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. Keras: `SquaredHinge`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { squaredHingeLoss } from "thalweg/nn"
 *
 * assert.strictEqual(item(squaredHingeLoss(tensor([[2, 0.5]]), tensor([[1, 1]]))), 0.125)
 */
export const squaredHingeLoss: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "squaredHingeLoss",
  {},
  (prediction, target) => square(shortfall(prediction, target))
)
