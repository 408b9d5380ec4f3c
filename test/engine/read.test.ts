import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { f32, f64, i32 } from "../dataflow/values.js"
import { thrownBy } from "../support.js"

describe("reading", () => {
  test.each<[string, Tensor, unknown, object]>([
    ["f32", f32([[0.5, -0]]), [[0.5, -0]], new Float32Array([0.5, -0])],
    ["f64", f64([0.1]), [0.1], new Float64Array([0.1])],
    ["i32", i32([-1]), [-1], new Int32Array([-1])],
    ["u32", t.tensor([2 ** 32 - 1], { dtype: "u32" }), [2 ** 32 - 1], new Uint32Array([2 ** 32 - 1])],
    ["bool", t.lt(f64([1, 3]), 2), [true, false], new Uint8Array([1, 0])],
    ["a scalar", t.sum(f64([1, 2])), 3, new Float64Array([3])],
    [
      "a view into a longer buffer",
      t.scan((_: Tensor, x: Tensor) => [x, []], f64(0), f64([1, 2]))[0],
      2,
      new Float64Array([2])
    ]
  ])("%s", (_, value, nested, typed) => {
    expect(t.toArray(value)).toEqual(nested)
    expect(t.toTyped(value)).toEqual(typed)
  })

  test.each<[Tensor, number]>([
    [f64(2.5), 2.5],
    [f64([[7]]), 7],
    [t.tensor(true), 1],
    [t.not(t.tensor([true])), 0]
  ])("item %#", (value, expected) => {
    expect(t.item(value)).toBe(expected)
  })
})

describe("a value that does not exist is an UnboundInputError, whenever it is asked for", () => {
  const leaked: Tensor[] = []
  t.compile((x: Tensor) => {
    leaked.push(x, t.add(x, 1))
    return x
  })(f64(1))
  t.scan(
    (c: Tensor, x: Tensor) => {
      leaked.push(c, t.mul(c, x))
      return [c, x]
    },
    f64(1),
    f64([1])
  )

  test("outside of the function whose symbol leaked", () => {
    const readers: readonly ((x: Tensor) => unknown)[] = [t.item, t.toArray, t.toTyped, t.evaluate, t.compile(x => x)]
    for (const read of readers)
      for (const x of leaked) expect(thrownBy(() => read(x))).toMatchObject({ name: "UnboundInputError" })
    expect(leaked.length).toBe(4)
  })

  test("and what failed leaves nothing behind", () => {
    expect(thrownBy(() => t.compile((x: Tensor) => t.scalar(t.item(x)))(f64(1)))).toMatchObject({
      name: "UnboundInputError"
    })
    expect(t.item(t.compile((x: Tensor) => t.neg(x))(f64(1)))).toBe(-1)
  })
})

describe("evaluate inside a function that is being traced", () => {
  test("lets derivatives flow through", () => {
    expect(t.item(t.grad((x: Tensor) => t.evaluate(t.square(x)))(t.scalar(3)))).toBe(6)
  })

  test("changes nothing inside compile", () => {
    expect(t.item(t.compile((x: Tensor) => t.evaluate(t.square(x)))(t.scalar(3)))).toBe(9)
  })
})
