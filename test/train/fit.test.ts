import { describe, expect, expectTypeOf, test } from "vitest"
import { compile, item, mean, ones, pipe, reshape, square, sub, tensor, Tree, zeros, type Tensor } from "thalweg"
import { batchNorm, crossEntropy, dense, rnnCell, sequential, stateful, type Layer } from "thalweg/nn"
import { adam, lookahead, optimizer, partition, sgd } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { exponential } from "thalweg/schedule"
import { assess, batches, fit, initTraining, trainStep, type Progress, type StepsFold } from "thalweg/train"
import { classes, line, points, squaredError, task } from "./tasks.js"
import { bitsOf } from "../support.js"

const [train, validation] = [classes(22), classes(9, 1)]
const options = { train, validation, epochs: 3, batchSize: 8, key: key(5) }

/** Of batches of 8, 8 and 6: examples, not batches, are of equal weight. */
const meanLoss = ([a = NaN, b = NaN, c = NaN]: readonly number[]): number => (8 / 22) * a + (8 / 22) * b + (6 / 22) * c

test("a start is asked for by its key, where there is none", () => {
  const { key: _, ...keyless } = options
  // @ts-expect-error -- Property 'key' is missing
  expect(() => fit(task)(keyless)).toThrow("fit: expected key to be a key")
})

describe("fit", () => {
  test("is the fold of trainStep over batches shuffled by its key, to the last bit", () => {
    const { state, history } = fit(task)(options)
    const step = compile(trainStep(task))
    const validate = assess(task.model, { loss: task.loss })
    let current = initTraining(task)(options.key, zeros([1, 3]))
    const expected = [1, 2, 3].map(epoch => {
      const made = [...batches({ batchSize: 8, key: split(current.key, 3)[2] })(train)].map(batch => {
        const [next, { loss, gradientNorm, parameterNorm }] = step(current, batch)
        current = next
        return [loss, gradientNorm, parameterNorm].map(item)
      })
      const deployed = { ...current, params: task.optimizer.evalParams(current.params, current.optimizer) }
      return {
        epoch,
        trainLoss: meanLoss(made.map(([loss = NaN]) => loss)),
        validationLoss: validate(deployed, validation).loss,
        gradientNorm: meanLoss(made.map(([_, norm = NaN]) => norm)),
        parameterNorm: made[2]?.[2]
      }
    })
    expect(history).toEqual(expected)
    expect(bitsOf(state)).toEqual(bitsOf(current))
  })

  test("validates the weights that the optimizer would deploy, not those it trains", () => {
    const optimizer = pipe(sgd({ learningRate: 0.1 }), lookahead({ every: 1000 }))
    const [data, held] = [points(20), points(10, 1)]
    const { history, trained } = fit({ model: line, loss: squaredError, optimizer })({
      ...options,
      train: data,
      validation: held
    })
    const initial = initTraining({ model: line, optimizer })(key(0), zeros([1, 2]))
    const untrained = assess(line, { loss: squaredError })(initial, held).loss
    expect(history.map(({ validationLoss }) => validationLoss)).toEqual([untrained, untrained, untrained])
    expect(bitsOf(trained.params)).toEqual(bitsOf(initial.params))
    expect(history[2]?.trainLoss).toBeLessThan(0.5 * (history[0]?.trainLoss ?? 0))
  })

  test("where nothing moves, the training loss is the loss over the data set, whatever the size of the batches", () => {
    const still = { model: line, loss: squaredError, optimizer: sgd({ learningRate: 0 }) }
    const data = points(22)
    for (const batchSize of [1, 8, 21, 22, 40]) {
      const { history, trained } = fit(still)({ ...options, train: data, validation: data, batchSize })
      const { loss } = assess(line, { loss: squaredError })(trained, data)
      history.forEach(({ trainLoss }) => expect(trainLoss).toBeCloseTo(loss, 12))
    }
  })

  test("the same key gives the same bits; another key, or without watchers, is as it should be", () => {
    const once = fit(task)(options)
    const watched = fit(task)({ ...options, onStep: () => undefined, onEpoch: () => undefined })
    expect([bitsOf(watched.state), watched.history]).toEqual([bitsOf(once.state), once.history])
    expect(bitsOf(fit(task)({ ...options, key: key(6) }).state)).not.toEqual(bitsOf(once.state))
  })

  test("trains longer from the same beginning: the history of fewer epochs is a prefix", () => {
    expect(fit(task)({ ...options, epochs: 5 }).history.slice(0, 3)).toEqual(fit(task)(options).history)
  })

  test("tells each step and each epoch, in order, with their numbers", () => {
    type End = { readonly _tag: "Epoch"; readonly epoch: number }
    const told: (Progress | End)[] = []
    const optimizer = adam({ learningRate: exponential({ start: 0.1, rate: 0.5 }) })
    const watch = (event: Progress | End): void => void told.push(event)
    const { history } = fit({ ...task, optimizer })({ ...options, epochs: 2, onStep: watch, onEpoch: watch })
    const steps = told.filter((event): event is Progress => "step" in event)
    expect(told.map(event => ("step" in event ? event.step : `epoch ${event.epoch}`))).toEqual([
      1,
      2,
      3,
      "epoch 1",
      4,
      5,
      6,
      "epoch 2"
    ])
    expect(steps.map(({ epoch, steps: all }) => [epoch, all])).toEqual([[1, 6], [1, 6], [1, 6], [2, 6], [2, 6], [2, 6]]) // prettier-ignore
    steps.forEach(({ rate }, i) => expect(rate).toBeCloseTo(0.1 * 0.5 ** i, 15))
    expect(told.filter(event => event._tag === "Epoch")).toMatchObject(history)
    const losses = (epoch: number) => steps.filter(s => s.epoch === epoch).map(({ loss }) => loss)
    history.forEach(({ epoch, trainLoss }) => expect(trainLoss).toBe(meanLoss(losses(epoch))))
  })

  test("learns", () => {
    const { history } = fit(task)({ ...options, train: classes(200), validation: classes(50, 1), epochs: 12 })
    const losses = history.map(({ validationLoss }) => validationLoss)
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0))
    expect(losses.at(-1)).toBeLessThan(0.2)
  })

  test("types what will be there as a promise, also where types are stated", () => {
    const later = fit(task)<"accuracy", typeof validation, StepsFold>
    expectTypeOf(later).returns.resolves.toHaveProperty("history")
    const now = fit(task)<"accuracy", typeof validation>
    expectTypeOf(now).returns.toHaveProperty("history")
  })

  test("types the state by model and optimizer", () => {
    const { state } = fit({ model: sequential(dense({ units: 2 })), loss: crossEntropy, optimizer: adam() })({
      ...options,
      epochs: 1
    })
    expectTypeOf(state.params[0].kernel).toEqualTypeOf<Tensor>()
    expectTypeOf(state.optimizer.inner[0].mu).toEqualTypeOf(state.params)
    expect(Tree.sameStructure(state.optimizer.inner[0].mu, state.params)).toBe(true)
  })

  test("one epoch of one batch larger than the data is one step", () => {
    let steps = 0
    fit(task)({
      ...options,
      epochs: 1,
      batchSize: 1000,
      onStep: () => {
        steps++
      }
    })
    expect(steps).toBe(1)
  })

  test("does not change its data", () => {
    const before = bitsOf([train, validation])
    fit(task)(options)
    expect(bitsOf([train, validation])).toEqual(before)
  })
})

test("what does not fill the last batch of an epoch may be left out, other examples each time", () => {
  const normed = { ...task, model: sequential(dense({ units: 4 }), batchNorm(), dense({ units: 2 })) }
  const nine = { ...options, train: classes(9), epochs: 2 }
  expect(() => fit(normed)(nine)).toThrow('is left out by remainder: "drop"')
  const { history, state } = fit(normed)({ ...nine, remainder: "drop" })
  expect(history).toHaveLength(2)
  expect(item(state.optimizer.count)).toBe(2)
  expect(() => fit(task)({ ...options, train: classes(7), remainder: "drop" })).toThrow(
    'fit at "train": expected 8 examples at least, where a remainder is dropped; got 7'
  )
})

test("a model that keeps what it read begins as a batch needs it", () => {
  const memory = { ...task, loss: squaredError, model: stateful()(rnnCell({ units: 1 })) }
  const { state } = fit(memory)({
    train: { x: ones([4, 3, 1]), y: ones([4, 3, 1]) },
    epochs: 1,
    batchSize: 2,
    key: key(0)
  })
  expect(state.state.hidden.shape).toEqual([2, 1])
})

test.each<[string, (count: Tensor) => object, string]>([
  [
    "structure",
    count => ({ count, more: count }),
    "expected a next state that is a record with keys count; got a record with keys count, more"
  ],
  ["shape", () => ({ count: zeros([2]) }), 'at "state/count": expected a next state of f32[]; got f32[2]'],
  ["dtype", () => ({ count: zeros([], "i32") }), 'at "state/count": expected a next state of f32[]; got i32[]']
])("refuses a model whose state changes its %s, at the first step", (_, after, message) => {
  type Count = { readonly count: Tensor }
  const model: Layer<readonly [], Count> = {
    name: "counting",
    init: () => ({ params: [], state: { count: zeros([]) } }),
    apply: (_, { count }, x) => [x, after(count) as Count]
  }
  const counting = { model, loss: squaredError, optimizer: sgd({ learningRate: 1 }) }
  const once = { train: { x: ones([2, 1]), y: ones([2, 1]) }, epochs: 1, batchSize: 2, key: key(0) }
  expect(() => fit(counting)(once)).toThrow(message)
  expect(() => trainStep(counting)(initTraining(counting)(key(0), once.train.x), once.train)).toThrow(message)
})

test("refuses an optimizer whose state changes, at the first step", () => {
  const growing = optimizer<never>({
    init: () => [],
    update: (updates: Tree, state: Tree) => [updates, [state, zeros([])]]
  } as never)
  const once = { train: { x: ones([2, 1]), y: ones([2, 1]) }, epochs: 1, batchSize: 2, key: key(0) }
  const task = { model: dense({ units: 1 }), loss: squaredError, optimizer: growing }
  expect(() => fit(task)(once)).toThrow('trainStep at "optimizer/inner": expected a next state that is')
})

describe("fit refuses", () => {
  const run = (change: object) => () => fit(task)({ ...options, ...change })
  const whole = (option: string, got: string) => `fit: expected ${option} to be a whole number ≥ 1; got ${got}`
  const bad = { x: zeros([3, 3]), y: tensor([0, 5, 1], { dtype: "i32" }) }
  test.each([
    ["HyperparameterError", whole("epochs", "0"), run({ epochs: 0 })],
    ["HyperparameterError", whole("epochs", "1.5"), run({ epochs: 1.5 })],
    ["HyperparameterError", whole("epochs", "NaN"), run({ epochs: NaN })],
    ["HyperparameterError", whole("epochs", "Infinity"), run({ epochs: Infinity })],
    ["HyperparameterError", whole("batchSize", "0"), run({ batchSize: 0 })],
    ["HyperparameterError", whole("batchSize", "2.5"), run({ batchSize: 2.5 })],
    ["HyperparameterError", 'fit: expected options among train, validation, epochs, batchSize, remainder, augment, key, from, metrics, monitor, earlyStopping, divergence, signal, fusedMultiplyAdd, clock, fold, onStep, onEpoch; got "onepoch"', run({ onepoch: () => 0 })], // prettier-ignore
    ["HyperparameterError", "fit: expected train to be a record of tensors x and y; got undefined", run({ train: undefined })], // prettier-ignore
    ["DataError", 'fit at "train/x": expected a tensor; got an array of 1 (write tensor(…))', run({ train: { x: [[0, 0]], y: [0] } })], // prettier-ignore
    ["DataError", 'fit at "train": expected x and y alone (weights of examples stand in y, { target, weights }, for a weighted loss); got weights besides', run({ train: { ...train, weights: train.y } })], // prettier-ignore
    ["DataError", 'fit at "validation": expected x and y alone (weights of examples stand in y, { target, weights }, for a weighted loss); got a, b besides', run({ validation: { ...train, a: 1, b: 2 } })], // prettier-ignore
    ["DataError", "trainStep: expected x and y alone (weights of examples stand in y, { target, weights }, for a weighted loss); got weights besides", () => trainStep(task)(initTraining(task)(key(0), train.x), { ...train, weights: train.y } as never)], // prettier-ignore
    ["DataError", "assess: expected x and y alone (weights of examples stand in y, { target, weights }, for a weighted loss); got weights besides", () => assess(task.model, {})({ params: [], state: [] } as never, { ...train, weights: train.y } as never)], // prettier-ignore
    ["DataError", 'fit at "validation/y": expected a tensor; got an instance of Int8Array (write tensor(…))', run({ validation: { ...validation, y: new Int8Array(9) } })], // prettier-ignore
    ["ShapeError", 'dense at "validation/0": expected inputs of 3 features; got f32[9, 5]', run({ validation: { x: zeros([9, 5]), y: validation.y } })], // prettier-ignore
    ["HyperparameterError", "fit: expected key to be a key, such as key(0) of thalweg/random; got 5", run({ key: 5 })],
    ["HyperparameterError", "fit: expected onStep to be a function; got true", run({ onStep: true })],
    ["HyperparameterError", 'fit: expected monitor to be a function; got "validationLoss"', run({ monitor: "validationLoss" })], // prettier-ignore
    [
      "DataError",
      'fit at "train": expected at least one example; got an empty data set',
      run({ train: { x: zeros([0, 3]), y: zeros([0], "i32") } })
    ],
    [
      "DataError",
      'fit at "validation": expected at least one example; got an empty data set',
      run({ validation: { x: zeros([0, 3]), y: zeros([0], "i32") } })
    ],
    [
      "DataError",
      'fit at "train/y": expected 22 examples in every leaf; got 9',
      run({ train: { ...train, y: validation.y } })
    ],
    [
      "DataError",
      'fit at "validation/y": expected 9 examples in every leaf; got 22',
      run({ validation: { ...validation, y: train.y } })
    ],
    ["KeyError", "key", run({ key: tensor([0, 1]) })],
    ["IndexError", "got 5 at place", run({ train: bad })],
    ["IndexError", "got 5 at place 1", run({ validation: bad })],
    [
      "DTypeError",
      "crossEntropy: expected labels of i32 or u32; got f32",
      run({ train: { ...train, y: zeros([22]) } })
    ],
    [
      "ShapeError",
      "crossEntropy: expected logits […, classes] and labels […]; got [8, 2] and [8, 1]",
      run({ train: { ...train, y: zeros([22, 1], "i32") } })
    ],
    ["HyperparameterError", "expected batchSize to be a whole number ≥ 1 and ≤ 9007199254740991; got 9007199254740992", run({ batchSize: 2 ** 53 })], // prettier-ignore
    ["GradientError", "crossEntropy: expected a loss that gives a scalar of f32 or f64, such as a mean over examples; got f32[8]", () => fit({ ...task, loss: crossEntropy.with({ reduction: "none" }) })(options)], // prettier-ignore
    ["GradientError", "a scalar of f32 or f64", () => fit({ ...task, loss: (y: Tensor) => y })(options)]
  ])("with a %s: %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })

  test("a watcher that returns a promise, and says what may await", () => {
    for (const at of ["onStep", "onEpoch"])
      expect(run({ [at]: async () => Promise.resolve("stop") })).toThrow(
        `fit at "${at}": expected "stop" or nothing (\`for (const now of epochs(…)(…))\` may await); got a promise`
      )
  })

  test.each([
    [false, "false"],
    ["Stop", '"Stop"'],
    [null, "null"],
    [1, "1"]
  ])("a watcher that returns %s", (returned, got) => {
    const watch = () => returned as never
    for (const at of ["onStep", "onEpoch"])
      expect(run({ [at]: watch })).toThrow(
        expect.objectContaining({
          name: "DataError",
          message: `fit at "${at}": expected "stop" or nothing; got ${got}`
        }) as Error
      )
  })

  test("nothing else: a loss that is not finite is told, not thrown", () => {
    const diverging = fit({ model: line, loss: squaredError, optimizer: sgd({ learningRate: 1e200 }) })
    const { history } = diverging({ ...options, train: points(20), validation: points(5), divergence: "ignore" })
    expect(history.map(({ validationLoss }) => Number.isFinite(validationLoss))).toEqual([false, false, false])
  })
})

test("losses, metrics and labels of parts may be written where they are given", () => {
  const model = sequential({ body: dense({ units: 2 }), head: dense({ units: 1 }) })
  const own = { train: points(6), epochs: 1, batchSize: 2, key: key(0), metrics: { squaredError } }
  const rates = { slow: sgd({ learningRate: 0.01 }), fast: sgd({ learningRate: 0.1 }) }
  const inline = fit({
    model,
    loss: (output, target) => mean(square(sub(reshape(output, [-1]), target))),
    optimizer: partition(
      rates,
      new Map([
        ["body/**", "slow"],
        ["head/**", "fast"]
      ])
    )
  })(own)
  const labels = { body: { kernel: "slow", bias: "slow" }, head: { kernel: "fast", bias: "fast" } } as const
  const apart = fit({ model, loss: squaredError, optimizer: partition(rates, labels) })(own)
  expect(bitsOf(inline.trained)).toEqual(bitsOf(apart.trained))
  const metrics = { own: (output: Tensor, target: Tensor) => squaredError(output, target) }
  const judged = assess(model, { ...metrics, inline: (output, target) => squaredError(output, target) })
  expect(judged(inline.trained, own.train)).toMatchObject({ own: judged(apart.trained, own.train).inline })
})
