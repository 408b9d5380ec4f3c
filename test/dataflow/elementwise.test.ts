import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { bool, f32, f64, i32, observe, pattern, relativeError } from "./values.js"

describe("f32 is rounded at every operation, to the nearest", () => {
  const a = f32([1 / 3, 1e8, -7.3, 16777216, 3e-39, 1.1e38])
  const b = f32([3, 1, 2.7, 1, 1e-3, 9.9])
  const [left, right] = [a, b].map(x => Array.from(t.toTyped(x))) as [number[], number[]]
  test.each<[string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number]>([
    ["add", t.add, (x, y) => x + y],
    ["sub", t.sub, (x, y) => x - y],
    ["mul", t.mul, (x, y) => x * y],
    ["div", t.div, (x, y) => x / y],
    ["rem", t.rem, (x, y) => x % y],
    ["sqrt", x => t.sqrt(t.abs(x)), x => Math.sqrt(Math.abs(x))]
  ])("%s", (_, f, reference) => {
    expect(t.toArray(f(a, b))).toEqual(left.map((x, i) => Math.fround(reference(x, right[i] ?? NaN))))
  })

  test("also in the middle of an expression", () => {
    const values = left.map((x, i) => Math.fround(Math.fround(x + (right[i] ?? NaN)) - x))
    expect(t.toArray(t.sub(t.add(a, b), a))).toEqual(values)
    expect(t.item(t.sub(t.add(f32(16777216), 1), 16777216))).toBe(0)
  })
})

describe("values at the edges", () => {
  const nan = [NaN, 1, -0, 0, Infinity]
  test.each<[string, Tensor, readonly unknown[]]>([
    ["maximum with NaN and zeros", t.maximum(f64(nan), f64([1, NaN, 0, -0, 5])), [NaN, NaN, 0, 0, Infinity]],
    ["minimum with NaN and zeros", t.minimum(f64(nan), f64([1, NaN, 0, -0, 5])), [NaN, NaN, -0, -0, 5]],
    [
      "rem has the sign of its dividend",
      t.rem(f64([7, -7, 7, -7, -6, 5.5]), f64([3, 3, -3, -3, 3, -2])),
      [1, -1, 1, -1, -0, 1.5]
    ],
    ["rem by zero and infinity", t.rem(f64([5, Infinity, 5, -0]), f64([0, 2, Infinity, 3])), [NaN, NaN, 5, -0]],
    ["div by zero", t.div(f64([1, -1, 0, 1]), f64([0, 0, 0, -0])), [Infinity, -Infinity, NaN, -Infinity]],
    ["log below zero", t.log(f64([-1, 0, -0, Infinity])), [NaN, -Infinity, -Infinity, Infinity]],
    ["sqrt below zero", t.sqrt(f64([-1, -0, Infinity])), [NaN, -0, Infinity]],
    ["abs", t.abs(f64([-0, -Infinity, NaN])), [0, Infinity, NaN]],
    ["sign", t.sign(f64([-2, 3, NaN, -Infinity])), [-1, 1, NaN, -1]],
    ["floor", t.floor(f64([-0.5, -0, 2.9, -Infinity, NaN])), [-1, -0, 2, -Infinity, NaN]],
    ["ceil", t.ceil(f64([-0.5, 0.1, -2.9, Infinity, NaN])), [-0, 1, -2, Infinity, NaN]],
    ["clamp keeps NaN", t.clamp(f64([NaN, -5, 5, 1]), -2, 2), [NaN, -2, 2, 1]],
    ["atan2 of zeros", t.atan2(f64([0, -0, 0, -0]), f64([-1, -1, 1, 1])), [Math.PI, -Math.PI, 0, -0]],
    ["isFinite", t.isFinite(f64(nan)), [false, true, true, true, true].map((finite, i) => finite && i !== 4)],
    ["isNaN", t.isNaN(f64(nan)), [true, false, false, false, false]],
    ["isFinite of integers", t.isFinite(i32([1, -1])), [true, true]],
    ["isNaN of integers", t.isNaN(i32([1, -1])), [false, false]],
    ["eq", t.eq(f64([NaN, -0, 1, Infinity]), f64([NaN, 0, 2, Infinity])), [false, true, false, true]],
    ["ne", t.ne(f64([NaN, -0, 1]), f64([NaN, 0, 2])), [true, false, true]],
    ["lt", t.lt(f64([NaN, 1, 1, -0]), f64([1, NaN, 2, 0])), [false, false, true, false]],
    ["le", t.le(f64([NaN, 1, 1, 2]), f64([NaN, 1, 2, 1])), [false, true, true, false]],
    ["gt", t.gt(f64([NaN, 1, 2]), f64([1, 1, 1])), [false, false, true]],
    ["ge", t.ge(f64([NaN, 1, 0]), f64([NaN, 1, 1])), [false, true, false]],
    ["where takes nothing from the other side", t.where(bool([true, false]), f64([1, NaN]), f64([NaN, 2])), [1, 2]],
    ["and", t.and(bool([true, true, false, false]), bool([true, false, true, false])), [true, false, false, false]],
    ["or", t.or(bool([true, true, false, false]), bool([true, false, true, false])), [true, true, true, false]],
    ["xor", t.xor(bool([true, true, false, false]), bool([true, false, true, false])), [false, true, true, false]],
    ["square", t.square(f64([-3, -0])), [9, 0]],
    ["reciprocal", t.reciprocal(f64([-4, 0, -0])), [-0.25, Infinity, -Infinity]],
    ["rsqrt", t.rsqrt(f64([4, 0])), [0.5, Infinity]],
    ["stopGradient", t.stopGradient(f64([1, NaN])), [1, NaN]]
  ])("%s", (_, value, expected) => {
    expect(t.toArray(value)).toEqual(expected)
  })

  test.each<[string, (x: Tensor) => Tensor, (x: number) => number]>([
    ["log1p", t.log1p, Math.log1p],
    ["expm1", t.expm1, Math.expm1],
    ["sin", t.sin, Math.sin],
    ["cos", t.cos, Math.cos],
    ["tan", t.tan, Math.tan],
    ["atan", t.atan, Math.atan],
    ["tanh", t.tanh, Math.tanh]
  ])("%s is accurate near zero and far from it", (_, f, reference) => {
    const x = [1e-300, 1e-18, -1e-9, 1e-3, 0.5, -0.75, 3, 100]
    expect(relativeError(t.toTyped(f(f64(x))), x.map(reference))).toBeLessThan(1e-15)
  })
})

describe("broadcasting aligns shapes at the right and repeats sizes of 1", () => {
  const shapes: readonly (readonly [a: readonly number[], b: readonly number[], joint: readonly number[]])[] = [
    [
      [2, 3],
      [2, 3],
      [2, 3]
    ],
    [[2, 3], [3], [2, 3]],
    [[2, 1], [3], [2, 3]],
    [
      [2, 1, 3],
      [4, 1],
      [2, 4, 3]
    ],
    [[1], [2, 1, 2], [2, 1, 2]],
    [[], [2, 2], [2, 2]],
    [[1, 1, 1], [], [1, 1, 1]],
    [[0], [1], [0]],
    [[0, 3], [3], [0, 3]],
    [
      [1, 0],
      [2, 1],
      [2, 0]
    ],
    [
      [2, 1],
      [1, 0],
      [2, 0]
    ],
    [[0], [], [0]]
  ]
  /** The element of `t` that stands at a place of a larger shape. */
  const elementAt = (t: Tensor, data: readonly number[], place: readonly number[]): number => {
    const own = place.slice(place.length - t.shape.length)
    return (
      data[own.reduce((offset, i, axis) => offset * (t.shape[axis] ?? 1) + (t.shape[axis] === 1 ? 0 : i), 0)] ?? NaN
    )
  }
  const places = (shape: readonly number[]): readonly (readonly number[])[] =>
    shape.reduce<readonly (readonly number[])[]>(
      (all, n) => all.flatMap(place => Array.from({ length: n }, (_, i) => [...place, i])),
      [[]]
    )

  test.each(shapes)("%j with %j", (a, b, joint) => {
    const [x, y] = [pattern(a), t.add(pattern(b), 100)]
    const [left, right] = [x, y].map(operand => Array.from(t.toTyped(operand))) as [number[], number[]]
    const expected = places(joint).map(place => elementAt(x, left, place) - elementAt(y, right, place))
    expect(observe(t.sub(x, y))).toEqual({ dtype: "f64", shape: joint, data: expected })
    expect(observe(t.neg(t.sub(y, x)))).toEqual({ dtype: "f64", shape: joint, data: expected })
    const chosen = places(joint).map(place => elementAt(x, left, place))
    expect(observe(t.where(t.lt(x, y), x, y))).toEqual({ dtype: "f64", shape: joint, data: chosen })
    expect(observe(t.broadcastTo(x, joint))).toEqual({ dtype: "f64", shape: joint, data: chosen })
  })
})
