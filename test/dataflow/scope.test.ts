import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { isSymbolic } from "../../src/dataflow/scope.js"
import { topological } from "../../src/dataflow/order.js"
import { isLoop } from "../../src/dataflow/primitive.js"
import { f64 } from "./values.js"

type T = Tensor
const { add, compile, cos, evaluate, grad, item, mul, scan, sin, square, sub, sum, vjp, jvp } = t
const isKnown = (x: T): boolean => x.op.kind === "literal"

describe("a node belongs to the scopes on whose symbols it depends", () => {
  test("while they are open, and to none of them after", () => {
    let inside: T = f64(0)
    const slope = grad((x: T) => {
      inside = sin(x)
      expect([isSymbolic([x]), isSymbolic([inside]), isSymbolic([f64(1)])]).toEqual([true, true, false])
      return inside
    })(f64(1))
    expect([inside.scopes.length, isSymbolic([inside]), isSymbolic([slope]), slope.scopes.length]).toEqual([
      1,
      false,
      false,
      0
    ])
  })
  test("the derivative of what is known is known, inside a traced function too", () => {
    const seen: boolean[] = []
    compile((x: T) => {
      const slope = grad((y: T) => square(y))(f64(3))
      seen.push(isSymbolic([slope]), isKnown(evaluate(slope)))
      seen.push(isSymbolic([grad((y: T) => mul(x, y))(f64(3))]))
      return x
    })(f64(1))
    expect(seen).toEqual([false, true, true])
  })
  test("an inner derivative that does not depend on the carry is computed once, outside of the loop", () => {
    const w = f64(2)
    const [c] = scan((c: T) => [add(c, grad((y: T) => square(sin(y)))(w)), []], f64(0), [], { length: 3 })
    const loop = topological([c]).find(isLoop)
    const sizes = loop?.outputs.map(t => topological([t], new Set(loop.inputs)).length)
    expect(sizes).toEqual([3])
    expect(item(c)).toBeCloseTo(3 * Math.sin(4), 12)
  })
  test("also where an inner function closes over an outer symbol and its own variable is a constant", () => {
    const f = (x: T): T => grad((y: T) => mul(mul(x, x), y))(f64(1))
    expect(item(grad(f)(f64(3)))).toBe(6)
    expect(item(compile(grad(f))(f64(3)))).toBe(6)
    const looped = (x: T): T => scan((c: T) => [mul(c, f(x)), []], f64(1), [], { length: 2 })[0]
    expect(item(grad(looped)(f64(2)))).toBe(4 * 8)
  })
  test("their number does not grow along a chain of derivatives", () => {
    let x: T = f64(1)
    for (let i = 0; i < 100; i++) x = sub(x, mul(0.1, grad((y: T) => square(y))(x)))
    expect(x.scopes.length).toBe(0)
    grad((x0: T) => {
      let x = x0
      for (let i = 0; i < 100; i++) x = sub(x, mul(0.1, grad((y: T) => square(y))(x)))
      expect(x.scopes.length).toBe(1)
      return x
    })(f64(1))
  })
})

describe("what leaks out of a scope", () => {
  test("is a constant in another", () => {
    let leaked: T = f64(0)
    grad((x: T) => (leaked = sin(x)))(f64(1))
    expect(item(grad((y: T) => mul(y, leaked))(f64(2)))).toBe(Math.sin(1))
    expect(item(compile((y: T) => mul(y, leaked))(f64(2)))).toBe(2 * Math.sin(1))
    expect(item(scan((c: T) => [mul(c, leaked), []], f64(1), [], { length: 2 })[0])).toBeCloseTo(Math.sin(1) ** 2, 15)
  })
  test("belongs to the outer one still", () => {
    const f = (x: T): T => {
      let leaked: T = f64(0)
      grad((y: T) => (leaked = mul(x, y)))(f64(5))
      return leaked
    }
    expect(item(grad(f)(f64(2)))).toBe(5)
    const g = (x: T): T => {
      let leaked: T = f64(0)
      grad((y: T) => (leaked = mul(x, y)))(x)
      return leaked
    }
    expect(item(grad(g)(f64(2)))).toBe(4)
  })
  test("the symbol of a compiled function has no value", () => {
    let leaked: T = f64(0)
    compile((x: T) => (leaked = mul(x, 2)))(f64(1))
    expect(() => item(leaked)).toThrow("argument0")
    expect(() => compile((y: T) => mul(y, leaked))(f64(1))).toThrow("argument0")
  })
})

describe("pullbacks outlive the scope of their function", () => {
  const f = (x: T): T => mul(sin(x), x)
  const slope = (x: number): number => Math.cos(x) * x + Math.sin(x)
  test("called outside, twice, in a loop, in another derivative and in a compiled function", () => {
    const [, pull] = vjp(f)(f64(0.7))
    expect(item(pull(f64(1)))).toBe(item(pull(f64(1))))
    expect(item(pull(f64(1)))).toBeCloseTo(slope(0.7), 14)
    expect(item(scan((c: T) => [pull(c), []], f64(1), [], { length: 2 })[0])).toBeCloseTo(slope(0.7) ** 2, 14)
    expect(item(grad((ct: T) => mul(ct, pull(ct)))(f64(3)))).toBeCloseTo(6 * slope(0.7), 13)
    expect(item(compile((ct: T) => pull(ct))(f64(2)))).toBeCloseTo(2 * slope(0.7), 14)
  })
  test("made in one derivative and called in the next", () => {
    let pull: (ct: T) => T = ct => ct
    grad((x: T) => {
      const [value, p] = vjp(f)(mul(x, x))
      pull = p
      return value
    })(f64(0.5))
    expect(item(grad((ct: T) => square(pull(ct)))(f64(3)))).toBeCloseTo(6 * slope(0.25) ** 2, 13)
  })
  test("of a function around a loop, in a loop, around a loop", () => {
    const power = (w: T): T => scan((c: T, x: T) => [mul(sin(mul(c, w)), x), []], w, f64([1, 2, 3]))[0]
    const flat = (w: T): T => [1, 2, 3].reduce((c: T, x) => mul(sin(mul(c, w)), x), w)
    const twice = (h: (w: T) => T) => (w: T) => {
      const [, pull] = vjp(h)(w)
      return scan((c: T) => [pull(mul(c, w)), []], f64(1), [], { length: 2 })[0]
    }
    for (const x of [0.3, 0.8]) {
      expect(item(twice(power)(f64(x)))).toBeCloseTo(item(twice(flat)(f64(x))), 12)
      expect(item(grad(twice(power))(f64(x)))).toBeCloseTo(item(grad(twice(flat))(f64(x))), 11)
      expect(item(grad(grad(twice(power)))(f64(x)))).toBeCloseTo(item(grad(grad(twice(flat)))(f64(x))), 9)
      expect(item(compile(grad(twice(power)))(f64(x)))).toBe(item(grad(twice(power))(f64(x))))
      expect(item(jvp(grad(twice(power)))(f64(x), f64(1))[1])).toBeCloseTo(item(grad(grad(twice(flat)))(f64(x))), 9)
    }
  })
})

describe("a loop's scope is opened again, inside scopes that are younger", () => {
  const loop = (w: T) => (x: T) => scan((c: T, k: T) => [sin(mul(add(c, w), k)), mul(c, w)], x, f64([0.5, 1.5]))
  const flat =
    (w: T) =>
    (x: T): readonly [T, T] => {
      const ys: T[] = []
      let c = x
      for (const k of [0.5, 1.5]) {
        ys.push(mul(c, w))
        c = sin(mul(add(c, w), k))
      }
      return [c, t.stack(ys)]
    }
  const all = (f: typeof flat) => (w: T) => {
    const h = (x: T): T => add(f(w)(x)[0], sum(square(f(w)(x)[1])))
    return add(jvp(grad(h))(mul(w, 2), w)[1], grad((u: T) => jvp(h)(u, cos(w))[1])(w))
  }
  test("forward of reverse, reverse of forward, and again around both", () => {
    for (const at of [0.2, 0.9]) {
      expect(item(all(loop)(f64(at)))).toBeCloseTo(item(all(flat)(f64(at))), 12)
      expect(item(grad(all(loop))(f64(at)))).toBeCloseTo(item(grad(all(flat))(f64(at))), 10)
      expect(item(compile(grad(all(loop)))(f64(at)))).toBe(item(grad(all(loop))(f64(at))))
    }
  })
  test("derivatives by hand that close over carries, slices and captured values", () => {
    const make = (by: (x: T, c: T, k: T, w: T) => T) => (w: T) =>
      scan((c: T, k: T) => [add(by(mul(c, k), c, k, w), w), []], w, f64([0.5, 1.5, 0.7]))[0]
    const hand = make((x, c, k, w) =>
      t.customVjp(
        (y: T) => [mul(y, t.stopGradient(mul(c, mul(k, w)))), []],
        (_, ct) => [mul(ct, mul(c, mul(k, w)))]
      )(x)
    )
    const plain = make((x, c, k, w) => mul(x, t.stopGradient(mul(c, mul(k, w)))))
    expect(item(grad(hand)(f64(0.6)))).toBeCloseTo(item(grad(plain)(f64(0.6))), 13)
    expect(Number.isFinite(item(grad(grad(hand))(f64(0.6))))).toBe(true)
    expect(Number.isFinite(item(grad(grad(grad(hand)))(f64(0.6))))).toBe(true)
  })
})

describe("order of opening", () => {
  test("a derivative in a generator that is resumed inside another", () => {
    const slopes = (function* (x: T) {
      yield grad((y: T) => mul(y, x))(x)
      yield grad((y: T) => mul(square(y), x))(x)
    })(f64(3))
    const first = slopes.next().value as T
    const f = (z: T): T => mul(z, slopes.next().value as T)
    expect([item(first), item(grad(f)(f64(2)))]).toEqual([3, 18])
  })
  test("a function that throws closes its scope", () => {
    let inside: T = f64(0)
    const f = grad((x: T): T => {
      inside = sin(x)
      throw new RangeError("no")
    })
    expect(() => f(f64(1))).toThrow("no")
    expect(isSymbolic([inside])).toBe(false)
  })
  test("asynchronous functions that interleave, each tracing between its waits", async () => {
    const descend = async (start: number): Promise<number> => {
      let x: T = f64(start)
      for (let i = 0; i < 5; i++) {
        x = sub(x, mul(0.25, grad((y: T) => square(y))(x)))
        await Promise.resolve()
      }
      return item(x)
    }
    expect(await Promise.all([1, 2, 3].map(descend))).toEqual([1, 2, 3].map(n => n / 32))
  })
})
