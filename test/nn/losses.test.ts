import { describe, expect, test } from "vitest"
import { compile, evaluate, grad, item, ones, scalar, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import * as nn from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { assess, initTraining, trainStep } from "thalweg/train"

const { binaryCrossEntropy, cosineLoss, crossEntropy, ctcLoss, focalLoss, huberLoss, klDivergence, logCoshLoss } = nn

const i32 = (values: number | readonly number[] | readonly (readonly number[])[]): Tensor => tensor(values, { dtype: "i32" }) // prettier-ignore
const slopes = (f: (x: Tensor) => Tensor, x: Tensor): unknown => toArray(grad(f)(x))

describe("weights", () => {
  const logits = tensor([[1, 2], [Infinity, Infinity], [3, 1]]) // prettier-ignore

  test("of 0 leave out labels outside the classes and infinite logits, derivatives too", () => {
    const labels = i32([0, 7, 1])
    const weights = tensor([true, false, true])
    const rest = crossEntropy(tensor([[1, 2], [3, 1]]), i32([0, 1])) // prettier-ignore
    expect(item(crossEntropy(logits, labels, weights))).toBeCloseTo(item(rest), 6)
    const slope = toArray(grad((x: Tensor) => crossEntropy(x, labels, weights))(logits)) as number[][]
    expect(slope[1]).toEqual([0, 0])
    expect(slope.flat().every(Number.isFinite)).toBe(true)
    expect(item(compile((x: Tensor) => crossEntropy(x, labels, weights))(logits))).toBeCloseTo(item(rest), 6)
  })

  test("of 0 have a derivative of 0, since the example is replaced", () => {
    const loss = nn.squaredError.with({ reduction: "sum" })
    expect(slopes(w => loss(tensor([[1], [2]]), zeros([2, 1]), w), tensor([1, 0]))).toEqual([1, 0]) // prettier-ignore
    expect(slopes(w => nn.squaredError(tensor([[1], [2]]), zeros([2, 1]), w), tensor([1, 0]))).toEqual([0, 0]) // prettier-ignore
  })

  test("below 0 are refused in a mean, and scale a sum", () => {
    const [x, y, weights] = [tensor([[1], [2]]), zeros([2, 1]), tensor([2, -1])] // prettier-ignore
    const message = "squaredError: expected each weight to be a finite number ≥ 0 that f32 can hold; got -1 at place 1"
    expect(() => nn.squaredError(x, y, weights)).toThrow(expect.objectContaining({ name: "DataError", message }) as Error) // prettier-ignore
    expect(item(compile((w: Tensor) => nn.squaredError(x, y, w))(weights))).toBeNaN()
    expect(item(nn.squaredError.with({ reduction: "sum" })(x, y, weights))).toBe(-2)
    expect(toArray(nn.squaredError.with({ reduction: "none" })(x, y, weights))).toEqual([2, -4])
  })

  test("of the examples come with the target where a model is trained and assessed", () => {
    const task = { model: nn.dense({ units: 1, kernel: nn.zerosInitializer }), loss: nn.weighted(nn.halfSquaredError), optimizer: sgd({ learningRate: 1 }) } // prettier-ignore
    const batch = { x: tensor([[0], [0]]), y: { target: tensor([[1], [100]]), weights: tensor([2, 0]) } } // prettier-ignore
    const start = initTraining(task)(key(0), batch.x)
    const [after, metrics] = trainStep(task)(start, batch)
    expect([item(metrics.loss), toArray(after.params.bias)]).toEqual([0.5, [1]])
    expect(assess(task.model, { loss: task.loss })(start, batch)).toEqual({ loss: 0.5 }) // prettier-ignore
  })

  test("all ignored, all reductions", () => {
    for (const reduction of ["mean", "sum"] as const)
      expect(item(crossEntropy.with({ ignored: -1, reduction })(zeros([2, 3]), i32([-1, -1])))).toBe(0)
    expect(toArray(crossEntropy.with({ ignored: -1, reduction: "none" })(zeros([2, 3]), i32([-1, -1])))).toEqual([0, 0])
  })

  test("over axes besides the batch", () => {
    const weights = tensor([[1, 1], [1, 0]]) // prettier-ignore
    const labels = i32([[0, 1], [1, -5]]) // prettier-ignore
    expect(item(crossEntropy(zeros([2, 2, 3], "f64"), labels, weights))).toBeCloseTo(Math.log(3), 12)
  })
})

describe("numerics", () => {
  test("of f32 far out and near", () => {
    const [x, zero] = [tensor([-1e30, 1e30, 1e-6]), zeros([3])]
    const close = (found: Tensor, expected: readonly number[]) => {
      Array.from(toTyped(found)).forEach((y, i) => expect(y / (expected[i] ?? NaN)).toBeCloseTo(1, 5)) // prettier-ignore
    }
    const each = (loss: (x: Tensor) => Tensor): Tensor => tensor((toArray(x) as number[]).map(y => item(loss(tensor([y]))))) // prettier-ignore
    close(
      each(x => logCoshLoss(x, zeros([1]))),
      [1e30, 1e30, 5e-13]
    )
    close(
      each(x => huberLoss(x, zeros([1]))),
      [1e30, 1e30, 5e-13]
    )
    for (const loss of [logCoshLoss, huberLoss]) expect((slopes(x => loss(x, zero), x) as number[]).every(Number.isFinite)).toBe(true) // prettier-ignore
    const sure = tensor([[-200, 200]])
    expect(item(focalLoss(sure, tensor([[1, 0]])))).toBeCloseTo((0.25 * 200 + 0.75 * 200) / 2, 3)
    expect((slopes(x => focalLoss.with({ gamma: 0 })(x, tensor([[0, 1]])), sure) as number[][]).flat()).toEqual([0, 0])
    expect(item(binaryCrossEntropy(tensor([-20]), tensor([0])))).toBeCloseTo(2.0611536e-9, 15)
  })

  test("of vectors of length 0, and of what is not wanted at all", () => {
    expect(item(cosineLoss(zeros([1, 2]), ones([1, 2])))).toBe(1)
    expect((slopes(x => cosineLoss(x, ones([1, 2])), zeros([1, 2])) as number[][]).flat().every(Number.isFinite)).toBe(true) // prettier-ignore
    const never = tensor([[0, -Infinity]])
    expect(item(klDivergence(never, tensor([[1, 0]])))).toBe(0)
    expect(item(crossEntropy(never, tensor([[1, 0]])))).toBe(0)
  })
})

describe("ctcLoss", () => {
  test("is NaN of a NaN that counts, and not the cost of what is impossible", () => {
    const logits = tensor([[[0, 0], [NaN, 0]], [[0, 0], [0, 0]]]) // prettier-ignore
    const each = ctcLoss.with({ reduction: "none" })(logits, { labels: i32([[1], [1]]) })
    expect(toArray(each)).toEqual([NaN, expect.closeTo(Math.log(4 / 3), 6)])
  })

  const labels = i32([[1, 1]])

  test("of labels that do not fit is infinite, of derivative 0", () => {
    const loss = (x: Tensor) => ctcLoss(x, { labels })
    expect(item(loss(zeros([1, 2, 2])))).toBe(Infinity) // a blank must stand between
    expect(item(loss(zeros([1, 3, 2], "f64")))).toBeCloseTo(Math.log(8), 12)
    expect(slopes(loss, zeros([1, 2, 2]))).toEqual([[[0, 0], [0, 0]]]) // prettier-ignore
    expect(item(compile(loss)(zeros([1, 3, 2], "f64")))).toBeCloseTo(Math.log(8), 12)
  })

  test("does not look beyond lengths, and takes no labels and no places", () => {
    const target = { labels: i32([[1, 9]]), labelLengths: i32([1]), inputLengths: i32([2]) }
    const x = tensor([[[0, 0], [0, 0], [NaN, Infinity]]], { dtype: "f64" }) // prettier-ignore
    expect(item(ctcLoss(x, target))).toBeCloseTo(Math.log(4 / 3), 12)
    expect((slopes(x => ctcLoss(x, target), x) as number[][][]).flat(2).every(Number.isFinite)).toBe(true)
    const none = zeros([1, 0], "i32")
    expect(item(ctcLoss(zeros([1, 2, 4], "f64"), { labels: none }))).toBeCloseTo(2 * Math.log(4), 12)
    expect(item(ctcLoss(zeros([1, 0, 4]), { labels: none }))).toBe(0)
  })

  test("of what is no transcript is NaN where it is not known, but where it does not count", () => {
    const each = ctcLoss.with({ reduction: "none" })
    const [labels, labelLengths, inputLengths] = [i32([[1, 1], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1], [1, 1]]), i32([2, 1, 2, 3, -1, 2, 2]), i32([3, 3, 3, 3, 3, 4, -3])] // prettier-ignore
    const loss = (weights?: Tensor) => compile((x: Tensor, y: nn.Transcript) => each(x, y, weights))
    const [x, y] = [zeros([7, 3, 2]), { labels, labelLengths, inputLengths }] as const
    expect([...toTyped(loss()(x, y))].map(Number.isNaN)).toEqual([false, false, true, true, true, true, true])
    const counted = toTyped(loss(tensor([1, 1, 0, 0, 0, 0, 0]))(x, y))
    expect([...counted]).toEqual([...toTyped(loss()(x, y)).slice(0, 2), 0, 0, 0, 0, 0])
    expect(item(ctcLoss(x, y, tensor([1, 1, 0, 0, 0, 0, 0])))).toBeGreaterThan(0)
  })
})

const wrong = (options: object): never => options as never
const [two, three] = [zeros([2, 3]), zeros([3, 3])]

test.each<readonly [string, string, () => unknown]>([
  [
    "ShapeError",
    "squaredError: expected prediction and target of one shape; got [2, 3] and [3, 3]",
    () => nn.squaredError(two, three)
  ],
  [
    "DTypeError",
    "squaredError: expected a target of f32; got f64[2, 3]",
    () => nn.squaredError(two, zeros([2, 3], "f64"))
  ],
  ["DTypeError", "absoluteError: expected f32 or f64; got i32", () => nn.absoluteError(i32([1]), i32([1]))],
  ["ShapeError", "huberLoss: expected weights of shape [2]; got [3]", () => huberLoss(two, two, zeros([3]))],
  ["DataError", "huberLoss: expected weights as a tensor; got 2", () => huberLoss(two, two, wrong(2 as never))],
  [
    "HyperparameterError",
    "huberLoss: expected delta to be a finite number > 0 that f32 can hold; got 0",
    () => huberLoss.with({ delta: 0 })
  ],
  [
    "HyperparameterError",
    "quantileLoss: expected quantile to be a number from 0 to 1; got 2",
    () => nn.quantileLoss.with({ quantile: 2 })
  ],
  [
    "HyperparameterError",
    'crossEntropy: expected reduction to be mean or sum or none; got "avg"',
    () => crossEntropy.with({ reduction: wrong("avg" as never) })
  ],
  [
    "HyperparameterError",
    'crossEntropy: expected options among smoothing, ignored, classWeights, reduction; got "ignore" (did you mean "ignored"?)',
    () => crossEntropy.with(wrong({ ignore: 1 }))
  ],
  [
    "ShapeError",
    "crossEntropy: expected as many classWeights as classes, 3; got 2",
    () => crossEntropy.with({ classWeights: [1, 2] })(two, i32([0, 1]))
  ],
  [
    "DTypeError",
    'crossEntropy at "ignored": expected a value that u32 can hold; got -1',
    () => crossEntropy.with({ ignored: -1 })(two, tensor([0, 1], { dtype: "u32" }))
  ],
  [
    "DTypeError",
    'perplexity at "ignored": expected a value that i32 can hold; got 2147483648',
    () => nn.perplexity.with({ ignored: 2 ** 31 })(two, i32([0, 1]))
  ],
  [
    "DTypeError",
    "crossEntropy: expected labels of i32 or u32; got f32",
    () => crossEntropy.with({ ignored: 0 })(two, two)
  ],
  [
    "DTypeError",
    "crossEntropy: expected a target of f32; got f64[2, 3]",
    () => crossEntropy(two, zeros([2, 3], "f64"))
  ],
  [
    "IndexError",
    "crossEntropy: expected labels from 0 to 2 along axis 1; got 5 at place 1",
    () => evaluate(crossEntropy.with({ ignored: -1 })(two, i32([0, 5])))
  ],
  [
    "ShapeError",
    "binaryCrossEntropy: expected one positiveWeight, or as many as outputs, 3; got 2",
    () => binaryCrossEntropy.with({ positiveWeight: [1, 2] })(two, two)
  ],
  ["ShapeError", "cosineLoss: expected vectors […, outputs]; got []", () => cosineLoss(scalar(1), scalar(1))],
  [
    "ShapeError",
    "ctcLoss: expected logits [batch, places, classes] and labels [batch, labels]; got [2, 3] and [1, 2]",
    () => ctcLoss(two, { labels: i32([[1, 1]]) })
  ],
  [
    "ShapeError",
    "ctcLoss: expected lengths of shape [1]; got i32[2]",
    () => ctcLoss(zeros([1, 2, 3]), { labels: i32([[1, 1]]), inputLengths: i32([1, 2]) })
  ],
  [
    "IndexError",
    "ctcLoss: expected a blank from 0 to 2 (3 classes); got 3",
    () => ctcLoss.with({ blank: 3 })(zeros([1, 2, 3]), { labels: i32([[1, 1]]) })
  ],
  [
    "IndexError",
    "ctcLoss: expected labels other than the blank, 2; got 2 at place 3",
    () => ctcLoss.with({ blank: 2 })(zeros([2, 2, 3]), { labels: i32([[1, 2], [1, 2]]), labelLengths: i32([1, 2]) }) // prettier-ignore
  ],
  [
    "IndexError",
    "ctcLoss: expected labelLengths from 0 to 2; got 5 at place 0",
    () => ctcLoss(zeros([1, 2, 3]), { labels: i32([[1, 1]]), labelLengths: i32([5]) })
  ],
  [
    "IndexError",
    "ctcLoss: expected inputLengths from 0 to 3; got -3 at place 0",
    () => ctcLoss(zeros([1, 3, 3]), { labels: i32([[1, 1]]), inputLengths: i32([-3]) })
  ],
  [
    "HyperparameterError",
    'ctcLoss: expected options among labels, labelLengths, inputLengths; got "labelLength" (did you mean "labelLengths"?)',
    () => ctcLoss(zeros([1, 2, 3]), wrong({ labels: i32([[1, 1]]), labelLength: i32([1]) }))
  ],
  [
    "HyperparameterError",
    'weighted: expected options among target, weights; got "weight" (did you mean "weights"?)',
    () => nn.weighted(crossEntropy)(two, wrong({ target: i32([0, 1]), weight: zeros([2]) }))
  ],
  [
    "DataError",
    "ctcLoss: expected { labels, labelLengths?, inputLengths? }; got undefined",
    () => ctcLoss(zeros([1, 2, 3]), wrong({}))
  ],
  [
    "DataError",
    "weighted: expected { target, weights }; got undefined",
    () => nn.weighted(crossEntropy)(two, wrong({ target: i32([0, 1]) }))
  ]
])("%s %s", (name, message, use) => {
  expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
})
