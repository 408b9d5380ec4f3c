import { readFileSync } from "node:fs"

import {
  abs,
  add,
  cos,
  div,
  exp,
  grad,
  item,
  log,
  matmul,
  mul,
  pow,
  scalar,
  sin,
  square,
  sqrt,
  sub,
  tanh,
  tensor,
  toArray,
  toTyped,
  zeros,
  type Tensor
} from "thalweg"
import {
  backtracking,
  findRoot,
  findRootBetween,
  root,
  rootFinder,
  strongWolfe,
  type LineSearch
} from "thalweg/minimize"
import { describe, expect, test } from "vitest"
import { problems } from "./problems.js"
import { thrownBy } from "../support.js"

const f64 = (x: number | readonly number[] | readonly (readonly number[])[]) => tensor(x, { dtype: "f64" })

/** What test/golden/roots.py wrote. */
const golden = JSON.parse(readFileSync(new URL("../golden/roots.json", import.meta.url), "utf8")) as {
  readonly cases: readonly {
    readonly name: string
    readonly problem: string
    readonly start: readonly number[]
    readonly residuals: readonly number[]
    readonly scipy: { readonly residual: number; readonly values: number; readonly jacobians: number }
  }[]
  readonly between: readonly {
    readonly name: string
    readonly formula: string
    readonly ends: readonly [number, number]
    readonly scipy: { readonly at: number; readonly brentq: number; readonly chandrupatla: number }
  }[]
}

const systems = golden.cases.map(given => {
  const f = problems.find(({ name }) => name === given.problem)?.residuals
  if (f === undefined) throw new Error(`no problem ${given.problem}`)
  return { ...given, f }
})
const isRoot = (residual: number): boolean => residual <= 1e-8
/** What Newton's method does not solve; hybr of scipy does not solve it either. */
const unsolved = ["Freudenstein and Roth x1", "Freudenstein and Roth x10", "trigonometric x10", "Chebyquad x10"]

describe.each(systems.map(system => [system.name, system] as const))("%s", (name, { f, start, residuals, scipy }) => {
  const found = findRoot(f)(f64(start))
  test("is the same system as the one that was written in Python", () => {
    const scale = Math.max(...residuals.map(Math.abs))
    toTyped(f(f64(start))).forEach((r, i) => {
      expect(Math.abs(r - (residuals[i] as number))).toBeLessThanOrEqual(1e-10 * scale)
    })
  })

  if (unsolved.includes(name))
    test("is solved neither here, which says so, nor by scipy", () => {
      expect([found.reason, isRoot(scipy.residual)]).toEqual(["lineSearchFailed", false])
    })
  else
    test("is solved", () => {
      expect([found.reason, isRoot(found.residual)]).toEqual(["converged", true])
      const largest = Math.max(...toTyped(abs(f(found.at))))
      expect(Math.abs(largest - found.residual)).toBeLessThanOrEqual(1e-12)
      expect(found.history.residuals.at(-1)).toBe(found.residual)
      expect(found.evaluations.jacobians).toBe(found.iterations + 1)
    })
})

const formulas: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "x^2 - 2": x => sub(square(x), 2),
  "cos(x) - x": x => sub(cos(x), x),
  "x - 0.99 sin(x) - 0.03": x => sub(sub(x, mul(0.99, sin(x))), 0.03),
  "(x - 1)^3": x => pow(sub(x, 1), 3),
  "x^9": x => pow(x, 9),
  "exp(x) - 1e-5": x => sub(exp(x), 1e-5),
  "tanh(1000 (x - 0.3))": x => tanh(mul(1000, sub(x, 0.3))),
  "x^3 - 2x - 5": x => sub(sub(pow(x, 3), mul(2, x)), 5)
}

describe("between two ends", () => {
  const runs = golden.between.map(given => {
    const f = formulas[given.formula]
    if (f === undefined) throw new Error(`no formula ${given.formula}`)
    return { ...given, ...findRootBetween(f)(...given.ends) }
  })

  test.each(runs.map(run => [run.name, run] as const))("%s", (_, { at, scipy, reason, residual, formula }) => {
    expect(reason).toBe("converged")
    expect(Math.abs(item(at) - scipy.at)).toBeLessThanOrEqual(4e-12)
    expect(residual).toBe(Math.abs(item(formulas[formula]?.(at) as Tensor)))
  })

  test("it needs no more evaluations than scipy's of the same method, and fewer than brentq", () => {
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b)
    const own = sum(runs.map(({ evaluations }) => evaluations.values))
    expect(own).toBeLessThanOrEqual(sum(runs.map(({ scipy }) => scipy.chandrupatla)))
    expect(own).toBeLessThan(sum(runs.map(({ scipy }) => scipy.brentq)))
  })

  test.each([
    [-1e200, 1.1e200, 1],
    [-1.7e308, 1.7e308, 3],
    [-1.1e308, 1.6e308, 1e-5]
  ])("ends that are far from each other, %d and %d, take about three times of halving", (low, high, right) => {
    const { at, reason, iterations } = findRootBetween((x: Tensor) => sub(x, right))(low, high)
    const halvings = Math.log2(high / 2 - low / 2) + 1 + Math.log2(1e12)
    expect([reason, Math.abs(item(at) - right) <= 2e-12]).toEqual(["converged", true])
    expect(iterations).toBeLessThan(3 * halvings + 3)
  })

  test("a root at an end is found there, with no iteration", () => {
    const line = (x: Tensor) => sub(x, 1)
    for (const [low, high] of [
      [1, 5],
      [-3, 1]
    ] as const) {
      const { at, residual, iterations, message } = findRootBetween(line)(low, high)
      expect([item(at), residual, iterations]).toEqual([1, 0, 0])
      expect(message).toMatch(/^Converged after 0 iterations/)
    }
  })

  test("f32 ends, and a number beside one, give a root of f32", () => {
    const { at } = findRootBetween((x: Tensor) => sub(square(x), 2))(scalar(0), 2)
    expect(at.dtype).toBe("f32")
    expect(item(at)).toBeCloseTo(Math.SQRT2, 5)
  })

  test("a pole with a change of sign tells by its residual", () => {
    const { residual, reason } = findRootBetween((x: Tensor) => div(1, sub(x, 0.1)))(0, 0.47)
    expect([reason, residual > 1e9]).toEqual(["converged", true])
  })

  test("it stops at maxSteps, and where a value is no number", () => {
    expect(findRootBetween((x: Tensor) => sub(square(x), 2), { maxSteps: 3 })(0, 2).message).toMatch(
      /^Stopped after 3 iterations, which is all of maxSteps: the width of the bracket/
    )
    const holed = (x: Tensor) => mul(sub(x, 0.5), sqrt(sub(square(sub(x, 0.5)), 0.01)))
    expect(findRootBetween(holed)(0, 1).reason).toBe("notFinite")
  })

  test("data are held fixed, and one program serves all ends", () => {
    let calls = 0
    const run = findRootBetween((x: Tensor, a: Tensor) => {
      calls += 1
      return sub(square(x), a)
    })
    expect(item(run(0, 5, f64(4)).at)).toBeCloseTo(2, 10)
    const once = calls
    expect(item(run(0, 9, f64(9)).at)).toBeCloseTo(3, 10)
    expect(calls).toBe(once)
  })
})

describe("systems", () => {
  test("are trees to trees, of the same total size", () => {
    const a = f64([
      [2, 1],
      [1, 3]
    ])
    const f = ({ x, y }: { x: Tensor; y: Tensor }) => ({ p: sub(matmul(a, x), f64([4, 7])), q: [sub(y, 3)] })
    const { at, iterations } = findRoot(f)({ x: f64([0, 0]), y: f64(0) })
    expect(iterations).toBe(1)
    ;[...toTyped(at.x), item(at.y)].forEach((v, i) => expect(v).toBeCloseTo([1, 2, 3][i] as number, 12))
  })

  test("of f32 stop at the tolerance of f32", () => {
    const { at, residual } = findRoot((x: Tensor) => sub(square(x), 2))(scalar(1))
    expect([at.dtype, residual <= 1e-4]).toEqual(["f32", true])
  })

  test.each([1e20, 1e-25])("of f32 may have any units: times %d", unit => {
    const { at, reason } = findRoot((x: Tensor) => mul(unit, sub(square(x), 2)), { tolerance: 1e-6 * unit })(scalar(1))
    expect([reason, Math.abs(item(at) - Math.SQRT2) < 1e-6]).toEqual(["converged", true])
  })

  test.each([
    [1e300, backtracking()],
    [1e200, strongWolfe()],
    [1e-200, strongWolfe()],
    [1e-290, backtracking()]
  ])("of f64 as well: times %d", (unit, lineSearch) => {
    const f = (x: Tensor) => mul(unit, sub(square(x), 2))
    const options = { tolerance: 1e-10 * unit, lineSearch }
    const { at, reason, residual } = findRoot(f, options)(scalar(1, "f64"))
    expect([reason, residual <= 1e-10 * unit]).toEqual(["converged", true])
    expect(item(at)).toBeCloseTo(Math.SQRT2, 9)
    expect(item(root(f, options)(scalar(1, "f64")))).toBe(item(at))
    expect(item(rootFinder(f, options).init(scalar(1, "f64")).value)).toBe(unit > 1 ? Infinity : 0) // ½ f², as it is
  })

  test("may be as large as numbers are", () => {
    const f = (x: Tensor) => mul(Number.MAX_VALUE, sub(x, 2))
    const { at, reason, iterations } = findRoot(f)(scalar(1, "f64"))
    expect([item(at), reason, iterations]).toEqual([2, "converged", 1])
  })

  const f = (x: Tensor, a: Tensor) => sub(pow(x, 3), a)
  test.each([
    ["a residual that roundings hide", f, 1000, 3e9, {}, Math.cbrt(3e9)],
    ["a tolerance of 0", (x: Tensor, a: Tensor) => sub(square(x), a), 1, 2, { tolerance: 0 }, Math.SQRT2],
    ["squares that are large", (x: Tensor, a: Tensor) => sub(square(x), a), 1, 2e20, {}, Math.sqrt(2e20)]
  ])("converge as far as rounding lets them, of %s", (_, f, start, a, options, right) => {
    const found = findRoot(f, options)(f64(start), f64(a))
    expect([found.reason, item(found.at)]).toEqual(["converged", right])
    expect(found.evaluations.values).toBeLessThan(50)
    expect(found.message).toMatch(/^Converged after \d iterations, as far as rounding lets it: the largest absolute/)
    expect(item(root(f, options)(f64(start), f64(a)))).toBe(right)
    const { init, step } = rootFinder(f, options)
    const last = step(init(f64(right), f64(a)), f64(a))
    expect([item(last.status), item(last.iterations), item(last.at)]).toEqual([7, 1, right])
  })

  test("have derivatives there", () => {
    const slope = item(grad((a: Tensor) => root(f)(f64(1000), a))(f64(3e9)))
    expect(slope / (Math.cbrt(3e9) / 9e9)).toBeCloseTo(1, 12)
  })

  test("end where a line search goes nowhere", () => {
    const still: LineSearch = {
      name: "still",
      search: (problem, from, _, length) => ({
        ...backtracking().search(problem, from, zeros([1], "f64"), length),
        found: scalar(true)
      })
    }
    const { reason, iterations } = findRoot((x: Tensor) => sub(square(x), 2), { lineSearch: still })(f64([1]))
    expect([reason, iterations]).toEqual(["lineSearchFailed", 1])
  })

  test("without a root end where ‖f‖ is least, and say so", () => {
    const { reason, message } = findRoot((x: Tensor) => add(square(x), 1))(scalar(3, "f64"))
    expect(reason).toBe("lineSearchFailed")
    expect(message).toContain("the largest absolute residual, 1, is above the tolerance, 1e-8")
  })

  test("with a singular Jacobian say so, and stay where they are", () => {
    const { at, reason, message } = findRoot((x: Tensor) => add(square(x), 1))(scalar(0, "f64"))
    expect([item(at), reason]).toEqual([0, "singularJacobian"])
    expect(message).toMatch(/the Jacobian is singular here/)
  })

  test("take another line search", () => {
    expect(findRoot((x: Tensor) => sub(exp(x), 2), { lineSearch: strongWolfe() })(f64(3)).reason).toBe("converged")
  })

  test("step by step they lead where the whole run does", () => {
    const f = (x: Tensor) => sub(pow(x, 3), f64([2, 5]))
    const whole = findRoot(f)(f64([1, 1]))
    const { init, step } = rootFinder(f)
    let state = init(f64([1, 1]))
    while (item(state.status) === 0) state = step(state)
    expect(item(state.iterations)).toBe(whole.iterations)
    toTyped(state.at).forEach((x, i) => expect(x).toBeCloseTo(toTyped(whole.at)[i] as number, 12))
  })
})

describe("mistakes", () => {
  test.each<readonly [string, () => unknown, string]>([
    [
      "a bracket without a change of sign",
      () => findRootBetween((x: Tensor) => add(square(x), 1))(0, 2),
      "DataError: findRootBetween: expected a function with different signs at both ends; got f(0) = 1 and f(2) = 5"
    ],
    [
      "an end at which there is no value",
      () => findRootBetween((x: Tensor) => log(x))(-1, 2),
      "DataError: findRootBetween: expected a function with different signs at both ends; got f(-1) = NaN and f(2) = 0.69"
    ],
    [
      "ends that are no scalars",
      () => findRootBetween((x: Tensor) => x)(f64([0, 1]), 2),
      "DataError: findRootBetween: expected ends that are scalars of f32 or f64, alike; got f64[2] and f64[]"
    ],
    [
      "a function of an end that is no scalar",
      () => findRootBetween((x: Tensor) => add(x, f64([0, 1])))(0, 2),
      "ShapeError: findRootBetween: expected a function with a scalar result; got f64[2]"
    ],
    [
      "fewer equations than unknowns",
      () => findRoot(({ a }: { a: Tensor; b: Tensor }) => a)({ a: f64([1, 2]), b: f64(1) }),
      "ShapeError: findRoot: expected as many equations as unknowns, 3; got 2 equations"
    ],
    [
      "equations of whole numbers",
      () => findRoot(() => ({ n: scalar(1, "i32") }))(f64(1)),
      'DTypeError: findRoot at "n": expected a result of f32 or f64; got a tensor i32[]'
    ],
    [
      "a start of whole numbers",
      () => findRoot((x: Tensor) => x)(scalar(1, "i32")),
      "DTypeError: findRoot: expected a start of f32 or f64; got a tensor i32[]"
    ],
    [
      "a result that is no tree",
      () => findRoot(() => 3 as never)(f64(1)),
      'TreeError: findRoot at "(root)": expected a result that is a tensor, an array or a plain record; got 3'
    ],
    [
      "a start that is not finite",
      () => findRoot(({ x }: { x: Tensor }) => log(x))({ x: f64(-1) }),
      "DataError: findRoot: expected a start at which the function and its Jacobian are finite; got x: -1 (log of -1 gives NaN"
    ],
    [
      "a Jacobian there that is not",
      () => findRoot((x: Tensor) => sub(sqrt(x), 1))(f64(0)),
      "DataError: findRoot: expected a start at which the function and its Jacobian are finite; got the start: 0 ("
    ],
    [
      "nothing to solve for",
      () => findRoot((x: Tensor) => x)(zeros([0])),
      "TreeError: findRoot: expected a start with at least one element; got empty leaves"
    ],
    [
      "an option that there is none of",
      () => findRoot((x: Tensor) => x, { method: 3 } as never),
      'HyperparameterError: findRoot: expected options among tolerance, maxSteps, lineSearch, fusedMultiplyAdd; got "method"'
    ]
  ])("%s", (_, make, message) => {
    const told = String(thrownBy(make))
    expect(told.slice(0, message.length)).toBe(message)
  })

  test("the value at a root is a tensor like any other", () => {
    expect(toArray(findRoot((x: Tensor) => sub(x, 2))(f64(0)).at)).toBe(2)
  })
})
