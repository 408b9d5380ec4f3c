import { add, mul, neg } from "../../dataflow/arithmetic.js"
import { checkOptions, checkTensor } from "../../dataflow/check.js"
import { full, scalar } from "../../dataflow/create.js"
import { pad } from "../../dataflow/concat.js"
import { cast, stopGradient } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { logAddExp } from "../../dataflow/exponential.js"
import { checkKnown, takeAlongFor } from "../../dataflow/indexing.js"
import { dataOf, isLiteral } from "../../dataflow/literal.js"
import { and, eq, ge, le, lt, ne, not, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { any, max } from "../../dataflow/reduce.js"
import { arange } from "../../dataflow/sequence.js"
import { sameShape } from "../../dataflow/shape.js"
import { logSoftmax, logSumExp } from "../../dataflow/statistics.js"
import { broadcastTo, expandDims, swapAxes } from "../../dataflow/structure.js"
import { showType } from "../../dataflow/type.js"
import { fixed } from "../../options/fields.js"
import { natural } from "../../options/range.js"
import { scan } from "../../tree/scan.js"
import { labelsOf, requireIntegers } from "../labels.js"
import { lossOf, mismatch, type LossFunction, type LossOptions } from "./loss.js"

const fields = {
  /** The class that stands for no label, a whole number from 0. Default 0. */
  blank: fixed(natural, 0)
}

/** Which class stands for no label, and how losses are reduced. */
export interface CtcLossOptions extends LossOptions<typeof fields> {}

/** What should be read off, without saying where. */
export interface Transcript {
  /** Of each example, none of them blank: `[batch, labels]`; what is beyond the length does not matter. */
  readonly labels: Tensor
  /** How many labels each example has, from 0 to all: `[batch]`. Left out: all. */
  readonly labelLengths?: Tensor
  /** How many places of the input each example has, from 0 to all: `[batch]`. Left out: all. */
  readonly inputLengths?: Tensor
}

const impossible = -Infinity

const keys = ["labels", "labelLengths", "inputLengths"]

const check = (logits: Tensor, target: Transcript, blank: number): void => {
  const { labels, ...lengths } = checkOptions("ctcLoss", target, keys)
  requireIntegers("ctcLoss", checkTensor("ctcLoss", labels, "{ labels, labelLengths?, inputLengths? }"))
  const [batch = 0, , classes = 0] = logits.shape
  if (logits.shape.length !== 3 || labels.shape.length !== 2 || labels.shape[0] !== batch)
    mismatch("ctcLoss", "logits [batch, places, classes] and labels [batch, labels]", logits, labels)
  if (blank >= classes)
    fail("IndexError", "ctcLoss", `a blank from 0 to ${classes - 1} (${classes} classes)`, `${blank}`)
  for (const given of [lengths.labelLengths, lengths.inputLengths])
    if (given !== undefined && !sameShape(requireIntegers("ctcLoss", checkTensor("ctcLoss", given)).shape, [batch]))
      fail("ShapeError", "ctcLoss", `lengths of shape [${batch}]`, showType(given))
}

/** Labels and lengths that are known, or an `IndexError` for a length that is too large or negative, and for a blank. */
const checkTranscript = (logits: Tensor, { labels, labelLengths, inputLengths }: Transcript, blank: number): void => {
  const [places = 0, width = 0] = [logits.shape[1], labels.shape[1]]
  for (const [name, size, given] of [
    ["labelLengths", width, labelLengths],
    ["inputLengths", places, inputLengths]
  ] as const)
    // prettier-ignore
    if (given !== undefined) checkKnown("ctcLoss", size + 1, `${name} from 0 to ${size}`, given)
  if (!isLiteral(labels) || (labelLengths !== undefined && !isLiteral(labelLengths))) return
  const lengths = labelLengths && dataOf(labelLengths)
  const lengthAt = (place: number): number => lengths?.[Math.floor(place / width)] ?? width
  const place = dataOf(labels).findIndex((label, i) => label === blank && i % width < lengthAt(i))
  if (place >= 0) fail("IndexError", "ctcLoss", `labels other than the blank, ${blank}`, `${blank} at place ${place}`)
}

/** Whether a place `[batch, size]` lies before a length `[batch]`. */
const before = (lengths: Tensor, size: number): Tensor => lt(arange(size, { dtype: "i32" }), expandDims(lengths, -1))

/** Moves states up by some, where none comes in. */
const moved = (x: Tensor, by: number, value: number): Tensor => pad(x, [[0, 0], [by, -by]], { value: scalar(value, x.dtype) }) // prettier-ignore

/** The negative logarithm of the probability of all paths together that read as the labels; NaN of what is no transcript. */
const costs = (logits: Tensor, { labels, ...given }: Transcript, blank: number): Tensor => {
  const [batch = 0, places = 0] = logits.shape
  const width = labels.shape[1] ?? 0
  const lengths = cast(given.labelLengths ?? full([batch], width, "i32"), "i32")
  const inputLengths = cast(given.inputLengths ?? full([batch], places, "i32"), "i32")
  const isThere = before(inputLengths, places)
  const isLabel = before(lengths, width)
  const known = where(isLabel, cast(labels, "i32"), blank)
  const within = (x: Tensor, size: number): Tensor => and(ge(x, 0), le(x, size))
  const hasBlank = any(and(isLabel, eq(known, blank)), { axes: -1 })
  const isTranscript = and(and(within(lengths, width), within(inputLengths, places)), not(hasBlank))
  // blanks around and between the labels
  const states = pad(known, [[0, 0], [1, Math.min(1, width)]], { interior: [0, 1], value: scalar(blank, "i32") }) // prettier-ignore
  const size = states.shape[1] ?? 1
  const logs = takeAlongFor(
    labelsOf("ctcLoss"),
    logSoftmax(where(expandDims(isThere, -1), logits, 0)),
    broadcastTo(expandDims(states, 1), [batch, places, size]),
    -1
  )
  // a blank may be left out between two labels that differ
  const mayLeap = and(ne(states, blank), ne(states, moved(states, 2, blank)))
  const leaping = where(mayLeap, 0, impossible)
  const step = (reached: Tensor, [log, isNow]: readonly [Tensor, Tensor]) => {
    const stepped = logAddExp(reached, moved(reached, 1, impossible))
    const leapt = add(moved(reached, 2, impossible), cast(leaping, logits.dtype))
    return [where(isNow, add(logAddExp(stepped, leapt), log), reached), []] as const
  }
  const slices = [swapAxes(logs, 0, 1), expandDims(swapAxes(isThere, 0, 1), -1)] as const
  const start = broadcastTo(where(eq(arange(size), 0), scalar(0, logits.dtype), impossible), [batch, size])
  const [reached] = scan(step, start, slices)
  // the last label, or the blank after it
  const end = expandDims(mul(lengths, 2), -1)
  const place = arange(size, { dtype: "i32" })
  const ended = where(and(le(place, end), ge(add(place, 1), end)), reached, impossible)
  const isPossible = ne(stopGradient(max(ended, { axes: -1 })), impossible)
  const cost = where(isPossible, neg(logSumExp(where(expandDims(isPossible, -1), ended, 0), { axes: -1 })), Infinity)
  return where(isTranscript, cost, NaN)
}

/**
 * Computes the loss of connectionist temporal classification: minus the logarithm of the probability that a sequence of
 * classes reads as the labels, once repetitions and then blanks are left out, summed over all such sequences and averaged over
 * examples. Where a label stands need not be known. By the forward recursion in logarithms, as a loop over places.
 *
 * Shapes: logits `[batch, places, classes]`, target `{ labels, labelLengths?, inputLengths? }`, integers `[batch, labels]` and
 * `[batch]`; weights `[batch]`; result `[]`. Throws a
 * `ShapeError` or `DTypeError` when they do not fit, a `HyperparameterError` for a target of other names, an `IndexError` for
 * labels outside the classes when it is computed, and at this call, where targets are known and all count, for a blank among
 * the labels and for lengths that are negative or more than there is. Where they are not known, such an example costs NaN.
 * Options: `blank` and those of `LossFunction`. Labels that no sequence of the length reads as cost ∞, of derivative 0.
 *
 * What lies beyond the lengths does not matter. Source: Graves et al. 2006, "Connectionist temporal classification".
 * PyTorch's `CTCLoss` has places first, takes logarithms of probabilities, and averages after it divided each loss by the
 * number of its labels.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, zeros } from "thalweg"
 * import { ctcLoss } from "thalweg/nn"
 *
 * // two places, two classes: "1" is read off (0, 1), (1, 0) and (1, 1), three of four
 * const loss = ctcLoss(zeros([1, 2, 2]), { labels: tensor([[1]], { dtype: "i32" }) })
 * assert.ok(Math.abs(item(loss) - Math.log(4 / 3)) < 1e-6)
 */
export const ctcLoss: LossFunction<CtcLossOptions, Transcript> = /* @__PURE__ */ lossOf<typeof fields, Transcript>(
  "ctcLoss",
  fields,
  {
    axes: 2,
    check: (logits, target, { blank }) => {
      check(logits, target, blank)
    },
    costs: (logits, target, { blank }, counts) => {
      if (counts === undefined) checkTranscript(logits, target, blank)
      return { each: costs(logits, target, blank) }
    }
  }
)
