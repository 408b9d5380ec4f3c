import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { bool, f64, i32, observe } from "./values.js"

const none = (shape: readonly number[], dtype: t.DType = "f64"): Tensor => t.zeros(shape, dtype)
const zeros = (n: number): readonly number[] => new Array<number>(n).fill(0)

/** One row for every kind of primitive and more: what it gives for a tensor without elements. */
const rows: readonly [string, make: () => Tensor, shape: readonly number[], data?: readonly number[]][] = [
  ["literal", () => f64([[], []]), [2, 0]],
  ["iota", () => t.iota([0, 3], 1), [0, 3]],
  ["unary", () => t.exp(none([0, 3])), [0, 3]],
  ["not", () => t.not(none([0], "bool")), [0]],
  ["binary", () => t.add(none([0, 3]), none([3])), [0, 3]],
  ["binary with a number", () => t.pow(2, none([2, 0])), [2, 0]],
  ["compare", () => t.lt(none([0]), 1), [0]],
  ["where", () => t.where(none([0, 1], "bool"), none([1, 2]), 1), [0, 2]],
  ["cast", () => t.cast(none([3, 0]), "i32"), [3, 0]],
  ["sum over none", () => t.sum(none([0, 3]), { axes: 0 }), [3], zeros(3)],
  ["sum of all", () => t.sum(none([0, 3])), [], [0]],
  ["sum over others", () => t.sum(none([0, 3]), { axes: 1 }), [0]],
  ["sum kept", () => t.sum(none([0, 3]), { axes: 0, keepDims: true }), [1, 3], zeros(3)],
  ["prod", () => t.prod(none([0, 2]), { axes: 0 }), [2], [1, 1]],
  ["max of no groups", () => t.max(none([0, 3]), { axes: 1 }), [0]],
  ["all", () => t.all(none([0], "bool")), [], [1]],
  ["any", () => t.any(none([0], "bool")), [], [0]],
  ["argMax of no groups", () => t.argMax(none([0, 3]), 1), [0]],
  ["argSort", () => t.argSort(none([0])), [0]],
  ["argSort along the other axis", () => t.argSort(none([0, 3]), 1), [0, 3]],
  ["sort", () => t.sort(none([2, 0]), 1), [2, 0]],
  ["cumSum", () => t.cumSum(none([2, 0])), [2, 0]],
  ["cumSum reversed", () => t.cumSum(none([0, 2]), { axis: 0, reverse: true }), [0, 2]],
  ["cumProd", () => t.cumProd(none([2, 0])), [2, 0]],
  ["cumMax reversed", () => t.cumMax(none([0, 2]), { axis: 0, reverse: true }), [0, 2]],
  ["topK of nothing", () => t.topK(none([2, 0]), 0)[0], [2, 0]],
  ["median of no groups", () => t.median(none([0, 3]), { axes: 1 }), [0]],
  ["roll", () => t.roll(none([2, 0]), 3, 1), [2, 0]],
  ["tile", () => t.tile(none([2, 0]), [2, 3]), [4, 0]],
  ["tile no times", () => t.tile(f64([1, 2]), 0), [0]],
  ["repeat", () => t.repeat(none([2, 0]), 2, 1), [2, 0]],
  ["repeat a list of none", () => t.repeat(none([2, 0]), [], 1), [2, 0]],
  ["diagonal", () => t.diagonal(none([0, 3])), [0]],
  ["diagonal beyond", () => t.diagonal(f64([[1]]), 2), [0]],
  ["trace of nothing", () => t.trace(none([0, 3])), [], [0]],
  ["meshgrid", () => t.meshgrid([none([0]), f64([1, 2])])[0] as Tensor, [2, 0]],
  ["einsum that broadcasts nothing", () => t.einsum("...i,...i->...", none([0, 2]), none([1, 2])), [0]],
  ["norm", () => t.norm(none([0])), [], [0]],
  ["mean of no groups", () => t.mean(none([0, 3]), { axes: 1 }), [0]],
  ["softmax of no groups", () => t.softmax(none([0, 3])), [0, 3]],
  ["softmax of empty groups", () => t.softmax(none([2, 0])), [2, 0]],
  ["logSoftmax of empty groups", () => t.logSoftmax(none([2, 0])), [2, 0]],
  ["logSumExp of no groups", () => t.logSumExp(none([0, 3]), { axes: 1 }), [0]],
  ["reshape", () => t.reshape(none([0, 3]), [2, 0, 5]), [2, 0, 5]],
  ["reshape with -1", () => t.reshape(none([0, 3]), [-1, 3]), [0, 3]],
  ["flatten", () => t.flatten(none([2, 0])), [0]],
  ["transpose", () => t.transpose(none([0, 3, 2])), [2, 3, 0]],
  ["broadcastTo", () => t.broadcastTo(none([1, 0]), [4, 0]), [4, 0]],
  ["broadcastTo nothing", () => t.broadcastTo(f64([1]), [0]), [0]],
  ["slice to nothing", () => t.slice(f64([1, 2, 3]), { start: [2], stop: [2] }), [0]],
  ["slice backwards is nothing", () => t.slice(f64([1, 2, 3]), { start: [2], stop: [1] }), [0]],
  ["slice of nothing", () => t.slice(none([0, 3]), { stop: [0, 2] }), [0, 2]],
  ["pad", () => t.pad(none([0]), [[1, 2]], { value: 7 }), [3], [7, 7, 7]],
  ["pad with interior", () => t.pad(none([0]), [[1, 0]], { interior: [3] }), [1], [0]],
  ["pad that crops all", () => t.pad(f64([1, 2]), [[-1, -1]]), [0]],
  ["concat", () => t.concat([none([0, 2]), f64([[1, 2]]), none([0, 2])]), [1, 2], [1, 2]],
  ["concat of nothing", () => t.concat([none([2, 0]), none([2, 0])], 1), [2, 0]],
  ["stack", () => t.stack([none([0]), none([0])]), [2, 0]],
  ["split", () => t.split(f64([1, 2]), [0, 2])[0] as Tensor, [0]],
  ["flip", () => t.flip(none([0, 2])), [0, 2]],
  ["take nothing", () => t.take(f64([1, 2]), none([0], "i32")), [0]],
  ["take an empty list", () => t.take(f64([1, 2]), []), [0]],
  ["take from rows without elements", () => t.take(none([2, 0]), [1, 1, 0]), [3, 0]],
  ["takeAlongAxis", () => t.takeAlongAxis(f64([[1, 2]]), none([1, 0], "i32"), 1), [1, 0]],
  ["scatterAdd nothing", () => t.scatterAdd(f64([1, 2]), none([0], "i32"), none([0])), [2], [1, 2]],
  ["matmul without inner size", () => t.matmul(none([2, 0]), none([0, 3])), [2, 3], zeros(6)],
  ["matmul without rows", () => t.matmul(none([0, 2]), none([2, 3])), [0, 3]],
  ["matmul without batches", () => t.matmul(none([0, 2, 3]), none([3, 2])), [0, 2, 2]],
  ["matmul of empty vectors", () => t.matmul(none([0]), none([0])), [], [0]],
  ["matmul of integers", () => t.matmul(none([1, 0], "i32"), none([0, 1], "i32")), [1, 1], [0]],
  ["einsum", () => t.einsum("ij,jk->k", none([2, 0]), none([0, 2])), [2], [0, 0]],
  ["outer", () => t.outer(none([0]), none([3])), [0, 3]],
  ["conv without examples", () => t.conv(none([0, 5, 2]), none([3, 2, 4])), [0, 3, 4]],
  ["conv with a kernel that does not fit", () => t.conv(none([1, 2, 1]), none([3, 1, 1])), [1, 0, 1]],
  ["conv without channels", () => t.conv(none([1, 2, 0]), none([1, 0, 1])), [1, 2, 1], [0, 0]],
  ["conv without outputs", () => t.conv(none([1, 2, 1]), none([1, 1, 0])), [1, 2, 0]],
  [
    "conv over nothing, padded",
    () => t.conv(none([1, 0, 1]), none([1, 1, 1]), { padding: [[1, 1]] }),
    [1, 2, 1],
    [0, 0]
  ],
  ["maxPool", () => t.maxPool(none([0, 4, 1]), { window: 2 }), [0, 2, 1]],
  ["maxPool that does not fit", () => t.maxPool(none([1, 1, 1]), { window: 2 }), [1, 0, 1]],
  ["averagePool", () => t.averagePool(none([1, 4, 0]), { window: 2 }), [1, 2, 0]],
  ["oneHot", () => t.oneHot(none([0], "i32"), 3), [0, 3]],
  ["oneHot of no class", () => t.oneHot(i32([0, 1]), 0), [2, 0]],
  ["tril", () => t.tril(none([0, 3])), [0, 3]],
  ["eye", () => t.eye(0, 3), [0, 3]],
  ["stopGradient", () => t.stopGradient(none([0])), [0]],
  [
    "scan over nothing",
    () => t.scan((c: Tensor, x: Tensor) => [t.add(c, x), t.mul(c, x)], f64(5), none([0]))[0],
    [],
    [5]
  ],
  [
    "what a scan over nothing stacks",
    () => t.scan((c: Tensor, x: Tensor) => [c, t.outer(x, f64([1, 2]))], f64(5), none([0, 3]))[1],
    [0, 3, 2]
  ],
  ["scan of empty slices", () => t.scan((c: Tensor, x: Tensor) => [c, t.neg(x)], none([0]), none([4, 0]))[1], [4, 0]],
  ["gradient", () => t.grad((x: Tensor) => t.sum(t.mul(x, x)))(none([0, 2])), [0, 2]],
  ["compiled", () => t.compile((x: Tensor) => t.exp(x))(none([0, 2])), [0, 2]]
]

describe("a tensor without elements goes through every operation", () => {
  test.each(rows)("%s", (_, make, shape, data = []) => {
    const { shape: got, data: values } = observe(make())
    expect([got, values]).toEqual([shape, data])
  })
})

test("what needs an element refuses to have none", () => {
  const { max, min, argMax, argMin, mean, variance, logSumExp } = t
  const refused: readonly ((x: Tensor) => Tensor)[] = [max, min, argMax, argMin, mean, variance, logSumExp]
  for (const f of refused) expect(() => f(none([0]))).toThrow(expect.objectContaining({ name: "ShapeError" }))
  expect(() => t.max(none([0, 3]), { axes: 0 })).toThrow(
    "max: expected at least one element to reduce; got shape [0, 3]"
  )
  expect(t.toArray(t.max(bool([true, false])))).toBe(true)
})
