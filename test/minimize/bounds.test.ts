import {
  add,
  at,
  cast,
  compile,
  item,
  log,
  mul,
  square,
  sub,
  sum,
  tensor,
  toArray,
  toTyped,
  zeros,
  type Tensor
} from "thalweg"
import { bfgs, gradientDescent, lbfgs, minimize, minimizer, nelderMead } from "thalweg/minimize"
import { describe, expect, test } from "vitest"
import { functionOf, golden, placesOf, type GoldenBounded } from "./bounded.js"
import { thrownBy } from "../support.js"

const f64 = (x: number | readonly number[]) => tensor(x, { dtype: "f64" })

const solve = (given: GoldenBounded) => {
  const { start, lower, upper } = placesOf(given)
  return minimize(functionOf(given), { lower, upper, tolerance: golden.tolerance, maxSteps: 2000 })(start)
}
const runs = golden.cases.map(given => ({ given, ...solve(given) }))
/** To a share of 1e-4, or 1e-8 where it is 0. */
const isNoHigher = (value: number, other: number): boolean => value <= other + 1e-4 * Math.abs(other) + 1e-8

describe.each(runs.map(run => [run.given.name, run] as const))(
  "%s",
  (_, { given, value, at, gradientNorm, reason }) => {
    const { start, lower, upper } = placesOf(given)
    test("is the same problem as the one that was written in Python", () => {
      expect(Math.abs(item(functionOf(given)(start)) / given.valueAtStart - 1)).toBeLessThanOrEqual(1e-9)
    })

    test("comes as low as L-BFGS-B of scipy, within the bounds", () => {
      expect(isNoHigher(value, given.scipy.value)).toBe(true)
      if (reason === "converged") expect(gradientNorm).toBeLessThanOrEqual(golden.tolerance)
      const [x, low, high] = [at, lower, upper].map(toTyped) as [Float64Array, Float64Array, Float64Array]
      x.forEach((v, i) => {
        expect(v).toBeGreaterThanOrEqual(low[i] as number)
        expect(v).toBeLessThanOrEqual(high[i] as number)
      })
    })
  }
)

test("all converge but two, on which L-BFGS-B of scipy ends far higher", () => {
  const others = runs.filter(({ reason }) => reason !== "converged")
  expect(others.map(({ given }) => given.name)).toEqual(["Osborne 1", "Biggs EXP6"])
  for (const { given, value } of others) expect(value).toBeLessThan(given.scipy.value / 2)
})

test("needs a tenth more evaluations than L-BFGS-B of scipy at most, all in all, where both end alike", () => {
  const alike = runs.filter(({ given, value }) => isNoHigher(given.scipy.value, value))
  const [own, theirs] = [alike.map(r => r.evaluations.values), alike.map(r => r.given.scipy.values)].map(counts =>
    counts.reduce((a, b) => a + b)
  ) as [number, number]
  expect(alike.length).toBeGreaterThanOrEqual(42)
  expect(own).toBeLessThanOrEqual(1.1 * theirs)
})

describe("bounds", () => {
  const bowl = ({ a, b }: { a: Tensor; b: Tensor }) => add(sum(square(sub(cast(a, "f64"), 3))), square(add(b, 2)))
  const start = { a: zeros([2]), b: f64(0) }

  test("are a number, or a tree of numbers and tensors", () => {
    const below = minimize(bowl, { upper: 1 })(start)
    expect(toArray(below.at.a)).toEqual([1, 1])
    expect(item(below.at.b)).toBeCloseTo(-2, 6)
    const { at } = minimize(bowl, { lower: { a: -Infinity, b: -1 }, upper: { a: tensor([1, 9]), b: 5 } })(start)
    expect(toTyped(at.a)[0]).toBe(1)
    expect(toTyped(at.a)[1]).toBeCloseTo(3, 5)
    expect(item(at.b)).toBe(-1)
  })

  test("are what the dtype of a leaf can hold: one of f32 does not round out of its own", () => {
    const { at } = minimize(bowl, { upper: { a: 0.1, b: 0.1 } })(start)
    expect(toArray(at.a)).toEqual([Math.fround(0.1), Math.fround(0.1)])
  })

  test("that are equal hold a variable where it is", () => {
    const { at, reason } = minimize(bowl, { lower: { a: 0, b: -9 }, upper: { a: 0, b: 9 } })(start)
    expect([toArray(at.a), reason]).toEqual([[0, 0], "converged"])
    expect(item(at.b)).toBeCloseTo(-2, 5)
  })

  test("all of which hold make a start converge at once", () => {
    const { iterations, gradientNorm, reason } = minimize(bowl, { upper: { a: 0, b: 9 }, lower: { a: -1, b: 0 } })(
      start
    )
    expect([iterations, gradientNorm, reason]).toEqual([0, 0, "converged"])
  })

  test("are kept by gradientDescent too, and by what falls without end", () => {
    const f = (x: Tensor) => sub(square(at(x, 0)), mul(1e6, at(x, 1)))
    for (const method of [gradientDescent(), lbfgs()]) {
      const { at, reason } = minimize(f, { method, lower: 0.5, upper: 4 })(f64([2, 1]))
      expect([toArray(at), reason]).toEqual([[0.5, 4], "converged"])
    }
  })

  test("hold where there are no values beyond them", () => {
    const f = (x: Tensor) => sum(sub(log(sub(x, 1)), x)) // NaN below 1, and -Infinity there
    const { at, reason } = minimize(f, { lower: 1.5, upper: 4 })(f64([1.6, 1.9]))
    expect([toArray(at), reason]).toEqual([[1.5, 1.5], "converged"])
  })

  test("a compiled minimizer, which sees no values, begins at the nearest point within", () => {
    const { init } = minimizer(bowl, { upper: { a: -1, b: 9 } })
    expect(toArray(compile(init)(start).at.a)).toEqual([-1, -1])
  })
})

describe("mistakes", () => {
  const f = ({ a }: { a: Tensor; b: Tensor }) => sum(square(a))
  const start = { a: f64([1, 2]), b: f64(0) }
  test.each<readonly [string, object, string]>([
    [
      "bounds that cross",
      { lower: { a: f64([0, 5]), b: 0 }, upper: 4 },
      'DataError: minimize at "a[1]": expected lower bounds that are not above upper ones; got 5 above 4'
    ],
    [
      "a start below its bounds",
      { lower: { a: f64([0, 3]), b: 0 } },
      'DataError: minimize at "a[1]": expected a start within its bounds, at least 3; got 2'
    ],
    [
      "a start above them",
      { upper: { a: 9, b: -1 } },
      'DataError: minimize at "b": expected a start within its bounds, at most -1; got 0'
    ],
    [
      "a tree unlike the start",
      { lower: { a: 0 } },
      'TreeError: minimize at "(root)": expected lower like the start that is a record with keys a, b; got a record with keys a'
    ],
    [
      "a leaf of another shape",
      { upper: { a: f64([3, 3, 3]), b: 3 } },
      'ShapeError: minimize at "a": expected upper to be a number or f64[2]; got f64[3]'
    ],
    ["NaN", { upper: NaN }, 'DataError: minimize at "a": expected upper to be a number or infinite; got NaN'],
    [
      "no number",
      { upper: "3" },
      'HyperparameterError: minimize: expected upper to be a number, or a tree like the start; got "3"'
    ],
    [
      "a method without bounds",
      { upper: 3, method: bfgs() },
      "HyperparameterError: minimize: expected a method that takes bounds (lbfgs, gradientDescent) beside them; got bfgs"
    ],
    [
      "one without derivatives",
      { lower: 0, method: nelderMead() },
      "HyperparameterError: minimize: expected a method that takes bounds (lbfgs, gradientDescent) beside them; got nelderMead"
    ]
  ])("%s", (_, options, message) => {
    expect(String(thrownBy(() => minimize(f, options)(start)))).toBe(message)
  })
})
