import { describe, expect, test } from "vitest"
import { add, div, item, lt, mul, scalar, scan, sin, sum, tensor, whileLoop, grad, zeros, type Tensor } from "thalweg"
import { toStableHlo } from "thalweg/xla"
import { thrownBy } from "../support.js"
import { lines } from "./lines.js"
import { samples } from "./samples.js"

/** What stands between the signature and the results. */
const inside = (text: string): readonly string[] => text.split("\n").slice(2, -4)

describe("every primitive is written as StableHLO", () => {
  test.each(Object.entries(samples))("%s", (kind, [f, at]) => {
    const expected = lines[kind as keyof typeof lines]
    const gap = expected.indexOf("…")
    const written = inside(toStableHlo(f, at).text)
    const ends = gap < 0 ? written : [...written.slice(0, gap), "…", ...written.slice(gap + 1 - expected.length)]
    expect(ends).toEqual(expected)
  })
})

test("a module has one public function, whose arguments and results are listed by their paths", () => {
  const step = (params: { readonly w: Tensor; readonly b: Tensor }, x: Tensor) => ({
    loss: sum(add(mul(params.w, x), params.b)),
    seen: [x, params.b] as const
  })
  const { text, inputs, outputs } = toStableHlo(step, [{ w: zeros([2]), b: zeros([]) }, zeros([3, 2])])
  expect(inputs).toEqual([
    { path: "0/b", dtype: "f32", shape: [] },
    { path: "0/w", dtype: "f32", shape: [2] },
    { path: "1", dtype: "f32", shape: [3, 2] }
  ])
  expect(outputs).toEqual([
    { path: "loss", dtype: "f32", shape: [] },
    { path: "seen/0", dtype: "f32", shape: [3, 2] },
    { path: "seen/1", dtype: "f32", shape: [] }
  ])
  expect(text.split("\n").slice(0, 2)).toEqual([
    "module @thalweg {",
    "func.func public @main(%arg0: tensor<f32>, %arg1: tensor<2xf32>, %arg2: tensor<3x2xf32>) -> (tensor<f32>, tensor<3x2xf32>, tensor<f32>) {"
  ])
  expect(text.split("\n").slice(-4)).toEqual([
    "return %5, %arg2, %arg0 : tensor<f32>, tensor<3x2xf32>, tensor<f32>",
    "}",
    "}",
    ""
  ])
})

test("a function of nothing, and one that gives nothing", () => {
  expect(toStableHlo(() => [], []).text.split("\n")[2]).toBe("return")
  expect(toStableHlo(() => [], []).outputs).toEqual([])
  expect(toStableHlo(() => scalar(1), [])).toMatchObject({ inputs: [], outputs: [{ path: "" }] })
})

test.each([
  ["one number", zeros([2, 2]), "dense<0x00000000> : tensor<2x2xf32>"],
  ["what is not finite", tensor([NaN, Infinity]), 'dense<"0x0000C07F0000807F"> : tensor<2xf32>'],
  ["a negative zero", scalar(-0, "f64"), "dense<0x8000000000000000> : tensor<f64>"],
  ["zeros of both signs", tensor([0, -0]), 'dense<"0x0000000000000080"> : tensor<2xf32>'],
  ["integers", tensor([-1, 2], { dtype: "i32" }), 'dense<"0xFFFFFFFF02000000"> : tensor<2xi32>'],
  ["an integer", scalar(-5, "i32"), "dense<-5> : tensor<i32>"],
  ["words", tensor([7, 4294967295], { dtype: "u32" }), 'dense<"0x07000000FFFFFFFF"> : tensor<2xui32>'],
  ["booleans", tensor([[true, false], [false, false]]), "dense<[[true, false], [false, false]]> : tensor<2x2xi1>"], // prettier-ignore
  ["nothing", zeros([0, 3]), "dense<> : tensor<0x3xf32>"]
])("constants are written by their bits: %s", (_, constant, expected) => {
  expect(inside(toStableHlo(() => constant, []).text)).toEqual([`%0 = stablehlo.constant ${expected}`])
})

test("divisors are behind a barrier", () => {
  expect(inside(toStableHlo((x: Tensor, y: Tensor) => div(x, y), [zeros([2]), zeros([])]).text)).toEqual([
    "%0 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f32>) -> tensor<2xf32>",
    "%1 = stablehlo.optimization_barrier %0 : tensor<2xf32>",
    "%2 = stablehlo.divide %arg0, %1 : tensor<2xf32>"
  ])
})

const chain = (n: number) => (x: Tensor) => Array.from({ length: n }).reduce<Tensor>(y => sin(mul(y, y)), x)
const written = (n: number): string => toStableHlo(chain(n), [zeros([2])]).text

test("the text is the same each time, and linear in the program", () => {
  expect(written(100)).toBe(written(100))
  const lengths = [1000, 2000, 3000].map(n => written(n).split("\n").length) as [number, number, number]
  expect(lengths[1] - lengths[0]).toBe(2000)
  expect(lengths[2] - lengths[1]).toBe(2000)
})

test("a body is written once for each loop, and a loop in a loop once for each", () => {
  const nested = (depth: number, x: Tensor): Tensor =>
    depth === 0 ? sin(x) : scan((c: Tensor) => [nested(depth - 1, c), []] as const, x, [], { length: 2 })[0]
  const loops = (depth: number): number => toStableHlo((x: Tensor) => nested(depth, x), [zeros([])]).text.length
  expect(loops(8) - loops(4)).toBeLessThan(1.2 * (loops(12) - loops(8)))
  expect(loops(12)).toBeLessThan(4 * loops(4))
})

const doubled = (x: Tensor): Tensor =>
  whileLoop(
    (c: Tensor) => lt(c, 100),
    (c: Tensor) => mul(c, 2),
    x
  )

test.each<readonly [string, () => unknown, string]>([
  ["no function", () => toStableHlo(3 as never, []), "toStableHlo: expected a function; got 3"],
  ["no list", () => toStableHlo(sin, zeros([2]) as never), "toStableHlo: expected a list of the arguments; got"],
  [
    "an argument that is no tree",
    () => toStableHlo((x: { readonly w: Tensor }) => x.w, [{ w: 3 as never }]),
    'arguments at "0/w": expected a tensor, an array or a plain record; got 3'
  ],
  [
    "a result that is no tree",
    () => toStableHlo((x: Tensor) => ({ y: [x, "z" as never] }), [zeros([2])]),
    'tree at "y/1": expected a tensor, an array or a plain record; got "z"'
  ],
  [
    "a value that is read",
    () => toStableHlo((x: Tensor) => (item(x) > 0 ? x : sin(x)), [zeros([])]),
    'item: expected a value, which what is traced has not yet (choose by where, read after the call); got the symbol "argument0"'
  ],
  ["a derivative that cannot be run", () => toStableHlo(grad(doubled), [zeros([])]), "whileLoop: expected max"]
])("a mistake is told by name: %s", (_, call, message) => {
  expect(String(thrownBy(call))).toContain(message)
})
