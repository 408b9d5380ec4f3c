import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { gradientError, lossOf, slopeOf } from "./differences.js"
import { direction, f64, i32, range, type Sample } from "./samples.js"

const none = i32([], [0])

const unary = [t.neg, t.abs, t.sqrt, t.exp, t.expm1, t.log, t.log1p, t.sin, t.cos, t.atan, t.tanh, t.sigmoid, t.erf, t.erfInv] // prettier-ignore
const binary = [t.add, t.sub, t.mul, t.div, t.rem, t.pow, t.atan2, t.maximum, t.minimum]

type Case = readonly [name: string, shapes: readonly t.Shape[], f: Sample["f"]]

const cases: readonly Case[] = [
  ["every function of one", [[2, 0]], x => t.stack(unary.map(f => f(x)))],
  [
    "every function of two",
    [
      [2, 0],
      [2, 0]
    ],
    (a, b) => t.stack(binary.map(f => f(a, b)))
  ],
  ["every function of two, one broadcast to nothing", [[0], [1]], (a, b) => t.stack(binary.map(f => f(a, b)))],
  ["every function of two, a scalar beside nothing", [[], [3, 0]], (a, b) => t.stack(binary.map(f => f(a, b)))],
  ["where", [[0], []], (a, b) => t.where(t.gt(a, 0), a, b)],
  ["cast", [[0]], x => t.cast(t.cast(x, "f32"), "f64")],
  ["sum of nothing", [[0, 2]], x => t.sum(x, { axes: 0 })],
  ["prod of nothing", [[0, 2]], x => t.prod(x, { axes: 0 })],
  ["prod of all of nothing", [[2, 0]], x => t.prod(x)],
  ["prod of some, no times", [[0, 2]], x => t.prod(x, { axes: 1 })],
  ["max of some, no times", [[0, 2]], x => t.max(x, { axes: 1 })],
  ["softmax of no rows", [[0, 3]], x => t.softmax(x)],
  ["logSumExp of no rows", [[0, 3]], x => t.logSumExp(x, { axes: 1 })],
  ["mean and variance of no rows", [[0, 3]], x => t.mul(t.mean(x, { axes: 1 }), t.variance(x, { axes: 1 }))],
  ["cumSum", [[2, 0]], x => t.cumSum(x)],
  ["cumSum across", [[2, 0]], x => t.cumSum(x, { axis: 0 })],
  ["sort", [[0]], x => t.sort(x)],
  ["reshape", [[2, 0]], x => t.reshape(x, [0, 5])],
  ["flatten", [[2, 0]], x => t.flatten(x)],
  ["transpose", [[2, 0, 3]], x => t.transpose(x)],
  ["broadcastTo nothing", [[1, 2]], x => t.broadcastTo(x, [0, 2])],
  ["broadcastTo of nothing", [[0]], x => t.broadcastTo(x, [3, 0])],
  ["slice of nothing", [[0, 2]], x => t.slice(x, { step: [2, 2] })],
  ["slice to nothing", [[3, 2]], x => t.slice(x, { start: [2], stop: [1], step: [2] })],
  [
    "pad of nothing, by its value",
    [[0, 2], []],
    (x, v) =>
      t.pad(
        x,
        [
          [1, 1],
          [0, 1]
        ],
        { interior: [1, 1], value: v }
      )
  ],
  ["pad that crops to nothing", [[2], []], (x, v) => t.pad(x, [[-1, -1]], { value: v })],
  [
    "concat with nothing",
    [
      [0, 2],
      [1, 2]
    ],
    (a, b) => t.concat([a, b, a])
  ],
  ["flip", [[0, 2]], x => t.flip(x)],
  ["take nothing", [[3, 2]], x => t.take(x, none)],
  ["take of nothing", [[3, 0]], x => t.take(x, i32([0, 2, 2]))],
  ["takeAlongAxis of nothing", [[0, 3]], x => t.takeAlongAxis(x, i32([], [0, 2]), 1)],
  [
    "scatterAdd nothing",
    [
      [3, 2],
      [0, 2]
    ],
    (a, b) => t.scatterAdd(a, none, b)
  ],
  [
    "scatterAdd into nothing",
    [
      [3, 0],
      [2, 0]
    ],
    (a, b) => t.scatterAdd(a, i32([0, 0]), b)
  ],
  [
    "matmul over nothing",
    [
      [2, 0],
      [0, 3]
    ],
    (a, b) => t.matmul(a, b)
  ],
  [
    "matmul of no rows",
    [
      [0, 2],
      [2, 3]
    ],
    (a, b) => t.matmul(a, b)
  ],
  [
    "matmul of no matrices",
    [
      [0, 2, 2],
      [2, 3]
    ],
    (a, b) => t.matmul(a, b)
  ],
  ["einsum", [[2, 0], [0], [2]], (a, b, c) => t.einsum("ij,j,i->ji", a, b, c)],
  [
    "conv of no examples",
    [
      [0, 4, 2],
      [2, 2, 3]
    ],
    (x, k) => t.conv(x, k)
  ],
  [
    "conv that finds no place",
    [
      [1, 2, 1],
      [3, 1, 1]
    ],
    (x, k) => t.conv(x, k)
  ],
  [
    "conv that finds no place, strides",
    [
      [1, 2, 1],
      [3, 1, 2]
    ],
    (x, k) => t.conv(x, k, { strides: 2 })
  ],
  [
    "conv that finds no place, dilation",
    [
      [1, 2, 1],
      [2, 1, 2]
    ],
    (x, k) => t.conv(x, k, { strides: 3, dilation: 2 })
  ],
  [
    "conv that finds no place along one axis",
    [
      [1, 2, 3, 1],
      [3, 2, 1, 1]
    ],
    (x, k) => t.conv(x, k, { strides: 2 })
  ],
  [
    "conv of no elements, padded",
    [
      [1, 0, 1],
      [2, 1, 1]
    ],
    (x, k) => t.conv(x, k, { padding: [[1, 2]] })
  ],
  [
    "conv to no channels",
    [
      [1, 3, 1],
      [2, 1, 0]
    ],
    (x, k) => t.conv(x, k)
  ],
  [
    "conv of no channels",
    [
      [1, 3, 0],
      [2, 0, 2]
    ],
    (x, k) => t.conv(x, k)
  ],
  ["maxPool of no examples", [[0, 4, 1]], x => t.maxPool(x, { window: 2 })],
  ["maxPool that finds no place", [[1, 2, 1]], x => t.maxPool(x, { window: 3, strides: 2 })],
  ["sumPool of no channels", [[1, 4, 0]], x => t.sumPool(x, { window: 2 })],
  ["averagePool of no examples", [[0, 4, 4, 1]], x => t.averagePool(x, { window: 2, padding: "same" })],
  [
    "a loop of no iterations",
    [[2], [0, 2]],
    (c, x) => t.concat(t.scan((a, b) => [t.mul(a, b), b], c, x).map(t.flatten))
  ],
  [
    "a loop over nothing",
    [[0], [2, 0]],
    (c, x) => t.concat(t.scan((a, b) => [t.mul(a, b), t.sin(a)], c, x).map(t.flatten))
  ],
  [
    "a derivative by hand",
    [[0]],
    x =>
      t.customVjp(
        (a: t.Tensor) => [t.sin(a), a],
        (a, ct) => [t.mul(ct, t.cos(a))]
      )(x)
  ]
]

const pointOf = (shapes: readonly t.Shape[]): readonly t.Tensor[] =>
  shapes.map((shape, i) => t.evaluate(t.add(t.mul(0.3, direction(i)(t.zeros(shape, "f64"))), 0.5)))

describe("tensors of no elements have derivatives of no elements", () => {
  test.each(cases)("%s", (_, shapes, f) => {
    const at = pointOf(shapes)
    expect(
      t
        .grad(lossOf(f))(at)
        .map(g => g.shape)
    ).toEqual(shapes)
    for (const order of [0, 1]) expect(gradientError({ f: range(order).reduce(slopeOf, f), at })).toBeLessThan(1e-8)
    const [value, tangent] = t.jvp((xs: readonly t.Tensor[]) => f(...xs))(at, at)
    expect(t.evaluate(tangent).shape).toEqual(value.shape)
  })
})

test("a window of padding alone gives its derivative to nobody", () => {
  const f = (x: t.Tensor): t.Tensor => t.maxPool(x, { window: 1, strides: 2, padding: [[2, 0]] })
  expect(t.toArray(t.grad((x: t.Tensor) => t.sum(f(x)))(f64([[[1], [2]]])))).toEqual([[[1], [0]]])
})
