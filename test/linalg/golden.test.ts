import { compile, toTyped, vjp, type Tensor } from "thalweg"
import { describe, expect, test } from "vitest"
import { cases, type Case } from "./golden.cases.js"

/** The largest difference, relative to the largest element that is finite; infinite where only one side is not. */
const deviation = (actual: Tensor, expected: Tensor): number => {
  const [a, b] = [actual, expected].map(x => Array.from(toTyped(x))) as [number[], number[]]
  const largest = b.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0)
  return b.reduce((worst, x, i) => {
    const error = Object.is(a[i], x) ? 0 : Math.abs((a[i] ?? NaN) - x) / (largest === 0 ? 1 : largest)
    return Number.isNaN(error) ? Infinity : Math.max(worst, error)
  }, 0)
}

const agree = (actual: readonly Tensor[], expected: readonly Tensor[], tolerance: number): void => {
  expect(actual.map(({ dtype, shape }) => [dtype, shape])).toEqual(expected.map(({ dtype, shape }) => [dtype, shape]))
  actual.forEach((y, i) => expect(deviation(y, expected[i] as Tensor)).toBeLessThanOrEqual(tolerance))
}

const ROUNDING = 2e-15
const DIFFERENTIATED = 1e-13

const derivativeOf = ({ run, derivative }: Case, inputs: readonly Tensor[]): readonly Tensor[] => {
  if (derivative === undefined) return []
  const picked = (xs: readonly Tensor[]) => derivative.of.map(i => run(xs)[i] as Tensor)
  return vjp(picked as (xs: Tensor[]) => Tensor[])([...inputs])[1]([...derivative.cotangents])
}

describe("linear algebra has the values of numpy", () => {
  test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
    agree(c.run(c.inputs), c.outputs, ROUNDING * c.condition)
    agree(compile(c.run)(c.inputs), c.outputs, ROUNDING * c.condition)
  })
})

describe("linear algebra has the derivatives of JAX", () => {
  const differentiated = cases.flatMap(c => (c.derivative ? [[c.name, c, c.derivative.expected] as const] : []))
  test.each(differentiated)("%s", (_, c, expected) => {
    agree(derivativeOf(c, c.inputs), expected, DIFFERENTIATED * c.condition)
    agree(compile((xs: readonly Tensor[]) => derivativeOf(c, xs))(c.inputs), expected, DIFFERENTIATED * c.condition)
  })
})
