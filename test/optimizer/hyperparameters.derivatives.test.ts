import { describe, expect, test, vi } from "vitest"
import {
  add,
  compile,
  grad,
  item,
  mul,
  scalar,
  square,
  sub,
  sum,
  tensor,
  Tree,
  valueAndGrad,
  type Tensor
} from "thalweg"
import { given, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { examplesOf } from "../support.js"
import { choiceRows, edgeRows, hyperRows, type Together } from "./hyperparameters.samples.js"

vi.setConfig({ testTimeout: 600_000 }) // for a busy machine; nothing here is about speed

const f64 = (value: number): Tensor => scalar(value, "f64")
const vector = (values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const matrix = (values: readonly (readonly number[])[]): Tensor => tensor(values, { dtype: "f64" })

/** Where training starts, with no numbers that would meet in a kink. */
const start = {
  w: matrix([[0.9317, -0.7129, 0.5413], [-0.4229, 1.1731, 0.8647]]), // prettier-ignore
  b: vector([0.7333, -0.6719, 0.5077]),
  s: f64(-0.9721),
  still: vector([0.4127, -0.3539])
}
type Params = typeof start

/** How steep the loss is: not at all in an element, and in a leaf, whose gradients are 0 therefore. */
const steepness: Params = {
  w: matrix([[1, 0.5, 0.7], [1.3, 0.8, 0.4]]), // prettier-ignore
  b: vector([1, 0.6, 0]),
  s: f64(0.9),
  still: vector([0, 0])
}

/** What is best for the data that were not trained on. */
const target: Params = {
  w: matrix([[0.3, -0.2, 0.4], [0.1, 0.6, -0.3]]), // prettier-ignore
  b: vector([0.1, 0.4, -0.2]),
  s: f64(0.2),
  still: vector([0.3, -0.1])
}

const squares = (tree: Params): Tensor => Tree.reduce(f64(0), (total: Tensor, t) => add(total, sum(square(t))))(tree)
const times = Tree.zipWith((a: Tensor, b: Tensor) => mul(a, b))
const minus = Tree.zipWith((a: Tensor, b: Tensor) => sub(a, b))
const trainingLoss = (params: Params): Tensor => add(mul(squares(times(steepness, params)), 0.5), 0.05)
const validationLoss = (params: Params): Tensor => squares(minus(params, target))

/** The validation loss after some steps on the training loss. */
const afterTraining =
  <V extends Tree>(build: (value: V) => AnyOptimizer, steps: number) =>
  (value: V): Tensor => {
    const optimizer = build(value)
    let [params, state] = [start, optimizer.init(start)]
    for (let step = 0; step < steps; step++) {
      const point = optimizer.gradientPoint(params, state)
      const [loss, grads] = valueAndGrad(trainingLoss)(point)
      const needs = given(optimizer, { loss, objective: trainingLoss, exampleGradients: examplesOf(grads) })
      ;[params, state] = optimizer.step(params, state, grads, ...needs)
    }
    return validationLoss(optimizer.evalParams(params, state))
  }

const H = 1e-5

/** By central differences of fourth order. */
const slopeOf = (at: (value: number) => number, value: number): number =>
  (8 * (at(value + H) - at(value - H)) - (at(value + 2 * H) - at(value - 2 * H))) / (12 * H)

type Slopes = readonly [gradient: number, differences: number]

const slopes = (build: (value: Tensor) => AnyOptimizer, value: number, steps: number): Slopes => {
  const loss = afterTraining(build, steps)
  const run = compile(loss)
  return [item(compile(grad(loss))(f64(value))), slopeOf(v => item(run(f64(v))), value)]
}

/** Relative to slopes that are not tiny: differences have an error of their own, the rounding of the loss over their step. */
const expectAgreement = ([gradient, differences]: Slopes, name: string): void =>
  expect(Math.abs(gradient - differences) / (Math.abs(differences) + 1e-3), name).toBeLessThan(1e-7)

const place = "test/variants, as the `sampling` of its entry"

const expectSlope = (slope: number, name: string): void =>
  expect(Math.abs(slope), `${name} has no slope: say that it is flat, or what is set with it, in ${place}`)
    .toBeGreaterThan(1e-6) // prettier-ignore

/** Those that matter beside other options only; the others are looked at together, below. */
const special = hyperRows.filter(row => row.special && row.flat === undefined).map(row => [row.name, row] as const)

describe("the derivative through training steps is that of finite differences", () => {
  test.each(special)("%s", (name, { value, build }) => {
    const found = slopes(build, value, 5)
    expectSlope(found[1], name)
    expectAgreement(found, name)
  })
})

test("so is the derivative of the derivative", () => {
  const slope = grad(afterTraining((learningRate: Tensor) => optimizers.adam({ learningRate }), 5))
  const run = compile(slope)
  expectAgreement([item(grad(slope)(f64(0.1))), slopeOf(v => item(run(f64(v))), 0.1)], "adam")
})

describe("the derivative is 0", () => {
  test.each(hyperRows.flatMap(row => (row.flat === undefined ? [] : [[row.name, row.flat, row] as const])))(
    "%s: %s",
    (_, __, { value, build }) => {
      for (const slope of slopes(build, value, 5)) expect(Math.abs(slope)).toBeLessThan(1e-10) // or rounding
    }
  )
})

/** The derivatives by all hyperparameters, in one pass backwards. */
const expectAllAgree = ({ name, values, sloping, build }: Together, steps: number): void => {
  const loss = afterTraining(build, steps)
  const run = compile(loss)
  const all = Object.fromEntries(Object.entries(values).map(([option, value]) => [option, f64(value)]))
  const gradient = compile(grad(loss))(all)
  for (const [option, value] of Object.entries(values)) {
    const slope = slopeOf(v => item(run({ ...all, [option]: f64(v) })), value)
    if (sloping.includes(option)) expectSlope(slope, `${name}: ${option}`)
    expectAgreement([item(gradient[option] as Tensor), slope], `${name}: ${option}`)
  }
}

describe("by all hyperparameters at once", () => {
  test.each(choiceRows.map(row => [row.name, row] as const))("%s", (_, row) => {
    expectAllAgree(row, 5)
  })
})

describe("by all hyperparameters where each ε is 0 and some gradients are, too", () => {
  test.each(edgeRows.map(row => [row.name, row] as const))("%s", (_, row) => {
    expectAllAgree(row, 5)
  })
})

describe("by all hyperparameters at once, through 20 steps", () => {
  // a smaller rate, so that over so many steps differences are still exact
  const slower = (options: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
    options["learningRate"] === undefined ? options : { ...options, learningRate: 0.7 * options["learningRate"] }
  const plain = choiceRows.filter(({ name }) => !name.includes(","))

  test.each(plain.map(row => [row.name, row] as const))("%s", (_, row) => {
    expectAllAgree({ ...row, values: slower(row.values), sloping: [] }, 20)
  })
})
