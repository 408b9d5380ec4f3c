import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { grad, sum, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import { activations, celu, elu, hardSwish, prelu } from "thalweg/nn"

interface Case {
  readonly name: string
  readonly function: keyof typeof activations
  readonly numbers: readonly number[]
  readonly input: readonly number[]
  readonly output: readonly number[]
  readonly derivative: readonly number[]
}
const { cases } = JSON.parse(readFileSync("test/golden/activations.json", "utf8")) as {
  readonly cases: readonly Case[]
}

const ofNumber = { elu, celu }
const slopes = (f: (x: Tensor) => Tensor, x: Tensor): Tensor => grad((x: Tensor) => sum(f(x)))(x)

describe.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
  const [number] = c.numbers
  const f = number === undefined ? activations[c.function] : ofNumber[c.function as "elu"](number)
  test.each([
    ["f64", 1e-14],
    ["f32", 3e-7]
  ] as const)("agrees with PyTorch in %s", (dtype, tolerance) => {
    const x = tensor(c.input, { dtype })
    for (const [found, expected] of [
      [f(x), c.output],
      [slopes(f, x), c.derivative]
    ] as const)
      // prettier-ignore
      Array.from(toTyped(found)).forEach((y, i) => {
        expect(Math.abs(y - (expected[i] ?? NaN))).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i] ?? 0)))
      })
  })
})

/** What gates one half of the features by the other has tests of its own. */
const { geglu: _, glu: __, swiglu: ___, ...elementwise } = activations

test.each(Object.entries(elementwise))(
  "%s is finite far out, as is its derivative, and keeps its dtype and NaN",
  (_, f) => {
    const x = tensor([-1e30, -1000, 0, 1000, 1e30])
    for (const found of [f(x), slopes(f, x)]) expect(Array.from(toTyped(found)).every(Number.isFinite)).toBe(true)
    expect([f(x).dtype, f(zeros([0, 2], "f64")).dtype]).toEqual(["f32", "f64"])
    expect(toArray(f(tensor([NaN])))).toEqual([NaN])
  }
)

test("hardSwish has derivatives 0 and 1 at its kinks", () => {
  expect(toArray(slopes(hardSwish, tensor([-3, 3])))).toEqual([0, 1])
})

describe("what does not fit", () => {
  const apply = (x: Tensor): unknown => prelu().apply({ slope: zeros([3]) }, [], x, { training: false })
  test.each<readonly [string, string, () => unknown]>([
    ["HyperparameterError", "elu: expected alpha to be a finite number ≥ 0; got -1", () => elu(-1)],
    ["HyperparameterError", "celu: expected alpha to be a finite number > 0; got 0", () => celu(0)],
    ["ShapeError", "prelu: expected inputs of 3 features; got f32[2, 4]", () => apply(zeros([2, 4]))],
    ["ShapeError", "prelu: expected inputs with a last axis of features; got f32[]", () => apply(zeros([]))]
  ])("%s %s", (name, message, use) => {
    expect(use).toThrow(expect.objectContaining({ name, message }) as Error)
  })
})
