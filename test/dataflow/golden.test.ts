import { describe, expect, test } from "vitest"
import { toTyped, vjp, type Tensor } from "thalweg"
import { cases, type Case } from "./golden.cases.js"
import { exact, notOffered, offered } from "./golden.operations.js"
import { observe, relativeError } from "./values.js"

/** Of values in f64. What rounds differently is the order of sums and the last bits of exp and its like. */
const TOLERANCE = 1e-12

const isMissing = ({ op, attrs }: Case): boolean => notOffered[op]?.(attrs) ?? false

const run = ({ op, attrs, inputs }: Case): Tensor => {
  const operation = offered[op]
  if (operation === undefined) throw new Error(`no row for ${op}: offer it or list it as not offered`)
  return operation(inputs, attrs)
}

const close = (actual: Tensor, expected: Tensor): void => {
  expect([actual.dtype, actual.shape]).toEqual([expected.dtype, expected.shape])
  expect(relativeError(toTyped(actual), Array.from(toTyped(expected)))).toBeLessThanOrEqual(TOLERANCE)
}

describe("named operations have the values of numpy, scipy and JAX", () => {
  test.each(cases.filter(c => !isMissing(c)).map(c => [c.name, c] as const))("%s", (_, c) => {
    if (exact.has(c.op)) expect(observe(run(c))).toEqual(observe(c.output))
    else close(run(c), c.output)
  })
})

describe("gradients of convolution and pooling, and of equals, are those of JAX", () => {
  const differentiated = cases.flatMap(c => (c.gradient ? [[c.name, c, c.gradient] as const] : []))
  test.each(differentiated)("%s", (_, c, { cotangent, expected }) => {
    const [, pullback] = vjp((inputs: readonly Tensor[]) => run({ ...c, inputs }))(c.inputs)
    pullback(cotangent).forEach((gradient, i) => close(gradient, expected[i] as Tensor))
  })
})

test("every case is run or listed as not offered, and every row of both tables is about a case", () => {
  const missing = new Set(cases.filter(isMissing).map(c => c.op))
  const present = new Set(cases.filter(c => !isMissing(c)).map(c => c.op))
  expect([...missing].sort()).toEqual(Object.keys(notOffered).sort())
  expect([...present].sort()).toEqual(Object.keys(offered).sort())
  expect(cases.filter(c => c.gradient !== undefined).length).toBeGreaterThan(50)
})
