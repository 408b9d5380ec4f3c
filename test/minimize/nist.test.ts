import { item } from "thalweg"
import { leastSquares } from "thalweg/minimize"
import { describe, expect, test } from "vitest"
import { digitsOf, nist, residualsOf, startOf } from "./nist.js"

/** Of Lanczos1 what the residuals tell is the rounding of the data, 1e-13 of them: nothing that f64 could hold a share of. */
const roundedErrors = ["Lanczos1"]

describe.each(nist.cases)("$name of NIST", set => {
  const fit = leastSquares(residualsOf(set))

  test.each([0, 1] as const)("has its certified values from start %i", which => {
    const { at, value, standardErrors, reason, degreesOfFreedom, indistinguishable } = fit(startOf(set, which))
    expect(reason).toBe("converged")
    expect(digitsOf(at.map(item), set.certified)).toBeGreaterThan(set.level === "higher" ? 9 : 8.8)
    expect([degreesOfFreedom, indistinguishable]).toEqual([set.y.length - set.certified.length, []])
    if (roundedErrors.includes(set.name)) return
    expect(digitsOf([2 * value], [set.sumOfSquares])).toBeGreaterThan(8)
    expect(digitsOf(standardErrors.map(item), set.standardErrors)).toBeGreaterThan(8)
  })

  test("is the problem that Python has", () => {
    const { history } = leastSquares(residualsOf(set), { maxSteps: 1 })(startOf(set, 1))
    expect(Math.abs((history.values[0] ?? NaN) / set.valueAtSecond - 1)).toBeLessThan(1e-12)
  })
})

test("all 27 sets are there", () => expect(nist.cases.length).toBe(27))

test("it takes no more evaluations than MINPACK does by scipy, in all", () => {
  const runs = nist.cases.flatMap(set => {
    const fit = leastSquares(residualsOf(set))
    return ([0, 1] as const).map(which => ({
      own: fit(startOf(set, which)).evaluations.residuals,
      peer: set.scipy[which]?.lm.residuals ?? NaN
    }))
  })
  const sum = (which: "own" | "peer"): number => runs.reduce((total, run) => total + run[which], 0)
  expect(sum("own")).toBeLessThanOrEqual(sum("peer"))
})
