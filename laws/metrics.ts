import fc from "fast-check"
import { cast, concat, flatten, gt, round, sliceAxis, stack, zerosLike, type Tensor, type Tree } from "thalweg"
import type { accuracy, binaryAccuracy, f1, Folding } from "thalweg/nn"
import { key, normal, randint, split } from "thalweg/random"
import { exact, relative } from "./equality.js"
import { law, type Law } from "./law.js"

/** A metric that merges over batches, and for what: logits and labels of classes, yes or no, or numbers. */
export interface JudgedMetric {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what it merges is its own affair
  readonly metric: Folding<any>
  readonly of: "classes" | "yes or no" | "numbers"
}

/** Metrics by name. */
export type MetricsByName = Readonly<Record<string, JudgedMetric>>

/** Output and target. */
type Pair = readonly [output: Tensor, target: Tensor]

const drawn = (of: JudgedMetric["of"], seed: number, examples: number): Pair => {
  const [x, y] = split(key(seed))
  const output = normal(x, [examples, 3], { dtype: "f64" })
  if (of === "classes") return [output, randint(y, [examples], { min: 0, max: 3 })]
  const target = normal(y, [examples, 3], { dtype: "f64" })
  return [output, of === "numbers" ? target : gt(target, 0)]
}

const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))

/** But for the order of sums. */
const summed = relative(1e-11, 1e-11)

/**
 * Lists the laws of metrics that merge over batches: merging is associative, commutative and has a unit, and what it comes to over batches is
 * what the whole comes to.
 *
 * @example
 * import assert from "node:assert"
 * import { r2 } from "thalweg/nn"
 * import { checkAll, metricLaws } from "thalweg/laws"
 *
 * const suite = metricLaws({ r2: { metric: r2, of: "numbers" } })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const metricLaws = (metrics: MetricsByName): readonly Law[] => {
  const arbitrary = fc.tuple(fc.constantFrom(...Object.keys(metrics)), sizes, fc.nat()).map(([name, cut, seed]) => {
    const { metric, of } = metrics[name] as { readonly metric: Folding<object>; readonly of: JudgedMetric["of"] }
    const [output, target] = drawn(of, seed, cut[0] + cut[1] + cut[2])
    const part = (i: number) => {
      const start = cut.slice(0, i).reduce((sum, n) => sum + n, 0)
      return metric.of(
        sliceAxis(output, 0, start, start + (cut[i] ?? 0)),
        sliceAxis(target, 0, start, start + (cut[i] ?? 0))
      )
    }
    return { name, metric, output, target, parts: [part(0), part(1), part(2)] as const }
  })
  return [
    law("merging metrics is associative", summed, arbitrary, ({ metric: { merge, result }, parts: [a, b, c] }) => {
      const [left, right] = [merge(merge(a, b), c), merge(a, merge(b, c))]
      return [[left as Tree, result(left)], [right as Tree, result(right)]] // prettier-ignore
    }),
    law("merging metrics is commutative, by their results", summed, arbitrary, ({ metric, parts: [a, b] }) => [
      metric.result(metric.merge(a, b)),
      metric.result(metric.merge(b, a))
    ]),
    law("nothing is the unit of merging metrics", summed, arbitrary, ({ metric: { empty, merge }, parts: [a] }) => [
      [merge(empty, a) as Tree, merge(a, empty) as Tree],
      [a as Tree, a as Tree]
    ]),
    law(
      "a metric over batches is that of the whole",
      summed,
      arbitrary,
      ({ metric, output, target, parts: [a, b, c] }) => [
        metric.result(metric.merge(metric.merge(a, b), c)),
        metric.result(metric.of(output, target))
      ]
    ),
    law("the order of examples does not matter to a metric", summed, arbitrary, ({ metric, output, target }) => {
      const turned = (x: Tensor) => concat([sliceAxis(x, 0, 1, x.shape[0] ?? 0), sliceAxis(x, 0, 0, 1)])
      return [metric.result(metric.of(turned(output), turned(target))), metric.result(metric.of(output, target))]
    })
  ]
}

/** Metrics of classes that have something to do with each other. */
export interface ClassMetrics {
  readonly accuracy: typeof accuracy
  readonly binaryAccuracy: typeof binaryAccuracy
  readonly precision: typeof f1
  readonly recall: typeof f1
  readonly f1: typeof f1
}

/**
 * Lists the laws of scores: what they have to do with the accuracy.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { checkAll, scoreLaws } from "thalweg/laws"
 *
 * assert(checkAll(scoreLaws(nn), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const scoreLaws = ({ accuracy, binaryAccuracy, ...scores }: ClassMetrics): readonly Law[] => {
  const { precision, recall, f1 } = scores
  const run = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat())
  return [
    law("micro, every score is the accuracy", summed, run, ([examples, seed]) => {
      const [logits, labels] = drawn("classes", seed, examples)
      const share = accuracy(logits, labels)
      const micro = [precision, recall, f1].map(score => score.with({ average: "micro" })(logits, labels))
      return [micro, micro.map(() => share)]
    }),
    law("weighted by how often classes are wanted, recall is the accuracy", summed, run, ([examples, seed]) => {
      const [logits, labels] = drawn("classes", seed, examples)
      return [recall.with({ average: "weighted" })(logits, labels), accuracy(logits, labels)]
    }),
    law("the accuracy of yes or no is that of two classes, of which no has the logit 0", exact, run, ([n, seed]) => {
      const [drawnLogits, target] = drawn("yes or no", seed, n)
      const logits = flatten(round(drawnLogits)) // some are 0
      const labels = cast(flatten(target), "i32")
      return [binaryAccuracy(logits, labels), accuracy(stack([zerosLike(logits), logits], -1), labels)]
    })
  ]
}
