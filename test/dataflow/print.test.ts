import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { factor } from "../../src/dataflow/factor.js"
import { fold } from "../../src/dataflow/rules.js"
import { apply } from "../../src/dataflow/tensor.js"
import { bool, f32, f64, i32 } from "./values.js"

describe("a literal prints its values", () => {
  test.each<[Tensor, string]>([
    [t.tensor(2.5), "Tensor f32[] 2.5"],
    [
      f64([
        [1, 2],
        [3, 4]
      ]),
      "Tensor f64[2, 2] [[1, 2], [3, 4]]"
    ],
    [bool([true, false]), "Tensor bool[2] [true, false]"],
    [i32([]), "Tensor i32[0] []"],
    [i32([[], []]), "Tensor i32[2, 0] [[], []]"],
    [f32([0.1, 1 / 3]), "Tensor f32[2] [0.1, 0.3333333]"],
    [f64([0.1, 1 / 3]), "Tensor f64[2] [0.1, 0.3333333333333333]"],
    [f64([NaN, Infinity, -Infinity, 1e300]), "Tensor f64[4] [NaN, Infinity, -Infinity, 1e+300]"],
    [t.evaluate(t.arange(6)), "Tensor i32[6] [0, 1, 2, 3, 4, 5]"],
    [t.evaluate(t.arange(7)), "Tensor i32[7] [0, 1, 2, …, 5, 6]"],
    [t.evaluate(t.arange(1e6)), "Tensor i32[1000000] [0, 1, 2, …, 999998, 999999]"],
    [t.evaluate(t.reshape(t.arange(14), [2, 7])), "Tensor i32[2, 7] [[0, 1, 2, …, 5, 6], [7, 8, 9, …, 12, 13]]"]
  ])("%#", (value, text) => {
    expect(String(value)).toBe(text)
    expect(inspect(value)).toBe(text)
  })
})

const x = f64([1, 2, 3])
const block = (value: Tensor): readonly string[] => String(value).split("\n").slice(1)

describe("anything else prints its equations, arguments before results", () => {
  test("with a heading, and numbers where they stand", () => {
    expect(String(t.add(t.mul(x, 2), x)).split("\n")).toEqual([
      "Tensor f64[3] where",
      "  t0: f64[3] = [1, 2, 3]",
      "  t1: f64[3] = mul(t0, 2)",
      "  t2: f64[3] = add(t1, t0)"
    ])
  })

  const m = f64([
    [1, 2],
    [3, 4]
  ])
  const image = t.reshape(m, [1, 2, 2])
  test.each<[Tensor, string]>([
    [t.exp(x), "f64[3] = exp(t0)"],
    [t.maximum(x, 0), "f64[3] = maximum(t0, 0)"],
    [t.minimum(0, x), "f64[3] = minimum(0, t0)"],
    [t.lt(x, 1), "bool[3] = lt(t0, 1)"],
    [t.where(bool([true, false, true]), 1, 2), "f32[3] = select(t0, 1, 2)"],
    [t.cast(x, "i32"), "i32[3] = cast(t0, i32)"],
    [t.sum(m, { axes: 1 }), "f64[2] = sum(t0, axes: [1])"],
    [t.argMax(x), "i32[] = argMax(t0, axis: 0)"],
    [t.argSort(m, 0), "i32[2, 2] = argSort(t0, axis: 0)"],
    [t.cumSum(x, { reverse: true }), "f64[3] = cumSum(t0, axis: 0, reverse)"],
    [t.reshape(m, [4]), "f64[4] = reshape(t0, [4])"],
    [t.transpose(m), "f64[2, 2] = transpose(t0, [1, 0])"],
    [t.broadcastTo(x, [2, 3]), "f64[2, 3] = broadcast(t0, [2, 3])"],
    [t.slice(x, { start: [1] }), "f64[2] = slice(t0, 1:3:1)"],
    [t.pad(x, [[1, 2]]), "f64[6] = pad(t0, 0, 1_2_0)"],
    [t.concat([x, x]), "f64[6] = concat(t0, t0, axis: 0)"],
    [t.flip(x), "f64[3] = flip(t0, axes: [0])"],
    [t.iota([2], 0), "i32[2] = iota(axis: 0)"],
    [t.take(x, i32(1)), "f64[] = gather(t0, 1, axis: 0, batch: 0)"],
    [t.matmul(m, m), "f64[2, 2] = dot(t0, t0, contract: [1]·[0], batch: []·[])"],
    [
      t.maxPool(image, { window: 2 }),
      "f64[1, 1, 2] = maxPool(t1, axes: [1], sizes: [2], strides: [2], dilations: [1])"
    ],
    [
      t.grad((y: Tensor) => t.sum(t.maxPool(y, { window: 2 })))(image),
      "f64[1, 2, 2] = maxPoolPullback(t2, t5, axes: [1], sizes: [2], strides: [2], dilations: [1])"
    ],
    [
      apply(fold, { kind: "fold", axis: 0, lengths: [3], strides: [1], dilations: [1] }, [m]),
      "f64[3] = fold(t0, axis: 0, lengths: [3], strides: [1], dilations: [1])"
    ],
    [t.stopGradient(x), "f64[3] = stopGradient(t0)"],
    [factor("eigh", m, { operation: "eigh", onFailure: "throw" }), "f64[6] = eigh(t0)"],
    [factor("cholesky", m, { operation: "cholesky", onFailure: "nan" }), "f64[4] = cholesky(t0, onFailure: nan)"],
    [t.triangularSolve(m, m), "f64[2, 2] = triangularSolve(t0, t0, upper)"],
    [
      t.triangularSolve(m, m, { lower: true, transpose: true, unitDiagonal: true, onFailure: "nan" }),
      "f64[2, 2] = triangularSolve(t0, t0, lower, transposed, unit diagonal, onFailure: nan)"
    ]
  ])("%#", (value, equation) => {
    expect(
      block(value)
        .at(-1)
        ?.replace(/^ {2}t\d+: /, "")
    ).toBe(equation)
  })

  test("a loop by its length, a symbol by its name", () => {
    const [, ys] = t.scan((c: Tensor, v: Tensor) => [t.add(c, v), c], f64(0), x, { reverse: true })
    expect(block(ys).slice(-2)).toEqual([
      expect.stringContaining("scan(0, t0, 3 steps, reverse)"),
      expect.stringContaining("part(t1, 1)")
    ])
    const seen: string[] = []
    t.compile((symbol: Tensor) => {
      seen.push(String(t.neg(symbol)))
      return symbol
    })(x)
    expect(seen).toEqual(["Tensor f64[3] where\n  t0: f64[3] = input(argument0)\n  t1: f64[3] = neg(t0)"])
  })

  test("of a long chain only the equations nearest to the result", () => {
    let chain: Tensor = x
    for (let i = 0; i < 1e5; i++) chain = t.neg(chain)
    const lines = block(chain)
    expect(lines.length).toBe(40)
    expect(lines[0]).toBe("  t0: f64[3] = neg(…f64[3])")
    expect(lines[39]).toBe("  t39: f64[3] = neg(t38)")
  })

  test("and evaluates nothing", () => {
    const failing = t.take(x, t.add(i32([7]), 7))
    expect(String(failing)).toContain("gather")
    expect(() => t.toArray(failing)).toThrow("take")
  })
})
