import { describe, expect, expectTypeOf, test } from "vitest"
import {
  eq,
  foldBatches,
  item,
  linspace,
  mul,
  ones,
  pipe,
  scalar,
  sqrt,
  tensor,
  toTyped,
  Tree,
  where,
  zeros,
  type Tensor
} from "thalweg"
import { accuracy, crossEntropy, dense, f1, halfSquaredError, weighted } from "thalweg/nn"
import { accumulate, adam, clipByNorm, freeze, ifFinite, maximize, sgd } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { decodeTree, encodeTree } from "thalweg/spec"
import {
  assess,
  batches,
  epochs,
  fit,
  initTraining,
  predict,
  trainStep,
  type EarlyStoppingOptions,
  type EpochsOptions
} from "thalweg/train"
import { globalNorm } from "thalweg/transform"
import { better } from "../../src/train/early-stopping.js"
import { bitsOf } from "../support.js"
import { classes, line, points, squaredError, task } from "./tasks.js"

const [train, validation] = [classes(22), classes(9, 1)]
const options = { train, validation, epochs: 2, batchSize: 8, key: key(5) }

describe("epochs", () => {
  test("are told step by step, each as it is asked for", () => {
    let applied = 0
    const { model } = task
    const counted = { ...model, apply: (...args: Parameters<typeof model.apply>) => (applied++, model.apply(...args)) }
    const running = epochs({ ...task, model: counted })(options)[Symbol.iterator]()
    expect(applied).toBe(0)
    running.next()
    expect(applied).toBe(1)
    const tags = [...epochs(task)(options)].map(now => (now._tag === "Step" ? now.step : `epoch ${now.epoch}`))
    expect(tags).toEqual([1, 2, 3, "epoch 1", 4, 5, 6, "epoch 2"])
  })

  test("begin anew with every iteration, to the same bits; fit is their fold", () => {
    const lazy = epochs(task)(options)
    const [first] = lazy
    const ends = () => [...lazy].flatMap(now => (now._tag === "Epoch" ? [now] : []))
    const { history, state, trained } = fit(task)(options)
    const told = ends()
    expect([...lazy][0]).toEqual(first)
    expect(told).toMatchObject(history)
    expect([told, ends()].map(all => bitsOf(all.map(end => end.state)))).toEqual([0, 1].map(() => bitsOf(told.map(end => end.state)))) // prettier-ignore
    expect(bitsOf([told[1]?.state ?? [], told[1]?.trained ?? []])).toEqual(bitsOf([state, trained]))
  })

  test("return how they ended: told to stop after a step, with the state after it", () => {
    const running = epochs(task)(options)[Symbol.iterator]()
    running.next()
    running.next()
    const { done, value } = running.next("stop")
    const start = initTraining(task)(options.key, zeros([1, 3]))
    const [first, second] = batches({ batchSize: 8, key: split(start.key, 3)[2] })(train)
    const [state] = foldBatches(trainStep(task))(start, [first, second] as (typeof train)[])
    expect(done && "outcome" in value && [value.outcome, bitsOf(value.state)]).toEqual([{ _tag: "Stopped" }, bitsOf(state)]) // prettier-ignore
  })

  test("are typed by what is watched", () => {
    const { history } = fit(task)({ ...options, metrics: { accuracy } })
    expectTypeOf(history[0]?.validationAccuracy).toEqualTypeOf<number | undefined>()
    const { validation: _, ...unwatched } = options
    const { history: alone } = fit(task)(unwatched)
    expectTypeOf(alone[0]).not.toHaveProperty("validationLoss")
    expect(Object.keys(alone[0] ?? {})).toEqual(["epoch", "trainLoss", "gradientNorm", "parameterNorm"])
  })

  test("options that may be left out may be undefined, and what may be watched is told if it was", () => {
    const maybe = <A>(value: A): A | undefined => (epochs.length > 0 ? value : undefined)
    const unsaid = {
      from: undefined,
      metrics: undefined,
      earlyStopping: undefined,
      signal: undefined,
      clock: undefined
    }
    const unwatched = { ...unsaid, divergence: undefined, onStep: undefined, onEpoch: undefined }
    const { history } = fit(task)({ ...options, ...unwatched, validation: maybe(validation) })
    expectTypeOf(history[0]).not.toBeAny()
    expectTypeOf<NonNullable<(typeof history)[0]>>().toHaveProperty("validationLoss")
    expectTypeOf(history[0]?.validationLoss).toEqualTypeOf<number | undefined>()
    expect(history).toEqual(fit(task)(options).history)
  })

  test("are told nothing but to stop", () => {
    const running = epochs(task)(options)[Symbol.iterator]()
    running.next()
    expect(() => running.next("Stop" as "stop")).toThrow('epochs: expected "stop" or nothing; got "Stop"')
    const all = epochs(task)(options)[Symbol.iterator]()
    for (let step = 0; step < 4; step++) all.next() // three steps and what they came to
    expect(() => all.next(false as never)).toThrow('epochs: expected "stop" or nothing; got false')
  })
})

describe("what is told of epochs and steps", () => {
  const still = { model: line, loss: squaredError, optimizer: pipe(sgd({ learningRate: 0 }), clipByNorm(1e-3)) }
  const data = points(22)
  const bias = (output: Tensor, target: Tensor): Tensor => mul(squaredError(output, target), 3)

  test("metrics are means over examples, on both sets", () => {
    const held = points(7, 1)
    const { history, trained } = fit(still)({ ...options, train: data, validation: held, metrics: { bias } })
    const [ofTrain, ofHeld] = [data, held].map(set => assess(line, { bias })(trained, set).bias)
    expect(history.length).toBe(2)
    history.forEach(epoch => {
      expect(epoch.trainBias).toBeCloseTo(ofTrain ?? NaN, 12)
      expect(epoch.validationBias).toBeCloseTo(ofHeld ?? NaN, 12)
    })
  })

  test("metrics that merge, and losses by weight, are those of the whole training set", () => {
    const set = classes(22)
    const y = { target: set.y, weights: linspace(0, 2, 22) }
    const [loss, f] = [weighted(crossEntropy), f1.with({ average: "macro" })]
    const score = Object.assign((o: Tensor, t: typeof y) => f(o, t.target), f, {
      of: (o: Tensor, t: typeof y) => f.of(o, t.target)
    })
    const model = dense({ units: 2 })
    const found = fit({ model, loss, optimizer: sgd({ learningRate: 0 }) })({
      ...{ train: { x: set.x, y }, epochs: 1, batchSize: 5, key: key(5) },
      metrics: { score }
    })
    const logits = predict(model)(found.trained, set.x)
    expect(found.history[0]?.trainLoss).toBeCloseTo(item(crossEntropy(logits, y.target, y.weights)), 6)
    expect(found.history[0]?.trainScore).toBeCloseTo(item(f(logits, y.target)), 12)
  })

  test("the norm of gradients is that before clips, the norm of parameters that after the step", () => {
    const optimizer = pipe(sgd({ learningRate: 0.5 }), clipByNorm(1e-3))
    const [state, metrics] = trainStep({ ...still, optimizer })(
      initTraining({ model: line, optimizer })(key(0), data.x),
      data
    )
    expect(item(metrics.gradientNorm)).toBeGreaterThan(0.1)
    expect(item(metrics.parameterNorm)).toBe(item(globalNorm(state.params)))
    const { history } = fit({ ...still, optimizer })({
      ...options,
      train: data,
      validation: data,
      epochs: 1,
      batchSize: 22
    })
    const [{ gradientNorm, parameterNorm } = { gradientNorm: NaN, parameterNorm: NaN }] = history
    expect([gradientNorm, parameterNorm].map(n => n.toFixed(12))).toEqual([metrics.gradientNorm, metrics.parameterNorm].map(n => item(n).toFixed(12))) // prettier-ignore
  })

  test("examples per second by a clock, the time between steps left out", () => {
    let now = 0
    const clock = () => (now += 500)
    const speeds: (number | undefined)[] = []
    const onStep = ({ examplesPerSecond }: { readonly examplesPerSecond?: number }) => {
      now += 10_000
      speeds.push(examplesPerSecond)
    }
    const { history } = fit(task)({ ...options, epochs: 1, clock, onStep })
    expect(speeds).toEqual([16, 16, 12])
    expect(history[0]?.examplesPerSecond).toBeCloseTo(22 / 1.5, 12)
  })

  test("no speed of steps over which the clock stands still or goes back", () => {
    const speedsBy = (durations: readonly number[]) => {
      let [now, calls] = [0, 0]
      // every step asks before and after it
      const clock = () => (now += calls++ % 2 === 0 ? 0 : (durations[(calls >> 1) - 1] ?? 0))
      const steps: object[] = []
      const onStep = (step: object) => void steps.push(step)
      const { history } = fit(task)({ ...options, epochs: 1, clock, onStep })
      return [...steps, ...history].map(told => ("examplesPerSecond" in told ? told.examplesPerSecond : "none"))
    }
    expect(speedsBy([0, 500, 0])).toEqual(["none", 16, "none", 44])
    expect(speedsBy([-3_600_000, 500, 500])).toEqual(["none", 16, 12, 14])
    expect(speedsBy([0, 0, -1])).toEqual(["none", "none", "none", "none"])
  })
})

describe("fit ends", () => {
  const still = { model: line, loss: squaredError, optimizer: sgd({ learningRate: 0 }) }
  const climbing = { ...still, optimizer: maximize(sgd({ learningRate: 0.01 })) }
  const long = { train: points(20), validation: points(10, 1), epochs: 30, batchSize: 8, key: key(0) }

  test("when all epochs are done", () => expect(fit(task)(options).outcome).toEqual({ _tag: "Completed" }))

  test("early, so many epochs after the best", () => {
    const { outcome, history, best, trained, state } = fit(climbing)({ ...long, earlyStopping: { patience: 4 } })
    expect([outcome, history.length]).toEqual([{ _tag: "StoppedEarly", epoch: 1 }, 5])
    expect(best?.value).toBe(history[0]?.validationLoss)
    expect(bitsOf(trained.params)).toEqual(bitsOf(state.params))
  })

  test("early, with the weights of the best epoch to deploy if one wants", () => {
    const restored = fit(climbing)({ ...long, earlyStopping: { patience: 4, restoreBest: true } })
    const { loss } = assess(line, { loss: squaredError })(restored.trained, long.validation)
    expect(loss).toBe(restored.history[0]?.validationLoss)
    expect(bitsOf(restored.state)).toEqual(bitsOf(fit(climbing)({ ...long, epochs: 5 }).state))
    const all = fit(climbing)({ ...long, epochs: 3, earlyStopping: { patience: 9, restoreBest: true } })
    expect([all.outcome._tag, bitsOf(all.trained.params)]).toEqual(["Completed", bitsOf(restored.trained.params)])
  })

  test("early by the training loss where nothing is validated, and by improvements that are too small", () => {
    const { validation: _, ...unwatched } = long
    const { history } = fit({ ...still, optimizer: sgd({ learningRate: 0.1 }) })(unwatched)
    const losses = history.map(({ trainLoss }) => trainLoss)
    for (const minDelta of [0, 0.05, 0.5]) {
      let [best, at, expected] = [Infinity, 0, losses.length]
      losses.forEach((loss, i) => {
        if (loss < best - minDelta) [best, at] = [loss, i]
        else if (i - at >= 2) expected = Math.min(expected, i + 1)
      })
      const stopped = fit({ ...still, optimizer: sgd({ learningRate: 0.1 }) })({ ...unwatched, earlyStopping: { patience: 2, minDelta } }) // prettier-ignore
      expect(stopped.history.length).toBe(expected)
    }
  })

  test("early by what is monitored, of metrics by their names", () => {
    const metrics = { distance: (output: Tensor, target: Tensor) => sqrt(squaredError(output, target)) }
    const run = (earlyStopping: EarlyStoppingOptions, sign: 1 | -1) =>
      fit(climbing)({ ...long, metrics, earlyStopping, monitor: e => sign * e.validationDistance })
    const { outcome, best, history } = run({ patience: 4 }, 1)
    expect(outcome).toEqual({ _tag: "StoppedEarly", epoch: 1 })
    expect(best?.value).toBe(history[0]?.validationDistance)
    const farthest = run({ patience: 4, restoreBest: true }, -1) // which grows with every epoch
    expect([farthest.outcome._tag, farthest.best?.epoch]).toEqual(["Completed", 30])
    expect(bitsOf(farthest.trained)).toEqual(bitsOf(run({ patience: 4 }, -1).trained))
    type Monitored<V extends typeof validation | undefined> = Parameters<NonNullable<EpochsOptions<object, object, object, "distance", V>["monitor"]>>[0] // prettier-ignore
    expectTypeOf<Monitored<typeof validation>>().toHaveProperty("validationDistance")
    expectTypeOf<Monitored<undefined>>().not.toHaveProperty("validationDistance")
    const meddling = (e: { readonly trainLoss: number }): number => ((e as { trainLoss: number }).trainLoss = 0)
    expect(() => fit(climbing)({ ...long, monitor: meddling })).toThrow(TypeError) // what it is shown becomes history
    const odd = (): number => "none" as unknown as number
    const message = 'fit at "monitor": expected a number; got "none"'
    expect(() => fit(climbing)({ ...long, earlyStopping: { patience: 1 }, monitor: odd })).toThrow(expect.objectContaining({ name: "DataError", message }) as Error) // prettier-ignore
  })

  test("early by the best that is a number: one that is NaN is none", () => {
    const at = (epoch: number, value: number) => ({ epoch, value, trained: { params: {}, state: [] } })
    const stopping = { minDelta: 0 }
    expect(better(stopping, at(1, NaN), at(2, 50)).epoch).toBe(2)
    expect(better(stopping, at(2, 50), at(3, NaN)).epoch).toBe(2)
    expect(better(stopping, at(1, NaN), at(2, NaN)).epoch).toBe(1)
  })

  test("when a watcher says so, after that step or epoch", () => {
    const byStep = fit(task)({ ...options, onStep: ({ step }) => (step === 4 ? "stop" : undefined) })
    const byEpoch = fit(task)({ ...options, onEpoch: ({ epoch }) => (epoch === 1 ? "stop" : undefined) })
    const lastOfEpoch = fit(task)({ ...options, onStep: ({ step }) => (step === 3 ? "stop" : undefined) })
    expect([byStep, byEpoch, lastOfEpoch].map(({ outcome }) => outcome._tag)).toEqual(["Stopped", "Stopped", "Stopped"])
    expect([byStep, byEpoch, lastOfEpoch].map(({ history }) => history.length)).toEqual([1, 1, 1])
    expect(bitsOf(lastOfEpoch.state)).toEqual(bitsOf(byEpoch.state))
    expect(byStep.state.optimizer.count.shape).toEqual([])
    expect([byStep, byEpoch].map(({ state }) => item(state.optimizer.count))).toEqual([4, 3])
  })

  test("when its signal is aborted, before the next step", () => {
    const controller = new AbortController()
    const onStep = ({ step }: { readonly step: number }) => (step === 2 ? controller.abort() : undefined)
    const { outcome, state, history } = fit(task)({ ...options, signal: controller.signal, onStep })
    expect([outcome, item(state.optimizer.count), history]).toEqual([{ _tag: "Aborted" }, 2, []])
    const atOnce = fit(task)({ ...options, signal: controller.signal })
    expect([atOnce.outcome._tag, bitsOf(atOnce.state)]).toEqual([
      "Aborted",
      bitsOf(initTraining(task)(options.key, zeros([1, 3])))
    ])
  })

  test("but not once all steps are made: whatever is said then, it is completed", () => {
    const controller = new AbortController()
    const abort = () => controller.abort()
    const onStep = ({ step, steps }: { readonly step: number; readonly steps: number }) => (step === steps ? abort() : undefined) // prettier-ignore
    const completed = fit(task)(options)
    const late = [
      fit(task)({ ...options, signal: controller.signal, onStep }),
      fit(task)({ ...options, onStep: ({ step, steps }) => (step === steps ? "stop" : undefined) }),
      fit(task)({ ...options, onEpoch: ({ epoch }) => (epoch === 2 ? "stop" : undefined) })
    ]
    for (const ended of late) {
      expect([ended.outcome, ended.history]).toEqual([{ _tag: "Completed" }, completed.history])
      expect(bitsOf(ended.state)).toEqual(bitsOf(completed.state))
    }
    expect(controller.signal.aborted).toBe(true)
  })

  test.each([1, 3, 5])("where it diverges, at step %s, with the state before it and its batch", at => {
    // The rate is 0.05, but infinite at one step.
    const learningRate = (step: Tensor): Tensor => where(eq(step, at - 1), scalar(Infinity, "f64"), scalar(0.05, "f64"))
    const told: number[] = []
    const onStep = ({ step }: { readonly step: number }) => void told.push(step)
    const ended = fit({ ...still, optimizer: sgd({ learningRate }) })({ ...long, onStep })
    const steady = fit({ ...still, optimizer: sgd({ learningRate: 0.05 }) })
    const upTo = (last: number) => steady({ ...long, onStep: ({ step }) => (step === last ? "stop" : undefined) })
    const before = at === 1 ? initTraining(still)(long.key, zeros([1, 2])) : upTo(at - 1).state
    expect(told).toEqual(Array.from({ length: at }, (_, i) => i + 1))
    if (ended.outcome._tag !== "Diverged") throw new Error(ended.outcome._tag)
    const { outcome } = ended
    expect(outcome.cause?.reaches).toContain("metrics/rate")
    expect([outcome.step, outcome.epoch, ended.history.length]).toEqual([at, at > 3 ? 2 : 1, at > 3 ? 1 : 0])
    expect([ended.state, outcome.before].map(bitsOf)).toEqual([bitsOf(before), bitsOf(before)])
    expect(bitsOf(ended.trained.params)).toEqual(bitsOf(before.params))
    const [after] = trainStep({ ...still, optimizer: sgd({ learningRate: 0.05 }) })(before, outcome.batch)
    expect(bitsOf(after)).toEqual(bitsOf(upTo(at).state))
  })

  test("where its loss is not finite, unless that is ignored", () => {
    const [first = NaN] = toTyped(long.train.y)
    const y = where(eq(long.train.y, first), NaN, long.train.y)
    const skipping = { ...still, optimizer: pipe(sgd({ learningRate: 0.05 }), ifFinite()) }
    const poisoned = { ...long, train: { ...long.train, y }, epochs: 2 }
    const { outcome, state } = fit(skipping)(poisoned)
    expect(outcome).toMatchObject({ _tag: "Diverged", loss: NaN, epoch: 1, cause: { _tag: "Argument", path: "0/batch/y" } }) // prettier-ignore
    if (outcome._tag !== "Diverged") throw new Error(outcome._tag)
    expect(outcome.rows.map(row => toTyped(poisoned.train.x)[2 * row])).toEqual([...toTyped(outcome.batch.x)].filter((_, i) => i % 2 === 0)) // prettier-ignore
    expect(outcome.rows[outcome.cause?.index[0] ?? NaN]).toBe(0)
    expect(Tree.leaves(state.params).every(t => [...toTyped(t)].every(Number.isFinite))).toBe(true)
    const ignoring = fit(skipping)({ ...poisoned, divergence: "ignore" })
    expect([ignoring.outcome._tag, item(ignoring.state.optimizer.count)]).toEqual(["Completed", 6])
  })
})

test("a metric that is no scalar is refused by its name, whatever the batch", () => {
  for (const batchSize of [1, 8])
    expect(() => fit(task)({ ...options, batchSize, metrics: { each: output => output } })).toThrow(
      "the metric each: expected a scalar of outputs and targets; got a tensor"
    )
})

test("what is called with all at once, or with a best that is none, is told how it is called", () => {
  const untyped = fit as unknown as (...args: readonly unknown[]) => unknown
  expect(() => untyped(task, options)).toThrow(
    "fit: expected a task (then, in a second call, options) and nothing more"
  )
  const { state } = fit(task)(options)
  const from = { state, best: {} } as never
  expect(() => fit(task)({ ...options, from })).toThrow('fit at "from": expected best to be the best epoch')
})

describe("what an optimizer holds back", () => {
  const data = { x: ones([3, 1]), y: zeros([3, 1]) }
  const model = dense({ units: 1, kernel: (_, shape) => ones(shape) })
  const run = (every: number, more: object = {}) =>
    fit({
      model,
      loss: halfSquaredError,
      optimizer: pipe(sgd({ learningRate: 0.1 }), accumulate(every), freeze("bias"))
    })(
      { train: data, epochs: 1, batchSize: 1, key: key(0), ...more } // prettier-ignore
    )

  test("is deployed, while the state still holds it", () => {
    const [fromTwo, fromFour] = [run(2), run(4)]
    expect([fromTwo, fromFour].map(({ trained }) => item(trained.params.kernel).toFixed(6))).toEqual(["0.810000", "0.900000"]) // prettier-ignore
    expect(item(fromFour.state.params.kernel)).toBe(1)
  })
})

describe("fit goes on", () => {
  const accumulating = { ...task, optimizer: pipe(adam({ learningRate: 0.05 }), accumulate(2)) }
  const whole = (t: typeof task | typeof accumulating, n: number, more: object = {}) =>
    fit(t as typeof task)({ ...options, metrics: { accuracy }, earlyStopping: { patience: 2, restoreBest: true }, ...more, epochs: n }) // prettier-ignore

  test.each([
    ["dropout and lookahead", task],
    ["a window that is open between epochs", accumulating]
  ])("from what was fitted as one long training, to the last bit: with %s", (_, t) => {
    const long = whole(t, 9)
    for (const n of [1, 2, 4]) {
      const resumed = whole(t, 9 - n, { from: whole(t, n) })
      expect([resumed.history, resumed.outcome]).toEqual([long.history, long.outcome])
      expect(bitsOf([resumed.state, resumed.trained])).toEqual(bitsOf([long.state, long.trained]))
      expect(resumed.best?.epoch).toBe(long.best?.epoch)
    }
  })

  test("from what stopped early: it stops again after one epoch, unless it is more patient or its best is left out", () => {
    const still = { ...task, optimizer: sgd({ learningRate: 0 }) }
    const run = (more: object, patience = 2) =>
      fit(still)({ ...options, epochs: 9, earlyStopping: { patience }, ...more })
    const from = run({})
    expect([from.outcome, from.history.length]).toEqual([{ _tag: "StoppedEarly", epoch: 1 }, 3])
    const lengths = [run({ from }), run({ from }, 5), run({ from: { ...from, best: undefined } })]
    expect(lengths.map(({ history }) => history.length)).toEqual([4, 6, 6])
  })

  test("from a state alone, which was saved, without a key", () => {
    const { state } = fit(task)(options)
    const read = decodeTree(initTraining(task)(key(1), zeros([1, 3])))(encodeTree(state))
    if (read._tag === "Left") throw new Error("not read")
    const { key: _, ...keyless } = options
    const resumed = fit(task)({ ...keyless, from: { state: read.right.tree } })
    const long = fit(task)({ ...options, epochs: 4 })
    expect(bitsOf([resumed.state, resumed.trained])).toEqual(bitsOf([long.state, long.trained]))
    expect(resumed.history.map(({ trainLoss }) => trainLoss)).toEqual(long.history.slice(2).map(e => e.trainLoss))
    expect(resumed.history.map(({ epoch }) => epoch)).toEqual([1, 2])
  })

  const { state } = fit(task)({ ...options, epochs: 1 })
  const from = (given: unknown) => () => fit(task)({ ...options, from: given as { state: typeof state } })
  test.each([
    ["TreeError", 'fit at "params/1": expected from.state', from({ state: { ...state, params: [state.params[0], [tensor(1)], [], state.params[3]] } })], // prettier-ignore
    ["ShapeError", 'fit at "params/0/bias": expected from.state of f32[8]; got f32[3]', from({ state: { ...state, params: [{ ...state.params[0], bias: zeros([3]) }, [], [], state.params[3]] } })], // prettier-ignore
    ["TreeError", 'fit at "optimizer/inner": expected from.state', from({ state: { ...state, optimizer: adam().init(state.params) } })], // prettier-ignore
    ["HyperparameterError", 'fit at "from": expected state to be a state of training; got undefined', from({ state: undefined })], // prettier-ignore
    ["HyperparameterError", "fit: expected from to be what fit returned, or { state } of it; got a record with keys history", from({ history: [] })], // prettier-ignore
    ["HyperparameterError", "fit: expected from to be what fit returned, or { state } of it; got a record with keys key, optimizer, params, state", from(state)], // prettier-ignore
    ["HyperparameterError", "fit: expected from to be what fit returned, or { state } of it; got a record with keys count, inner", from(state.optimizer)], // prettier-ignore
    ["HyperparameterError", 'fit at "from": expected options among state, history, best, trained, outcome; got "key"', from({ state, key: key(0) })], // prettier-ignore
    ["HyperparameterError", 'fit at "from": expected history to be a list of epochs whose numbers rise; got an array of 1', from({ state, history: [{}] })], // prettier-ignore
    ["TreeError", 'fit at "(root)": expected from.best.trained', from({ state, best: { epoch: 1, value: 0, trained: {} } })], // prettier-ignore
    ["TreeError", 'fit at "params": expected from.best.trained', from({ state, best: { epoch: 1, value: 0, trained: { params: {}, state: state.state } } })], // prettier-ignore
    ["HyperparameterError", 'fit at "from": expected options in a record; got 7', from(7)]
  ])("unless it is of another task: %s %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error)
  })

  test.each([[Infinity], [NaN], [0], [-3], [1.5], [2 ** 31], [2 ** 53], [5, 2], [1, 1]])(
    "unless its history counts otherwise: %s, %s",
    (...numbers) => {
      const history = numbers.map(epoch => ({ epoch }))
      expect(from({ state, history })).toThrow("expected history to be a list of epochs whose numbers rise")
    }
  )

  test("unless its history has holes", () => {
    expect(from({ state, history: new Array(2) })).toThrow("expected history to be a list of epochs")
  })
})
