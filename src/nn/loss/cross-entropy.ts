import { mul, neg, sub } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { tensor } from "../../dataflow/create.js"
import { fail } from "../../dataflow/error.js"
import { takeAlongFor, takeFor } from "../../dataflow/indexing.js"
import { and, eq, isFinite, not, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { mean, sum } from "../../dataflow/reduce.js"
import { sameShape, showShape } from "../../dataflow/shape.js"
import { logSoftmax } from "../../dataflow/statistics.js"
import { broadcastTo, expandDims, squeeze } from "../../dataflow/structure.js"
import { log } from "../../dataflow/transcendental.js"
import { fixed, numbers, type Resolved } from "../../options/fields.js"
import { fraction, nonNegativeF32 } from "../../options/range.js"
import { countingOf, ignoringFields, isSoft, labelsOf, requireClasses, requireIntegers } from "../labels.js"
import { checkAlike, lossOf, mismatch, type LossFunction, type LossOptions, type Reducing } from "./loss.js"

const fields = {
  /** The share of every label that is spread evenly over all classes, from 0 to 1. Default 0. */
  smoothing: fixed(fraction, 0),
  ...ignoringFields,
  /** How much each class counts, a finite number ≥ 0 for each. Default: all alike. */
  classWeights: numbers(nonNegativeF32, "none")
}

/** How labels are read and weighed, and how the losses are reduced. */
export interface CrossEntropyOptions extends LossOptions<typeof ignoringFields & typeof fields> {}

const check = (logits: Tensor, labels: Tensor, { ignored, classWeights }: Resolved<typeof fields>): void => {
  checkTensor("crossEntropy", labels)
  const classes = logits.shape.at(-1)
  if (isSoft(logits, labels)) {
    checkAlike("crossEntropy", logits, labels)
    if (ignored !== undefined) requireIntegers("crossEntropy", labels)
  } else if (classes === undefined || !sameShape(logits.shape.slice(0, -1), labels.shape))
    mismatch("crossEntropy", "logits […, classes] and labels […]", logits, labels)
  else requireIntegers("crossEntropy", labels)
  if (classWeights !== undefined && classWeights.length !== classes)
    fail("ShapeError", "crossEntropy", `as many classWeights as classes, ${classes ?? 0}`, `${classWeights.length}`)
}

/** A product that is 0 where a factor is, whatever the other, by which it has its derivative there where that is finite. */
const zeroWhere = (factor: Tensor, x: Tensor): Tensor => mul(factor, where(and(eq(factor, 0), not(isFinite(x))), 0, x))

/** Picks of the last axis what labels say: one class, or the mean under their probabilities. */
const picking = (logits: Tensor, labels: Tensor, counts: Tensor | undefined) => {
  if (isSoft(logits, labels)) return (x: Tensor): Tensor => sum(zeroWhere(labels, x), { axes: -1 })
  const known =
    counts === undefined ? requireClasses("crossEntropy", labels, logits.shape.at(-1) ?? 0) : where(counts, labels, 0)
  return (x: Tensor): Tensor =>
    x.shape.length === 1 && logits.shape.length > 1
      ? takeFor(labelsOf("crossEntropy"), x, known)
      : squeeze(takeAlongFor(labelsOf("crossEntropy"), x, expandDims(known, -1), -1), -1)
}

/**
 * Computes the cross-entropy of labels under softmax probabilities: `-log softmax(logits)[label]`, in nats, without
 * overflow, averaged over examples.
 *
 * Shapes: logits `[…, classes]`; labels `i32` or `u32` of shape `[…]`, or probabilities `[…, classes]` in the dtype of the
 * logits, of which it is `-Σ yᶜ·log softmax(logits)ᶜ`; weights `[…]`; result `[]`, in the dtype of the logits. Throws a
 * `ShapeError` when they do not fit, a `DTypeError` for other labels, and an `IndexError` for a label outside the
 * classes: at this call when labels are known and all count, else when the loss is computed.
 * Options (`crossEntropy.with({ … })`): see `CrossEntropyOptions` and `LossFunction`. With class weights the mean is
 * over their sum, as if they were weights of the examples, in the proportion of their labels.
 *
 * Laws: not negative; adding a number to all logits changes nothing; the gradient by the logits is
 * `(softmax(logits) - oneHot(label)) / examples`; labels that are one-hot are the integer ones; smoothing is the mixture with
 * even labels. PyTorch's `cross_entropy`, where all examples are ignored, is NaN; and under class weights it divides by the
 * number of examples where labels are probabilities.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, zeros } from "thalweg"
 * import { crossEntropy } from "thalweg/nn"
 *
 * const labels = tensor([0, 3], { dtype: "i32" })
 * assert.ok(Math.abs(item(crossEntropy(zeros([2, 4]), labels)) - Math.log(4)) < 1e-6) // four equal chances
 * assert.ok(item(crossEntropy(tensor([[200, 0, 0, 0], [0, 0, 0, 200]]), labels)) === 0)
 *
 * const masked = crossEntropy.with({ ignored: -1, reduction: "sum" })
 * assert.ok(item(masked(tensor([[200, 0], [0, 200]]), tensor([1, -1], { dtype: "i32" }))) === 200)
 */
export const crossEntropy: LossFunction<CrossEntropyOptions> = /* @__PURE__ */ lossOf("crossEntropy", fields, {
  axes: 1,
  check,
  counting: (labels, { ignored }) => countingOf("crossEntropy", labels, ignored),
  costs: (logits, labels, { smoothing, classWeights }, counts) => {
    const pick = picking(logits, labels, counts)
    const weights = classWeights && tensor(classWeights, { dtype: logits.dtype })
    const logs = weights === undefined ? logSoftmax(logits) : zeroWhere(weights, logSoftmax(logits))
    const hit = neg(pick(logs))
    const each = smoothing === 0 ? hit : sub(mul(hit, 1 - smoothing), mul(mean(logs, { axes: -1 }), smoothing))
    return { each, ...(weights && { shares: pick(broadcastTo(weights, logits.shape)) }) }
  }
})

/**
 * Computes the Kullback–Leibler divergence of softmax probabilities from wanted ones: `Σ y·(log y - log softmax(logits))`
 * over classes, in nats, averaged over examples. What is not wanted at all (0) counts nothing. Wanted ones are from 0 to 1, and not
 * refused otherwise, as in PyTorch; of negative ones the loss is NaN.
 *
 * Shapes: logits and probabilities `[…, classes]`, weights `[…]`, result `[]`; a `ShapeError` or a `DTypeError` when they
 * differ. Options: see `LossFunction`.
 *
 * Laws: not negative, and 0 where the probabilities are the wanted ones. It is the cross-entropy less the entropy of the target.
 * PyTorch's `kl_div` takes logarithms of probabilities for logits; reduced by "batchmean" it is this one.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { klDivergence } from "thalweg/nn"
 *
 * assert.ok(Math.abs(item(klDivergence(tensor([[0, 0]]), tensor([[1, 0]]))) - Math.LN2) < 1e-6)
 */
export const klDivergence: LossFunction<Reducing> = /* @__PURE__ */ lossOf(
  "klDivergence",
  {},
  {
    axes: 1,
    check: (logits, target) => {
      checkAlike("klDivergence", logits, target)
      if (logits.shape.length === 0) fail("ShapeError", "klDivergence", "logits […, classes]", showShape(logits.shape))
    },
    costs: (logits, target) => {
      const entropy = log(where(eq(target, 0), 1, target))
      return { each: sum(zeroWhere(target, sub(entropy, logSoftmax(logits))), { axes: -1 }) }
    }
  }
)
