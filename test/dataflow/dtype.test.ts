import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { DType, Tensor } from "thalweg"
import { bool, f32, f64, i32, observe, u32 } from "./values.js"

type IntegerType = "i32" | "u32"

/** A number as an unbounded integer reduced to 32 bits. */
const wrap: Readonly<Record<IntegerType, (value: bigint) => number>> = {
  i32: value => Number(BigInt.asIntN(32, value)),
  u32: value => Number(BigInt.asUintN(32, value))
}

const edges: Readonly<Record<IntegerType, readonly number[]>> = {
  i32: [0, 1, -1, 2, -2, 7, -7, 31, 32, 33, 46341, 65536, -65537, 2 ** 31 - 1, -(2 ** 31), 1 - 2 ** 31],
  u32: [0, 1, 2, 7, 31, 32, 33, 65535, 65537, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1]
}

const count = (b: bigint): bigint => BigInt.asUintN(32, b)
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** What an operation means on unbounded integers, before it is reduced. */
const exact: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  rem: (a, b) => (b === 0n ? 0n : a % b),
  maximum: (a, b) => (a > b ? a : b),
  minimum: (a, b) => (a < b ? a : b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, b) => (count(b) < 32n ? a << b : 0n),
  shiftRight: (a, b) => a >> least(count(b), 32n)
}

const { add, sub, mul, div, rem, maximum, minimum, and, or, xor, shiftLeft, shiftRight } = t
const operations = { add, sub, mul, div, rem, maximum, minimum, and, or, xor, shiftLeft, shiftRight }

describe("integer arithmetic is that of whole numbers modulo 2³²", () => {
  const rows = (["i32", "u32"] as const).flatMap(dtype =>
    Object.entries(operations).map(([name, f]) => [name, dtype, f] as const)
  )
  test.each(rows)("%s of %s", (name, dtype, f) => {
    const values = edges[dtype]
    const column = t.tensor(
      values.map(value => [value]),
      { dtype }
    )
    const expected = values.map(a => values.map(b => wrap[dtype](exact[name]?.(BigInt(a), BigInt(b)) ?? 0n)))
    expect(t.toArray(f(column, t.tensor([...values], { dtype })))).toEqual(expected)
  })

  test.each(["i32", "u32"] as const)("pow of %s", dtype => {
    const values = edges[dtype]
    const exponents = [0, 1, 2, 3, 5, 31, 32, 40, 63]
    const column = t.tensor(
      values.map(value => [value]),
      { dtype }
    )
    const expected = values.map(a => exponents.map(b => wrap[dtype](BigInt(a) ** BigInt(b))))
    expect(t.toArray(t.pow(column, t.tensor(exponents, { dtype })))).toEqual(expected)
  })

  test("a negative power is cut off to a whole number, and 0 to one is 0 as in division", () => {
    const bases = i32([0, 1, -1, -1, 2, -2])
    expect(t.toArray(t.pow(bases, i32([-1, -3, -3, -4, -1, -1])))).toEqual([0, 1, -1, 1, 0, 0])
  })

  test.each<[string, Tensor, readonly number[]]>([
    ["neg", t.neg(i32([5, 0, -(2 ** 31)])), [-5, 0, -(2 ** 31)]],
    ["abs", t.abs(i32([-5, 0, -(2 ** 31)])), [5, 0, -(2 ** 31)]],
    ["sign", t.sign(i32([-5, 0, 2 ** 31 - 1])), [-1, 0, 1]],
    ["not of i32", t.not(i32([0, -1, 5])), [-1, 0, -6]],
    ["not of u32", t.not(u32([0, 2 ** 32 - 1])), [2 ** 32 - 1, 0]],
    ["not of bool", t.cast(t.not(bool([true, false])), "i32"), [0, 1]]
  ])("%s", (_, value, expected) => {
    expect(t.toArray(value)).toEqual(expected)
  })
})

describe("sums and products of integers lose no bit, however many there are", () => {
  const many = 2 ** 22 + 3
  const largest = { i32: 2 ** 31 - 1, u32: 2 ** 32 - 1 }
  test.each(["i32", "u32"] as const)("sum and cumSum of %s", dtype => {
    const x = t.full([many], largest[dtype], dtype)
    const expected = wrap[dtype](BigInt(many) * BigInt(largest[dtype]))
    expect(t.item(t.sum(x))).toBe(expected)
    expect(t.item(t.at(t.cumSum(x), -1))).toBe(expected)
    expect(t.item(t.at(t.cumSum(x, { reverse: true }), 0))).toBe(expected)
  })

  test.each(["i32", "u32"] as const)("prod, dot and scatterAdd of %s", dtype => {
    const values = edges[dtype].slice(1)
    const x = t.tensor([...values], { dtype })
    const big = values.map(BigInt)
    const total = wrap[dtype](big.reduce((sum, value) => sum + value))
    expect(t.item(t.prod(x))).toBe(wrap[dtype](big.reduce((product, value) => product * value)))
    expect(t.item(t.matmul(x, x))).toBe(wrap[dtype](big.reduce((sum, value) => sum + value * value, 0n)))
    expect(t.toArray(t.scatterAdd(t.zeros([1], dtype), t.zeros([values.length], "i32"), x))).toEqual([total])
    expect(t.item(t.sumPool(t.reshape(x, [1, -1, 1]), { window: values.length }))).toBe(total)
  })
})

describe("cast", () => {
  const strange = [NaN, Infinity, -Infinity, -0, 0.5, -0.5, 1.9, -1.9, 3e9, -3e9, 1e20, -1e20]
  test.each<[string, Tensor, DType, readonly number[]]>([
    [
      "f64 to i32",
      f64(strange),
      "i32",
      [0, 2 ** 31 - 1, -(2 ** 31), 0, 0, 0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31)]
    ],
    ["f64 to u32", f64(strange), "u32", [0, 2 ** 32 - 1, 0, 0, 0, 0, 1, 0, 3e9, 0, 2 ** 32 - 1, 0]],
    ["f64 to bool", f64(strange), "bool", [1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1]],
    ["f32 to i32", f32([2 ** 31, -(2 ** 31), 16777217]), "i32", [2 ** 31 - 1, -(2 ** 31), 16777216]],
    ["f64 to f32", f64([0.1, 1e300, -0, 1e-50]), "f32", [Math.fround(0.1), Infinity, -0, 0]],
    ["f32 to f64", f32([0.1]), "f64", [Math.fround(0.1)]],
    ["i32 to u32", i32([-1, 5]), "u32", [2 ** 32 - 1, 5]],
    ["u32 to i32", u32([2 ** 32 - 1, 2 ** 31]), "i32", [-1, -(2 ** 31)]],
    ["i32 to bool", i32([0, 2, -256]), "bool", [0, 1, 1]],
    ["i32 to f32", i32([16777217, -1]), "f32", [16777216, -1]],
    ["u32 to f64", u32([2 ** 32 - 1]), "f64", [2 ** 32 - 1]],
    ["bool to f32", bool([true, false]), "f32", [1, 0]],
    ["bool to i32", bool([true, false]), "i32", [1, 0]]
  ])("%s", (_, x, dtype, data) => {
    expect(observe(t.cast(x, dtype))).toEqual({ dtype, shape: x.shape, data })
  })

  test("to the same dtype is the tensor itself", () => {
    const x = f32([1])
    expect(t.cast(x, "f32")).toBe(x)
  })
})
