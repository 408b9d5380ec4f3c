import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { beta, choice, exponential, gamma, key, poisson, uniform } from "thalweg/random"

type Tensor = t.Tensor

const DRAWS = 20_000

/** A distance that one of a thousand samples of this size exceeds (Kolmogorov). */
const BOUND = 1.95 / Math.sqrt(DRAWS)

/** How far the share of draws up to a value is from its probability, at the worst. */
const distance = (drawn: Tensor, cdf: (x: Tensor) => Tensor): number => {
  const sorted = t.sort(t.cast(drawn, "f64"))
  const above = t.div(t.add(t.iota(sorted.shape, 0, "f64"), 1), DRAWS)
  const off = t.sub(cdf(sorted), above)
  return t.item(t.max(t.maximum(t.abs(off), t.abs(t.add(off, 1 / DRAWS)))))
}

/** `1 - e^-x Σ xⁱ/i!`, for whole shapes. */
const erlang =
  (shape: number) =>
  (x: Tensor): Tensor => {
    const terms = Array.from({ length: shape }, (_, i) => i).reduce<readonly Tensor[]>(
      (list, i) => [...list, i === 0 ? t.exp(t.neg(x)) : t.mul(list[i - 1] as Tensor, t.div(x, i))],
      []
    )
    return t.sub(
      1,
      terms.reduce((a, b) => t.add(a, b))
    )
  }

const arcsine = (x: Tensor): Tensor => t.mul(t.asin(t.sqrt(x)), 2 / Math.PI)

describe("draws are distributed as their name says", () => {
  test.each<readonly [string, Tensor, (x: Tensor) => Tensor]>([
    ["exponential", exponential(key(1), [DRAWS]), erlang(1)],
    ["exponential, f64", exponential(key(2), [DRAWS], { dtype: "f64" }), erlang(1)],
    ["gamma of ½", gamma(key(3), 0.5, [DRAWS]), x => t.erf(t.sqrt(x))],
    ["gamma of 1", gamma(key(4), 1, [DRAWS]), erlang(1)],
    ["gamma of 3, f64", gamma(key(5), 3, [DRAWS], { dtype: "f64" }), erlang(3)],
    ["gamma of 20", gamma(key(6), 20, [DRAWS]), erlang(20)],
    ["beta of ½ and ½", beta(key(7), 0.5, 0.5, [DRAWS]), arcsine],
    ["beta of 2 and 1", beta(key(8), 2, 1, [DRAWS], { dtype: "f64" }), t.square],
    ["beta of 1 and 3", beta(key(9), 1, 3, [DRAWS]), x => t.sub(1, t.pow(t.sub(1, x), 3))]
  ])("%s", (_, drawn, cdf) => {
    expect(distance(drawn, cdf)).toBeLessThan(BOUND)
  })

  test.each([0.3, 3, 9.9, 10, 30, 300])("poisson of %d", rate => {
    const drawn = t.toTyped(poisson(key(10), rate, [DRAWS]))
    let [probability, below, counted] = [Math.exp(-rate), 0, 0]
    for (let k = 0; k < 3 * rate + 20; k++) {
      below += probability
      counted += drawn.filter(n => n === k).length
      expect(Math.abs(counted / DRAWS - below)).toBeLessThan(BOUND)
      probability *= rate / (k + 1)
    }
  })

  test("choice takes shares that need not add up to 1, and never what has none", () => {
    const drawn = t.toTyped(choice(key(11), 3, [DRAWS], { p: t.tensor([1, 0, 3]) }))
    expect(Math.abs(drawn.filter(place => place === 0).length / DRAWS - 0.25)).toBeLessThan(BOUND)
    expect(drawn.includes(1)).toBe(false)
  })
})

test("a beta draw of tiny shapes is no 0/0", () => {
  const drawn = t.toTyped(beta(key(0), 1e-4, 1e-4, [1000]))
  expect(drawn.every(x => x >= 0 && x <= 1)).toBe(true)
})

test("parameters may be tensors; a derivative by one is 0", () => {
  const slope = t.grad((a: Tensor) => t.sum(gamma(key(0), a, [5, 2])))(t.tensor([0.5, 3]))
  expect(t.toArray(slope)).toEqual([0, 0])
  expect(poisson(key(0), t.tensor([0, 1000], { dtype: "f64" }), [3, 2]).shape).toEqual([3, 2])
  expect(t.toArray(poisson(key(0), t.tensor([0, 0]), [2]))).toEqual([0, 0])
})

test.each([1, 2, 3, 4, 5, 8, 9, 100])("choice by shares of %i is the first whose sum reaches the share", n => {
  const p = uniform(key(n), [n], { dtype: "f64" })
  const sums = [...t.toTyped(t.cumSum(p))]
  const shares = [...t.toTyped(uniform(key(1), [50], { dtype: "f64" }))].map(u => (sums[n - 1] ?? NaN) * (1 - u))
  const reached = shares.map(share => sums.findIndex(sum => sum >= share))
  expect([...t.toTyped(choice(key(1), n, [50], { p }))]).toEqual(reached)
})

test("choice of rows, without replacement, has each row once", () => {
  const rows = t.tensor([[1, 2], [3, 4], [5, 6]]) // prettier-ignore
  const drawn = choice(key(0), rows, [3], { replace: false })
  expect(t.toArray(t.sort(drawn, 0))).toEqual(t.toArray(rows))
  expect(choice(key(0), rows, [4, 5]).shape).toEqual([4, 5, 2])
})
