import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { f64 } from "./samples.js"

type Data = Parameters<typeof f64>[0]
type Case = readonly [name: string, f: (x: t.Tensor) => t.Tensor, at: Data, slope: Data]

const at = (f: (x: t.Tensor) => t.Tensor, x: Data): unknown => t.toArray(t.grad((v: t.Tensor) => t.sum(f(v)))(f64(x)))

const pair = (f: (a: t.Tensor, b: t.Tensor) => t.Tensor) => (x: t.Tensor) => f(t.at(x, 0), t.at(x, 1))

const elementwise: readonly Case[] = [
  ["abs at 0 is flat", t.abs, [0, -0], [0, 0]],
  ["sign is flat everywhere", t.sign, [0, 3], [0, 0]],
  ["floor is flat at integers", t.floor, [2], [0]],
  ["ceil is flat at integers", t.ceil, [2], [0]],
  ["round is flat at halves", t.round, [2.5], [0]],
  ["maximum shares a tie", pair(t.maximum), [2, 2], [0.5, 0.5]],
  ["minimum shares a tie", pair(t.minimum), [2, 2], [0.5, 0.5]],
  ["maximum of one with itself", x => t.maximum(x, x), [2], [1]],
  ["maximum shares a tie of infinities", pair(t.maximum), [Infinity, Infinity], [0.5, 0.5]],
  ["maximum of zeros of either sign is a tie", pair(t.maximum), [0, -0], [0.5, 0.5]],
  ["clamp at its bounds, and outside", x => t.clamp(x, -1, 1), [-1, 1, 0, 2], [0.5, 0.5, 1, 0]],
  ["rem at a multiple", x => t.rem(x, 2), [4], [1]],
  ["sqrt at 0 is vertical", t.sqrt, [0], [Infinity]],
  ["log at 0 is vertical", t.log, [0], [Infinity]],
  ["erfInv at ±1 is vertical", t.erfInv, [1, -1], [Infinity, Infinity]],
  ["sigmoid is flat far out", t.sigmoid, [-1000, 1000], [0, 0]],
  ["tanh is flat far out", t.tanh, [-1000, 1000], [0, 0]],
  ["expm1 far below", t.expm1, [-1000], [0]],
  ["atan far out", t.atan, [1e300], [0]],
  ["softplus far out, and at 0", t.softplus, [-1000, 0, 1000, -Infinity, Infinity], [0, 0.5, 1, 0, 1]],
  ["logSigmoid far out, and at 0", t.logSigmoid, [-1000, 0, 1000], [1, 0.5, 0]],
  ["logAddExp of equals", pair(t.logAddExp), [3, 3], [0.5, 0.5]],
  ["logAddExp beside nothing", pair(t.logAddExp), [-Infinity, 3], [0, 1]],
  ["logAddExp far apart", pair(t.logAddExp), [1000, -1000], [1, 0]],
  ["hypot at the origin", pair(t.hypot), [0, 0], [0, 0]],
  ["hypot far from 1", pair(t.hypot), [3e300, 4e300], [0.6, 0.8]],
  ["asinh at 0 and far out", t.asinh, [0, -1e300], [1, 1e-300]],
  ["acosh at 1 is vertical", t.acosh, [1], [Infinity]],
  ["asin and acos at 1 are vertical", x => t.stack([t.asin(x), t.neg(t.acos(x))]), [1], [Infinity]],
  ["atanh at ±1 is vertical", t.atanh, [-1, 1], [Infinity, Infinity]],
  ["sinh and cosh beyond the range", x => t.add(t.sinh(x), t.cosh(x)), [1500], [Infinity]],
  ["cbrt at 0 is vertical", t.cbrt, [0], [Infinity]],
  ["erfc far out", t.erfc, [-30, 30], [0, 0]],
  ["trunc is flat", t.trunc, [2, -1.5], [0, 0]],
  ["mod at a multiple", x => t.mod(x, 2), [4], [1]],
  ["nanToNum gives nothing to what was replaced", t.nanToNum, [NaN, Infinity, 2], [0, 0, 1]],
  ["where gives nothing to the other side", x => t.where(t.gt(x, 0), x, t.square(x)), [-3, 0, 3], [-6, 0, 1]],
  ["a cast to integers and back is flat", x => t.cast(t.cast(x, "i32"), "f64"), [1.5], [0]],
  ["a comparison is flat", x => t.cast(t.ge(x, 1), "f64"), [1], [0]]
]

const powers: readonly Case[] = [
  ["x² at 0", x => t.pow(x, 2), [0], [0]],
  ["x¹ at 0", x => t.pow(x, 1), [0], [1]],
  ["x⁰ at 0", x => t.pow(x, 0), [0], [0]],
  ["√x at 0", x => t.pow(x, 0.5), [0], [Infinity]],
  ["1/x at 0", x => t.pow(x, -1), [0], [-Infinity]],
  ["x³ below 0", x => t.pow(x, 3), [-2], [12]],
  ["x⁻² below 0", x => t.pow(x, -2), [-2], [0.25]],
  ["0^b by both", pair(t.pow), [0, 2], [0, 0]],
  ["0^0 by both", pair(t.pow), [0, 0], [0, 0]],
  ["2^0 by both", pair(t.pow), [2, 0], [0, Math.log(2)]],
  ["x² twice at 0", x => t.grad((y: t.Tensor) => t.sum(t.pow(y, 2)))(x), [0], [2]],
  ["x³ twice at 0", x => t.grad((y: t.Tensor) => t.sum(t.pow(y, 3)))(x), [0], [0]],
  ["x¹ twice at 0", x => t.grad((y: t.Tensor) => t.sum(t.pow(y, 1)))(x), [0], [0]]
]

const line = (x: t.Tensor): t.Tensor => t.reshape(x, [1, -1, 1])

const reductions: readonly Case[] = [
  ["max: ties share", t.max, [1, 3, 3, 3], [0, 1 / 3, 1 / 3, 1 / 3]],
  ["min: ties share", t.min, [1, 1, 3], [0.5, 0.5, 0]],
  [
    "max over an axis: ties share",
    x => t.max(x, { axes: 1 }),
    [
      [1, 1],
      [2, 3]
    ],
    [
      [0.5, 0.5],
      [0, 1]
    ]
  ],
  ["prod with a zero", t.prod, [2, 0, 3], [0, 6, 0]],
  ["prod with two zeros", t.prod, [2, 0, 0], [0, 0, 0]],
  ["prod of one", t.prod, [5], [1]],
  ["maxPool: the first of equals", x => t.maxPool(line(x), { window: 3 }), [2, 2, 2], [1, 0, 0]],
  ["maxPool: a NaN is the largest", x => t.maxPool(line(x), { window: 3 }), [5, NaN, NaN], [0, 1, 0]],
  ["maxPool: overlapping windows", x => t.maxPool(line(x), { window: 2, strides: 1 }), [1, 1, 0, 0], [1, 1, 1, 0]],
  ["maxPool: padding never wins", x => t.maxPool(line(x), { window: 2, padding: [[1, 1]] }), [-5, -6], [1, 1]],
  ["averagePool: over what is inside", x => t.averagePool(line(x), { window: 2, padding: [[1, 1]] }), [3, 4], [1, 1]],
  ["sort: equals keep their places", x => t.mul(t.sort(x), f64([1, 2, 3])), [5, 4, 4], [3, 1, 2]],
  ["logSumExp far out", t.logSumExp, [1000, -1000], [1, 0]],
  ["logSumExp of one infinity below", t.logSumExp, [0, -Infinity], [1, 0]],
  ["logSoftmax far out", x => t.at(t.logSoftmax(x), 1), [1000, -1000], [-1, 1]],
  ["cumMax: a tie shares", x => t.at(t.cumMax(x), -1), [2, 2, 1], [0.5, 0.5, 0]],
  ["cumMin: a tie shares, and once more", x => t.at(t.cumMin(x), -1), [2, 2, 2], [0.25, 0.25, 0.5]],
  ["sort down an axis: equals keep their places", x => t.mul(t.sort(x, 0), f64([[1], [2], [3]])), [[5], [4], [4]], [[3], [1], [2]]], // prettier-ignore
  ["topK: each equal has its place", x => t.mul(t.topK(x, 3)[0], f64([1, 2, 3])), [2, 7, 2, 2], [2, 1, 3, 0]],
  ["cumProd with zeros", x => t.at(t.cumProd(x), -1), [2, 0, 3], [0, 6, 0]],
  ["median of four", t.median, [4, 1, 3, 100], [0.5, 0, 0.5, 0]],
  ["median of two equals", t.median, [1, 1], [0.5, 0.5]],
  ["median of equals among others", t.median, [0.5, 1.5, 0.5, 0], [0.5, 0, 0.5, 0]],
  ["quantile of two equals", x => t.quantile(x, 0.25), [1, 1], [0.75, 0.25]],
  ["quantile of many equals, along an axis", x => t.quantile(x, 0.3, { axes: 0 }), [[3], [3], [3]], [[0.4], [0.6], [0]]], // prettier-ignore
  ["quantile of infinities", x => t.quantile(x, 0.75), [Infinity, Infinity, 0], [0.5, 0.5, 0]],
  ["topK: the first of equals", x => t.topK(x, 1)[0], [2, 2], [1, 0]],
  ["norm at 0", t.norm, [0, 0], [0, 0]],
  ["angles near the origin", x => t.atan2(t.at(x, 0), t.at(x, 1)), [3e-200, 4e-200], [1.6e199, -1.2e199]],
  ["angles far from it", x => t.atan2(t.at(x, 0), t.at(x, 1)), [3e200, 4e200], [1.6e-201, -1.2e-201]],
  ["norm far from 1", t.norm, [3e300, 4e300], [0.6, 0.8]],
  ["standardDeviation of equal numbers", t.standardDeviation, [2, 2], [0, 0]]
]

describe.each([
  ["elementwise", elementwise],
  ["powers", powers],
  ["reductions", reductions]
])("%s", (_, cases) => {
  test.each(cases)("%s", (_name, f, x, slope) => {
    expect(t.toArray(t.add(f64(at(f, x) as Data), 0))).toEqual(slope)
  })
})

test("the median is smooth where the two in the middle are equal", () => {
  const x = [2, -1, 2, 7]
  const h = 2 ** -20
  const moved = (i: number, by: number) => t.item(t.median(f64(x.map((n, at) => (at === i ? n + by : n)))))
  const differences = x.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h))
  expect(at(t.median, x)).toEqual(differences)
  expect(differences).toEqual([0.5, 0, 0.5, 0])
})

test("mixed derivatives of a power are equal where the exponent is 0", () => {
  const h = t.hessian((v: t.Tensor) => t.pow(t.at(v, 0), t.at(v, 1)))
  const log = Math.log(2)
  expect(t.toArray(h(f64([2, 0])))).toEqual([[0, 0.5], [0.5, log * log]]) // prettier-ignore
})

test("the derivative of a product with a zero has derivatives of its own", () => {
  const x = f64([2, 0, 3, 5])
  expect(t.toArray(t.hessian(t.prod)(x))).toEqual([
    [0, 15, 0, 0],
    [15, 0, 10, 6],
    [0, 10, 0, 0],
    [0, 6, 0, 0]
  ])
})

test("the cotangents of an element that is the largest of several windows are summed in f64", () => {
  const x = t.tensor([0, 0, 1, 0, 0], { shape: [1, 5, 1] })
  const weights = t.tensor([2 ** 24, 1, -(2 ** 24)], { shape: [1, 3, 1] })
  const slope = t.grad((y: t.Tensor) => t.sum(t.mul(t.maxPool(y, { window: 3, strides: 1 }), weights)))(x)
  expect(t.toArray(t.flatten(slope))).toEqual([0, 0, 1, 0, 0])
})
