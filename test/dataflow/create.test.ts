import { describe, expect, test } from "vitest"
import {
  add,
  arange,
  broadcastTo,
  concat,
  conv,
  flip,
  full,
  iota,
  linspace,
  maxPool,
  ones,
  onesLike,
  pad,
  reshape,
  scalar,
  slice,
  split,
  sum,
  take,
  tensor,
  toArray,
  toTyped,
  transpose,
  zeros,
  zerosLike,
  type Tensor
} from "thalweg"
import { f64, observe, pattern } from "./values.js"

describe("a tensor has the dtype, the shape and the values that it is made from", () => {
  test.each<[string, Tensor, string, readonly number[], readonly number[]]>([
    ["a number", tensor(3), "f32", [], [3]],
    ["a boolean", tensor(true), "bool", [], [1]],
    [
      "rows",
      tensor([
        [1, 2, 3],
        [4, 5, 6]
      ]),
      "f32",
      [2, 3],
      [1, 2, 3, 4, 5, 6]
    ],
    ["rows of booleans", tensor([[true], [false]]), "bool", [2, 1], [1, 0]],
    ["an empty list", tensor([]), "f32", [0], []],
    ["empty rows", tensor([[], []]), "f32", [2, 0], []],
    ["rows of no rows", tensor([[[]], [[]]], { dtype: "i32" }), "i32", [2, 1, 0], []],
    [
      "another shape than that of the nesting",
      tensor(
        [
          [1, 2],
          [3, 4]
        ],
        { shape: [4, 1] }
      ),
      "f32",
      [4, 1],
      [1, 2, 3, 4]
    ],
    ["one value as a scalar", tensor([7], { shape: [] }), "f32", [], [7]],
    ["booleans as numbers, asked for", tensor([true, false], { dtype: "i32" }), "i32", [2], [1, 0]],
    [
      "integers at the ends of i32",
      tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: "i32" }),
      "i32",
      [2],
      [-(2 ** 31), 2 ** 31 - 1]
    ],
    ["integers at the ends of u32", tensor([0, 2 ** 32 - 1], { dtype: "u32" }), "u32", [2], [0, 2 ** 32 - 1]],
    ["a number that f32 rounds", tensor(0.1), "f32", [], [Math.fround(0.1)]],
    ["a number that f32 cannot reach", tensor([1e300, -1e300, 1e-300]), "f32", [3], [Infinity, -Infinity, 0]],
    ["what is no number", tensor([NaN, Infinity, -0], { dtype: "f64" }), "f64", [3], [NaN, Infinity, -0]],
    ["a Float32Array", tensor(new Float32Array([1, 2])), "f32", [2], [1, 2]],
    ["a Float64Array", tensor(new Float64Array([0.1])), "f64", [1], [0.1]],
    ["an Int32Array", tensor(new Int32Array([-1])), "i32", [1], [-1]],
    ["a Uint32Array", tensor(new Uint32Array([2 ** 32 - 1])), "u32", [1], [2 ** 32 - 1]],
    ["a Uint8Array of booleans", tensor(new Uint8Array([0, 1])), "bool", [2], [0, 1]],
    ["bytes", tensor(new Uint8Array([0, 255]), { dtype: "f32", shape: [1, 2] }), "f32", [1, 2], [0, 255]],
    ["clamped bytes", tensor(new Uint8ClampedArray([300]), { dtype: "i32" }), "i32", [1], [255]],
    ["a part of a buffer", tensor(new Float32Array([1, 2, 3, 4]).subarray(1, 3)), "f32", [2], [2, 3]],
    ["scalar", scalar(2.5, "f64"), "f64", [], [2.5]],
    ["scalar of a boolean", scalar(true), "bool", [], [1]],
    ["full", full([2, 2], 7, "i32"), "i32", [2, 2], [7, 7, 7, 7]],
    ["full of a boolean", full([2], false), "bool", [2], [0, 0]],
    ["zeros", zeros([2, 0]), "f32", [2, 0], []],
    ["zeros of no shape", zeros([]), "f32", [], [0]],
    ["ones", ones([3], "u32"), "u32", [3], [1, 1, 1]],
    ["zerosLike", zerosLike(f64([[1, 2]])), "f64", [1, 2], [0, 0]],
    ["onesLike", onesLike(tensor([true, false])), "bool", [2], [1, 1]],
    ["iota along the rows", iota([2, 3], 0), "i32", [2, 3], [0, 0, 0, 1, 1, 1]],
    ["iota along the last axis", iota([2, 3], -1, "f64"), "f64", [2, 3], [0, 1, 2, 0, 1, 2]],
    ["arange", arange(4), "i32", [4], [0, 1, 2, 3]],
    ["arange from and by", arange(8, { start: 2, step: 3 }), "i32", [2], [2, 5]],
    ["arange downwards", arange(0, { start: 3, step: -1 }), "i32", [3], [3, 2, 1]],
    ["arange of nothing", arange(-1), "i32", [0], []],
    ["arange to a fraction", arange(2.5), "i32", [3], [0, 1, 2]],
    ["arange by a fraction", arange(1, { step: 0.25 }), "f32", [4], [0, 0.25, 0.5, 0.75]],
    ["arange by a step that is rounded", arange(1.3, { start: 1, step: 0.1, dtype: "f64" }), "f64", [3], [1, 1.1, 1.2]],
    [
      "arange down to a bound that is rounded",
      arange(-1.3, { start: -1, step: -0.1, dtype: "f64" }),
      "f64",
      [3],
      [-1, -1.1, -1.2]
    ],
    ["linspace", linspace(0, 1, 5), "f32", [5], [0, 0.25, 0.5, 0.75, 1]],
    ["linspace of one", linspace(2, 9, 1), "f32", [1], [2]],
    [
      "linspace ends at its stop",
      linspace(0, 0.7, 8, "f64"),
      "f64",
      [8],
      [0, 0.7 / 7, 1.4 / 7, (0.7 * 3) / 7, 2.8 / 7, 3.5 / 7, (0.7 * 6) / 7, 0.7]
    ]
  ])("%s", (_, t, dtype, shape, data) => {
    expect(observe(t)).toEqual({ dtype, shape, data })
  })
})

describe("no list that was passed in can change a tensor afterwards, even before it is evaluated", () => {
  const x = pattern([2, 3])
  const image = pattern([1, 5, 1])
  const kernel = pattern([2, 1, 1])
  test.each<[string, (list: number[]) => Tensor, number[]]>([
    ["values of tensor", list => tensor(list), [3, 4]],
    ["shape of tensor", list => tensor([1, 2, 3, 4], { shape: list }), [2, 2]],
    ["shape of zeros", list => zeros(list), [2, 2]],
    ["shape of iota", list => iota(list, 0), [2, 2]],
    ["shape of reshape", list => reshape(x, list), [3, 2]],
    ["shape of broadcastTo", list => broadcastTo(x, list), [2, 2, 3]],
    ["permutation of transpose", list => transpose(x, list), [1, 0]],
    ["start of slice", list => slice(x, { start: list }), [1, 0]],
    ["stop of slice", list => slice(x, { stop: list }), [1, 2]],
    ["step of slice", list => slice(x, { step: list }), [2, 2]],
    ["a pair of pad", list => pad(x, [list as unknown as [number, number], [0, 0]]), [1, 2]],
    [
      "interior of pad",
      list =>
        pad(
          x,
          x.shape.map(() => [0, 0] as const),
          { interior: list }
        ),
      [2, 0]
    ],
    ["axes of flip", list => flip(x, list), [1]],
    ["axes of sum", list => sum(x, { axes: list }), [1]],
    ["indices of take", list => take(x, list, 1), [2, 0, 2]],
    ["sizes of split", list => concat(split(x, list, 1).toReversed(), 1), [2, 1]],
    ["strides of conv", list => conv(image, kernel, { strides: list }), [2]],
    ["dilation of conv", list => conv(image, kernel, { dilation: list }), [3]],
    ["padding of conv", list => conv(image, kernel, { padding: [list as unknown as [number, number]] }), [2, 1]],
    ["window of maxPool", list => maxPool(image, { window: list, strides: 1 }), [3]]
  ])("%s", (_, make, list) => {
    const expected = observe(make([...list]))
    const made = make(list)
    list.fill(0)
    expect(observe(made)).toEqual(expected)
  })

  test("rows of a nested array, and a typed array", () => {
    const [rows, typed] = [[[1, 2]], new Float64Array([1, 2])]
    const made = [tensor(rows), tensor(typed)]
    rows[0]?.fill(9)
    typed.fill(9)
    expect(made.map(toArray)).toEqual([[[1, 2]], [1, 2]])
  })

  test("the list of tensors of concat", () => {
    const list = [f64([1]), f64([2])]
    const joined = concat(list)
    list.pop()
    expect(toArray(joined)).toEqual([1, 2])
  })
})

describe("no value that was read out can change a tensor", () => {
  const literal = f64([1, 2])
  test.each<[string, Tensor]>([
    ["a literal", literal],
    ["an expression", add(literal, 1)],
    ["an alias of a literal", reshape(literal, [2, 1])]
  ])("%s", (_, t) => {
    const expected = observe(t)
    toTyped(t).fill(9)
    ;(toArray(t) as unknown[]).fill(9)
    expect(observe(t)).toEqual(expected)
    expect(toArray(literal)).toEqual([1, 2])
  })

  test("each reading is another array", () => {
    expect(toTyped(literal)).not.toBe(toTyped(literal))
    expect(toTyped(literal).buffer).not.toBe(toTyped(literal).buffer)
  })
})
