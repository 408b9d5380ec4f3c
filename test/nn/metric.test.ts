import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, item, oneHot, scalar, sum, tensor, toArray, toTyped, trace, zeros, type Tensor } from "thalweg"
import { accuracy, auc, binaryAccuracy, confusionMatrix, f1, meanAbsoluteError, metricFold, perplexity, precision, r2, recall, rootMeanSquaredError, topKAccuracy } from "thalweg/nn" // prettier-ignore

const i32 = (labels: number | readonly number[]): Tensor => tensor(labels, { dtype: "i32" })
const logits = zeros([2, 3])

describe("metrics", () => {
  test("accuracy is the share of labels that have the largest logit; the first of equals counts", () => {
    const scores = tensor([[1, 2, 3], [3, 2, 1], [0, 9, 1], [5, 5, 5]]) // prettier-ignore
    expect(item(accuracy(scores, i32([2, 0, 0, 0])))).toBe(0.75)
    expect(item(accuracy(scores, i32([2, 0, 0, 1])))).toBe(0.5)
    expect(item(accuracy(scores, tensor([2, 0, 1, 0], { dtype: "u32" })))).toBe(1)
    expect(item(accuracy(scores, i32([-1, 3, 7, 9])))).toBe(0)
    expect(item(accuracy(scores, oneHot(i32([2, 0, 0, 1]), 3)))).toBe(0.5)
    expect(item(accuracy(scores, tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 0], [1, 0, 0], [0.4, 0.3, 0.3]])))).toBe(0.75) // prettier-ignore
    expect(item(accuracy(scores, tensor([[NaN, 0, 1], [1, 0, 0], [1, 0, 0], [1, 0, 0]])))).toBeNaN() // prettier-ignore
    expect([accuracy(scores, i32([0, 0, 0, 0])).dtype, item(accuracy(tensor([1, 0]), scalar(0, "i32")))]).toEqual([
      "f64",
      1
    ])
  })

  test("confusionMatrix counts labels in rows against predictions in columns", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 30 }), pairs => {
        const counts = [0, 1, 2].map(l => [0, 1, 2].map(p => pairs.filter(([a, b]) => a === p && b === l).length))
        const [predicted, labels] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)].map(i32) as [Tensor, Tensor]
        const matrix = confusionMatrix(predicted, labels, 3)
        expect([toArray(matrix), matrix.dtype]).toEqual([counts, "i32"])
      })
    )
  })

  test("confusionMatrix of many classes takes the time of the examples and the counts", () => {
    const labels = i32(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 2000))
    const counts = confusionMatrix(labels, labels, 2000)
    expect([item(sum(counts)), item(trace(counts))]).toEqual([10_000, 10_000])
  })
})

describe("what does not fit", () => {
  const known = (name: string, what: string) => `${name}: expected labels from 0 to 2 (3 classes); got ${what}`
  test.each([
    [
      "ShapeError",
      "accuracy: expected logits […, classes] and labels […]; got [2, 3] and [3]",
      () => accuracy(logits, i32([0, 1, 2]))
    ],
    ["DTypeError", "accuracy: expected labels of i32 or u32; got f32", () => accuracy(logits, tensor([0, 1.7]))],
    [
      "ShapeError",
      "confusionMatrix: expected as many predictions as labels; got [2] and [3]",
      () => confusionMatrix(i32([0, 1]), i32([0, 1, 2]), 3)
    ],
    [
      "HyperparameterError",
      "confusionMatrix: expected classes to be a whole number from 1 to 46340; got 1.5",
      () => confusionMatrix(i32([0]), i32([0]), 1.5)
    ],
    [
      "HyperparameterError",
      "confusionMatrix: expected classes to be a whole number from 1 to 46340; got 0",
      () => confusionMatrix(i32([0]), i32([0]), 0)
    ],
    [
      "DTypeError",
      "confusionMatrix: expected labels of i32 or u32; got f32",
      () => confusionMatrix(tensor([0]), i32([0]), 3)
    ],
    ["IndexError", known("confusionMatrix", "3 at place 0"), () => confusionMatrix(i32([0]), i32([3]), 3)],
    ["IndexError", known("confusionMatrix", "-1 at place 1"), () => confusionMatrix(i32([0, -1]), i32([0, 1]), 3)],
    [
      "IndexError",
      "confusionMatrix: expected labels from 0 to 2 along axis 0; got 3 at place 0",
      () => toTyped(compile((l: Tensor) => confusionMatrix(l, l, 3))(i32([3])))
    ],
    [
      "IndexError", // though label · classes + prediction is a place of another row
      "confusionMatrix: expected labels from 0 to 2 along axis 0; got 5 at place 0",
      () => toTyped(compile((p: Tensor) => confusionMatrix(p, i32([0]), 3))(i32([5])))
    ]
  ])("%s %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
  })
})

const all = { accuracy, auc, binaryAccuracy, f1, meanAbsoluteError, perplexity, precision, r2, recall, rootMeanSquaredError, topKAccuracy } // prettier-ignore
test.each(Object.entries(all))(
  "%s merges summaries and gives the result of one, and of nothing else",
  (name, metric) => {
    const keys = Object.keys(metric.empty).join(", ")
    for (const wrong of [undefined, null, 3, {}, zeros([1])] as never[])
      for (const use of [
        () => metric.result(wrong),
        () => metric.merge(wrong, metric.empty as never),
        () => metric.merge(metric.empty as never, wrong)
      ])
        expect(use).toThrow(`${name}: expected what of or merge gave, with keys ${keys}; got `)
  }
)

test("a summary of one's own may be any tree", () => {
  const sums = metricFold<readonly Tensor[]>({
    empty: [],
    of: y => [sum(y)],
    merge: (a, b) => [...a, ...b],
    result: parts => scalar(parts.length)
  })
  expect(item(sums.result(sums.merge(sums.empty, sums.of(zeros([1]), zeros([1])))))).toBe(1)
  expect(() => sums.result(undefined as never)).toThrow("metric: expected what of or merge gave; got undefined")
})
