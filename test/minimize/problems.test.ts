import { grad, hvp, item, tensor, toArray } from "thalweg"
import {
  bfgs,
  conjugateGradients,
  gradientDescent,
  lbfgs,
  nelderMead,
  newtonCg,
  type AnyMethod
} from "thalweg/minimize"
import { describe, expect, test } from "vitest"
import { golden, isMinimum, solve } from "./field.js"
import { problems, startOf, sumOfSquares, type TestProblem } from "./problems.js"

const f64 = (data: readonly number[]) => tensor(data, { dtype: "f64" })

/** To a share of 1e-10 of the largest. */
const near = (own: unknown, theirs: readonly number[]): void => {
  const scale = Math.max(...theirs.map(Math.abs))
  ;(own as number[]).forEach((x, i) => {
    expect(Math.abs(x - (theirs[i] as number))).toBeLessThanOrEqual(1e-10 * scale)
  })
}

const runs = new Map<string, ReturnType<typeof solve>>()

/** Each problem is solved once by each method. */
const solved = (problem: TestProblem, method: AnyMethod): ReturnType<typeof solve> => {
  const key = `${method.name} ${problem.name}`
  const run = runs.get(key) ?? solve(problem, method)
  runs.set(key, run)
  return run
}

test("there are 35 problems, those of the script", () => {
  expect(problems.map(({ name }) => name)).toEqual(golden.cases.map(({ name }) => name))
  expect(problems).toHaveLength(35)
})

describe.each(problems.map((problem, i) => [problem.name, problem, golden.cases[i]] as const))(
  "%s",
  (_, problem, given) => {
    test("is the same problem as the one that was written in Python", () => {
      if (given === undefined) throw new Error("no case")
      const [f, start] = [sumOfSquares(problem), startOf(problem)]
      expect(problem.start).toEqual(given.start)
      near([item(f(start))], [given.value])
      near(toArray(grad(f)(start)), given.gradient)
      near(toArray(hvp(f)(start, f64(given.direction))), given.hessianProduct)
    })
  }
)

/** What each method does not solve; scipy's of the same name does not solve it either. */
const unsolved: readonly (readonly [method: AnyMethod, names: readonly string[]])[] = [
  [lbfgs(), []],
  [bfgs(), []],
  [conjugateGradients(), ["Powell badly scaled", "Meyer"]],
  [newtonCg(), ["Powell badly scaled", "Meyer"]],
  [nelderMead(), ["Box three-dimensional"]]
]

describe.each(unsolved.map(([method, names]) => [method.name, method, names] as const))("%s", (_, method, names) => {
  const solvable = problems.filter(({ name }) => !names.includes(name))
  test.each(solvable.map(problem => [problem.name, problem] as const))("solves %s", (_, problem) => {
    const { value, history, at, evaluations, iterations } = solved(problem, method)
    expect(isMinimum(problem, value)).toBe(true)
    expect(Math.abs(item(sumOfSquares(problem)(at)) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value) + 1e-15)
    expect(evaluations.values).toBeGreaterThan(iterations)
    expect(history.values.at(-1)).toBe(value)
  })
})

test("needs no more evaluations than scipy, all in all, where both solve a problem", () => {
  const sums = [lbfgs(), bfgs(), newtonCg(), nelderMead()].map((method: AnyMethod) =>
    problems.reduce((so, problem, i) => {
      const peer = golden.cases[i]?.scipy[method.name]
      const own = solved(problem, method)
      const both = isMinimum(problem, own.value) && isMinimum(problem, Number(peer?.value))
      return both ? so + (peer?.values ?? 0) - own.evaluations.values : so
    }, 0)
  )
  for (const fewer of sums) expect(fewer).toBeGreaterThanOrEqual(0)
})

const forgiving = ["Beale", "Gaussian", "trigonometric", "Broyden tridiagonal", "Broyden banded", "linear, full rank"]
test.each(problems.filter(({ name }) => forgiving.includes(name)).map(p => [p.name, p] as const))(
  "gradientDescent solves %s",
  (_, problem) => {
    const { value, reason } = solve(problem, gradientDescent())
    expect([isMinimum(problem, value), reason]).toEqual([true, "converged"])
  }
)
