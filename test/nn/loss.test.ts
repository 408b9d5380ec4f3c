import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { add, compile, evaluate, foldBatches, grad, item, scalar, tensor, toArray, zeros, type Tensor } from "thalweg"
import { crossEntropy, halfSquaredError, klDivergence } from "thalweg/nn"

const i32 = (labels: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(labels, { dtype: "i32" })
const f64 = (values: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(values, { dtype: "f64" })

/** `-log softmax(row)[label]`, by shifting with the largest. */
const surprise = (row: readonly number[], label: number): number => {
  const top = Math.max(...row)
  return Math.log(row.reduce((total, x) => total + Math.exp(x - top), 0)) + top - (row[label] ?? NaN)
}

const arbBatch = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })).chain(([n, classes]) =>
  fc.record({
    logits: fc.array(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: classes, maxLength: classes }), { minLength: n, maxLength: n }), // prettier-ignore
    labels: fc.array(fc.nat(classes - 1), { minLength: n, maxLength: n })
  })
)

describe("crossEntropy", () => {
  test("is the mean of -log softmax, and its gradient (softmax - one-hot)/n", () => {
    fc.assert(
      fc.property(arbBatch, ({ logits, labels }) => {
        const n = labels.length
        const expected = labels.reduce((total, label, i) => total + surprise(logits[i] ?? [], label) / n, 0)
        expect(item(crossEntropy(f64(logits), i32(labels)))).toBeCloseTo(expected, 10)
        const slopes = toArray(grad((t: Tensor) => crossEntropy(t, i32(labels)))(f64(logits))) as number[][]
        logits.forEach((row, i) =>
          row.forEach((_, j) => {
            const probability = Math.exp(-surprise(row, j))
            expect(slopes[i]?.[j]).toBeCloseTo((probability - (labels[i] === j ? 1 : 0)) / n, 12)
          })
        )
      }),
      { numRuns: 50 }
    )
  })

  test("has derivatives by probabilities, -log softmax, also where they are 0", () => {
    const row = [0, 1, 2]
    const by = (loss: (logits: Tensor, labels: Tensor) => Tensor, labels: readonly number[], logits = row) =>
      (toArray(grad((y: Tensor) => loss(f64([logits]), y))(f64([labels]))) as number[][])[0]
    const surprises = row.map((_, label) => surprise(row, label))
    expect(by(crossEntropy, [0, 0.25, 0.75])).toEqual(surprises.map(x => expect.closeTo(x, 12) as number))
    expect(by(klDivergence, [0, 0, 1])?.[0]).toBeCloseTo(surprises[0] ?? NaN, 12)
    const weighed = crossEntropy.with({ classWeights: [2, 0, 1] })
    expect(by(weighed, [0, 0.25, 0.75])).toEqual(by(weighed, [1e-12, 0.25, 0.75])?.map(x => expect.closeTo(x, 10) as number)) // prettier-ignore
    // nothing flows where what is not wanted is impossible, and nothing is NaN
    expect(Math.abs(by(crossEntropy, [0, 0, 1], [-Infinity, 1, 2])?.[0] ?? NaN)).toBe(0)
  })

  test.each([
    ["one example", f64([1, 2, 3]), scalar(2, "i32"), surprise([1, 2, 3], 2)],
    ["more axes", tensor([[[1, 2], [3, 5]]], { dtype: "f64" }), i32([[0, 1]]), (surprise([1, 2], 0) + surprise([3, 5], 1)) / 2], // prettier-ignore
    ["u32 labels", f64([[1, 2]]), tensor([1], { dtype: "u32" }), surprise([1, 2], 1)],
    ["one class", f64([[7]]), i32([0]), 0],
    ["large logits", f64([[1e308, -1e308], [-1000, 0]]), i32([0, 0]), 500], // prettier-ignore
    ["a class that cannot be", f64([[-Infinity, 0, 0]]), i32([1]), Math.LN2],
    ["the truth thought impossible", f64([[-Infinity, 0]]), i32([0]), Infinity],
    ["logits that are no numbers", f64([[NaN, 0]]), i32([0]), NaN]
  ])("of %s", (_, logits, labels, expected) => {
    const loss = crossEntropy(logits, labels)
    expect(loss.shape).toEqual([])
    if (Number.isNaN(expected)) expect(item(loss)).toBeNaN()
    else expect(item(loss)).toBeCloseTo(expected, 12)
    expect(item(compile(crossEntropy)(logits, labels))).toEqual(item(loss))
  })

  test("keeps the dtype of the logits", () => {
    expect([crossEntropy(zeros([1, 2]), i32([0])).dtype, crossEntropy(zeros([1, 2], "f64"), i32([0])).dtype]).toEqual(["f32", "f64"]) // prettier-ignore
  })
})

const logits = f64([[1, 2, 3], [4, 5, 6]]) // prettier-ignore

describe("labels outside the classes", () => {
  const outside = (label: number) => ({
    name: "IndexError",
    message: `crossEntropy: expected labels from 0 to 2 (3 classes); got ${label} at place 1`
  })

  test.each([3, -1, 2 ** 31 - 1, -(2 ** 31)])("%s is an error at the call when labels are known", label => {
    expect(() => crossEntropy(logits, i32([0, label]))).toThrow(expect.objectContaining(outside(label)) as Error)
  })

  test("the place counts in row-major order", () => {
    const wide = tensor([[[1, 2], [1, 2]], [[1, 2], [1, 2]]]) // prettier-ignore
    expect(() => crossEntropy(wide, i32([[0, 1], [1, 2]]))).toThrow("labels from 0 to 1 (2 classes); got 2 at place 3") // prettier-ignore
  })

  const late = { name: "IndexError", message: expect.stringMatching(/from 0 to 2 .*got 3 at place 1/) as string }

  test("are an error when the loss is computed, if labels are computed too", () => {
    const loss = crossEntropy(logits, add(i32([0, 2]), 1))
    expect(() => item(loss)).toThrow(expect.objectContaining(late) as Error)
    expect(() => evaluate(grad((t: Tensor) => crossEntropy(t, add(i32([0, 2]), 1)))(logits))).toThrow(
      "got 3 at place 1"
    )
  })

  test("are an error at the call of a compiled function, and in a fold at their batch", () => {
    const compiled = compile(crossEntropy)
    expect(() => compiled(logits, i32([0, 3]))).toThrow(expect.objectContaining(late) as Error)
    expect(item(compiled(logits, i32([0, 2])))).toBeGreaterThan(0)
    let steps = 0
    const fold = foldBatches((total: Tensor, labels: Tensor) => [add(total, crossEntropy(logits, labels)), total], {
      onStep: () => steps++
    })
    expect(() => fold(scalar(0, "f64"), [i32([0, 1]), i32([2, 2]), i32([0, 3])])).toThrow("got 3 at place 1")
    expect(steps).toBe(2)
  })
})

describe("halfSquaredError", () => {
  test.each([
    ["a batch", f64([[1, 2], [3, 4]]), f64([[0, 2], [3, 1]]), (1 + 9) / 2 / 2], // prettier-ignore
    ["one row of outputs", f64([1, 2, 4]), f64([0, 2, 2]), (1 + 4) / 2],
    ["one number", f64(3), f64(1), 2],
    ["more axes", tensor([[[1], [2]], [[3], [5]]]), zeros([2, 2, 1]), (1 + 4 + 9 + 25) / 2 / 4] // prettier-ignore
  ])("sums over outputs and averages over the rest: %s", (_, prediction, target, expected) => {
    expect([item(halfSquaredError(prediction, target)), halfSquaredError(prediction, target).shape]).toEqual([
      expected,
      []
    ])
  })

  test("its derivative by a single prediction is the difference", () => {
    const slope = grad((t: Tensor) => halfSquaredError(t, f64([1, -1])))(f64([3, 3]))
    expect(toArray(slope)).toEqual([2, 4])
  })
})

describe("what does not fit", () => {
  test.each([
    [
      "ShapeError",
      "crossEntropy: expected logits […, classes] and labels […]; got [2, 3] and [3]",
      () => crossEntropy(logits, i32([0, 1, 2]))
    ],
    [
      "ShapeError",
      "crossEntropy: expected logits […, classes] and labels […]; got [2, 3] and [2, 1]",
      () => crossEntropy(logits, i32([[0], [1]]))
    ],
    [
      "ShapeError",
      "crossEntropy: expected logits […, classes] and labels […]; got [] and []",
      () => crossEntropy(scalar(1), scalar(0, "i32"))
    ],
    ["DTypeError", "crossEntropy: expected labels of i32 or u32; got f32", () => crossEntropy(logits, tensor([0, 1]))],
    [
      "DTypeError",
      "crossEntropy: expected labels of i32 or u32; got bool",
      () => crossEntropy(logits, tensor([true, false]))
    ],
    ["DTypeError", "crossEntropy: expected f32 or f64; got i32", () => crossEntropy(zeros([2, 3], "i32"), i32([0, 1]))],
    [
      "ShapeError",
      "halfSquaredError: expected prediction and target of one shape; got [2, 1] and [2]",
      () => halfSquaredError(zeros([2, 1]), zeros([2]))
    ]
  ])("%s %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
  })
})

test("crossEntropy does not hide a logit that is infinite", () => {
  const labels = tensor([0, 1], { dtype: "i32" })
  const lossOf = (second: readonly [number, number]): number => item(crossEntropy(tensor([[1, 2], second]), labels))
  for (const wild of [[Infinity, 0], [0, Infinity], [-Infinity, -Infinity]] as const) expect(lossOf(wild)).toBeNaN() // prettier-ignore
  expect(lossOf([-Infinity, 0])).toBeCloseTo(Math.log(1 + Math.E) / 2, 6)
})
