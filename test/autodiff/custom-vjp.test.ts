import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf } from "./differences.js"
import { f64, i32 } from "./samples.js"

type T = t.Tensor
const { compile, cos, grad, hvp, item, jvp, mul, scan, sum, vjp } = t
const sin = (x: T): T => t.sin(x)

/** The sine, whose derivative is said to be ten times the cosine, so that one sees which of them is taken. */
const loud = t.customVjp(
  (x: T) => [sin(x), x],
  (x, ct) => [mul(ct, mul(10, cos(x)))]
)

/** The identity, whose cotangent is turned round. */
const reversed = t.customVjp(
  (x: T) => [x, []],
  (_, ct) => [t.neg(ct)]
)

/** The identity, whose cotangent is held within bounds. */
const clipped = t.customVjp(
  (x: T) => [x, []],
  (_, ct) => [t.clamp(ct, -1, 1)]
)

describe("a derivative by hand is the one that is used", () => {
  const [c, s] = [Math.cos(0.5), Math.sin(0.5)]
  const forms: Record<string, readonly [(x: T) => T, number]> = {
    value: [loud, s],
    gradient: [grad((x: T) => loud(x)), 10 * c],
    "of the derivative, the derivative": [grad(grad((x: T) => loud(x))), -10 * s],
    "derivative of the derivative of its own use": [grad(grad((x: T) => mul(x, loud(x)))), 10 * c + 10 * c - 5 * s],
    pushforward: [x => jvp((y: T) => loud(y))(x, f64(1))[1], 10 * c],
    "second pushforward": [x => hvp((y: T) => loud(y))(x, f64(1)), -10 * s],
    pullback: [x => vjp((y: T) => loud(y))(x)[1](f64(2)), 20 * c],
    compiled: [compile(grad(compile((x: T) => loud(x)))), 10 * c],
    "in a loop": [grad((x: T) => scan(() => [loud(x), []], x, [], { length: 3 })[0]), 10 * c],
    "within another": [grad((x: T) => reversed(loud(reversed(x)))), 10 * c],
    "not linear in the cotangent": [grad((x: T) => mul(5, clipped(x))), 1]
  }
  test.each(Object.entries(forms))("%s", (_, [f, expected]) => {
    expect(errorOf([item(f(f64(0.5)))], [expected])).toBeLessThan(1e-14)
  })
})

describe("arguments", () => {
  const weighted = t.customVjp(
    (x: T, table: T, index: T) => [mul(x, t.take(table, index)), { x, table, index }],
    ({ x, table, index }, ct) => [
      mul(ct, t.take(table, index)),
      t.scatterAdd(t.zerosLike(table), index, mul(ct, x)),
      undefined
    ]
  )
  test("several, one an integer", () => {
    const f = ([x, table]: readonly [T, T]): T => sum(weighted(x, table, i32([0, 2, 2])))
    const [x, table] = grad(f)([f64([1, 2, 3]), f64([5, 6, 7])])
    expect([t.toArray(x), t.toArray(table)]).toEqual([[5, 7, 7], [1, 0, 5]]) // prettier-ignore
  })
  test("one tensor as two of them", () => {
    const product = t.customVjp(
      (a: T, b: T) => [mul(a, b), [a, b] as const],
      ([a, b], ct) => [mul(ct, b), mul(ct, a)]
    )
    expect(item(grad((x: T) => product(x, x))(f64(3)))).toBe(6)
    expect(item(grad(grad((x: T) => product(x, mul(x, x))))(f64(3)))).toBe(18)
  })
  test("only the first is differentiated", () => {
    expect(item(grad((x: T) => weighted(x, f64([2, 3]), i32(1)))(f64(1)))).toBe(3)
  })
  test("none: a constant", () => {
    expect(
      item(
        grad((x: T) =>
          mul(
            x,
            t.customVjp(
              () => [f64(4), []],
              () => []
            )()
          )
        )(f64(1))
      )
    ).toBe(4)
  })
  test("backward may close over other values, and those are differentiated in turn", () => {
    const scaled = (w: T) =>
      t.customVjp(
        (x: T) => [x, []],
        (_, ct) => [mul(ct, w)]
      )
    expect(item(grad((w: T) => grad((x: T) => mul(x, scaled(w)(x)))(f64(3)))(f64(2)))).toBe(3)
  })
})

test("a backward that reads its cotangent is named where it is traced", () => {
  const reading = t.customVjp(
    function doubled(x: T) {
      return [mul(x, 2), []] as const
    },
    (_, cotangent) => (item(sum(cotangent)), [cotangent] as const)
  )
  const x = t.tensor([1, 2])
  expect(t.toArray(grad((y: T) => sum(reading(y)))(x))).toEqual([1, 1])
  expect(() => t.jacobian(reading)(x)).toThrow('item at "backward of doubled": expected a value, which what is traced has not yet') // prettier-ignore
})

describe("compiled functions in forward and backward", () => {
  const cosine = compile((x: T) => cos(x))
  const sine = t.customVjp(
    (x: T) => [compile(sin)(x), x],
    (x, ct) => [mul(ct, cosine(x))]
  )
  const both = t.customVjp(
    (x: T) => [sin(x), x],
    (x, ct) => [compile((u: T, v: T) => mul(u, cos(v)))(ct, x)]
  )

  test.each([
    ["of what was saved", sine],
    ["of the cotangent", both]
  ])("%s: all modes", (_, f) => {
    expect(item(grad((x: T) => f(x))(f64(0.5)))).toBeCloseTo(Math.cos(0.5), 14)
    expect(item(jvp((x: T) => f(x))(f64(0.5), f64(1))[1])).toBeCloseTo(Math.cos(0.5), 14)
    expect(item(hvp((x: T) => f(x))(f64(0.5), f64(1)))).toBeCloseTo(-Math.sin(0.5), 14)
    expect(item(grad(grad((x: T) => f(x)))(f64(0.5)))).toBeCloseTo(-Math.sin(0.5), 14)
    expect(item(t.hessian((x: T) => f(x))(f64(0.5)))).toBeCloseTo(-Math.sin(0.5), 14)
  })
  test("in loops in loops", () => {
    const through = (f: (x: T) => T) => (x: T) => {
      const outer = (c: T): readonly [T, readonly T[]] => {
        const first = f(c)
        const [last] = scan(d => [f(mul(d, c)), []], c, [], { length: 2 })
        return [mul(first, f(mul(last, c))), []]
      }
      return scan(outer, x, [], { length: 2 })[0]
    }
    const expected = item(grad(through(sin))(f64(0.5)))
    expect(item(grad(through(sine))(f64(0.5)))).toBeCloseTo(expected, 14)
    expect(item(grad(through(both))(f64(0.5)))).toBeCloseTo(expected, 14)
  })
})
