import { describe, expect, test } from "vitest"
import { evaluate, item, pipe, scalar, tensor, toTyped } from "thalweg"
import {
  adabelief,
  adafactor,
  adam,
  amsgrad,
  ifFinite,
  nadam,
  reduceOnPlateau,
  yogi,
  type AnyOptimizer
} from "thalweg/optimizer"
import {
  clipByGlobalNorm,
  clipElements,
  clipLeaves,
  clipUnits,
  clockAt,
  type AnyF,
  type Transform
} from "thalweg/transform"
import { gradient, params, walk } from "./samples.js"
import { bitsOf } from "../support.js"

describe("clips make what is not finite visible, each where it says", () => {
  const w = tensor([[1, 2], [3, 4]], { dtype: "f64" }) // prettier-ignore
  const both = { w, b: tensor([1], { dtype: "f64" }) }

  /** What becomes of a kernel with one bad element, and of a bias beside it. */
  const clipped = (clip: Transform<AnyF>, bad: number): readonly number[] => {
    const spoilt = tensor([[bad, 2], [3, 4]], { dtype: "f64" }) // prettier-ignore
    const [after] = clip.update({ ...both, w: spoilt }, clip.init(both), both, clockAt(0))
    return [...toTyped(after.w), ...toTyped(after.b)]
  }

  test.each([
    ["the norm over all leaves", clipped(clipByGlobalNorm(1), NaN), [NaN, NaN, NaN, NaN, NaN]],
    ["the norm over all leaves", clipped(clipByGlobalNorm(1), Infinity), [NaN, 0, 0, 0, 0]],
    ["the norm of a leaf", clipped(clipLeaves(1), NaN), [NaN, NaN, NaN, NaN, 1]],
    ["the norm of a leaf", clipped(clipLeaves(1), -Infinity), [NaN, 0, 0, 0, 1]],
    ["each element", clipped(clipElements(1), NaN), [NaN, 1, 1, 1, 1]],
    ["each element", clipped(clipElements(1), -Infinity), [-1, 1, 1, 1, 1]],
    ["the norm of a unit", clipped(clipUnits(10), NaN), [NaN, 2, NaN, 4, 1]],
    ["the norm of a unit", clipped(clipUnits(10), Infinity), [NaN, 2, 0, 4, 1]]
  ])("%s", (_, actual, expected) => {
    expect(actual).toEqual(expected)
  })
})

describe("ifFinite counts", () => {
  const inner = adam({ learningRate: 0.1 })

  test.each([NaN, Infinity, -Infinity])("a gradient of %s", value => {
    const opt = ifFinite()(inner)
    const [p, state] = walk(opt, 2)
    const bad = { ...gradient(1), out: [scalar(value, "f64"), gradient(1).out[1]] as const }
    const [q, once] = opt.step(p, state, bad)
    const [, twice] = opt.step(q, once, bad)
    const [, after] = opt.step(q, twice, gradient(2))
    expect([state, once, twice, after].map(({ inner: { inRow } }) => item(inRow))).toEqual([0, 1, 2, 0])
    expect([state, once, twice, after].map(({ inner: { skipped } }) => item(skipped))).toEqual([0, 1, 2, 2])
  })

  test("a loss, too; what is applied after all is not counted as skipped", () => {
    const opt = pipe(inner, reduceOnPlateau(), ifFinite({ tolerate: 1 }))
    const [q, once] = opt.step(params, opt.init(params), gradient(0), { loss: scalar(NaN) })
    expect(bitsOf(q)).toEqual(bitsOf(params))
    const [r, twice] = opt.step(q, once, gradient(0), { loss: scalar(Infinity) })
    expect(bitsOf(r)).not.toEqual(bitsOf(params))
    expect([item(twice.inner.inRow), item(twice.inner.skipped)]).toEqual([2, 1])
  })
})

describe("a square that f32 does not hold, of which a small part it does", () => {
  const stream = [1, 1e20, ...Array.from({ length: 50 }, () => 1)]
  const end = (optimizer: AnyOptimizer, dtype: "f32" | "f64"): number => {
    let [p, state] = [scalar(1, dtype), optimizer.init(scalar(1, dtype))]
    for (const g of stream) [p, state] = evaluate(optimizer.step(p, state, scalar(g, dtype)))
    return item(p)
  }
  test.each([
    ["adam", adam({ learningRate: 0.01 })],
    ["amsgrad", amsgrad({ learningRate: 0.01 })],
    ["nadam", nadam({ learningRate: 0.01 })],
    ["adabelief", adabelief({ learningRate: 0.01 })],
    ["adafactor", adafactor()]
  ])("%s goes on as in f64", (_, optimizer) => {
    expect(end(optimizer, "f32")).toBeCloseTo(end(optimizer, "f64"), 4)
  })

  test("yogi stands still, and is no NaN", () => {
    const optimizer = yogi({ learningRate: 0.01 })
    expect(end(optimizer, "f32")).not.toBeNaN()
  })

  test.each([-60, -30, 30, 60])("adam does not see the scale 2^%i", n => {
    const optimizer = adam({ learningRate: 0.01, eps: 0 })
    const moved = (g: number) => item(optimizer.step(scalar(1), optimizer.init(scalar(1)), scalar(g))[0])
    expect(moved(3 * 2 ** n)).toBe(moved(3))
  })
})
