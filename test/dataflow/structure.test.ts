import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { bool, f64, i32, observe, u32 } from "./values.js"

const x = t.reshape(t.arange(24), [2, 3, 4])
const m = t.reshape(t.arange(6), [2, 3])
const v = t.arange(5)

/** The element of `x` at a place. */
const at = (i: number, j: number, k: number): number => 12 * i + 4 * j + k

const count = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

type Row = readonly [name: string, value: Tensor, shape: readonly number[], data: readonly number[]]

const shapes: readonly Row[] = [
  ["reshape keeps the order", t.reshape(x, [4, 6]), [4, 6], count(24)],
  ["reshape finds the size", t.reshape(x, [3, -1, 2]), [3, 4, 2], count(24)],
  ["reshape to a scalar", t.reshape(i32([7]), []), [], [7]],
  ["flatten", t.flatten(m), [6], count(6)],
  ["expandDims in front", t.expandDims(v, 0), [1, 5], count(5)],
  ["expandDims at the end", t.expandDims(v, -1), [5, 1], count(5)],
  ["expandDims of a scalar", t.expandDims(i32(7), 0), [1], [7]],
  ["squeeze", t.squeeze(t.reshape(v, [1, 5, 1])), [5], count(5)],
  ["squeeze one axis", t.squeeze(t.reshape(v, [1, 5, 1]), -1), [1, 5], count(5)],
  ["transpose", t.transpose(m), [3, 2], [0, 3, 1, 4, 2, 5]],
  [
    "transpose by a permutation",
    t.transpose(x, [2, 0, 1]),
    [4, 2, 3],
    count(4).flatMap(k => count(2).flatMap(i => count(3).map(j => at(i, j, k))))
  ],
  ["transpose with negative axes", t.transpose(m, [-1, 0]), [3, 2], [0, 3, 1, 4, 2, 5]],
  ["transpose twice", t.transpose(t.transpose(x, [1, 2, 0]), [2, 0, 1]), [2, 3, 4], count(24)],
  ["swapAxes", t.swapAxes(m, 0, -1), [3, 2], [0, 3, 1, 4, 2, 5]],
  [
    "moveAxis to the end",
    t.moveAxis(x, 0, -1),
    [3, 4, 2],
    count(3).flatMap(j => count(4).flatMap(k => [at(0, j, k), at(1, j, k)]))
  ],
  ["moveAxis to the front", t.moveAxis(m, 1, 0), [3, 2], [0, 3, 1, 4, 2, 5]],
  ["broadcastTo", t.broadcastTo(i32([[1], [2]]), [2, 2, 3]), [2, 2, 3], [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]],
  ["flip all axes", t.flip(m), [2, 3], [5, 4, 3, 2, 1, 0]],
  ["flip one axis", t.flip(m, -1), [2, 3], [2, 1, 0, 5, 4, 3]],
  ["flip no axis", t.flip(m, []), [2, 3], count(6)]
]

const parts: readonly Row[] = [
  ["slice", t.slice(m, { start: [0, 1], stop: [1, 3] }), [1, 2], [1, 2]],
  ["slice from the end", t.slice(v, { start: [-3], stop: [-1] }), [2], [2, 3]],
  ["slice of leading axes only", t.slice(x, { start: [1], stop: [2] }), [1, 3, 4], count(12).map(i => i + 12)],
  ["slice by steps", t.slice(v, { step: [2] }), [3], [0, 2, 4]],
  ["slice by steps that do not reach the end", t.slice(v, { start: [1], step: [3] }), [2], [1, 4]],
  ["slice by a step beyond the end", t.slice(v, { step: [9] }), [1], [0]],
  ["slice by steps along two axes", t.slice(x, { start: [0, 1, 1], step: [1, 2, 2] }), [2, 1, 2], [5, 7, 17, 19]],
  ["sliceAxis", t.sliceAxis(x, 1, 1, -1), [2, 1, 4], [4, 5, 6, 7, 16, 17, 18, 19]],
  ["at", t.at(m, 1), [3], [3, 4, 5]],
  ["at from the end", t.at(m, -1, -1), [2], [2, 5]],
  ["at an index that is a tensor", t.at(m, i32(1)), [3], [3, 4, 5]],
  ["split", t.split(m, [1, 2], 1)[1] as Tensor, [2, 2], [1, 2, 4, 5]],
  ["take", t.take(m, [2, 0, 2], 1), [2, 3], [2, 0, 2, 5, 3, 5]],
  ["take by unsigned indices", t.take(v, u32([4, 0])), [2], [4, 0]],
  [
    "take by a matrix",
    t.take(
      v,
      i32([
        [1, 2],
        [3, 4]
      ])
    ),
    [2, 2],
    [1, 2, 3, 4]
  ],
  ["take by a scalar", t.take(m, i32(1), -1), [2], [1, 4]],
  [
    "takeAlongAxis",
    t.takeAlongAxis(
      m,
      i32([
        [2, 2],
        [0, 1]
      ]),
      1
    ),
    [2, 2],
    [2, 2, 3, 4]
  ],
  ["takeAlongAxis along the first axis", t.takeAlongAxis(m, i32([[1, 0, 1]]), 0), [1, 3], [3, 1, 5]],
  [
    "takeAlongAxis in the middle",
    t.takeAlongAxis(x, t.full([2, 1, 4], 2, "i32"), 1),
    [2, 1, 4],
    [8, 9, 10, 11, 20, 21, 22, 23]
  ]
]

const joined: readonly Row[] = [
  ["concat", t.concat([m, m]), [4, 3], [...count(6), ...count(6)]],
  ["concat along the last axis", t.concat([m, i32([[7], [8]])], -1), [2, 4], [0, 1, 2, 7, 3, 4, 5, 8]],
  [
    "concat in the middle",
    t.concat([t.reshape(m, [2, 1, 3]), t.reshape(m, [2, 1, 3])], 1),
    [2, 2, 3],
    [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]
  ],
  ["concat of one", t.concat([m], 1), [2, 3], count(6)],
  ["stack", t.stack([v, v]), [2, 5], [...count(5), ...count(5)]],
  ["stack at the end", t.stack([v, t.neg(v)], -1), [5, 2], [0, 0, 1, -1, 2, -2, 3, -3, 4, -4]],
  ["stack of scalars", t.stack([i32(1), i32(2)]), [2], [1, 2]],
  ["pad", t.pad(v, [[1, 2]], { value: 9 }), [8], [9, 0, 1, 2, 3, 4, 9, 9]],
  [
    "pad a matrix",
    t.pad(m, [
      [1, 0],
      [0, 1]
    ]),
    [3, 4],
    [0, 0, 0, 0, 0, 1, 2, 0, 3, 4, 5, 0]
  ],
  ["pad crops", t.pad(v, [[-1, -2]]), [2], [1, 2]],
  ["pad crops on one side and pads on the other", t.pad(v, [[-4, 2]], { value: 9 }), [3], [4, 9, 9]],
  ["pad between", t.pad(i32([1, 2, 3]), [[0, 0]], { interior: [2] }), [7], [1, 0, 0, 2, 0, 0, 3]],
  ["pad between and crops into it", t.pad(i32([1, 2, 3]), [[-1, -2]], { interior: [1], value: 9 }), [2], [9, 2]],
  ["pad with a tensor", t.pad(v, [[1, 0]], { value: i32(7) }), [6], [7, 0, 1, 2, 3, 4]],
  ["pad booleans", t.pad(bool([true]), [[1, 1]], { value: false }), [3], [0, 1, 0]]
]

const made: readonly Row[] = [
  [
    "scatterAdd adds up repeats",
    t.scatterAdd(i32([10, 20, 30]), i32([2, 0, 2, 2]), i32([1, 2, 3, 4])),
    [3],
    [12, 20, 38]
  ],
  ["scatterAdd of rows", t.scatterAdd(m, i32([1, 1]), m), [2, 3], [0, 1, 2, 6, 9, 12]],
  ["scatterAdd of columns", t.scatterAdd(m, i32([0, 0, 2]), m, 1), [2, 3], [1, 1, 4, 10, 4, 10]],
  [
    "scatterAdd by a matrix",
    t.scatterAdd(
      i32([0, 0]),
      i32([
        [0, 1],
        [1, 1]
      ]),
      i32([
        [1, 2],
        [3, 4]
      ])
    ),
    [2],
    [1, 9]
  ],
  ["oneHot", t.oneHot(i32([2, 0]), 3), [2, 3], [0, 0, 1, 1, 0, 0]],
  ["oneHot of what is outside", t.oneHot(i32([-1, 3, 1]), 3), [3, 3], [0, 0, 0, 0, 0, 0, 0, 1, 0]],
  ["oneHot of a matrix", t.oneHot(u32([[0], [1]]), 2, "i32"), [2, 1, 2], [1, 0, 0, 1]],
  ["tril", t.tril(t.reshape(t.arange(9), [3, 3])), [3, 3], [0, 0, 0, 3, 4, 0, 6, 7, 8]],
  ["tril above", t.tril(m, 1), [2, 3], [0, 1, 0, 3, 4, 5]],
  ["tril far below", t.tril(m, -5), [2, 3], [0, 0, 0, 0, 0, 0]],
  ["triu", t.triu(t.reshape(t.arange(9), [3, 3])), [3, 3], [0, 1, 2, 0, 4, 5, 0, 0, 8]],
  ["triu below", t.triu(m, -1), [2, 3], count(6)],
  ["triu of a batch", t.triu(t.reshape(t.arange(8), [2, 2, 2]), 1), [2, 2, 2], [0, 1, 0, 0, 0, 5, 0, 0]],
  [
    "tril hides NaN",
    t.tril(
      f64([
        [1, NaN],
        [2, 3]
      ])
    ),
    [2, 2],
    [1, 0, 2, 3]
  ],
  ["eye", t.eye(2), [2, 2], [1, 0, 0, 1]],
  ["eye of another width", t.eye(2, 3, "i32"), [2, 3], [1, 0, 0, 0, 1, 0]]
]

describe.each([
  ["shapes", shapes],
  ["parts", parts],
  ["joined", joined],
  ["made", made]
] as const)("elements are moved: %s", (_, rows) => {
  test.each(rows)("%s", (__, value, shape, data) => {
    const { shape: got, data: values } = observe(value)
    expect([got, values]).toEqual([shape, data])
  })
})

test("what moves nothing is the tensor itself", () => {
  const same: readonly Tensor[] = [
    t.reshape(m, [2, 3]),
    t.transpose(m, [0, 1]),
    t.broadcastTo(m, [2, 3]),
    t.slice(m, {}),
    t.pad(m, [
      [0, 0],
      [0, 0]
    ]),
    t.concat([m], 0),
    t.flip(m, []),
    t.sum(m, { axes: [] })
  ]
  expect(same.filter(t => t === m).length).toBe(same.length)
})

test("each size of a split is read a few times, however many there are", () => {
  let reads = 0
  const sizes = new Proxy(new Array<number>(1000).fill(1), {
    get: (list, key) => {
      reads++
      return Reflect.get(list, key) as unknown
    }
  })
  t.split(t.zeros([1000]), sizes)
  expect(reads).toBeLessThan(10 * 1000)
})

test("the parts of a split, joined again, are the whole", () => {
  const whole = t.concat(t.split(x, [1, 0, 2], 1), 1)
  expect(observe(whole)).toEqual(observe(x))
})

test("indices that are computed are checked when the value is", () => {
  const late = t.add(i32([0]), 5)
  const [taken, picked] = [t.take(v, late), t.takeAlongAxis(v, late, 0)]
  const scattered = t.scatterAdd(v, t.sub(late, 6), i32([1]))
  expect(() => t.toArray(taken)).toThrow("take: expected indices from 0 to 4 along axis 0; got 5 at place 0")
  expect(() => t.toArray(picked)).toThrow("takeAlongAxis: expected indices from 0 to 4 along axis 0; got 5 at place 0")
  expect(() => t.toArray(scattered)).toThrow("scatterAdd: expected indices from 0 to 4 along axis 0; got -1 at place 0")
})
