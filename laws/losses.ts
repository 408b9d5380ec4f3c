import fc from "fast-check"
import {
  add,
  arange,
  cast,
  concat,
  div,
  flip,
  ge,
  grad,
  lt,
  max,
  mean,
  mul,
  oneHot,
  ones,
  scalar,
  sliceAxis,
  softmax,
  sub,
  sum,
  zerosLike,
  type Tensor
} from "thalweg"
import type { crossEntropy, LossFunction, Reducing } from "thalweg/nn"
import { key, normal, randint, split, uniform } from "thalweg/random"
import { range } from "./arbitrary/numbers.js"
import { exact, relative, rounded, type Equality } from "./equality.js"
import { law, type Law, type Sides } from "./law.js"

/** A loss, and what is true of it. */
export interface Judged {
  readonly loss: LossFunction<Reducing>
  /** The prediction that fits a target best, of which the loss is 0; without it, there is none. */
  readonly best?: (target: Tensor) => Tensor
  /** Which targets it is for, of random numbers; by default any. */
  readonly target?: (random: Tensor) => Tensor
  /** Whether it may be negative. Default no. */
  readonly signed?: boolean
}

/** Losses by name, and what is true of them. */
export type Losses = Readonly<Record<string, Judged>>

const batch = fc.record({
  examples: fc.integer({ min: 2, max: 6 }),
  outputs: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat()
})

type Sample = typeof batch extends fc.Arbitrary<infer A> ? A : never

const drawn = ({ examples, outputs, seed }: Sample, { target = x => x }: Judged) => {
  const [x, y, w] = split(key(seed), 3)
  return {
    prediction: mul(normal(x, [examples, outputs], { dtype: "f64" }), 3),
    target: target(normal(y, [examples, outputs], { dtype: "f64" })),
    weights: uniform(w, [examples], { dtype: "f64" })
  }
}

/** But for the order of sums. */
const summed = relative(1e-12, 1e-12)

/**
 * Lists the laws of losses that have a number for each example: they are not negative and 0 at their target, how they are
 * reduced, what weights do, and that each example has a loss of its own.
 *
 * @example
 * import assert from "node:assert"
 * import { squaredError } from "thalweg/nn"
 * import { checkAll, lossLaws } from "thalweg/laws"
 *
 * const suite = lossLaws({ squaredError: { loss: squaredError, best: target => target } })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const lossLaws = (losses: Losses): readonly Law[] => {
  const arbitrary = fc.tuple(fc.constantFrom(...Object.keys(losses)), batch)
  const of = (name: string, equality: Equality, sides: (judged: Judged, numbers: ReturnType<typeof drawn>) => Sides) =>
    law(name, equality, arbitrary, ([which, sample]) => {
      const judged = losses[which] as Judged
      return sides(judged, drawn(sample, judged))
    })
  return [
    of("a loss is not negative, and 0 at its target", rounded, ({ loss, best, signed }, { prediction, target }) => {
      const each = loss.with({ reduction: "none" })(prediction, target)
      return [
        [ge(add(each, signed === true ? Infinity : 1e-12), 0), best ? loss(best(target), target) : scalar(0, "f64")],
        [ones(each.shape, "bool"), scalar(0, "f64")]
      ]
    }),
    of("the mean and the sum are those of the losses", summed, ({ loss }, { prediction, target }) => {
      const each = loss.with({ reduction: "none" })(prediction, target)
      return [
        [loss(prediction, target), loss.with({ reduction: "sum" })(prediction, target)],
        [mean(each), sum(each)]
      ]
    }),
    of(
      "the losses of batches, by their weights, make that of the whole",
      summed,
      ({ loss }, { prediction, target, weights }) => {
        const all = [prediction, target, weights] as const
        const parts = [[0, 1] as const, [1, weights.shape[0] ?? 0] as const].map(([from, to]) => {
          const [x, y, w] = all.map(t => sliceAxis(t, 0, from, to)) as [Tensor, Tensor, Tensor]
          return { value: loss(x, y, w), weight: loss.weight(x, y, w) }
        })
        const total = parts.map(({ value, weight }) => mul(value, weight)).reduce((a, b) => add(a, b))
        const whole = parts.map(({ weight }) => weight).reduce((a, b) => add(a, b))
        return [div(total, whole), loss(...all)]
      }
    ),
    of(
      "weights multiply losses, and the mean is over their sum",
      summed,
      ({ loss }, { prediction, target, weights }) => {
        const [none, total] = [loss.with({ reduction: "none" }), loss.with({ reduction: "sum" })]
        const each = mul(none(prediction, target), weights)
        return [
          [none(prediction, target, weights), total(prediction, target, weights), loss(prediction, target, weights)],
          [each, sum(each), div(sum(each), sum(weights))]
        ]
      }
    ),
    of("an example of weight 0 is as if it were not there, whatever it is", summed, ({ loss }, numbers) => {
      const { prediction, target } = numbers
      const last = (prediction.shape[0] ?? 1) - 1
      const cut = (x: Tensor, start: number, stop: number) => sliceAxis(x, 0, start, stop)
      const [rest, wanted] = [cut(prediction, 0, last), cut(target, 0, last)]
      const counts = cast(lt(arange(last + 1), last), "f64")
      const beside = (wild: number, x: Tensor, y: Tensor) =>
        loss(concat([x, mul(cut(prediction, last, last + 1), wild)]), concat([wanted, y]), counts)
      const wilds = [Infinity, NaN].map(wild => (x: Tensor) => beside(wild, x, cut(target, last, last + 1)))
      const unwanted = (x: Tensor) => beside(NaN, x, mul(cut(target, last, last + 1), NaN))
      const plain = (x: Tensor) => loss(x, wanted)
      const all = [...wilds, unwanted]
      return [
        [all.map(f => f(rest)), all.map(f => grad(f)(rest))],
        [all.map(() => plain(rest)), all.map(() => grad(plain)(rest))]
      ]
    }),
    of("a loss of each example does not depend on the others", exact, ({ loss }, { prediction, target, weights }) => {
      const each = loss.with({ reduction: "none" })
      const alone = (i: number) => (x: Tensor) => sliceAxis(x, 0, i, i + 1)
      const examples = range(prediction.shape[0] ?? 0).map(alone)
      return [
        [each(prediction, target), each(prediction, target, weights)],
        [
          concat(examples.map(own => each(own(prediction), own(target)))),
          concat(examples.map(own => each(own(prediction), own(target), own(weights))))
        ]
      ]
    }),
    of("the order of examples does not matter to a loss", summed, ({ loss }, { prediction, target, weights }) => {
      const turned = (x: Tensor) => flip(x, [0])
      const none = loss.with({ reduction: "none" })
      return [
        [loss(turned(prediction), turned(target), turned(weights)), none(turned(prediction), turned(target))],
        [loss(prediction, target, weights), turned(none(prediction, target))]
      ]
    }),
    of(
      "where nothing counts, a loss is 0, and so is its derivative",
      exact,
      ({ loss }, { prediction, target, weights }) => {
        const nothing = (x: Tensor) => loss(x, target, mul(weights, 0))
        return [
          [nothing(prediction), grad(nothing)(prediction)],
          [scalar(0, "f64"), zerosLike(prediction)]
        ]
      }
    )
  ]
}

const logitsOf = ({ examples, outputs, seed }: Sample) => {
  const [x, y, w] = split(key(seed), 3)
  const classes = outputs + 1
  return {
    classes,
    logits: mul(normal(x, [examples, classes], { dtype: "f64" }), 3),
    labels: randint(y, [examples], { min: 0, max: classes }),
    classWeights: Array.from({ length: classes }, (_, i) => 0.5 + i),
    random: normal(w, [examples, classes], { dtype: "f64" })
  }
}

/**
 * Lists the laws of cross-entropy: what is added to all logits does not matter, one-hot labels are the integer ones, how labels
 * are smoothed and ignored, and its derivative.
 *
 * @example
 * import assert from "node:assert"
 * import { crossEntropy } from "thalweg/nn"
 * import { checkAll, crossEntropyLaws } from "thalweg/laws"
 *
 * assert(checkAll(crossEntropyLaws(crossEntropy), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const crossEntropyLaws = (loss: typeof crossEntropy): readonly Law[] => [
  law("what is added to all logits does not matter", relative(1e-10, 1e-10), batch, sample => {
    const { logits, labels } = logitsOf(sample)
    return [loss(add(logits, sub(max(logits), 7)), labels), loss(logits, labels)]
  }),
  law("cross-entropy of one-hot labels is that of integer ones", summed, batch, sample => {
    const { logits, labels, classes, classWeights } = logitsOf(sample)
    const soft = oneHot(labels, classes, "f64")
    const both = loss.with({ classWeights, smoothing: 0.25 })
    return [
      [loss(logits, soft), both(logits, soft)],
      [loss(logits, labels), both(logits, labels)]
    ]
  }),
  law("smoothing 0 is no smoothing, and class weights of 1 are none", summed, batch, sample => {
    const { logits, labels, classes } = logitsOf(sample)
    const even = Array.from({ length: classes }, () => 1)
    return [
      [loss.with({ smoothing: 0 })(logits, labels), loss.with({ classWeights: even })(logits, labels)],
      [loss(logits, labels), loss(logits, labels)]
    ]
  }),
  law("smoothing is the mixture with even labels", summed, batch, sample => {
    const { logits, labels, classes } = logitsOf(sample)
    const mixed = add(mul(oneHot(labels, classes, "f64"), 0.75), 0.25 / classes)
    return [loss.with({ smoothing: 0.25 })(logits, labels), loss(logits, mixed)]
  }),
  law("an ignored label is a weight of 0", summed, batch, sample => {
    const { logits, labels } = logitsOf(sample)
    const weights = cast(ge(labels, 1), "f64")
    return [loss.with({ ignored: 0 })(logits, labels), loss(logits, labels, weights)]
  }),
  law("the derivative is what is thought less what is wanted", summed, batch, sample => {
    const { logits, random } = logitsOf(sample)
    const wanted = softmax(random)
    return [grad((x: Tensor) => loss(x, wanted))(logits), div(sub(softmax(logits), wanted), sample.examples)]
  })
]
