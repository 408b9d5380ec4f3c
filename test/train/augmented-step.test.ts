import { describe, expect, test } from "vitest"
import { add, evaluate, mul, oneHot, sliceAxis, type Tensor } from "thalweg"
import { accuracy, crossEntropy, dense, sequential } from "thalweg/nn"
import { adam } from "thalweg/optimizer"
import { foldIn, key, normal, split } from "thalweg/random"
import { assess, augmentedStep, batches, fit, initTraining, mixup, trainStep, type Dataset } from "thalweg/train"
import { bitsOf } from "../support.js"
import { classes, task } from "./tasks.js"

const soft = (n: number, seed = 0): Dataset => {
  const { x, y } = classes(n, seed)
  return { x, y: oneHot(y, 2) }
}
const jitter = (k: Tensor, { x, y }: Dataset): Dataset => ({ x: add(x, mul(normal(k, x.shape), 0.5)), y })
const [train, validation] = [soft(22), soft(9, 1)]
const options = { train, validation, epochs: 2, batchSize: 8, key: key(5), fusedMultiplyAdd: false }

describe("batches that are changed before their steps", () => {
  test.each([
    ["by noise", jitter],
    ["by mixing, labels too", mixup({ alpha: 0.5 })]
  ])("%s: anew at each step, by a key of the state", (_, augment) => {
    const fitted = fit(task)({ ...options, augment, epochs: 1 })
    const start = initTraining(task)(options.key, train.x)
    const cut = [...batches({ batchSize: 8, key: split(start.key, 3)[2] })(train)]
    const step = trainStep(task)
    const last = cut.reduce((state, batch) => evaluate(step(state, augment(foldIn(state.key, 3), batch))[0]), start)
    expect(bitsOf(fitted.state)).toEqual(bitsOf(last))
    const own = cut.reduce((state, batch) => evaluate(augmentedStep(step, augment)(state, batch)[0]), start)
    expect(bitsOf(own)).toEqual(bitsOf(last))
    expect(bitsOf(fitted.state)).not.toEqual(bitsOf(fit(task)({ ...options, epochs: 1 }).state))
  })

  test("training that goes on is one long training; what changes nothing changes nothing", () => {
    const on = { ...options, augment: jitter }
    const twice = fit(task)({ ...on, epochs: 1, from: fit(task)({ ...on, epochs: 1 }) })
    expect(bitsOf(twice.state)).toEqual(bitsOf(fit(task)(on).state))
    const still = fit(task)({ ...options, augment: (_, batch) => batch })
    expect(bitsOf(still.state)).toEqual(bitsOf(fit(task)(options).state))
  })

  test("validation sees them as they are", () => {
    const metrics = { accuracy }
    const { history, trained } = fit(task)({ ...options, metrics, augment: (_, { x, y }) => ({ x: mul(x, 0), y }) })
    const whole = { fusedMultiplyAdd: false }
    const found = assess(task.model, { accuracy, loss: task.loss }, whole)(trained, validation)
    expect(history.at(-1)).toMatchObject({ validationAccuracy: found.accuracy, validationLoss: found.loss })
  })

  test("learns from labels that are mixed", () => {
    const mixing = {
      model: sequential(dense({ units: 2 })),
      loss: crossEntropy,
      optimizer: adam({ learningRate: 0.05 })
    }
    const { history } = fit(mixing)({ ...options, augment: mixup(), metrics: { accuracy }, epochs: 30 })
    expect(history.at(-1)?.validationAccuracy).toBeGreaterThan(0.85)
  })

  const failing = (augment: unknown) => () => fit(task)({ ...options, augment: augment as typeof jitter })
  test.each([
    ["HyperparameterError", "fit: expected augment to be a function; got 3", failing(3)],
    ["DataError", "augment: expected a data set { x, y } of tensors", failing((_: Tensor, { x }: Dataset) => x)],
    ["DataError", "augment: expected 8 examples, as before; got 4", failing((_: Tensor, { x, y }: Dataset) => ({ x: sliceAxis(x, 0, 0, 4), y: sliceAxis(y, 0, 0, 4) }))], // prettier-ignore
    ["DataError", "augmentedStep: expected a function of a key and a batch, such as mixup(); got 3", () => augmentedStep(trainStep(task), 3 as never)], // prettier-ignore
    ["DataError", "augmentedStep: expected a step, such as trainStep(task); got 3", () => augmentedStep<never, Tensor, Tensor, never>(3 as never, jitter)] // prettier-ignore
  ])("or a %s: %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })
})
