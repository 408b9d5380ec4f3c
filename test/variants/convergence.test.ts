import { add, neg, pipe, scan, square, sub, sum, tensor, toTyped, Tree, valueAndGrad, type Tensor } from "thalweg"
import {
  combinators,
  given,
  optimizers,
  type AnyOptimizer,
  type CombinatorRecipe,
  type OptimizerRecipe
} from "thalweg/optimizer"
import { describe, expect, test, vi } from "vitest"
import { rosenbrock, saddle, surfaces } from "../../examples/lib/surfaces.js"
import { examplesOf } from "../support.js"
import { entries, families } from "./index.js"
import type { CombinatorName, Entry, Name, OptimizerName, Scale } from "./variant.js"

// No claim about speed: a thousand steps take a tenth of a second, but not on a busy machine.
vi.setConfig({ testTimeout: 600_000 })

/** A function to go down, and how. */
interface Problem<P extends Tree> extends Scale {
  readonly f: (params: P) => Tensor
  readonly start: P
}

/** A problem whose minimum is to be reached. */
interface Target<P extends Tree> extends Problem<P> {
  readonly minimum: readonly number[]
}

const settingsOf = (name: Name, scale: Scale): object => (entries[name] as Entry).descent?.(scale) ?? {}

/** The pace where the gradient's scale is not seen, else the rate; a default of 1 goes with a length found otherwise. */
const rateOf = ({ fields, traits }: OptimizerRecipe, { rate, pace }: Scale): object => {
  const { learningRate } = fields
  if (learningRate === undefined || learningRate.default === 1) return {}
  return { learningRate: traits.scaleFree === undefined ? rate : pace }
}

/** An optimizer of the catalogue, set for a function. */
const optimizerFor = (name: OptimizerName, scale: Scale): AnyOptimizer => {
  const row: OptimizerRecipe = optimizers[name]
  return row.make({ ...rateOf(row, scale), ...settingsOf(name, scale) })
}

/** A combinator of the catalogue, set for a function. */
const combinatorFor = (name: CombinatorName, scale: Scale): ((inner: AnyOptimizer) => AnyOptimizer) => {
  const row: CombinatorRecipe = combinators[name]
  return row.make(settingsOf(name, scale))
}

const numbersOf = (params: Tree): readonly number[] => Tree.leaves(params).flatMap(t => Array.from(toTyped(t)))

/** The values of the function on the way, the start first, and the last point, all as the optimizer gives it for use. */
const descend = <P extends Tree>({ f, start, steps }: Problem<P>, optimizer: AnyOptimizer) => {
  const slope = valueAndGrad(f)
  const from = [start, optimizer.init(start)] as const
  const next = ([p, state]: typeof from) => {
    const [loss, grads] = slope(optimizer.gradientPoint(p, state))
    const needs = given(optimizer, { loss, objective: f, exampleGradients: examplesOf(grads) })
    const stepped = optimizer.step(p, state, grads, ...needs)
    return [stepped, f(optimizer.evalParams(p, state))] as const
  }
  const [[p, state], heights] = scan(next, from, [], { length: steps + 1 })
  return { heights: Array.from(toTyped(heights)), end: numbersOf(optimizer.evalParams(p, state)) }
}

const TOLERANCE = 3e-2
const expectNear = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) => {
    const wanted = expected[i] ?? NaN
    expect(Math.abs(value - wanted), `element ${i}: ${value}`).toBeLessThan(TOLERANCE * (1 + Math.abs(wanted)))
  })
}

const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[]
const combinatorNames = Object.keys(combinators) as readonly CombinatorName[]
const isOptimizer = (name: Name): name is OptimizerName => name in optimizers
const leaders = families.map(({ leader }) => leader).filter(isOptimizer)

/** The sum of squared distances to a point, of which the curvature is 2 everywhere. */
const distances = (target: Tree) => (params: Tree) => {
  const squares = Tree.leaves(target).map((t, i) => sum(square(sub(Tree.leaves(params)[i] ?? t, t))))
  return squares.reduce(add)
}

const target = { bias: tensor([1, -1, 2]), kernel: tensor([[3, -2], [1, 4], [-1, 1]]) } // prettier-ignore

/** Of a matrix, for what looks across leaves, and a vector; the start has the mean of each column. */
const parabola: Target<typeof target> = {
  f: distances(target),
  start: { bias: tensor([0, 0, 0]), kernel: tensor([[1, 1], [1, 1], [1, 1]]) }, // prettier-ignore
  minimum: [1, -1, 2, 3, -2, 1, 4, -1, 1],
  rate: 0.1,
  pace: 0.05,
  steps: 600
}

/** As in optax's tests (alias_test.py), over more steps. */
const valley: Target<Tensor> = {
  ...rosenbrock,
  start: tensor([0, 0]),
  rate: 1.2e-3, // at the minimum, the curvature is 1000 across and 0.4 along
  pace: 0.01,
  steps: 7000
}

test.each(optimizerNames)("%s reaches the minimum of a parabola", name => {
  expectNear(descend(parabola, optimizerFor(name, parabola)).end, parabola.minimum)
})

test.each(leaders)("%s, for its family, goes along Rosenbrock's valley to its end", name => {
  expectNear(descend(valley, optimizerFor(name, valley)).end, valley.minimum)
})

/** By how much the height falls: twentyfold, but in a valley that is long and almost level along its bed. */
const fallOf = (surface: object): number => (surface === rosenbrock ? 2 : 20)

describe.each(surfaces)("on the surface $title", surface => {
  const problem = { ...surface, steps: 4 * surface.steps }

  test.each(leaders)("%s goes down", name => {
    const { heights } = descend(problem, optimizerFor(name, problem))
    expect(heights.every(Number.isFinite)).toBe(true)
    expect(heights.at(-1)).toBeLessThan((heights[0] ?? NaN) / fallOf(surface))
  })
})

describe("on the ridge of the saddle, where nothing says to which side", () => {
  const problem = { ...saddle, start: tensor([1.5, 0], { dtype: "f64" }), steps: 5 * saddle.steps }
  const pass = 0.25

  test.each(leaders)("%s comes to the pass and stays", name => {
    const { heights, end } = descend(problem, optimizerFor(name, problem))
    expect(end[1]).toBe(0)
    expect(heights.at(-1)).toBeGreaterThanOrEqual(pass)
    expect(heights.at(-1)).toBeLessThan(1.1 * pass)
  })

  test("noise finds a way down", () => {
    expect(descend(problem, optimizerFor("noisySgd", problem)).heights.at(-1)).toBeLessThan(pass / 10)
  })
})

/** What does not lead to the minimum. */
const elsewhere: readonly CombinatorName[] = ["maximize", "freeze", "ontoSimplex", "ontoNonNegative"]

describe.each(["adam", "sgd"] as const)("around %s", base => {
  const wrapped = (name: CombinatorName, scale: Scale): AnyOptimizer =>
    pipe(optimizerFor(base, scale), combinatorFor(name, scale))

  test.each(combinatorNames.filter(name => !elsewhere.includes(name)))("%s reaches the minimum", name => {
    expectNear(descend(parabola, wrapped(name, parabola)).end, parabola.minimum)
  })

  test("maximize reaches the maximum", () => {
    const hill = { ...parabola, f: (p: Tree) => neg(parabola.f(p as typeof target)) }
    expectNear(descend(hill, wrapped("maximize", hill)).end, parabola.minimum)
  })

  test("freeze stays at the start", () => {
    expect(descend(parabola, wrapped("freeze", parabola)).end).toEqual(numbersOf(parabola.start))
  })

  const plane = { ...parabola, f: distances(tensor([1, -1, 1])), start: tensor([-1, 3, 1]), pace: 0.1 }

  test.each(["ontoSimplex", "ontoNonNegative"] as const)("%s reaches the least point of its set", name => {
    expectNear(descend(plane, wrapped(name, plane)).end, [1, 0, 1])
  })
})
