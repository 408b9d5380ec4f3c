import fc from "fast-check"
import { add, cast, grad, item, jvp, mul, sum, toTyped, vjp, type Tensor } from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf, gradientError, gradients, lossOf, slopeOf } from "./differences.js"
import { generic } from "./generic.js"
import { rows } from "./rows.js"
import type { Row } from "./rows.elementwise.js"
import { operationRows } from "./rows.operations.js"
import { direction, type Sample } from "./samples.js"

const dot = (a: readonly Tensor[], b: readonly Tensor[]): number =>
  item(a.map((t, i) => sum(mul(t, b[i] ?? 0))).reduce(add))

/** `⟨J v, w⟩ = ⟨v, Jᵀ w⟩`. */
const transposed = ({ f, at }: Sample): void => {
  const g = (xs: readonly Tensor[]): Tensor => f(...xs)
  const v = at.map((t, i) => direction(i + 1)(t))
  const [value, pushed] = jvp(g)(at, v)
  const w = direction(0.3)(value)
  const [same, pullback] = vjp(g)(at)
  expect(errorOf([dot([pushed], [w])], [dot(v, pullback(w))])).toBeLessThan(1e-10)
  expect(toTyped(same)).toEqual(toTyped(value))
}

const secondAgrees = (sample: Sample): void => {
  expect(gradientError({ f: slopeOf(sample.f), at: sample.at })).toBeLessThan(1e-6)
}

const differentiable = Object.entries({ ...rows, operations: operationRows })
  .flatMap(([kind, list]) => list.map(row => [`${kind}: ${row.name}`, row] as const))
  .filter(([, row]) => row.expected !== "zero" && row.tolerance === undefined)

const holds = ({ samples }: Row, law: (sample: Sample) => unknown, numRuns: number): void =>
  fc.assert(
    fc.property(samples, sample => void law(sample)),
    { seed: 2, numRuns }
  )

describe("pushforward and pullback are transposes of each other", () => {
  test.each(differentiable)("%s", (_, row) => holds(row, transposed, 4))
})

/** Single precision has a gradient of single precision, near that of double precision. */
const narrow = ({ f, at }: Sample): void => {
  const loss = lossOf(f)
  const small = grad(loss)(at.map(t => cast(t, "f32")))
  expect(small.map(t => t.dtype)).toEqual(at.map(() => "f32"))
  const values = small.flatMap(t => [...toTyped(t)])
  expect(errorOf(values, gradients(loss, at).flat())).toBeLessThan(1e-3)
}

describe("single precision stays single precision", () => {
  test.each(generic.map(kind => [kind, rows[kind]] as const))("%s", (_, list) =>
    list.forEach(row => holds(row, narrow, 2))
  )
  test.each(operationRows.map(row => [row.name, row] as const))("%s", (_, row) => holds(row, narrow, 2))
})

describe("the second derivative agrees with differences of the first", () => {
  test.each(differentiable)("%s", (_, row) => holds(row, secondAgrees, 2))
})
