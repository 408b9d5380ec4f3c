import { abs, exp, gt, item, square, sub, sum, tensor, where, type Tensor } from "thalweg"
import {
  argmin,
  bfgs,
  findRoot,
  findRootBetween,
  leastSquares,
  leastSquaresMinimizer,
  levenbergMarquardt,
  minimize,
  minimizer,
  root,
  rootBetween,
  rootFinder
} from "thalweg/minimize"
import { describe, expect, test } from "vitest"

const f64 = (x: number | readonly number[]) => tensor(x, { dtype: "f64" })
const bowl = ({ a }: { a: Tensor }) => sum(square(a))
const start = { a: f64([0.2]) }

const told = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    return String(error)
  }
  return "nothing"
}

const noTree = "expected a tensor, an array or a plain record; got"
test.each<readonly [string, () => unknown, string]>([
  ["undefined in a bound", () => minimize(bowl, { upper: { a: undefined } } as never)(start), `TreeError: minimize at "upper/a": ${noTree} undefined`],
  ["null in a bound", () => leastSquares((p: typeof start) => p.a, { lower: { a: null } } as never)(start), `TreeError: leastSquares at "lower/a": ${noTree} null`],
  ["a text in a bound", () => argmin(bowl, { upper: { a: "1" } } as never)(start), `TreeError: argmin at "upper/a": ${noTree} "1"`],
  ["bools as a bound", () => minimize(bowl, { upper: { a: tensor([true]) } })(start), 'DTypeError: minimize at "a": expected upper to be a number or f32 or f64; got bool[1]'],
  ["whole numbers as a bound", () => minimize(bowl, { upper: { a: tensor([1], { dtype: "i32" }) } })(start), 'DTypeError: minimize at "a": expected upper to be a number or f32 or f64; got i32[1]'],
  ["whole numbers as weights", () => leastSquares((p: typeof start) => p.a, { weights: tensor([1], { dtype: "i32" }) })(start), "DTypeError: leastSquares: expected weights of f32 or f64; got a tensor i32[1]"],
  ["a number among weights", () => leastSquares((p: typeof start) => p, { weights: { a: 1 } as never })(start), `TreeError: leastSquares at "weights/a": ${noTree} 1`],
  ["a bound of another shape, of a start that is one leaf", () => minimize((x: Tensor) => sum(x), { upper: f64([1, 2]) })(f64([0])), 'ShapeError: minimize at "(root)": expected upper to be a number or f64[1]; got f64[2]'],
  ["no state to step from", () => minimizer(bowl).step(undefined as never), `TreeError: minimizer at "state": ${noTree} undefined`],
  ["none of rootFinder", () => rootFinder((x: Tensor) => x).step(null as never), `TreeError: rootFinder at "state": ${noTree} null`],
  ["none of leastSquaresMinimizer", () => leastSquaresMinimizer((x: Tensor) => x).step({} as never), "DataError: leastSquaresMinimizer: expected a state, such as init gives; got a record with keys (none)"],
  ["a state of another method", () => minimizer(bowl).step(minimizer(bowl, { method: bfgs() }).init(start) as never), 'TreeError: minimizer at "memory": expected a state, such as init gives with this method, that is a record with keys changes, gamma, rho, steps; got a record with keys inverse, updates'],
  ["a method of least squares", () => minimize(bowl, { method: levenbergMarquardt() as never }), "HyperparameterError: minimize: expected method to be a method, such as lbfgs(); got a record with keys bounded, init, name, rescaled, step"],
  ["the same within a graph", () => argmin(bowl, { method: levenbergMarquardt() as never }), "HyperparameterError: argmin: expected method to be a method, such as lbfgs(); got "],
  ["a start that is a number", () => minimize(bowl)(3 as never), `TreeError: minimize at "start": ${noTree} 3`],
  ["data that are a number, of argmin", () => argmin((x: Tensor, _: { c: Tensor }) => sum(x))(f64([1]), { c: 3 as never }), `TreeError: argmin at "data/0/c": ${noTree} 3`],
  ["data that are a number, of root", () => root((x: Tensor, _: Tensor) => x)(f64([1]), 3 as never), `TreeError: root at "data/0": ${noTree} 3`],
  ["a start with a number", () => findRoot(({ a }: { a: Tensor }) => a)({ a: 1 as never }), `TreeError: findRoot at "start/a": ${noTree} 1`],
  ["a tolerance of a solver that is not used", () => argmin(bowl, { solverTolerance: 1e-3 }), 'HyperparameterError: argmin at "solverTolerance": expected linearSolver "conjugateGradients" beside solverTolerance; got "dense", the default'],
  ["products of one that is not used", () => argmin(bowl, { linearSolver: "dense", maxProducts: 3 }), 'HyperparameterError: argmin at "maxProducts": expected linearSolver "conjugateGradients" beside maxProducts; got "dense"'],
  ["a scale of residuals that count as they are", () => leastSquares((p: typeof start) => p.a, { scale: 2 }), 'HyperparameterError: leastSquares at "scale": expected loss "huber" or "softL1" or "cauchy" or "arctan" beside scale; got "linear", the default'],
  ["ends that are not finite", () => findRootBetween((x: Tensor) => sub(x, 3))(-Infinity, 5), "DataError: findRootBetween: expected ends that are finite; got -Infinity and 5"],
  ["both of them", () => findRootBetween((x: Tensor) => sub(x, 3))(-Infinity, Infinity), "DataError: findRootBetween: expected ends that are finite; got -Infinity and Infinity"],
  ["a start with a NaN", () => minimize((x: Tensor) => sum(x))(f64([NaN, 2])), "DataError: minimize: expected a start at which the function and its gradient are finite; got the start: f64[2] from 2 to 2, with 1 NaN"],
  ["a start of NaN", () => findRoot((x: Tensor) => x)(f64([NaN, NaN])), "DataError: findRoot: expected a start at which the function and its Jacobian are finite; got the start: f64[2] with 2 NaN"]
])("%s", (_, make, message) => {
  expect(told(make).slice(0, message.length)).toBe(message)
}) // prettier-ignore

test("a state serves a step after another start of another structure", () => {
  const any = minimizer((x: Tensor | { a: Tensor }) => sum(square("a" in x ? x.a : x)))
  for (const from of [f64([1, 2]), { a: f64([3]) }, f64([1])])
    expect(item(any.step(any.init(from as Tensor)).iterations)).toBe(1)
})

describe("a root between two ends", () => {
  test("is never outside of them, however far these are apart", () => {
    for (const maxSteps of [1, 2, 3, 300]) {
      const { at, reason, iterations } = findRootBetween((x: Tensor) => sub(x, 3), { maxSteps })(-1.7e308, 1.7e308)
      expect([reason, iterations]).toEqual(["maxSteps", maxSteps])
      expect(Math.abs(item(at))).toBeLessThanOrEqual(1.7e308)
    }
  })

  test("of ends that are not finite is NaN in a graph", () => {
    expect(item(rootBetween((x: Tensor) => sub(x, 3))(-Infinity, Infinity))).toBeNaN()
  })

  test("says where a value was NaN", () => {
    const holed = (x: Tensor) => where(gt(abs(x), 0.5), x, NaN)
    const { reason, message } = findRootBetween(holed)(-1, 1.1)
    expect(reason).toBe("notFinite")
    expect(message).toMatch(/^Stopped after 1 iteration: the value at 0\.05.* is NaN\.$/)
  })
})

test("of steps that ran out it is said that they did", () => {
  const far = (p: Tensor) => sub(exp(p), 3)
  const { reason, message } = leastSquares(far, { method: levenbergMarquardt({ maxTrials: 1 }) })(f64([-5, 0.1]))
  expect(reason).toBe("stalled")
  expect(message).toMatch(/none of the steps that were tried, which were all of maxTrials, lowers the cost/)
})
