import { describe, expect, test } from "vitest"
import { compile, evaluate, item, tensor, toArray, zeros, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { assess } from "thalweg/train"

const { accuracy, auc, binaryAccuracy, f1, perplexity, precision, r2, recall, sequential, topKAccuracy } = nn
const i32 = (values: readonly number[]): Tensor => tensor(values, { dtype: "i32" })
const column = (...values: readonly number[]): Tensor => tensor(values.map(x => [x]))

describe("metrics of little", () => {
  test("of nothing at all", () => {
    const found = [precision, recall, f1].map(metric => item(metric.result(metric.empty)))
    expect(found).toEqual([0, 0, 0])
    expect([accuracy, binaryAccuracy, perplexity].map(metric => item(metric.result(metric.empty as never)))).toEqual([
      NaN,
      NaN,
      NaN
    ])
    expect(item(auc.result(auc.empty))).toBeNaN()
    expect(item(auc(zeros([0, 1]), zeros([0, 1])))).toBeNaN()
  })

  test("places of the ignored label do not count, whatever is there", () => {
    const logits = tensor([[[1, 0], [0, 1], [NaN, NaN]]]) // prettier-ignore
    const padded = accuracy.with({ ignored: -1 })
    expect(item(padded(logits, tensor([[0, 0, -1]], { dtype: "i32" })))).toBe(0.5)
    expect(item(padded(logits, tensor([[-1, -1, -1]], { dtype: "i32" })))).toBeNaN()
    expect(item(padded(logits, tensor([[0, 0, 1]], { dtype: "i32" })))).toBeNaN()
    const data = { x: tensor([[[1, 0], [1, 0]], [[0, 1], [0, 1]]]), y: tensor([[0, -1], [1, 0]], { dtype: "i32" }) } // prettier-ignore
    for (const batchSize of [1, 2])
      expect(assess(sequential(), { padded }, { batchSize })({ params: [], state: [] }, data).padded).toBeCloseTo(2 / 3)
  })

  test("more than an i32 counts are counted", () => {
    const twice = <A>(merge: (a: A, b: A) => A, a: A): A => evaluate(merge(a, a) as never)
    const [logits, labels] = [tensor([[1, 0], [1, 0]]), i32([0, 1])] // prettier-ignore
    let right = accuracy.of(logits, labels)
    let scores = f1.of(column(1, 1), column(1, 0))
    for (let doubled = 0; doubled < 40; doubled++) {
      right = twice(accuracy.merge, right)
      scores = twice(f1.merge, scores)
    }
    expect([item(accuracy.result(right)), item(f1.result(scores))]).toEqual([0.5, 2 / 3])
  })

  test("auc of one kind, of ties, of ±∞, of NaN, compiled", () => {
    expect(item(auc(column(1, 2), column(1, 1)))).toBeNaN()
    expect(item(auc(column(3, 3, 3), column(1, 0, 1)))).toBe(0.5)
    expect(item(auc(column(-Infinity, Infinity), column(0, 1)))).toBe(1)
    expect(item(auc(column(NaN, 1), column(0, 1)))).toBeNaN()
    expect(item(compile((x: Tensor, y: Tensor) => auc(x, y))(column(1, 2, 3), column(0, 1, 0)))).toBe(0.5)
  })

  test("r2 of targets that do not vary", () => {
    expect(item(r2(column(2, 2), column(2, 2)))).toBe(1)
    expect(item(r2(column(2, 3), column(2, 2)))).toBe(0)
  })

  test("a threshold, targets that are true, places that are ignored", () => {
    expect(item(precision.with({ threshold: 1.5 })(column(1, 2), tensor([[false], [true]])))).toBe(1)
    const logits = tensor([[0, 0], [50, 0]]) // prettier-ignore
    expect(item(perplexity.with({ ignored: -1 })(logits, i32([0, -1])))).toBeCloseTo(2, 6)
    expect(item(topKAccuracy.with({ k: 2 })(logits, i32([1, 7])))).toBe(0.5)
  })

  test("macro looks at what is guessed or wanted", () => {
    const logits = tensor([[9, 0, 0], [9, 0, 0]]) // prettier-ignore
    const macro = precision.with({ average: "macro" })
    expect(item(macro(logits, i32([0, 1])))).toBe(0.25)
    expect(toArray(evaluate(macro.of(logits, i32([0, 1]))).wanted)).toEqual([1, 1, 0])
  })
})

test.each([precision, recall, f1])("a label outside the classes is refused where scores are computed, too", metric => {
  const [logits, labels] = [tensor([[5, 0], [0, 5]]), i32([0, 7])] // prettier-ignore
  const micro = metric.with({ average: "micro" })
  const compiled = compile((x: Tensor, y: Tensor) => micro(x, y))
  const error = { name: "IndexError", message: `${metric.name}: expected labels from 0 to 1 along axis 0; got 7 at place 1` } // prettier-ignore
  expect(() => item(compiled(logits, labels))).toThrow(expect.objectContaining(error) as Error)
  expect(() => assess(sequential(), { micro })({ params: [], state: [] }, { x: logits, y: labels })).toThrow(error.message) // prettier-ignore
  expect(item(micro(logits, i32([0, 0])))).toBe(0.5)
})

describe("what says nothing", () => {
  const labels = i32([0, 1])
  // of summaries of their own, which they merge
  const classes = [accuracy, topKAccuracy.with({ k: 1 }), perplexity, ...[precision, recall, f1].flatMap(metric => [metric.with({ average: "micro" }), metric.with({ average: "macro" }), metric.with({ average: "weighted" })])] as readonly unknown[] as readonly nn.MetricFold<object>[] // prettier-ignore
  const score = (metric: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor): number =>
    item(compile((x: Tensor, y: Tensor) => metric(x, y))(x, y))

  test("a logit that is NaN makes every metric NaN, over batches too", () => {
    const said = tensor([[5, 0], [0, 5]]) // prettier-ignore
    for (const metric of classes) {
      expect(item(metric(said, labels))).toBeGreaterThan(0.5)
      expect(item(metric(tensor([[NaN, 0], [0, 5]]), labels))).toBeNaN() // prettier-ignore
      const after = metric.merge(metric.of(said, labels), metric.of(tensor([[0, NaN], [0, 5]]), labels)) // prettier-ignore
      expect(item(metric.result(after))).toBeNaN()
    }
    for (const metric of [precision, recall, f1, auc, binaryAccuracy])
      expect(item(metric(column(NaN, 1), column(0, 1)))).toBeNaN()
  })

  test("targets that are neither 0 nor 1 are refused where they are known, and else give NaN", () => {
    for (const metric of [precision, recall, f1, auc, binaryAccuracy])
      for (const odd of [NaN, 7, -3, 0.7]) {
        const message = `${metric.name}: expected targets of 0 or 1; got ${odd} at place 1`
        const targets = tensor([[1], [odd], [0]], { dtype: "f64" }) // prettier-ignore
        expect(() => metric(column(1, 2, -1), targets)).toThrow(expect.objectContaining({ name: "DataError", message }) as Error) // prettier-ignore
        expect(score(metric, column(1, 2, -1), targets)).toBeNaN()
        expect(score(metric, column(1, 2, -1), column(1, 1, 0))).toBe(1)
      }
  })
})

const [two, wrong] = [zeros([2, 3]), (value: unknown): never => value as never]

test.each<readonly [string, string, () => unknown]>([
  [
    "HyperparameterError",
    "topKAccuracy: expected k to be at most the classes, 3; got 5",
    () => topKAccuracy(two, i32([0, 1]))
  ],
  [
    "HyperparameterError",
    "topKAccuracy: expected k to be a whole number ≥ 1; got 0",
    () => topKAccuracy.with({ k: 0 })
  ],
  [
    "ShapeError",
    "precision: expected logits and targets of one shape; got [2, 3] and [2]",
    () => precision(two, i32([0, 1]))
  ],
  [
    "ShapeError",
    "f1: expected logits […, classes] and labels […]; got [2, 3] and [3]",
    () => f1.with({ average: "macro" })(two, i32([0, 1, 2]))
  ],
  [
    "IndexError",
    "recall: expected labels from 0 to 2 (3 classes); got 3 at place 1",
    () => recall.with({ average: "micro" })(two, i32([0, 3]))
  ],
  [
    "HyperparameterError",
    'f1: expected average to be binary or macro or micro or weighted; got "samples"',
    () => f1.with({ average: wrong("samples") })
  ],
  [
    "ShapeError",
    "binaryAccuracy: expected logits and targets of one shape; got [2, 3] and [2]",
    () => binaryAccuracy(two, i32([0, 1]))
  ],
  ...([accuracy, topKAccuracy, binaryAccuracy, perplexity, precision, auc, r2, nn.meanAbsoluteError] as const).map(
    metric =>
      [
        "DataError",
        `${metric.name}: expected a target that is a tensor (metricFold takes it out of { target, weights }); got a record with keys target, weights`,
        () => metric(two, wrong({ target: i32([0, 1]), weights: zeros([2]) }))
      ] as const
  ),
  ["DTypeError", "perplexity: expected labels of i32 or u32; got f32", () => perplexity(two, two)],
  ["ShapeError", "r2: expected targets [examples, …, outputs]; got [3]", () => r2(zeros([3]), zeros([3]))],
  ["DTypeError", "meanAbsoluteError: expected f32 or f64; got i32", () => nn.meanAbsoluteError(i32([1]), i32([1]))],
  [
    "DataError",
    "metricFold: expected { empty, of, merge, result }; got a record with keys of",
    () => nn.metricFold(wrong({ of: () => [] }))
  ]
])("%s %s", (name, message, use) => {
  expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
})
