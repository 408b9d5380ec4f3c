import { describe, expect, test } from "vitest"
import { scalar, tensor, zeros } from "thalweg"
import {
  adam,
  clipByNorm,
  lookahead,
  onGradient,
  optimizer,
  sgd,
  withMomentum,
  withWeightDecay
} from "thalweg/optimizer"
import { constant, cosine, exponential, linear } from "thalweg/schedule"
import { addDecayedWeights, clipByGlobalNorm, scale, scaleByAdam, scaleByLearningRate, trace } from "thalweg/transform"
import { shown } from "../support.js"
import { any, thrown } from "./samples.js"

const inner = sgd({ learningRate: 0.1 })
const others: readonly unknown[] = [NaN, Infinity, -Infinity, "0.1", null, true, {}, [0.1]]

/** What a number may be, what it may just be, and what it may not. */
const ranges = {
  finite: { expected: "a finite number", good: [-1e300, 0, 5e-324], bad: others },
  nonNegative: { expected: "a finite number ≥ 0", good: [0, 1e300], bad: [-1, -5e-324, ...others] },
  positive: { expected: "a finite number > 0", good: [5e-324, 1e300], bad: [0, -0, -1, ...others] },
  decay: { expected: "a number ≥ 0 and < 1", good: [0, 1 - 2 ** -53], bad: [1, 1.5, -0.1, ...others] },
  fraction: { expected: "a number from 0 to 1", good: [0, 1], bad: [1 + 2 ** -52, -0.1, ...others] },
  count: { expected: "a whole number ≥ 1", good: [1, 1e6], bad: [0, 1.5, -1, 2 ** 53, ...others] }
}

type Build = (value: never) => unknown

/** Every option of every function that may be a tensor or a schedule: function, option, range, use. */
const hyperparameters: readonly (readonly [string, string, keyof typeof ranges, Build])[] = [
  ["sgd", "learningRate", "nonNegative", learningRate => sgd({ learningRate })],
  ["sgd", "learningRate", "nonNegative", learningRate => sgd({ learningRate, momentum: 0 })],
  ["sgd", "momentum", "decay", momentum => sgd({ learningRate: 1, momentum })],
  ["sgd", "dampening", "fraction", dampening => sgd({ learningRate: 1, momentum: 0, dampening })],
  ["adam", "learningRate", "nonNegative", learningRate => adam({ learningRate })],
  ["adam", "b1", "decay", b1 => adam({ b1 })],
  ["adam", "b2", "decay", b2 => adam({ b2 })],
  ["adam", "eps", "nonNegative", eps => adam({ eps })],
  ["adam", "epsRoot", "nonNegative", epsRoot => adam({ epsRoot })],
  ["withMomentum", "momentum", "decay", momentum => withMomentum(momentum)(inner)],
  ["withWeightDecay", "weightDecay", "nonNegative", weightDecay => withWeightDecay(weightDecay)(inner)],
  ["clipByNorm", "maxNorm", "positive", maxNorm => clipByNorm(maxNorm)(inner)],
  ["clipByNorm", "eps", "nonNegative", eps => clipByNorm(1, { eps })(inner)],
  ["lookahead", "mix", "fraction", mix => lookahead({ mix })(inner)],
  ["scale", "factor", "finite", factor => optimizer(scale(factor))],
  ["scaleByLearningRate", "learningRate", "nonNegative", rate => optimizer(scaleByLearningRate(rate))],
  ["scaleByAdam", "b1", "decay", b1 => optimizer(scaleByAdam({ b1 }))],
  ["scaleByAdam", "b2", "decay", b2 => optimizer(scaleByAdam({ b2 }))],
  ["scaleByAdam", "eps", "nonNegative", eps => optimizer(scaleByAdam({ eps }))],
  ["scaleByAdam", "epsRoot", "nonNegative", epsRoot => optimizer(scaleByAdam({ epsRoot }))],
  ["trace", "decay", "decay", decay => optimizer(trace({ decay }))],
  ["trace", "dampening", "fraction", dampening => optimizer(trace({ decay: 0, dampening }))],
  ["addDecayedWeights", "weightDecay", "nonNegative", decay => onGradient(addDecayedWeights(decay))(inner)],
  ["clipByGlobalNorm", "maxNorm", "positive", maxNorm => onGradient(clipByGlobalNorm(maxNorm))(inner)],
  ["clipByGlobalNorm", "eps", "nonNegative", eps => onGradient(clipByGlobalNorm(1, { eps }))(inner)]
]

/** Every option that is a plain number. */
const numbers: readonly (readonly [string, string, keyof typeof ranges, Build])[] = [
  ["lookahead", "every", "count", every => lookahead({ every })],
  ["constant", "value", "finite", constant],
  ["linear", "start", "finite", start => linear({ start, end: 1, steps: 1 })],
  ["linear", "end", "finite", end => linear({ start: 1, end, steps: 1 })],
  ["linear", "steps", "count", steps => linear({ start: 1, end: 0, steps })],
  ["exponential", "start", "finite", start => exponential({ start, rate: 1 })],
  ["exponential", "rate", "positive", rate => exponential({ start: 1, rate })],
  ["exponential", "steps", "positive", steps => exponential({ start: 1, rate: 1, steps })],
  ["cosine", "start", "finite", start => cosine({ start, steps: 1 })],
  ["cosine", "end", "finite", end => cosine({ start: 1, end, steps: 1 })],
  ["cosine", "steps", "count", steps => cosine({ start: 1, steps })]
]

const x = tensor([1, 2])
const firstStep = (built: unknown): void => {
  const opt = any(built as typeof inner)
  opt.step(x, opt.init(x), x)
}

describe.each([...hyperparameters, ...numbers])("%s: the option %s", (name, option, range, build) => {
  const { expected, good, bad } = ranges[range]

  test.each(bad.map(value => [value]))("refuses %s at the call", value => {
    const message = `HyperparameterError ${name}: expected ${option} to be ${expected}; got ${shown(value)}`
    expect(thrown(() => build(value as never))).toBe(message)
  })

  test("takes the ends of its range", () => {
    for (const value of good) expect(thrown(() => build(value as never))).toBe("nothing")
  })
})

/** Tensors that are no scalars of floats, and how an error shows them. */
const wrongTensors: readonly (readonly [shown: string, value: unknown])[] = [
  ["f32[1]", tensor([0.1])],
  ["f64[2, 1]", zeros([2, 1], "f64")],
  ["i32[]", scalar(0, "i32")],
  ["bool[]", scalar(false)],
  ["0.1", 0.1],
  ["undefined", undefined]
]

describe.each(hyperparameters)("%s: a tensor as %s", (name, option, _, build) => {
  const message = (shown: string): string =>
    `HyperparameterError ${name}: expected ${option} to be a scalar of f32 or f64; got ${shown}`

  test("is a float scalar, else an error at the call", () => {
    for (const [shown, value] of wrongTensors.slice(0, 4))
      expect(thrown(() => build(value as never))).toBe(message(shown))
    for (const value of [scalar(0.5), scalar(0.5, "f64")]) expect(thrown(() => build(value as never))).toBe("nothing")
  })

  test("comes from a schedule as a float scalar, else an error at the step", () => {
    for (const [shown, value] of wrongTensors)
      expect(thrown(() => firstStep(build((() => value) as never)))).toBe(message(shown))
    expect(thrown(() => firstStep(build((() => scalar(0.5)) as never)))).toBe("nothing")
  })
})

test.each([
  ["sgd", "nesterov", (nesterov: never) => sgd({ learningRate: 1, momentum: 0, nesterov })],
  ["sgd", "dampenFirst", (dampenFirst: never) => sgd({ learningRate: 1, momentum: 0, dampenFirst })],
  ["trace", "nesterov", (nesterov: never) => trace({ decay: 0, nesterov })],
  ["trace", "dampenFirst", (dampenFirst: never) => trace({ decay: 0, dampenFirst })]
])("%s: the option %s is on or off, and nothing that is as good as that", (name, option, build) => {
  for (const value of [1, 0, "true", null, []] as readonly unknown[])
    expect(thrown(() => build(value as never))).toBe(
      `HyperparameterError ${name}: expected ${option} to be true or false; got ${shown(value)}`
    )
  for (const value of [true, false]) expect(thrown(() => build(value as never))).toBe("nothing")
})
