import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Axes, ReduceOptions, Tensor } from "thalweg"
import { bool, f32, f64, i32, observe, pattern, relativeError } from "./values.js"

const shape = [2, 3, 4] as const
const x = t.add(t.div(pattern(shape), 7), 3)
const values = Array.from(t.toTyped(x))

/** The groups of elements that are reduced into one, in the order of the result. */
const groups = (axes: readonly number[]): readonly (readonly number[])[] => {
  const found = new Map<string, number[]>()
  values.forEach((value, i) => {
    const place = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4]
    const key = place.filter((_, axis) => !axes.includes(axis)).join()
    found.set(key, [...(found.get(key) ?? []), value])
  })
  return [...found.values()]
}

const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
const average = (list: readonly number[]): number => total(list) / list.length
const squares = (list: readonly number[], from: number): number => total(list.map(v => (v - from) ** 2))

type Reduction = (x: Tensor, options?: ReduceOptions) => Tensor

const reductions: readonly (readonly [string, Reduction, (list: readonly number[]) => number])[] = [
  ["sum", t.sum, total],
  ["prod", t.prod, list => list.reduce((a, b) => a * b, 1)],
  ["max", t.max, list => Math.max(...list)],
  ["min", t.min, list => Math.min(...list)],
  ["mean", t.mean, average],
  ["variance", t.variance, list => squares(list, average(list)) / list.length],
  ["standardDeviation", t.standardDeviation, list => Math.sqrt(squares(list, average(list)) / list.length)],
  ["norm", t.norm, list => Math.sqrt(squares(list, 0))],
  ["logSumExp", t.logSumExp, list => Math.log(total(list.map(Math.exp)))]
]

const choices: readonly (readonly [given: Axes | undefined, axes: readonly number[]])[] = [
  [undefined, [0, 1, 2]],
  [
    [0, 1, 2],
    [0, 1, 2]
  ],
  [[], []],
  [0, [0]],
  [1, [1]],
  [-1, [2]],
  [
    [2, 0],
    [0, 2]
  ],
  [
    [-2, -1],
    [1, 2]
  ]
]

describe("a reduction over axes reduces each group of elements by itself", () => {
  const rows = reductions.flatMap(([name, f, reference]) =>
    choices.map(([given, axes]) => [name, given, axes, f, reference] as const)
  )
  test.each(rows)("%s over %j", (_, given, axes, f, reference) => {
    const options = given === undefined ? {} : { axes: given }
    const expected = groups(axes).map(reference)
    const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    expect(f(x, options).shape).toEqual(shape.filter((__, axis) => !axes.includes(axis)))
    expect(f(x, { ...options, keepDims: true }).shape).toEqual(kept)
    for (const keepDims of [false, true])
      expect(relativeError(t.toTyped(f(x, { ...options, keepDims })), expected)).toBeLessThan(1e-13)
  })
})

describe("sums have one order", () => {
  const column = [1e16, 1, -1e16, 1, 0.5]
  test("along the last axis that of four lanes, of which the first takes what is left over", () => {
    expect(t.item(t.sum(f64(column)))).toBe(1e16 + 0.5 + -1e16 + (1 + 1))
    expect(t.item(t.sum(t.reshape(f64(column), [5, 1])))).toBe(2)
  })
  test("along others one element after the other", () => {
    const columns = f64(column.map(value => [value, value]))
    expect(t.toArray(t.sum(columns, { axes: 0 }))).toEqual([1.5, 1.5])
  })
})

describe("sums are accumulated in f64 and rounded once", () => {
  test.each<[string, Tensor, unknown]>([
    ["sum", t.sum(f32([1e8, 1, -1e8])), 1],
    ["sum of tenths", t.sum(t.full([1e6], 0.1)), Math.fround(1e6 * Math.fround(0.1))],
    ["mean", t.mean(f32([3e38, 3e38])), Math.fround(3e38)],
    ["mean in f64", t.mean(f64([1e308, 1e308])), 1e308],
    ["norm", t.norm(f32([3e20, 4e20])), Math.fround(5e20)],
    ["norm of what is small", t.norm(f64([1e-300])), 1e-300],
    ["norm over no axes", t.norm(f32([-3]), { axes: [] }), [3]],
    ["standardDeviation", t.standardDeviation(f32([2e20, -2e20])), Math.fround(2e20)],
    ["prod", t.prod(f32([1e30, 1e30, 1e-30, 1e-30])), 1],
    ["cumSum", t.cumSum(f32([1e8, 1, -1e8])), [1e8, 1e8, 1]],
    ["cumSum from the end", t.cumSum(f32([-1e8, 1, 1e8]), { reverse: true }), [1, 1e8, 1e8]],
    ["scatterAdd", t.scatterAdd(f32([1e8]), i32([0, 0]), f32([1, -1e8])), [1]],
    ["sumPool", t.sumPool(t.reshape(f32([1e8, 1, -1e8]), [1, 3, 1]), { window: 3 }), [[[1]]]]
  ])("%s", (_, value, expected) => {
    expect(t.toArray(value)).toEqual(expected)
  })
})

describe("values at the edges", () => {
  const none = -Infinity
  test.each<[string, Tensor, unknown]>([
    ["max of NaN", t.max(f64([1, NaN, 3])), NaN],
    ["min of NaN", t.min(f64([NaN, 1])), NaN],
    ["max of the lowest", t.max(f64([none, none])), none],
    ["min of the highest", t.min(f64([Infinity, Infinity])), Infinity],
    ["max of negative integers", t.max(i32([-5, -(2 ** 31)])), -5],
    ["max of booleans", t.max(bool([false, true])), true],
    [
      "all",
      t.all(
        bool([
          [true, true],
          [true, false]
        ]),
        { axes: 1 }
      ),
      [true, false]
    ],
    [
      "any",
      t.any(
        bool([
          [false, false],
          [true, false]
        ]),
        { axes: 1 }
      ),
      [false, true]
    ],
    ["argMax of equals is the first", t.argMax(f64([1, 3, 3])), 1],
    ["argMin of equals is the first", t.argMin(f64([2, 1, 1])), 1],
    ["argMax of NaN is the first NaN", t.argMax(f64([1, NaN, Infinity, NaN])), 1],
    ["argMin of NaN is the first NaN", t.argMin(f64([none, NaN])), 1],
    ["argMax of zeros", t.argMax(f64([-0, 0])), 0],
    ["argMax of the lowest", t.argMax(f64([none, none])), 0],
    [
      "argMax along the first axis",
      t.argMax(
        f64([
          [1, 5],
          [4, 2]
        ]),
        0
      ),
      [1, 0]
    ],
    [
      "argMin along the last axis",
      t.argMin(
        f64([
          [1, 5],
          [4, 2]
        ])
      ),
      [0, 1]
    ],
    ["argSort is stable", t.argSort(f64([3, 1, 3, 1, -0, 0])), [4, 5, 1, 3, 0, 2]],
    ["argSort puts NaN last", t.argSort(f64([NaN, 2, NaN, none, Infinity])), [3, 1, 4, 0, 2]],
    [
      "argSort along the first axis",
      t.argSort(
        f64([
          [3, 1],
          [2, 4]
        ]),
        0
      ),
      [
        [1, 0],
        [0, 1]
      ]
    ],
    ["sort puts NaN last", t.sort(f64([NaN, 2, NaN, none, Infinity])), [none, 2, Infinity, NaN, NaN]],
    ["sort keeps infinities", t.sort(f64([Infinity, none, Infinity, none])), [none, none, Infinity, Infinity]],
    [
      "sort along the first axis",
      t.sort(
        i32([
          [3, 1],
          [2, 4]
        ]),
        0
      ),
      [
        [2, 1],
        [3, 4]
      ]
    ],
    ["sort of booleans", t.sort(bool([true, false, true])), [false, true, true]],
    [
      "cumSum along the first axis",
      t.cumSum(
        i32([
          [1, 2],
          [3, 4]
        ]),
        { axis: 0 }
      ),
      [
        [1, 2],
        [4, 6]
      ]
    ],
    ["cumSum with NaN", t.cumSum(f64([1, NaN, 2])), [1, NaN, NaN]],
    ["logSumExp of nothing likely", t.logSumExp(f64([none, none])), none],
    ["logSumExp with something likely", t.logSumExp(f64([none, 3])), 3],
    ["logSumExp of infinity", t.logSumExp(f64([Infinity, 1])), Infinity],
    ["logSumExp of large numbers", t.logSumExp(f64([1000, 1000])), 1000 + Math.LN2],
    ["logSumExp of small numbers", t.logSumExp(f64([-1000, -1000])), -1000 + Math.LN2],
    ["logSumExp of large numbers in f32", t.logSumExp(f32([1e4, 1e4])), Math.fround(1e4 + Math.LN2)],
    ["logSumExp of NaN", t.logSumExp(f64([NaN, 1])), NaN],
    ["softmax of large numbers", t.softmax(f64([1e4, 1e4, -1e4])), [0.5, 0.5, 0]],
    ["softmax with what cannot be", t.softmax(f64([none, 0, none])), [0, 1, 0]],
    [
      "softmax along the first axis",
      t.softmax(
        f64([
          [0, 1],
          [0, 1]
        ]),
        0
      ),
      [
        [0.5, 0.5],
        [0.5, 0.5]
      ]
    ],
    ["logSoftmax of large numbers", t.logSoftmax(f64([1e4, 0])), [0, -1e4]],
    ["logSoftmax with what cannot be", t.logSoftmax(f64([none, 0])), [none, 0]],
    ["variance of a sample", t.variance(f64([1, 2, 3, 4]), { correction: 1 }), 5 / 3],
    ["variance with a fraction", t.variance(f64([1, 2, 3, 4]), { correction: 1.5 }), 2],
    ["variance of one, as a sample", t.variance(f64([7]), { correction: 1 }), NaN],
    ["variance far from zero", t.variance(f64([1e9, 1e9 + 1, 1e9 + 2])), 2 / 3],
    [
      "variance of rows, kept",
      t.variance(
        f64([
          [1, 3],
          [5, 5]
        ]),
        { axes: 1, keepDims: true }
      ),
      [[1], [0]]
    ],
    ["standardDeviation of a sample", t.standardDeviation(f64([1, 2, 3]), { correction: 1 }), 1],
    ["mean in f32", t.mean(f32([1, 2])), 1.5]
  ])("%s", (_, value, expected) => {
    expect(t.toArray(value)).toEqual(expected)
  })

  test("the dtype of a result is that of its argument, of an index i32", () => {
    const of = (value: Tensor): string => observe(value).dtype
    expect([t.sum(i32([1])), t.mean(f32([1])), t.max(bool([true])), t.cumSum(f64([1]))].map(of)).toEqual([
      "i32",
      "f32",
      "bool",
      "f64"
    ])
    expect([t.argMax(f64([1])), t.argMin(bool([true])), t.argSort(f32([1]))].map(of)).toEqual(["i32", "i32", "i32"])
  })
})
