import assert from "node:assert/strict"
import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { adam } from "thalweg/optimizer"
import { literalOf } from "../../src/dataflow/create.js"
import { f64 } from "../dataflow/values.js"

/** A literal of ones that counts how often an operation is computed from it. */
const counted = (shape: readonly number[] = []) => {
  let count = 0
  const data = t.toTyped(t.ones(shape, "f64"))
  const read = () => {
    count++
    return data
  }
  return { one: literalOf({ type: { shape, dtype: "f64" }, read }), count: () => count }
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

/** A chain of operations, one on the other, each computed from what is counted. */
const chain = (one: Tensor, n: number): readonly Tensor[] =>
  range(n).reduce<readonly Tensor[]>(list => [...list, t.add(list.at(-1) ?? f64(0), one)], [])

describe("a node is computed once, whoever asks for it", () => {
  test.each<[string, (list: readonly Tensor[]) => readonly Tensor[]]>([
    ["in the order in which it was built", list => list],
    ["in the other order", list => list.toReversed()],
    ["by the way of others", list => list.map(x => t.mul(x, 1)).toReversed()]
  ])("%s", (_, asked) => {
    const { one, count } = counted()
    const list = chain(one, 50)
    expect(
      asked(list)
        .map(t.item)
        .toSorted((a, b) => a - b)
    ).toEqual(range(51).slice(1))
    expect(count()).toBe(50)
  })

  test("until it fails, and then what fails is tried again", () => {
    const { one, count } = counted()
    const failing = t.take(f64([1, 2]), t.cast(t.add(one, 6), "i32"))
    for (let i = 0; i < 2; i++) expect(() => t.item(failing)).toThrow("take: expected indices from 0 to 1")
    expect(count()).toBe(1)
  })

  test("all parts of a loop together", () => {
    const { one, count } = counted([3])
    const [last, sums] = t.scan((c: Tensor, x: Tensor) => [t.add(c, x), t.add(c, x)] as const, f64(0), one)
    expect([t.item(last), t.toArray(sums)]).toEqual([3, [1, 2, 3]])
    expect(count()).toBe(1)
  })

  test("and equals then what was computed elsewhere, and what was given, to the assertions of tests", () => {
    const [one, other] = [t.add(f64([1, 2]), 1), t.mul(f64([1, 1.5]), 2)]
    for (const x of [one, other]) t.toArray(x)
    assert.deepStrictEqual(one, other)
    assert.deepStrictEqual(one, f64([2, 3]))
    assert.notDeepStrictEqual(one, f64([2, 4]))
  })

  test("a value and its gradient together", () => {
    const { one, count } = counted()
    const [value, gradient] = t.valueAndGrad((x: Tensor) => t.square(t.add(x, one)))(f64(2))
    expect([t.item(value), t.item(gradient)]).toEqual([9, 6])
    expect(count()).toBe(1)
  })
})

describe("a step of a loop that is not compiled costs the same after any number of steps", () => {
  const optimizer = adam({ learningRate: 0.01 })

  /** How often the loss and its gradient were computed at each step, when the loss is read at `isRead`. */
  const costs = (steps: number, isRead: (i: number) => boolean): readonly number[] => {
    const { one, count } = counted()
    const loss = (x: Tensor): Tensor => t.sum(t.mul(t.square(x), one))
    let x: Tensor = t.ones([3], "f64")
    let state = optimizer.init(x)
    return range(steps).map(i => {
      const before = count()
      ;[x, state] = optimizer.step(x, state, t.grad(loss)(x))
      if (isRead(i)) t.item(loss(x))
      return count() - before
    })
  }

  test("when the loss is read at every step", () => {
    const [first, ...others] = costs(300, () => true)
    expect(first).toBeGreaterThan(0)
    expect(new Set(others)).toEqual(new Set([first]))
  })

  test("when it is read now and then", () => {
    const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
    const often = total(costs(300, () => true))
    const seldom = total(costs(300, i => i % 50 === 49))
    expect(seldom).toBe(often - 294)
  })
})

describe("a node that was computed is a literal", () => {
  test("which shows its values, and has no arguments", () => {
    const x = f64([1, 2])
    const [doubled, total] = [t.mul(x, 2), t.sum(t.mul(x, 2))]
    expect(t.item(t.sum(doubled))).toBe(6)
    expect([doubled.op.kind, doubled.args, String(doubled)]).toEqual(["literal", [], "Tensor f64[2] [2, 4]"])
    expect(String(total)).toContain("mul(t0, 2)")
    expect(t.evaluate(doubled)).toBe(doubled)
  })

  const f = (x: Tensor): Tensor => t.mul(t.square(x), x)
  /** The same function, which reads a value on the way. */
  const reading = (x: Tensor): Tensor => {
    const squared = t.square(x)
    expect(t.item(squared)).toBeGreaterThan(0)
    return t.mul(squared, x)
  }

  test("but not while somebody may differentiate it", () => {
    const [value, pullback] = t.vjp(f)(f64(2))
    expect(t.item(value)).toBe(8)
    expect([t.item(pullback(f64(1))), t.item(pullback(f64(2)))]).toEqual([12, 24])
    expect(value.op.kind).toBe("binary")
    expect(t.item(t.grad(reading)(f64(2)))).toBe(12)
    expect(t.item(t.grad(t.grad(reading))(f64(2)))).toBe(12)
    expect(t.jvp(reading)(f64(2), f64(1)).map(t.item)).toEqual([8, 12])
    expect(t.item(t.hvp(reading)(f64(2), f64(1)))).toBe(12)
  })

  test("and so as soon as nobody may", () => {
    const seen: Tensor[] = []
    const noting = (x: Tensor): Tensor => {
      const squared = t.square(x)
      seen.push(squared)
      t.item(squared)
      expect(squared.op.kind).toBe("binary")
      return t.mul(squared, x)
    }
    const outer = t.grad((x: Tensor) => {
      const slope = t.grad(noting)(x)
      expect(seen.map(({ op }) => op.kind)).toEqual(["binary"])
      return slope
    })
    expect(t.item(outer(f64(2)))).toBe(12)
    expect(seen.map(({ op }) => op.kind)).toEqual(["literal"])
    const [value] = t.valueAndGrad(f)(f64(2))
    t.item(value)
    expect(value.op.kind).toBe("literal")
  })
})
