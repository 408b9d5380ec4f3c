import * as t from "thalweg"
import { describe, expect, test, vi } from "vitest"
import { topological } from "../../src/dataflow/order.js"
import { f64, range } from "./samples.js"

type T = t.Tensor
const { add, compile, grad, hvp, item, jvp, mul, sub, sum } = t

const times = (n: number, f: (x: T) => T) => (x: T) => range(n).reduce(y => f(y), x)

type Derivative = (f: (x: T) => T) => (x: T) => T

/** By how much the graph of a derivative grows when its function is twice as large. */
const growth = (derivative: Derivative, make: (n: number) => (x: T) => T, n: number): number => {
  const count = (size: number): number => topological([derivative(make(size))(f64(0.5))]).length
  return count(2 * n) / count(n)
}

const linear: Record<string, (n: number) => (x: T) => T> = {
  "a chain": n => times(n, x => t.sin(x)),
  "sharing at every level": n => times(n, x => mul(0.5, add(x, x))),
  "a product with itself at every level": n => times(n, x => sub(mul(x, x), x)),
  "many uses of one value": n => x => range(n).reduce((total: T, k) => add(total, mul(x, k)), f64(0)),
  "a ladder": n => x => {
    const step = ([a, b]: readonly [T, T]): readonly [T, T] => [mul(a, b), add(a, b)]
    return range(n).reduce<readonly [T, T]>(pair => step(pair), [x, x])[0]
  },
  "derivatives by hand": n =>
    times(
      n,
      t.customVjp(
        (x: T) => [t.sin(x), x],
        (x, ct) => [mul(ct, t.cos(x))]
      )
    ),
  "products, which go by an equivalent": n => times(n, x => t.prod(t.stack([x, x]))),
  loops: n => times(n, x => t.scan(c => [mul(c, x), []], x, [], { length: 2 })[0])
}

describe("a gradient grows as its function does", () => {
  test.each(Object.entries(linear))("%s", (_, make) => {
    expect(growth(grad, make, 100)).toBeLessThan(2.05)
    expect(growth(f => x => jvp(f)(x, x)[1], make, 100)).toBeLessThan(2.05)
    expect(growth(f => x => hvp(f)(x, x), make, 50)).toBeLessThan(2.05)
  })
})

test("a loop whose carries read each other in a row is differentiated in linear work", () => {
  const asked = (n: number): number => {
    const has = vi.spyOn(Set.prototype, "has")
    const next = (carry: readonly T[], x: T) => carry.map((c, i) => mul(c, carry[i + 1] ?? x))
    const last = (carry: readonly T[]) => t.scan((c: readonly T[], x: T) => [next(c, x), []], carry, f64([1, 2]))[0]
    grad((carry: readonly T[]) => last(carry)[0] ?? f64(0))(range(n).map(() => f64(1)))
    const times = has.mock.calls.length
    has.mockRestore()
    return times
  }
  expect(asked(200) / asked(100)).toBeLessThan(2.1)
})

describe("deep graphs do not overflow the stack", { timeout: 60_000 }, () => {
  const deep = 100_000
  test("a chain", () => {
    const f = times(deep, x => mul(x, 1.00001))
    expect(item(grad(f)(f64(1)))).toBeCloseTo(1.00001 ** deep, 8)
  })
  test("sharing at every level: 2^100000 paths", () => {
    const f = times(deep / 2, x => mul(0.5, add(x, x)))
    expect(item(grad(f)(f64(3)))).toBe(1)
  })
  test("many uses of one value", () => {
    const f = (x: T): T => range(deep).reduce((total: T, k) => add(total, mul(x, k)), f64(0))
    expect(item(grad(f)(f64(3)))).toBe((deep * (deep - 1)) / 2)
  })
  test("many parameters", () => {
    const params = range(2000).map(k => f64(k))
    const gradient = grad((list: readonly T[]) => sum(t.stack(list.map((x, k) => mul(x, mul(x, k))))))(params)
    expect(item(gradient[1999] ?? f64(0))).toBe(2 * 1999 * 1999)
  })
  test("forwards, twice, and compiled", () => {
    const f = times(2000, x => sub(x, mul(1e-4, mul(x, x))))
    const slope = item(grad(f)(f64(1)))
    expect(item(jvp(f)(f64(1), f64(1))[1])).toBeCloseTo(slope, 12)
    expect(item(compile(grad(f))(f64(1)))).toBe(slope)
    const h = 1e-4
    const difference = (item(grad(f)(f64(1 + h))) - item(grad(f)(f64(1 - h)))) / (2 * h)
    expect(item(hvp(f)(f64(1), f64(1)))).toBeCloseTo(difference, 6)
  })
  test("a long body in a loop", () => {
    const body = times(5000, x => mul(x, 1.0001))
    const f = (x: T): T => t.scan(c => [body(c), []], x, [], { length: 2 })[0]
    expect(item(grad(f)(f64(1)))).toBeCloseTo(1.0001 ** 10_000, 10)
  })
  test("a chain of derivatives by hand", () => {
    const step = t.customVjp(
      (x: T) => [mul(x, 2), []],
      (_, ct) => [mul(ct, 1.0001)]
    )
    expect(item(grad(times(5000, x => mul(0.5, step(x))))(f64(1)))).toBeCloseTo(0.50005 ** 5000, 10)
  })
  test("nested derivatives of steps", () => {
    const loss = (x: T): T => mul(x, mul(x, x))
    const f = times(300, x => sub(x, mul(0.01, grad(loss)(x))))
    expect(item(grad(f)(f64(0.5)))).toBeGreaterThan(0)
  })
})
