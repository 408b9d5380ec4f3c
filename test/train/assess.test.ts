import { describe, expect, test } from "vitest"
import { concat, item, mean, reshape, sub, sum, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import {
  accuracy,
  crossEntropy,
  dense,
  dropout,
  sequential,
  stateless,
  weighted,
  type Layer,
  type Weighable
} from "thalweg/nn"
import { key } from "thalweg/random"
import { assess, initTraining, predict } from "thalweg/train"
import { classes, line, points, squaredError, task } from "./tasks.js"

const trained = initTraining(task)(key(2), zeros([1, 3]))
const data = classes(23)

describe("predict", () => {
  test("does not depend on the size of the batches, and keeps the order", () => {
    const whole = predict(task.model, { fusedMultiplyAdd: false })(trained, data.x)
    expect(whole.shape).toEqual([23, 2])
    for (const batchSize of [1, 2, 7, 22, 23, 500])
      expect(toTyped(predict(task.model, { batchSize, fusedMultiplyAdd: false })(trained, data.x))).toEqual(
        toTyped(whole)
      )
    const [direct] = task.model.apply(trained.params, trained.state, data.x, { training: false })
    expect(toTyped(whole)).toEqual(toTyped(direct))
  })

  test("drops nothing, and needs neither optimizer nor key", () => {
    const model = sequential(dropout({ rate: 0.9 }))
    const x = tensor([[1, 2, 3]])
    expect(toArray(predict(model)({ params: [[]], state: [[]] }, x))).toEqual([[1, 2, 3]])
  })

  test("says where a model gives other examples than it takes", () => {
    const twice: Layer<readonly []> = stateless("twice", x => concat([x, x]))
    const message = "predict: expected outputs of as many examples as inputs, 3; got f32[6, 1]"
    expect(() => predict(twice)({ params: [], state: [] }, zeros([3, 1]))).toThrow(message)
    expect(() => predict(stateless("total", x => sum(x)))({ params: [], state: [] }, zeros([3, 1]))).toThrow("got f32[]") // prettier-ignore
  })

  test("gives literals, and can be used again", () => {
    const run = predict(task.model, { batchSize: 5 })
    const before = toTyped(run(trained, data.x))
    const other = initTraining(task)(key(3), zeros([1, 3]))
    expect(toTyped(run(other, data.x))).not.toEqual(before)
    expect(toTyped(run(trained, data.x))).toEqual(before)
    expect(run(trained, data.x).op.kind).toBe("literal")
  })

  test.each([
    [
      "HyperparameterError",
      "predict: expected batchSize to be a whole number ≥ 1; got 0",
      () => predict(task.model, { batchSize: 0 })
    ],
    [
      "HyperparameterError",
      'predict: expected options among batchSize, fusedMultiplyAdd; got "batchsize"',
      () => predict(task.model, { batchsize: 5 } as object)
    ],
    [
      "DataError",
      "batches: expected at least one example; got an empty data set",
      () => predict(task.model)(trained, zeros([0, 3]))
    ],
    [
      "DataError",
      "predict: expected a tensor; got an array of 1 (write tensor(…))",
      () => predict(task.model)(trained, [[1, 2, 3]] as never)
    ],
    [
      "ShapeError",
      'dense at "0": expected inputs of 4 features; got f32[23, 3]',
      () => predict(task.model)({ ...trained, params: initTraining(task)(key(0), zeros([1, 4])).params }, data.x)
    ]
  ])("refuses with a %s: %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })
})

describe("assess", () => {
  const metrics = { loss: crossEntropy, accuracy }

  test("means over examples, whatever the size of the batches: an unequal last batch counts for what it holds", () => {
    const [logits] = task.model.apply(trained.params, trained.state, data.x, { training: false })
    const expected = { loss: item(crossEntropy(logits, data.y)), accuracy: item(accuracy(logits, data.y)) }
    for (const batchSize of [1, 2, 5, 22, 23, 1000]) {
      const found = assess(task.model, metrics, { batchSize })(trained, data)
      expect(Object.keys(found)).toEqual(["loss", "accuracy"])
      expect(found.loss).toBeCloseTo(expected.loss, 6)
      expect(found.accuracy).toBeCloseTo(expected.accuracy, 6)
    }
  })

  test("is exact in f64, by a plain loop", () => {
    const held = points(10, 4)
    const { params } = line.init(key(0), zeros([1, 2]))
    const [a, b] = [...toTyped(params.slope)] as [number, number]
    const [xs, ys] = [toArray(held.x) as number[][], toArray(held.y) as number[]]
    const errors = xs.map(([u = 0, v = 0], i) => a * u + b * v - (ys[i] ?? NaN))
    const square = errors.reduce((total, e) => total + e * e, 0) / 10
    const bias = errors.reduce((total, e) => total + e, 0) / 10
    const off = (output: Tensor, target: Tensor): Tensor => mean(sub(reshape(output, [-1]), target))
    for (const batchSize of [1, 3, 4, 10]) {
      const found = assess(line, { square: squaredError, bias: off }, { batchSize })({ params, state: [] }, held)
      expect(found.square).toBeCloseTo(square, 12)
      expect(found.bias).toBeCloseTo(bias, 12)
    }
  })

  test("losses that do not count all alike are those of the whole, whatever the size of the batches", () => {
    const x = tensor([[1, 0], [0, 2], [3, 0], [0, 1], [0, 0]]) // prettier-ignore
    const target = tensor([0, 1, 2, 0, 2], { dtype: "i32" })
    const model = sequential(dense({ units: 3 }))
    const { params, state } = model.init(key(1), x)
    const known = { params, state }
    const logits = predict(model)(known, x)
    const y = { target, weights: tensor([3, 0, 1, 0.5, 0]) }
    for (const batchSize of [1, 2, 3, 5]) {
      const wholly = (loss: Weighable) =>
        expect(assess(model, { loss }, { batchSize })(known, { x, y: target }).loss).toBeCloseTo(
          item(loss(logits, target)),
          6
        )
      wholly(crossEntropy)
      wholly(crossEntropy.with({ ignored: 2 }))
      wholly(crossEntropy.with({ classWeights: [1, 5, 0] }))
      wholly(crossEntropy.with({ classWeights: [1, 5, 0.5], ignored: 0 }))
      const found = assess(model, { loss: weighted(crossEntropy) }, { batchSize })(known, { x, y })
      expect(found.loss).toBeCloseTo(item(crossEntropy(logits, target, y.weights)), 6)
    }
    const nothing = assess(model, { loss: crossEntropy.with({ ignored: 2 }) }, { batchSize: 1 })
    expect(nothing(known, { x, y: tensor([2, 2, 2, 2, 2], { dtype: "i32" }) }).loss).toBe(0)
  })

  test("a metric of one's own tells what its value weighs", () => {
    const x = tensor([[1], [2], [6]])
    const first = Object.assign((y: Tensor) => mean(y), { weight: (y: Tensor) => sum(y) })
    expect(assess(sequential(), { first }, { batchSize: 2 })({ params: [], state: [] }, { x, y: x }).first).toBe(4.5)
    const odd = Object.assign((y: Tensor) => mean(y), { weight: (y: Tensor) => y })
    expect(() => assess(sequential(), { odd })({ params: [], state: [] }, { x, y: x })).toThrow("the metric odd.weight")
  })

  test("two thirds right in a batch of three and none in a batch of one is a half", () => {
    const sure = { params: [{ kernel: zeros([1, 2]), bias: tensor([1, 0]) }] as const, state: [[]] as const }
    const model = sequential(dense({ units: 2 }))
    const labels = { x: zeros([4, 1]), y: tensor([0, 0, 1, 1], { dtype: "i32" }) }
    expect(assess(model, { accuracy }, { batchSize: 3 })(sure, labels).accuracy).toBeCloseTo(0.5, 7)
  })

  test("drops nothing; no metrics give no means", () => {
    const model = sequential(dropout({ rate: 0.9 }))
    const x = tensor([[1], [2], [3]])
    const first = (y: Tensor): Tensor => mean(y)
    expect(assess(model, { first })({ params: [[]], state: [[]] }, { x, y: x })).toEqual({ first: 2 })
    expect(assess(model, {})({ params: [[]], state: [[]] }, { x, y: x })).toEqual({})
  })

  test.each([
    [
      "HyperparameterError",
      "assess: expected batchSize to be a whole number ≥ 1; got 1.5",
      () => assess(task.model, metrics, { batchSize: 1.5 })
    ],
    [
      "HyperparameterError",
      'assess: expected options among batchSize, fusedMultiplyAdd; got "size"',
      () => assess(task.model, metrics, { size: 5 } as object)
    ],
    [
      "DataError",
      "assess: expected { params, state }, such as trained of what fit returned, before the examples; got a record with keys trained",
      () => assess(task.model, metrics)({ trained } as never, data)
    ],
    [
      "DataError",
      "predict: expected { params, state }, such as trained of what fit returned, before the examples; got a tensor",
      () => predict(task.model)(data.x as never, trained as never)
    ],
    [
      "DataError",
      "assess: expected at least one example; got an empty data set",
      () => assess(task.model, metrics)(trained, { x: zeros([0, 3]), y: zeros([0], "i32") })
    ],
    [
      "DataError",
      'assess at "y": expected 23 examples in every leaf; got 9',
      () => assess(task.model, metrics)(trained, { ...data, y: zeros([9], "i32") })
    ],
    [
      "ShapeError",
      "the metric each: expected a scalar of outputs and targets",
      () => assess(task.model, { each: (y: Tensor) => sum(y, { axes: 0 }) })(trained, data)
    ]
  ])("refuses with a %s: %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })
})
