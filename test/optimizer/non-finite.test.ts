import { describe, expect, test } from "vitest"
import { item, pipe, scalar, tensor, toTyped } from "thalweg"
import { adam, ifFinite, reduceOnPlateau } from "thalweg/optimizer"
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
