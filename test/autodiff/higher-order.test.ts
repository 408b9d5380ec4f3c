import fc from "fast-check"
import {
  add,
  grad,
  hessian,
  hvp,
  item,
  matmul,
  mul,
  pow,
  reshape,
  sin,
  split,
  sum,
  toTyped,
  transpose,
  type Tensor
} from "thalweg"
import { describe, expect, test } from "vitest"
import { compositions } from "./compositions.js"
import { errorOf, gradientError, lossOf, slopeOf } from "./differences.js"
import { direction, f64, sizeOf, type Sample } from "./samples.js"

const named = compositions.map(row => [row.name, row.samples] as const)

const holds = (samples: fc.Arbitrary<Sample>, numRuns: number, law: (sample: Sample) => unknown): void =>
  fc.assert(
    fc.property(samples, sample => void law(sample)),
    { seed: 3, numRuns }
  )

/** A sample as a function of one vector: all of its arguments, one after another. */
const flattened = ({ f, at }: Sample): readonly [f: (x: Tensor) => Tensor, x: Tensor] => {
  const sizes = at.map(t => sizeOf(t.shape))

  const cut = (x: Tensor): readonly Tensor[] => split(x, sizes).map((part, i) => reshape(part, at[i]?.shape ?? []))
  return [x => lossOf(f)(cut(x)), f64(at.flatMap(t => [...toTyped(t)]))]
}

describe("first derivative", () => {
  test.each(named)("%s", (_, samples) => holds(samples, 4, sample => expect(gradientError(sample)).toBeLessThan(1e-8)))
})

describe("second derivative", () => {
  test.each(named)("%s", (_, samples) =>
    holds(samples, 3, ({ f, at }) => expect(gradientError({ f: slopeOf(f), at })).toBeLessThan(1e-7))
  )
})

describe("third derivative", () => {
  test.each(named)("%s", (_, samples) =>
    holds(samples, 1, ({ f, at }) => expect(gradientError({ f: slopeOf(slopeOf(f)), at })).toBeLessThan(1e-6))
  )
})

describe("the Hessian is symmetric and agrees with its products", () => {
  test.each(named)("%s", (_, samples) =>
    holds(samples, 2, sample => {
      const [f, x] = flattened(sample)
      const h = hessian(f)(x)
      const v = direction(1)(x)
      expect(errorOf(toTyped(h), toTyped(transpose(h)))).toBeLessThan(1e-10)
      expect(errorOf(toTyped(hvp(f)(x, v)), toTyped(matmul(h, v)))).toBeLessThan(1e-10)
    })
  )
})

describe("derivatives known in closed form", () => {
  const times = (n: number, f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => (n === 0 ? f : times(n - 1, grad(f)))
  test.each([0, 1, 2, 3, 4, 5])("sin, %i times", n => {
    expect(item(times(n, sin)(f64(0.7)))).toBeCloseTo(Math.sin(0.7 + (n * Math.PI) / 2), 14)
  })
  test.each([
    [3, 60 * 4],
    [4, 120 * 2],
    [5, 120],
    [6, 0]
  ])("x⁵, %i times", (n, expected) => {
    expect(item(times(n, x => pow(x, 5))(f64(2)))).toBe(expected)
  })
  test("of a sum over a square", () => {
    const f = (x: Tensor): Tensor => sum(mul(x, mul(x, add(x, 1))))
    expect(Array.from(toTyped(hvp(f)(f64([1, 2]), f64([1, 10]))))).toEqual([8, 140])
  })
})
