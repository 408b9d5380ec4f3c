import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { f64 } from "./samples.js"

type T = t.Tensor
const { add, compile, cos, grad, item, jvp, mul, scan, sub, sum, vjp } = t
const sin = (x: T): T => t.sin(x)
const square = (x: T): T => t.square(x)

const at = (f: (x: T) => T, x: number): number => item(f(f64(x)))
const slope = (f: (x: T) => T, x: number): number => item(grad(f)(f64(x)))

/** Derivatives that go wrong when an inner variable is taken for an outer one. */
const confusions: readonly (readonly [name: string, f: (x: T) => T, x: number, expected: number])[] = [
  ["d/dx x · d/dy (x + y) is 1", x => mul(x, grad((y: T) => add(x, y))(f64(1))), 5, 1],
  ["the same at y = x", x => mul(x, grad((y: T) => add(x, y))(x)), 5, 1],
  ["d/dx x · d/dy (x · y) is 2x", x => mul(x, grad((y: T) => mul(x, y))(f64(3))), 5, 10],
  ["d/dx d/dy (x · y²) at y = x is 4x", x => grad((y: T) => mul(x, square(y)))(x), 5, 20],
  ["d/dx d/dy x² is 0", x => grad((_: T) => square(x))(f64(2)), 5, 0],
  [
    "d/dx x · d/dy (x · d/dz (x + y + z)) is 0",
    x => mul(x, grad((y: T) => mul(x, grad((z: T) => add(add(x, y), z))(y)))(x)),
    3,
    0
  ],
  [
    "d/dx x · d/dy (y · d/dz (x · y · z)) is 6x at y = 3",
    x => mul(x, grad((y: T) => mul(y, grad((z: T) => mul(mul(x, y), z))(y)))(f64(3))),
    5,
    60
  ],
  ["forward in reverse", x => mul(x, jvp((y: T) => add(x, y))(f64(1), f64(1))[1]), 5, 1],
  ["the pushforward's direction is differentiated", x => jvp((y: T) => mul(x, sin(y)))(x, square(x))[1], 0, 0],
  ["a pullback's cotangent is differentiated", x => vjp((y: T) => mul(x, y))(f64(2))[1](x), 5, 10],
  ["the variable itself is returned", x => mul(x, grad((y: T) => y)(x)), 5, 1],
  ["the outer variable is returned", x => mul(x, grad((_: T) => x)(x)), 5, 0],
  [
    "in a loop",
    x => scan(c => [mul(x, grad((y: T) => mul(mul(x, y), c))(c)), []], f64(1), [], { length: 2 })[0],
    2,
    4 * 8
  ],
  ["in a compiled function", x => mul(x, compile((y: T) => grad((z: T) => add(x, mul(z, y)))(y))(x)), 5, 10],
  ["compiled around", compile((x: T) => grad((y: T) => mul(x, grad((z: T) => add(y, z))(y)))(x)), 5, 0]
]

describe("perturbations are not confused", () => {
  test.each(confusions)("%s", (_, f, x, expected) => {
    expect(slope(f, x)).toBe(expected)
    expect(item(jvp(f)(f64(x), f64(1))[1])).toBe(expected)
    expect(item(compile(grad(f))(f64(x)))).toBe(expected)
  })
})

/** Siskind and Pearlmutter's shift: `D (x ↦ f (x + u))`, applied twice. */
test("a curried derivative of a derivative", () => {
  const s = (u: T) => (f: (x: T) => T) => (x: T) => f(add(x, u))
  const shifted = (f: (x: T) => T) => (x: T) => grad((u: T) => s(u)(f)(x))(f64(0))
  expect(at(shifted(shifted(t.exp)), 1)).toBeCloseTo(Math.E, 14)
})

describe("compiled functions and derivatives", () => {
  const f = (x: T): T => mul(sin(x), square(x))
  const slopeOf = (x: number): number => Math.cos(x) * x * x + 2 * x * Math.sin(x)
  const forms: readonly (readonly [string, (x: T) => T])[] = [
    ["grad(f)", grad(f)],
    ["compile(grad(f))", compile(grad(f))],
    ["grad(compile(f))", grad(compile(f))],
    ["compile(grad(compile(f)))", compile(grad(compile(f)))],
    ["grad of a function that calls compiled ones", grad((x: T) => mul(compile(sin)(x), compile(square)(x)))],
    ["grad of a compiled function that closes over", grad((x: T) => compile((y: T) => mul(sin(x), y))(square(x)))],
    [
      "a compiled function of a constant that closes over",
      grad((x: T) => compile((y: T) => mul(mul(sin(x), y), square(x)))(f64(1)))
    ],
    [
      "a compiled function that closes over, called twice",
      grad((x: T) => {
        const g = compile((y: T) => mul(x, y))
        return mul(sin(x), add(g(x), mul(0, g(f64(1)))))
      })
    ],
    [
      "a compiled function in a loop, closing over the carry",
      grad((x: T) => scan(c => [compile((y: T) => mul(c, y))(x), []], sin(x), [], { length: 2 })[0])
    ]
  ]
  test.each(forms)("%s", (_, g) => {
    expect(at(g, 0.7)).toBeCloseTo(slopeOf(0.7), 14)
    expect(at(g, -2)).toBeCloseTo(slopeOf(-2), 14)
  })
  test("a compiled function inside a compiled function, closing over its argument", () => {
    const g = compile((x: T) => compile((y: T) => mul(x, y))(f64(3)))
    expect([at(g, 2), at(g, 5)]).toEqual([6, 15])
  })
  test("second derivatives through compiled functions", () => {
    const second = compile(grad(compile(grad(compile(sin)))))
    expect(at(second, 0.7)).toBeCloseTo(-Math.sin(0.7), 14)
  })
})

describe("folds over batches and derivatives", () => {
  const fold = (rate: T, start: T): T => {
    const step = (x: T, batch: T) => [sub(x, mul(rate, grad((y: T) => square(sub(y, batch)))(x))), square(x)] as const
    const [x, losses] = t.foldBatches(step)(start, [f64(1), f64(2), f64(4)])
    return losses.reduce((total, loss) => add(total, loss), x)
  }
  const difference = (f: (x: T) => T, x: number): number => (at(f, x + 1e-5) - at(f, x - 1e-5)) / 2e-5
  test("by what the step closes over", () => {
    const f = (rate: T): T => fold(rate, f64(0.5))
    expect(slope(f, 0.1)).toBeCloseTo(difference(f, 0.1), 8)
  })
  test("by the state", () => {
    const f = (start: T): T => fold(f64(0.1), start)
    expect(slope(f, 0.5)).toBeCloseTo(difference(f, 0.5), 8)
  })
})

describe("a derivative read inside a derivative", () => {
  test("a value may be read while it is traced", () => {
    const seen: number[] = []
    const f = (x: T): T => {
      seen.push(item(x))
      return square(x)
    }
    expect([slope(f, 3), seen]).toEqual([6, [3]])
  })
})

describe("iterated functions", () => {
  test("Newton's iteration, differentiated by what it solves for, is the implicit derivative", () => {
    const root = (a: T): T => {
      const residual = (y: T): T => sub(mul(y, square(y)), a)
      const step = (y: T): T => sub(y, t.div(residual(y), grad(residual)(y)))
      return scan((y: T) => [step(y), []], f64(1.5), [], { length: 8 })[0]
    }
    expect(at(root, 8)).toBeCloseTo(2, 12)
    expect(slope(root, 8)).toBeCloseTo(1 / 12, 12)
    expect(slope(grad(root), 8)).toBeCloseTo(-1 / 144, 12)
  })
  test("fifty steps of descent, by the learning rate, against differences", () => {
    const loss = (x: T): T => sum(add(square(sub(x, f64([1, -2]))), mul(0.3, cos(mul(3, x)))))
    const descend = (rate: T): T => {
      let x: T = f64([0.2, 0.4])
      for (let i = 0; i < 50; i++) x = sub(x, mul(rate, grad(loss)(x)))
      return loss(x)
    }
    const h = 1e-5
    const across = (steps: number): number => at(descend, 0.004 + steps * h) - at(descend, 0.004 - steps * h)
    expect(slope(descend, 0.004) / ((8 * across(1) - across(2)) / (12 * h))).toBeCloseTo(1, 8)
    const looped = (rate: T): T =>
      loss(scan((x: T) => [sub(x, mul(rate, grad(loss)(x))), []], f64([0.2, 0.4]), [], { length: 50 })[0])
    expect(slope(looped, 0.02)).toBeCloseTo(slope(descend, 0.02), 12)
  })
})
