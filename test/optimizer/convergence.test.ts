import { add, neg, pipe, scan, square, sub, sum, tensor, toTyped, Tree, valueAndGrad, type Tensor } from "thalweg"
import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { describe, expect, test, vi } from "vitest"
import { rosenbrock, saddle, surfaces } from "../../examples/lib/surfaces.js"
import {
  combinatorFor,
  optimizerFor,
  type CombinatorName,
  type OptimizerName,
  type Scale
} from "./convergence.settings.js"

/** A function to go down, and how. */
interface Problem<P extends Tree> extends Scale {
  readonly f: (params: P) => Tensor
  readonly start: P
}

/** A problem whose minimum is to be reached. */
interface Target<P extends Tree> extends Problem<P> {
  readonly title: string
  readonly minimum: readonly number[]
}

const numbersOf = (params: Tree): readonly number[] => Tree.leaves(params).flatMap(t => Array.from(toTyped(t)))

/** The values of the function on the way, the start first, and the last point, all as the optimizer gives it for use. */
const descend = <P extends Tree>({ f, start, steps }: Problem<P>, { init, step, ...at }: AnyOptimizer) => {
  const slope = valueAndGrad(f)
  const from = [start, init(start)] as const
  const next = ([p, state]: typeof from) => {
    const [loss, grads] = slope(at.gradientPoint(p, state))
    return [step(p, state, grads, { loss }), f(at.evalParams(p, state))] as const
  }
  const [[p, state], heights] = scan(next, from, [], { length: steps + 1 })
  return { heights: Array.from(toTyped(heights)), end: numbersOf(at.evalParams(p, state)) }
}

/** What is left of a height above a minimum that is 0. */
const remaining = (heights: readonly number[]): number => (heights.at(-1) ?? NaN) / (heights[0] ?? NaN)

const TOLERANCE = 3e-2
const expectNear = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) => {
    const wanted = expected[i] ?? NaN
    expect(Math.abs(value - wanted), `element ${i}: ${value}`).toBeLessThan(TOLERANCE * (1 + Math.abs(wanted)))
  })
}

vi.setConfig({ testTimeout: 60_000 })
const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[]
const combinatorNames = Object.keys(combinators) as readonly CombinatorName[]

/** The sum of squared distances to a point, of which the curvature is 2 everywhere. */
const distances = (target: Tree) => (params: Tree) => {
  const squares = Tree.leaves(target).map((t, i) => sum(square(sub(Tree.leaves(params)[i] ?? t, t))))
  return squares.reduce(add)
}

// The problems of optax's tests: alias_test.py, contrib/_common_test.py.
const parabola: Target<Tensor> = {
  title: "a parabola",
  f: distances(tensor([1, -1, 1])),
  start: tensor([-1, 10, 1]),
  minimum: [1, -1, 1],
  rate: 0.1,
  pace: 0.1,
  steps: 1000
}

const matrixTarget = { bias: tensor([1, -1, 2]), kernel: tensor([[3, -2], [1, 4]]) } // prettier-ignore
const mixed: Target<typeof matrixTarget> = {
  title: "a parabola of a matrix and a vector",
  f: distances(matrixTarget),
  start: Tree.zerosLike(matrixTarget),
  minimum: [1, -1, 2, 3, -2, 1, 4],
  rate: 0.1,
  pace: 0.05,
  steps: 1000
}

const valley: Target<Tensor> = {
  ...rosenbrock,
  start: tensor([0, 0]),
  rate: 1.2e-3, // at the minimum, the curvature is 1000 across and 0.4 along
  pace: 0.01,
  steps: 7000
}

/** What does not come to the end of Rosenbrock's valley, but near its bed: to a twentieth of the height, once. */
const crawling: ReadonlySet<OptimizerName> = new Set([
  "signSgd", // zigzags between the walls: with both coordinates as fast, it cannot go along a bent bed
  "cocob" // bets all that it won on the way to the bed, and so is thrown out of it again, in optax too
] as const)

const reach = <P extends Tree>(target: Target<P>, names: readonly OptimizerName[]): void => {
  test.each(names)(`%s reaches the minimum of ${target.title}`, name => {
    expectNear(descend(target, optimizerFor(name, target)).end, target.minimum)
  })
}

describe("in optax's way", () => {
  reach(parabola, optimizerNames)
  reach(mixed, optimizerNames)
  reach(
    valley,
    optimizerNames.filter(name => !crawling.has(name))
  )

  test.each([...crawling])("%s gets near the bed of Rosenbrock's valley", name => {
    const { heights } = descend(valley, optimizerFor(name, valley))
    expect(heights.every(Number.isFinite)).toBe(true)
    expect(Math.min(...heights)).toBeLessThan((heights[0] ?? NaN) / 20)
  })
})

/** By how much the height falls: twentyfold, but in a valley that is long and almost level along its bed. */
const fallOf = (surface: object): number => (surface === rosenbrock ? 2 : 20)

describe.each(surfaces)("on the surface $title", surface => {
  const problem = { ...surface, steps: 4 * surface.steps }

  test.each(optimizerNames)("%s goes down", name => {
    const { heights } = descend(problem, optimizerFor(name, problem))
    expect(heights.every(Number.isFinite)).toBe(true)
    expect(remaining(heights)).toBeLessThan(1 / fallOf(surface))
  })
})

describe("on the ridge of the saddle, where nothing says to which side", () => {
  const problem = { ...saddle, start: tensor([1.5, 0], { dtype: "f64" }), steps: 5 * saddle.steps }
  const pass = 0.25

  test.each(optimizerNames.filter(name => name !== "noisySgd"))("%s comes to the pass and stays", name => {
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
const elsewhere: ReadonlySet<CombinatorName> = new Set([
  "maximize",
  "freeze",
  "ontoSimplex",
  "ontoNonNegative"
] as const)
const nearer = { ...parabola, start: tensor([-1, 3, 1]) } // for means over the whole way
const slower = { ...saddle, pace: saddle.pace / 2, steps: 10 * saddle.steps }

describe.each(["adam", "sgd"] as const)("around %s", base => {
  const wrapped = (name: CombinatorName, scale: Scale): AnyOptimizer =>
    pipe(optimizerFor(base, scale), combinatorFor(name, scale))

  test.each(combinatorNames.filter(name => !elsewhere.has(name)))("%s reaches the minimum", name => {
    expectNear(descend(nearer, wrapped(name, nearer)).end, nearer.minimum)
    expectNear(descend(slower, wrapped(name, slower)).end, slower.minimum)
  })

  test("maximize reaches the maximum", () => {
    const hill = { ...parabola, f: (p: Tensor) => neg(parabola.f(p)) }
    expectNear(descend(hill, wrapped("maximize", hill)).end, parabola.minimum)
  })

  test("freeze stays at the start", () => {
    expect(descend(parabola, wrapped("freeze", parabola)).end).toEqual(numbersOf(parabola.start))
  })

  test.each(["ontoSimplex", "ontoNonNegative"] as const)("%s reaches the least point of its set", name => {
    expectNear(descend(parabola, wrapped(name, parabola)).end, [1, 0, 1])
  })
})
