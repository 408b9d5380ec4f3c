import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { Tree, type Tensor } from "thalweg"
import { f32, f64, i32, observe, pattern } from "../dataflow/values.js"

/** A function that counts how often it is called. */
const counted = <A extends readonly Tree[], B extends Tree>(f: (...args: A) => B) => {
  const counter = { calls: 0 }
  const run = t.compile((...args: A): B => {
    counter.calls++
    return f(...args)
  })
  return { counter, run }
}

describe("compile(f)(x) is evaluate(f(x))", () => {
  const x = pattern([3, 4])
  test.each<[string, (x: Tensor) => Tree]>([
    ["the identity", x => x],
    ["a constant", () => f64([1, 2])],
    ["an expression", x => t.softmax(t.mul(x, 2))],
    ["a tree", x => ({ a: [t.sum(x), x], b: { c: t.argMax(x) }, none: {} })],
    [
      "the same tensor in two places",
      x => {
        const y = t.exp(x)
        return [y, y, t.neg(y)]
      }
    ],
    ["a matrix product", x => t.matmul(x, t.transpose(x))],
    ["a derivative", x => t.grad((y: Tensor) => t.sum(t.tanh(y)))(x)],
    ["a loop", x => t.scan((c: Tensor, row: Tensor) => [t.add(c, t.sum(row)), t.mul(row, c)], f64(0), x)]
  ])("of %s", (_, f) => {
    const [compiled, plain] = [t.compile(f)(x), t.evaluate(f(x))]
    expect(Tree.flatten(compiled).structure).toEqual(Tree.flatten(plain).structure)
    expect(Tree.leaves(compiled).map(observe)).toEqual(Tree.leaves(plain).map(observe))
  })

  test("also of several trees, of none, and of arguments that are expressions", () => {
    const f = t.compile((p: { w: Tensor }, [a, b]: readonly [Tensor, Tensor]) => t.add(t.mul(p.w, a), b))
    expect(t.item(f({ w: t.add(f64(1), 1) }, [f64(3), f64(4)]))).toBe(10)
    expect(t.toArray(t.compile(() => t.add(f64([1]), 1))())).toEqual([2])
  })

  test("an argument that is not used does not matter", () => {
    expect(t.item(t.compile((_: Tensor, b: Tensor) => t.neg(b))(f64([1, 2]), f64(3)))).toBe(-3)
  })

  test("what is not a tree is an error that says which argument", () => {
    const f = t.compile((a: Tensor, b: Tensor) => t.add(a, b))
    expect(() => f(f64(1), 2 as unknown as Tensor)).toThrow('arguments at "1": expected a tensor')
  })
})

describe("f is called once for each structure, dtype and shape", () => {
  test("and not again for other values", () => {
    const { counter, run } = counted((x: Tensor) => t.mul(x, 2))
    expect([1, 2, 3].map(v => t.item(run(f64(v))))).toEqual([2, 4, 6])
    expect(counter.calls).toBe(1)
  })

  test.each<[string, Tree, Tree, calls: number]>([
    ["another shape", f64([1]), f64([1, 2]), 2],
    ["another rank", f64([1]), f64([[1]]), 2],
    ["another dtype", f64([1]), f32([1]), 2],
    ["an array in place of a record", [f64(1)], { 0: f64(1) }, 2],
    ["another key", { a: f64(1) }, { b: f64(1) }, 2],
    ["keys that look alike when written down", { 'a":*,"b': f64(1), c: f64(2) }, { a: f64(1), 'b":*,"c': f64(2) }, 2],
    ["another nesting", [[f64(1)], f64(1)], [f64(1), [f64(1)]], 2],
    ["keys in another order", { a: f64(1), b: i32([2]) }, { b: i32([3]), a: f64(4) }, 1],
    ["an expression of the same shape", f64([1, 2]), t.add(f64([1, 2]), 1), 1]
  ])("%s", (_, first, second, calls) => {
    const { counter, run } = counted((x: Tree) => Tree.map(leaf => t.add(leaf, 1))(x))
    for (const x of [first, second, first, second]) {
      const expected = Tree.leaves(x).map(leaf => observe(t.add(leaf, 1)))
      expect(Tree.leaves(run(x)).map(observe)).toEqual(expected)
    }
    expect(counter.calls).toBe(calls)
  })

  test("32 programs are kept, and the one used longest ago is forgotten", () => {
    const { counter, run } = counted((x: Tensor) => t.sum(x))
    const call = (n: number): number => {
      const before = counter.calls
      expect(t.item(run(t.ones([n], "f64")))).toBe(n)
      return counter.calls - before
    }
    expect(Array.from({ length: 32 }, (_, n) => call(n)).every(calls => calls === 1)).toBe(true)
    expect(call(0)).toBe(0) // now 1 is the one used longest ago
    expect(call(32)).toBe(1)
    expect([call(0), call(2), call(31)]).toEqual([0, 0, 0])
    expect(call(1)).toBe(1)
  })

  test("a call that fails is not remembered", () => {
    let broken = true
    const f = t.compile((x: Tensor) => {
      if (broken) throw new RangeError("broken")
      return t.neg(x)
    })
    expect(() => f(f64(1))).toThrow("broken")
    broken = false
    expect(t.item(f(f64(1)))).toBe(-1)
  })
})

describe("where values are being traced, the compiled function is f", () => {
  const cube = t.compile((x: Tensor) => t.mul(x, t.mul(x, x)))
  const x = f64([1, 2])

  test("inside another compiled function", () => {
    const f = t.compile((y: Tensor) => t.sum(cube(t.add(y, 1))))
    expect(t.item(f(x))).toBe(35)
  })

  test("inside grad, grad of grad, and vjp", () => {
    expect(t.toArray(t.grad((y: Tensor) => t.sum(cube(y)))(x))).toEqual([3, 12])
    expect(t.item(t.grad(t.grad(cube))(f64(2)))).toBe(12)
    const [value, pullback] = t.vjp(cube)(x)
    expect([t.toArray(value), t.toArray(pullback(f64([1, 10])))]).toEqual([
      [1, 8],
      [3, 120]
    ])
  })

  test("inside a loop, and inside the derivative of a loop", () => {
    const power = (y: Tensor): Tensor => t.scan((c: Tensor) => [cube(c), []], y, [], { length: 2 })[0]
    expect(t.item(power(f64(2)))).toBe(512)
    expect(t.item(t.grad(power)(f64(2)))).toBe(9 * 2 ** 8)
    expect(t.item(t.compile(t.grad(power))(f64(2)))).toBe(9 * 2 ** 8)
  })

  test("also when only what f closes over is being traced", () => {
    const times = (y: Tensor) => t.compile((z: Tensor) => t.mul(y, z))
    const constant = f64([10, 100])
    expect(t.toArray(t.grad((y: Tensor) => t.sum(times(y)(constant)))(x))).toEqual([10, 100])
    expect(t.toArray(t.compile((y: Tensor) => times(y)(constant))(x))).toEqual([10, 200])
    const [, seen] = t.scan((c: readonly Tensor[], y: Tensor) => [c, times(y)(f64(7))], [], x)
    expect(t.toArray(seen)).toEqual([7, 14])
  })

  test("and compiled again once the tracing is over", () => {
    const { counter, run } = counted((y: Tensor) => t.exp(y))
    t.grad((y: Tensor) => t.sum(run(y)))(x)
    expect(String(run(x))).not.toContain("where")
    run(x)
    expect(counter.calls).toBe(2)
  })
})
