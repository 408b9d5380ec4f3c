import fc from "fast-check"
import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { topological } from "../../src/dataflow/order.js"
import { isLoop } from "../../src/dataflow/primitive.js"
import { printProgram } from "../../src/engine/program/print.js"
import { programOf, trace } from "../../src/engine/trace.js"
import { errorOf, gradientError, gradients, lossOf, slopeOf } from "./differences.js"
import { scanRows } from "./rows.scan.js"
import { f64, i32, range, tensors, type Sample } from "./samples.js"

type T = t.Tensor
type Body = (c: T, x: T, w: T) => readonly [T, T]

const { add, grad, item, mul, scan, sin, sqrt, square, sum } = t

/** What a loop means: its body, as often as it is long. */
const unrolled = (body: (c: T, x: T) => readonly [T, T], c0: T, xs: T, reverse: boolean): readonly [T, T] => {
  const length = xs.shape[0] ?? 0
  const ys: T[] = []
  let c = c0
  for (const i of reverse ? range(length).toReversed() : range(length)) {
    const [next, y] = body(c, t.at(xs, i))
    c = next
    ys[i] = y
  }
  return [c, t.stack(ys)]
}

const bodies: Record<string, Body> = {
  everything: (c, x, w) => [sin(add(mul(c, w), x)), mul(add(c, x), square(w))],
  "carry only": (c, _, w) => [mul(sin(c), w), c],
  "x only": (_, x, w) => [mul(x, x), add(x, w)],
  "neither but the captured": (_, __, w) => [square(w), w],
  swapped: (c, x) => [x, c],
  "a gradient": (c, x, w) => {
    const slope = grad((y: T) => sum(mul(sin(mul(y, x)), w)))(c)
    return [slope, mul(slope, c)]
  }
}

const forms = Object.entries(bodies).flatMap(([name, body]) =>
  [1, 2, 4].flatMap(length => [false, true].map(reverse => ({ name, body, length, reverse })))
)

describe("a loop and its unrolled form have the same derivatives", () => {
  test.each(forms)("$name, length $length, reverse $reverse", ({ body, length, reverse }) => {
    const form =
      (run: typeof unrolled): Sample["f"] =>
      (c0, xs, w) =>
        t.concat(run((c, x) => body(c, x, w), c0, xs, reverse).map(t.flatten))
    const [looped, flat] = [form((body, c, xs, back) => scan(body, c, xs, { reverse: back })), form(unrolled)]
    const same = fc.property(tensors([[2], [length, 2], [2]]), at => {
      expect(errorOf(t.toTyped(looped(...at)), t.toTyped(flat(...at)))).toBeLessThan(1e-14)
      for (const order of [0, 1, 2]) {
        const times = (f: Sample["f"]): Sample["f"] => range(order).reduce(slopeOf, f)
        const [a, b] = [looped, flat].map(f => gradients(lossOf(times(f)), at).flat())
        expect(errorOf(a ?? [], b ?? [])).toBeLessThan(1e-11)
      }
    })
    fc.assert(same, { seed: 5, numRuns: 1 })
  })
})

describe("third derivatives", () => {
  test.each(scanRows.map(row => [row.name, row.samples] as const))("%s", (_, samples) => {
    const agrees = fc.property(samples, ({ f, at }) => {
      expect(gradientError({ f: slopeOf(slopeOf(f)), at })).toBeLessThan(1e-6)
    })
    fc.assert(agrees, { seed: 5, numRuns: 1 })
  })
})

/** A loop whose second carry has an infinite slope at 0. */
const vertical = (x: T, pick: (carry: { a: T; b: T; c: T }, ys: { y: T; z: T }) => T): number => {
  const body = ({ a, b, c }: { a: T; b: T; c: T }) =>
    [
      { a: mul(a, 2), b: sqrt(b), c: add(c, a) },
      { y: mul(a, a), z: sqrt(b) }
    ] as const
  return item(grad((v: T) => pick(...scan(body, { a: v, b: mul(v, 0), c: v }, [], { length: 3 })))(x))
}

describe("what nobody reads has no influence", () => {
  test("an unused carry and unused results with infinite slopes", () => {
    expect(vertical(f64(2), ({ a }) => a)).toBe(8)
    expect(vertical(f64(2), ({ c }) => c)).toBe(8)
    expect(vertical(f64(2), (_, { y }) => sum(y))).toBe(2 * 2 * (1 + 4 + 16))
    expect(vertical(f64(2), ({ a, c }, { y }) => add(add(a, c), sum(y)))).toBe(8 + 8 + 84)
  })
  test("the same carry, if it is read", () => {
    expect(vertical(f64(2), ({ b }) => b)).toBeNaN()
    expect(vertical(f64(2), (_, { z }) => sum(z))).toBeNaN()
  })
  test("xs that the body does not read are not arguments of the loop", () => {
    const [c] = scan((a: T, { k }: { k: T; v: T }) => [mul(a, k), []], f64(2), { k: f64([1, 2]), v: f64([3, 4]) })
    const loop = topological([c]).find(isLoop)
    expect(loop?.args.length).toBe(2)
    expect(item(c)).toBe(4)
  })
  test("a body without derivative gives zeros", () => {
    const f = (x: T): T => scan(c => [t.floor(add(c, x)), []], f64(0), [], { length: 2 })[0]
    expect(item(grad(f)(f64(0.5)))).toBe(0)
  })
})

describe("lengths", () => {
  test("a loop of no iterations passes its carry and stacks nothing", () => {
    const f = ([c0, w]: readonly [T, T]): T => {
      const [c, ys] = scan((a, x: T) => [mul(mul(a, x), w), a], c0, t.zeros([0], "f64"))
      return add(square(c), sum(ys))
    }
    expect(grad(f)([f64(3), f64(5)]).map(t.toArray)).toEqual([6, 0])
    expect(grad((x: readonly [T, T]) => sum(grad(f)(x)[0]))([f64(3), f64(5)]).map(t.toArray)).toEqual([2, 0])
  })
  test("a long loop", () => {
    const power = (w: T): T => scan(c => [mul(c, w), []], f64(1), [], { length: 20000 })[0]
    expect(item(grad(power)(f64(1)))).toBe(20000)
    expect(item(grad(grad(power))(f64(1)))).toBe(20000 * 19999)
  })
  test("leaves of no elements", () => {
    const f = (x: T): T => sum(scan((c, s) => [add(c, sum(s)), mul(s, c)], sum(x), x)[1])
    expect(grad(f)(t.zeros([3, 0], "f64")).shape).toEqual([3, 0])
  })
})

describe("three loops deep, captures at every level", () => {
  const deep: Sample["f"] = (x, a, b, c) => {
    const third = (p: T, q: T) => scan((e: T) => [sin(mul(add(e, mul(p, q)), c)), []], mul(p, x), [], { length: 2 })[0]
    const second = (p: T) => scan((d: T, s: T) => [third(mul(d, p), s), mul(d, a.shape.length)], p, b)
    const body = (y: T, s: T): readonly [T, T] => {
      const [d, ys] = second(mul(y, s))
      return [add(d, y), sum(ys)]
    }
    return t.concat(scan(body, x, a).map(t.flatten))
  }
  const at = [f64(0.7), f64([0.3, -0.8]), f64([0.5, 1.1]), f64(0.9)]
  test.each([0, 1, 2])("derivative of order one more than %i", order => {
    expect(gradientError({ f: range(order).reduce(slopeOf, deep), at })).toBeLessThan(1e-7)
  })
  test("compiled, its Hessian is what it is uncompiled", () => {
    const f = (x: T): T => sum(deep(sum(x), x, x, f64(0.9)))
    const h = t.hessian(f)(f64([0.2, 0.4]))
    expect(errorOf(t.toTyped(t.compile(t.hessian(t.compile(f)))(f64([0.2, 0.4]))), t.toTyped(h))).toBe(0)
    expect(errorOf(t.toTyped(h), t.toTyped(t.transpose(h)))).toBeLessThan(1e-13)
  })
})

test("an integer carry that comes first in the graph does not cut the derivative off", () => {
  const f = (x: T): T => {
    const body = ([n, p]: readonly [T, T]) =>
      [
        [add(n, 1), mul(p, x)],
        [n, p]
      ] as const
    const [[n], [ns, ps]] = scan(body, [i32(0), f64(1)] as const, [], { length: 3 })
    return mul(t.cast(n, "f64"), sum(mul(t.cast(ns, "f64"), ps)))
  }
  expect(item(f(f64(2)))).toBe(3 * (2 + 2 * 4))
  expect(item(grad(f)(f64(2)))).toBe(3 * (1 + 4 * 2))
})

describe("the forward pass of a loop", () => {
  const stepsIn = (f: (x: T) => t.Tree, x: T): readonly string[] => {
    const { structure, leaves } = t.Tree.flatten([x])
    return printProgram(programOf(trace(f, structure, leaves))).map(line => line.trim())
  }
  const count = (lines: readonly string[], what: string): number => lines.filter(line => line.includes(what)).length
  const inner = (c: T, w: T): T => scan((d: T) => [sin(mul(d, w)), []], c, [], { length: 2 })[0]
  const loss = (w: T): T => {
    const [last, all] = scan((c: T, x: T) => [t.tanh(add(inner(c, w), x)), square(c)], f64(0.5), f64([1, 2, 3]))
    return add(last, sum(all))
  }

  test("is made once for a value and its derivative, which recomputes nothing of it, in loops within neither", () => {
    const lines = stepsIn(w => [...t.valueAndGrad(loss)(w)], f64(0.7))
    expect([count(lines, "= tanh("), count(lines, "= sin("), count(lines, "= scan(")]).toEqual([1, 1, 4])
  })
})
