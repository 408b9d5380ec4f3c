import fc from "fast-check"
import { add, tensor, zeros, type Tensor, type Tree } from "thalweg"
import { check, checkAll, difference, exact, law, relative, render, ulps, type Equality } from "thalweg/laws"
import { describe, expect, test } from "vitest"
import { isFoundOut, mutant } from "./mutants/mutant.js"

const f32 = (...values: readonly number[]): Tensor => tensor(values, { dtype: "f32" })
const f64 = (...values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const i32 = (...values: readonly number[]): Tensor => tensor(values, { dtype: "i32" })

const huge = Number.MAX_VALUE
const next = 1 + 2 ** -23

const same: readonly (readonly [string, Equality, Tree, Tree])[] = [
  ["exact: NaN", exact, f32(NaN), f32(NaN)],
  ["exact: an unevaluated side", exact, add(f32(1), 1), f32(2)],
  ["exact: the order of keys", exact, { a: f32(1), b: i32(2) }, { b: i32(2), a: f32(1) }],
  ["exact: nothing", exact, [zeros([0])], [zeros([0])]],
  ["ulps(0): zeros of either sign", ulps(0), f64(0, -0), f64(-0, 0)],
  ["ulps(1): neighbours in f32", ulps(1), f32(1), f32(next)],
  ["ulps(2): across zero", ulps(2), f64(5e-324), f64(-5e-324)],
  ["ulps(1): the last number and infinity", ulps(1), f64(huge), f64(Infinity)],
  ["ulps(0): NaN and infinities", ulps(0), f64(NaN, Infinity), f64(NaN, Infinity)],
  ["relative: within", relative(1e-3), f64(1000, -1000), f64(1000.9, -1000.9)],
  ["relative: infinities and NaN", relative(1e-3), f64(Infinity, NaN), f64(Infinity, NaN)],
  ["relative: below the floor", relative(1e-3, 1), f64(0), f64(1e-3)]
]

const different: readonly (readonly [string, Equality, Tree, Tree])[] = [
  ["exact: the sign of zero", exact, f32(0), f32(-0)],
  ["exact: one bit", exact, f32(1), f32(next)],
  ["exact: dtypes", exact, f32(1), f64(1)],
  ["exact: shapes", exact, zeros([0, 2]), zeros([2, 0])],
  ["exact: structures", exact, [f32(1)], f32(1)],
  ["exact: array and record", exact, [f32(1)], { 0: f32(1) }],
  ["ulps(1): two apart", ulps(1), f32(1), f32(1 + 2 ** -22)],
  ["ulps(1): neighbours of f32 in f64", ulps(1), f64(1), f64(next)],
  ["ulps: integers", ulps(9), i32(1), i32(2)],
  ["ulps: NaN and a number", ulps(9), f32(NaN), f32(1)],
  ["relative: infinity and a number", relative(0.5), f64(Infinity), f64(1)],
  ["relative: infinities of either sign", relative(9), f64(Infinity), f64(-Infinity)],
  ["relative: NaN and a number", relative(9, 9), f64(1), f64(NaN)],
  ["relative: integers", relative(1), i32(100), i32(101)],
  ["relative: without a floor", relative(1e-3), f64(0), f64(1e-300)]
]

describe("equalities", () => {
  test.each(same)("%s", (_, equality, a, b) => expect(difference(equality, a, b)).toBeUndefined())
  test.each(different)("%s", (_, equality, a, b) => expect(difference(equality, a, b)).toBeDefined())
})

test("a difference says where it is", () => {
  expect(difference(exact, { w: [f32(1, 2)] }, { w: [f32(1, -0)] })).toBe("at w/0[1]: 2 and -0")
  expect(difference(exact, { w: f32(1) }, { w: i32(1) })).toBe("at w: f32[1] and i32[1]")
})

const small = law("numbers are small", exact, fc.nat(1000), n => [i32(n > 41 ? 1 : 0), i32(0)])
const total = law("no number throws", exact, fc.nat(1000), n => {
  if (n > 41) throw new RangeError(`${n} is too much`)
  return [[], []]
})

test("a mutant is found out by a difference, or by the error that it names, and no other", () => {
  const [different, thrown] = [check(small), check(total)]
  const found = (error?: string) => [different, thrown].map(verdict => isFoundOut(mutant("", [], error), verdict))
  expect([found(), found("RangeError"), found("TypeError")]).toEqual([[true, false], [false, true], [false, false]]) // prettier-ignore
  expect(isFoundOut(mutant("", []), { holds: true, law: "", runs: 1 })).toBe(false)
})

describe("a verdict", () => {
  test("has the smallest counterexample, both sides and the seed", () => {
    const verdict = check(small, { seed: 7 })
    expect(verdict).toEqual({
      holds: false,
      law: "numbers are small",
      counterexample: "42",
      left: "Tensor i32[1] [1]",
      right: "Tensor i32[1] [0]",
      difference: "at [0]: 1 and 0",
      seed: 7
    })
    expect(render(verdict)).toContain("counterexample (seed 7): 42")
  })

  test("says what was thrown", () => {
    expect(check(total)).toMatchObject({ counterexample: "42", difference: "threw RangeError: 42 is too much" })
  })

  test("says what was thrown while samples were made", () => {
    const unmade = fc.nat().map((n): number => {
      throw new RangeError(`${n} is too much`)
    })
    const verdict = check(law("no sample throws", exact, unmade, n => [f64(n), f64(n)]))
    expect(verdict).toMatchObject({ holds: false, difference: expect.stringMatching(/^threw RangeError/) as string })
  })

  test("has any counterexample if it is not to be made smaller", () => {
    const verdict = check(small, { seed: 7, shrink: false })
    expect(verdict.holds ? 0 : Number(verdict.counterexample)).toBeGreaterThan(42)
  })

  test("shows the values of both sides", () => {
    const sums = law("a sum is a list", exact, fc.constant(0), () => [add(f32(1, 2), 1), [i32(1)]])
    expect(check(sums)).toMatchObject({ left: "Tensor f32[2] [2, 3]", right: "[Tensor i32[1] [1]]" })
  })

  test("is the same for the same seed", () => {
    const noisy = law("all numbers are equal", exact, fc.double(), x => [f64(x), f64(0)])
    expect(check(noisy)).toEqual(check(noisy))
  })

  test("counts samples, and suites are lists", () => {
    const fine = law("a number equals itself", exact, fc.nat(), n => [f64(n), f64(n)])
    const verdicts = checkAll([fine, small], { numRuns: 20 })
    expect(verdicts.map(({ holds }) => holds)).toEqual([true, false])
    expect(verdicts[0]).toEqual({ holds: true, law: fine.name, runs: 20 })
  })
})
