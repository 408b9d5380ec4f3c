import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { DType, Tensor } from "thalweg"
import { bool, i32 } from "./values.js"

const dtypes: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"]
const floats: readonly DType[] = ["f32", "f64"]
const integers: readonly DType[] = ["i32", "u32"]
const numbers: readonly DType[] = [...floats, ...integers]
const signed: readonly DType[] = [...floats, "i32"]
const bits: readonly DType[] = [...integers, "bool"]

type Unary = (x: Tensor) => Tensor
type Binary = (a: t.Operand, b: t.Operand) => Tensor
type Domain = readonly [name: string, f: Unary, takes: readonly DType[]]

const { add, sub, mul, div, rem, pow, maximum, minimum, eq, ne, lt, le, gt, ge, atan2 } = t
const { and, or, xor, shiftLeft, shiftRight } = t
const arithmetic: Readonly<Record<string, Binary>> = { add, sub, mul, div, rem, pow, maximum, minimum }
const comparisons: Readonly<Record<string, Binary>> = { eq, ne, lt, le, gt, ge }
const logic: Readonly<Record<string, Binary>> = { and, or, xor }
const shifts: Readonly<Record<string, Binary>> = { shiftLeft, shiftRight }
const pairs = Object.entries({ ...arithmetic, ...comparisons, ...logic, ...shifts, atan2 })

const { floor, ceil, round, sqrt, exp, expm1, log, log1p, sin, cos, tan, atan, tanh, sigmoid, erf, erfInv } = t
const { reciprocal, rsqrt, mean, variance, standardDeviation, norm, softmax, logSoftmax, logSumExp } = t
const elementwise = {
  floor,
  ceil,
  round,
  sqrt,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan,
  atan,
  tanh,
  sigmoid,
  erf,
  erfInv
}
const composed = { rsqrt, mean, variance, standardDeviation, norm, softmax, logSoftmax, logSumExp }
const { neg, abs, sign, square, sum, prod, cumSum, not, all, any, max, min, argMax, argMin, argSort, sort } = t

const domain = (takes: readonly DType[], functions: Readonly<Record<string, Unary>>): readonly Domain[] =>
  Object.entries(functions).map(([name, f]) => [name, f, takes])

const twice = (functions: Readonly<Record<string, Binary>>): Readonly<Record<string, Unary>> =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, x => f(x, x)]))

const image = (x: Tensor): Tensor => t.reshape(x, [1, 2, 1])

/** Which dtypes each operation takes. */
const domains: readonly Domain[] = [
  ...domain(floats, { ...elementwise, ...composed, ...twice({ atan2 }) }),
  ...domain(numbers, { ...twice(arithmetic), square, reciprocal, sum, prod, cumSum }),
  ...domain(signed, { neg, abs, sign }),
  ...domain(bits, { ...twice(logic), not }),
  ...domain(integers, twice(shifts)),
  ...domain(dtypes, { ...twice(comparisons), max, min, argMax, argMin, argSort, sort }),
  ...domain(["bool"], { all, any, "condition of where": x => t.where(x, 1, 2) }),
  ...domain(dtypes, {
    where: x => t.where(bool([true, false]), x, x),
    take: x => t.take(x, [1, 0]),
    pad: x => t.pad(x, [[1, 1]]),
    flip: t.flip,
    concat: x => t.concat([x, x]),
    tril: x => t.tril(t.reshape(x, [1, 2])),
    isNaN: t.isNaN,
    isFinite: t.isFinite
  }),
  ...domain(integers, {
    oneHot: x => t.oneHot(x, 2),
    "indices of take": x => t.take(t.zeros([2]), x),
    "indices of takeAlongAxis": x => t.takeAlongAxis(t.zeros([2]), x, 0),
    "indices of scatterAdd": x => t.scatterAdd(t.zeros([2]), x, t.zeros([2]))
  }),
  ...domain(numbers, {
    iota: x => t.iota([2], 0, x.dtype),
    matmul: x => t.matmul(x, x),
    einsum: x => t.einsum("i,i->", x, x),
    scatterAdd: x => t.scatterAdd(x, i32([0, 1]), x),
    maxPool: x => t.maxPool(image(x), { window: 2 }),
    sumPool: x => t.sumPool(image(x), { window: 2 })
  }),
  ...domain(floats, {
    conv: x => t.conv(image(x), t.reshape(x, [2, 1, 1])),
    averagePool: x => t.averagePool(image(x), { window: 2 })
  })
]

describe("an operation takes its dtypes and refuses all others at the call", () => {
  const rows = domains.flatMap(([name, f, takes]) => dtypes.map(dtype => [name, dtype, f, takes] as const))
  test.each(rows)("%s of %s", (_, dtype, f, takes) => {
    const x = t.ones([2], dtype)
    if (takes.includes(dtype)) expect(t.toTyped(f(x)).length).toBeGreaterThan(0)
    else expect(() => f(x)).toThrow(expect.objectContaining({ name: "DTypeError" }))
  })
})

describe("dtypes never mix by themselves", () => {
  const mixes = dtypes.flatMap(a => dtypes.filter(b => b !== a).map(b => [a, b] as const))
  const { matmul, outer } = t
  const others: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
    matmul,
    outer,
    where: (a, b) => t.where(bool([true, false]), a, b),
    concat: (a, b) => t.concat([a, b]),
    stack: (a, b) => t.stack([a, b]),
    pad: (a, b) => t.pad(a, [[1, 1]], { value: t.at(b, 0) }),
    einsum: (a, b) => t.einsum("i,i->", a, b),
    scatterAdd: (a, b) => t.scatterAdd(a, i32([0, 1]), b),
    clamp: (a, b) => t.clamp(a, b, b)
  }
  test.each([...pairs, ...Object.entries(others)])("%s", (_, f) => {
    for (const [a, b] of mixes)
      expect(() => f(t.ones([2], a), t.ones([2], b))).toThrow(expect.objectContaining({ name: "DTypeError" }))
  })
})

describe("a number beside a tensor takes its dtype", () => {
  const rows = pairs.flatMap(([name, f]) => {
    const takes = domains.find(([other]) => other === name)?.[2] ?? []
    return takes.filter(dtype => dtype !== "bool").map(dtype => [name, dtype, f] as const)
  })
  test.each(rows)("%s of %s", (name, dtype, f) => {
    const x = t.full([2], 3, dtype)
    const expected = name in comparisons ? "bool" : dtype
    expect([f(x, 2).dtype, f(2, x).dtype]).toEqual([expected, expected])
    expect(t.toArray(f(x, 2))).toEqual(t.toArray(f(x, t.full([2], 2, dtype))))
    expect(t.toArray(f(2, x))).toEqual(t.toArray(f(t.full([2], 2, dtype), x)))
  })

  test.each<[string, Tensor, DType]>([
    ["two numbers are f32", add(1, 2), "f32"],
    ["two branches of numbers are f32", t.where(bool([true]), 1, 2), "f32"],
    ["a branch takes the dtype of the other", t.where(bool([true]), 1, i32([2])), "i32"],
    ["bounds take the dtype of what they bound", t.clamp(i32([5]), 0, 3), "i32"],
    ["padding takes the dtype of what it pads", t.pad(i32([5]), [[1, 0]], { value: 7 }), "i32"],
    ["a number in f64 keeps its digits", add(t.zeros([1], "f64"), 0.1), "f64"]
  ])("%s", (_, value, dtype) => {
    expect(value.dtype).toBe(dtype)
  })

  test("and its precision", () => {
    expect(t.item(add(t.zeros([], "f64"), 0.1))).toBe(0.1)
    expect(t.item(add(t.zeros([], "f32"), 0.1))).toBe(Math.fround(0.1))
  })
})
