import { describe, expect, test } from "vitest"
import {
  add,
  compile,
  concat,
  evaluate,
  grad,
  item,
  mul,
  ones,
  scan,
  sum,
  toArray,
  Tree,
  zeros,
  type Tensor
} from "thalweg"
import { f64 } from "../dataflow/values.js"

const DEPTH = 1e5

/** A chain of many nodes, each the argument of the next. */
const chain = (x: Tensor, f: (x: Tensor, i: number) => Tensor): Tensor => {
  let last = x
  for (let i = 0; i < DEPTH; i++) last = f(last, i)
  return last
}

const increments = (x: Tensor): Tensor => chain(x, y => add(y, 1))

/** These tests are about the stack, not about speed: a busy machine may take its time. */
const patient = { timeout: 120_000 }

describe("a graph of any depth does not overflow the stack", patient, () => {
  test("when it is evaluated", () => {
    expect(item(increments(f64(0)))).toBe(DEPTH)
  })

  test("when it is differentiated", () => {
    const f = (x: Tensor): Tensor => chain(x, (y, i) => mul(y, i % 2 === 0 ? 2 : 0.5))
    expect(item(grad(f)(f64(3)))).toBe(1)
  })

  test("when it is compiled, printed, or the body of a loop", () => {
    expect(item(compile(increments)(f64(1)))).toBe(DEPTH + 1)
    expect(String(increments(f64(0)))).toContain("t39: f64[] = add(t38, 1)")
    expect(item(scan((c: Tensor) => [increments(c), []], f64(0), [], { length: 2 })[0])).toBe(2 * DEPTH)
  })

  test("when loops follow loops", () => {
    let carry: Tensor = f64(0)
    for (let i = 0; i < 1000; i++) carry = scan((c: Tensor, x: Tensor) => [add(c, x), []], carry, f64([1, 2]))[0]
    expect(item(carry)).toBe(3000)
  })

  test("when every value is read on the way", () => {
    let x: Tensor = f64(0)
    for (let i = 0; i < 5000; i++) {
      x = add(x, 1)
      if (item(x) !== i + 1) throw new Error(`wrong at ${i}`)
    }
    expect(item(x)).toBe(5000)
  })
})

describe("nor one of any width", patient, () => {
  const parts = Array.from({ length: 1e4 }, (_, i) => f64([i]))
  const total = (1e4 * (1e4 - 1)) / 2

  test("a node of many arguments", () => {
    expect(item(sum(concat(parts)))).toBe(total)
    expect(toArray(grad((list: readonly Tensor[]) => sum(concat(list)))(parts)[7] as Tensor)).toEqual([1])
  })

  test("a tree of many leaves", () => {
    const sums = Tree.map(leaf => add(leaf, 1))(parts)
    expect(evaluate(sums).reduce((n, leaf) => n + item(leaf), 0)).toBe(total + 1e4)
    expect(compile((list: readonly Tensor[]) => list.map(leaf => mul(leaf, 2)))(parts).length).toBe(1e4)
  })

  test("a loop of many iterations", () => {
    const [last] = scan((c: Tensor, x: Tensor) => [add(c, x), []], zeros([2], "f64"), ones([DEPTH, 2], "f64"))
    expect(toArray(last)).toEqual([DEPTH, DEPTH])
  })
})
