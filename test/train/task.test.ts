import { describe, expect, test } from "vitest"
import { scalar, tensor } from "thalweg"
import { accuracy, dense } from "thalweg/nn"
import { adam } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { epochs, fit, initTraining, trainStep } from "thalweg/train"
import { classes, task } from "./tasks.js"

type Untyped = (task: unknown) => (options: unknown) => unknown

/** As from JavaScript, where anything may come. */
const untyped: unknown = [fit, epochs, initTraining, trainStep]
const [anyFit, anyEpochs, anyInit, anyStep] = untyped as readonly [Untyped, Untyped, Untyped, Untyped]

const { model, loss, optimizer } = task

describe("a task that is none is refused by name", () => {
  const cases: readonly (readonly [message: string, task: unknown])[] = [
    ["expected options in a record; got undefined", undefined],
    ["expected options in a record; got a function", () => task],
    ["expected model to be a layer, such as dense({ units: 1 }); got undefined", { loss, optimizer }],
    ["expected model to be a layer, such as dense({ units: 1 }); got a function", { ...task, model: dense }],
    [
      "expected model to be a layer, such as dense({ units: 1 }); got an array of 1",
      { ...task, model: [dense({ units: 2 })] }
    ],
    ["expected optimizer to be an optimizer, such as adam(); got a function", { ...task, optimizer: adam }],
    ['expected optimizer to be an optimizer, such as adam(); got "adam"', { ...task, optimizer: "adam" }],
    ["expected optimizer to be an optimizer, such as adam(); got undefined", { model, loss }],
    ["expected loss to be a function; got 0.5", { ...task, loss: 0.5 }],
    [
      'expected options among model, optimizer, loss; got "optimiser" (did you mean "optimizer"?)',
      { model, loss, optimiser: optimizer }
    ]
  ]

  test.each(cases)("%s", (message, given) => {
    const error = (operation: string) =>
      expect.objectContaining({ name: "HyperparameterError", message: `${operation}: ${message}` }) as Error
    expect(() => anyFit(given)).toThrow(error("fit"))
    expect(() => anyEpochs(given)).toThrow(error("epochs"))
    expect(() => anyInit(given)).toThrow(error("initTraining"))
    expect(() => anyStep(given)).toThrow(error("trainStep"))
  })

  test("a loss is not needed where nothing is trained yet, but is one if it is there", () => {
    expect(() => anyInit({ model, optimizer })).not.toThrow()
    expect(() => anyStep({ model, optimizer })).toThrow("trainStep: expected loss to be a function; got undefined")
  })

  test("a layer of a class is one", () => {
    class Mine {
      readonly name = "mine"
      init = dense({ units: 2 }).init
      apply = dense({ units: 2 }).apply
    }
    const { state } = fit({ ...task, model: new Mine(), optimizer: adam() })({ train: classes(8), epochs: 1, batchSize: 8, key: key(0) }) // prettier-ignore
    expect(state.params.kernel.shape).toEqual([3, 2])
  })
})

describe("options of fit that are none are refused by name", () => {
  const options = { train: classes(8), epochs: 1, batchSize: 4, key: key(0) }
  const whole = (name: string, got: string): string => `${name} to be a whole number ≥ 1; got ${got}`
  const KEY = "key to be a key, such as key(0) of thalweg/random"
  const cases: readonly (readonly [expected: string, change: object])[] = [
    ["train to be a record of tensors x and y; got undefined", { train: undefined }],
    ["train to be a record of tensors x and y; got a record with keys x", { train: { x: options.train.x } }],
    ["train to be a record of tensors x and y; got null", { train: null }],
    ["validation to be a record of tensors x and y; got a record with keys x", { validation: { x: options.train.x } }],
    [`${KEY}; got undefined`, { key: undefined }],
    [`${KEY}; got 0`, { key: 0 }],
    [whole("batchSize", "0"), { batchSize: 0 }],
    [whole("batchSize", "-1"), { batchSize: -1 }],
    ["metrics to be a record of functions, none of them named loss, which is told anyway, nor alike but for the case of a first letter; got the function accuracy", { metrics: accuracy }], // prettier-ignore
    ["metrics to be a record of functions, none of them named loss, which is told anyway, nor alike but for the case of a first letter; got a record with keys Loss", { metrics: { Loss: accuracy } }], // prettier-ignore
    ["metrics to be a record of functions, none of them named loss, which is told anyway, nor alike but for the case of a first letter; got a record with keys Err, err", { metrics: { err: accuracy, Err: accuracy } }], // prettier-ignore
    ["signal to be an AbortSignal; got true", { signal: true }],
    ["clock to be a function; got 12", { clock: 12 }],
    ['divergence to be stop or ignore; got "go on"', { divergence: "go on" }]
  ]

  test.each(cases)("%s", (expected, change) => {
    const error = { name: "HyperparameterError", message: `fit: expected ${expected}` }
    expect(() => anyFit(task)({ ...options, ...change })).toThrow(expect.objectContaining(error) as Error)
  })

  test("metrics that are no functions are named", () => {
    expect(() => anyFit(task)({ ...options, metrics: { accuracy: 3 } })).toThrow(
      "fit: expected accuracy to be a function of outputs and targets; got 3"
    )
  })

  const inside: readonly (readonly [expected: string, earlyStopping: unknown])[] = [
    [whole("patience", "0"), { patience: 0 }],
    [whole("patience", "undefined"), {}],
    ["minDelta to be a finite number ≥ 0; got -1", { patience: 1, minDelta: -1 }],
    ["restoreBest to be true or false; got 1", { patience: 1, restoreBest: 1 }],
    [
      'options among patience, minDelta, restoreBest; got "min_delta" (did you mean "minDelta"?)',
      { patience: 1, min_delta: 0 }
    ],
    ["options in a record; got 3", 3]
  ]
  test.each(inside)("earlyStopping: %s", (expected, earlyStopping) => {
    const error = { name: "HyperparameterError", message: `fit at "earlyStopping": expected ${expected}` }
    expect(() => anyFit(task)({ ...options, earlyStopping })).toThrow(expect.objectContaining(error) as Error)
  })

  test("a key that is a tensor, but no key, is an error of the key", () => {
    for (const wrong of [tensor([0, 1]), scalar(1)])
      expect(() => anyFit(task)({ ...options, key: wrong })).toThrow(
        expect.objectContaining({ name: "KeyError" }) as Error
      )
    expect(() => anyFit(task)(undefined)).toThrow("fit: expected options in a record; got undefined")
  })

  test("epochs says its own name", () => {
    expect(() => anyEpochs(task)({ ...options, epochs: 0 })).toThrow(`epochs: expected ${whole("epochs", "0")}`)
    expect(() => anyEpochs(task)({ ...options, onStep: () => 0 })).toThrow('got "onStep"')
  })
})
