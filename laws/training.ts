import fc from "fast-check"
import { add, evaluate, mean, mul, scalar, sub, zeros, type Tensor, type Tree } from "thalweg"
import { activation, dense, dropout, halfSquaredError, sequential, tanh, type Layer } from "thalweg/nn"
import { key, normal, split } from "thalweg/random"
import { assess, batches, initTraining, trainStep, type epochs, type Dataset, type fit } from "thalweg/train"
import { arbOptimizer } from "./arbitrary/optimizer.js"
import { range } from "./arbitrary/numbers.js"
import { exact, unfused } from "./equality.js"
import { law, type Law } from "./law.js"

/** The functions that train. */
export interface Training {
  readonly epochs: typeof epochs
  readonly fit: typeof fit
}

/** Takes an average of what it has seen away: a layer whose state matters. */
const centered: Layer<readonly [], { readonly seen: Tensor }> = {
  name: "centered",
  init: () => ({ params: [], state: { seen: zeros([]) } }),
  apply: (_, { seen }, x) => [sub(x, seen), { seen: add(mul(seen, 0.75), mul(mean(x), 0.25)) }]
}

const model = sequential(dense({ units: 2 }), centered, activation(tanh), dropout({ rate: 0.25 }), dense({ units: 1 }))

/** Random examples, of two features and one target. */
const examples = (count: number, seed: number): Dataset => {
  const [x, y] = split(key(seed))
  return { x: normal(x, [count, 2]), y: normal(y, [count, 1]) }
}

/** What trains, on how many examples, and for how many epochs at first and then yet. */
const training = fc.record({
  optimizer: fc.oneof(
    arbOptimizer({ optimizers: ["sgd", "adam"], maxCombinators: 2 }),
    arbOptimizer({ optimizers: ["sgd"], combinators: ["reduceOnPlateau"], minCombinators: 1, maxCombinators: 1 })
  ),
  count: fc.integer({ min: 1, max: 7 }),
  batchSize: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
  first: fc.integer({ min: 1, max: 2 }),
  more: fc.integer({ min: 1, max: 2 })
})

type Sample = typeof training extends fc.Arbitrary<infer A> ? A : never

const taskOf = ({ optimizer }: Sample) => ({ model, loss: halfSquaredError, optimizer })

const optionsOf = ({ count, batchSize, seed }: Sample, epochs: number) => ({
  train: examples(count, seed),
  validation: examples(2, seed + 1),
  key: key(seed),
  epochs,
  batchSize,
  divergence: "ignore" as const,
  ...unfused
})

/** Where training starts, as `epochs` draws it. */
const started = (sample: Sample) => initTraining(taskOf(sample))(key(sample.seed), zeros([1, 2]))

type State = ReturnType<typeof started>

/** The states after each step of one epoch more, by hand. */
const states = (sample: Sample, start: State): readonly State[] => {
  const [step, { train, batchSize }] = [trainStep(taskOf(sample)), optionsOf(sample, 1)]
  const cut = [...batches({ batchSize, key: split(start.key, 3)[2] })(train)]
  return cut.reduce<readonly State[]>((made, batch) => [...made, evaluate(step(made.at(-1) ?? start, batch)[0])], [])
}

/** The state after one epoch more, by hand: its steps, and what an optimizer that looks at epochs makes of the validation loss. */
const stateAfter = (sample: Sample, start: State): State => {
  const [reached, { optimizer, loss }] = [states(sample, start).at(-1) ?? start, taskOf(sample)]
  const [params, finished] = optimizer.finish(reached.params, reached.optimizer)
  const trained = { params: optimizer.evalParams(params, finished), state: reached.state }
  const found = assess(model, { loss }, unfused)(trained, optionsOf(sample, 1).validation)
  return evaluate({ ...reached, optimizer: optimizer.endEpoch(reached.optimizer, scalar(found.loss, "f64")) })
}

/** What epochs came to, as tensors. */
const figures = (history: readonly Readonly<Record<string, number>>[]): Tree =>
  history.map(epoch => Object.fromEntries(Object.entries(epoch).map(([name, n]) => [name, scalar(n, "f64")])))

/**
 * Lists the laws of training, under random optimizers, with a model that draws and has a state: `epochs` is the fold of `trainStep`
 * over batches that are shuffled by the key of the state, and of `endEpoch` between epochs, wherever it is stopped; `fit` is its
 * fold; training that goes on is one long training. Exact.
 *
 * @example
 * import assert from "node:assert"
 * import { epochs, fit } from "thalweg/train"
 * import { checkAll, trainingLaws } from "thalweg/laws"
 *
 * assert(checkAll(trainingLaws({ epochs, fit }), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const trainingLaws = ({ epochs, fit }: Training): readonly Law[] => [
  law("training is the plain fold of trainStep over shuffled batches", exact, training, sample => {
    const last = range(sample.first).reduce((state: State) => stateAfter(sample, state), started(sample))
    return [fit(taskOf(sample))(optionsOf(sample, sample.first)).state, last]
  }),
  law(
    "training that is told to stop has the state of its steps",
    exact,
    fc.tuple(training, fc.nat(6)),
    ([sample, n]) => {
      const all = states(sample, started(sample))
      const steps = 1 + (n % all.length)
      const running = epochs(taskOf(sample))(optionsOf(sample, sample.first))[Symbol.iterator]()
      range(steps).forEach(() => running.next())
      const { value } = running.next("stop")
      const whole = steps === all.length // then the epoch has ended as well
      return ["state" in value ? value.state : [], whole ? stateAfter(sample, started(sample)) : (all[steps - 1] ?? [])]
    }
  ),
  law("fit is the fold of epochs", exact, training, sample => {
    const options = optionsOf(sample, sample.first)
    const ends = [...epochs(taskOf(sample))(options)].flatMap(now => (now._tag === "Epoch" ? [now] : []))
    const { state, trained, history } = fit(taskOf(sample))(options)
    const told = ends.map(({ _tag: _, state: __, trained: ___, ...epoch }) => epoch)
    return [
      [state, trained, figures(history)],
      [ends.at(-1)?.state ?? [], ends.at(-1)?.trained ?? [], figures(told)]
    ]
  }),
  law("training that goes on is one long training", exact, training, sample => {
    const { first, more } = sample
    const train = fit(taskOf(sample))
    const on = train({ ...optionsOf(sample, more), from: train(optionsOf(sample, first)) })
    const long = train(optionsOf(sample, first + more))
    return [
      [on.state, on.trained, figures(on.history)],
      [long.state, long.trained, figures(long.history)]
    ]
  })
]
