import { describe, expect, test } from "vitest"
import { item, pipe, scalar, tensor, type Tensor } from "thalweg"
import {
  adabound,
  adagrad,
  adamw,
  amsbound,
  maximize,
  momo,
  momoAdam,
  nag,
  noisySgd,
  polyakSgd,
  reduceOnPlateau,
  rprop,
  scheduleFree,
  sgd,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import { globalNorm } from "thalweg/transform"
import { walk } from "./samples.js"

test("the rate is what the next step will apply; 1 for rprop", () => {
  const learningRate = exponential({ start: 0.1, rate: 0.5 })
  const rateAfter2 = (optimizer: AnyOptimizer): number => item(optimizer.rate(walk(optimizer, 2)[1]))
  const falling = [
    adamw({ learningRate }),
    adabound({ learningRate }),
    amsbound({ learningRate }),
    nag({ learningRate })
  ]
  expect(falling.map(rateAfter2)).toEqual([0.025, 0.025, 0.025, 0.025])
  expect(rateAfter2(adagrad({ learningRate: 1, rateDecay: 0.5 }))).toBe(0.5)
  expect(rateAfter2(rprop({ learningRate: 0.1 }))).toBe(1)
})

test("rprop applies the new step, and none where the sign changed", () => {
  const optimizer = rprop({ learningRate: 1, etaPlus: 1.5, etaMinus: 0.5, maxStep: 2 })
  const p = scalar(0, "f64")
  let state = optimizer.init(p)
  const steps = [1, 1, 1, -1, -1, -1, 0, -1].map(g => {
    const [displacement, after] = optimizer.update(scalar(g, "f64"), state, p)
    state = after
    return item(displacement) + 0
  })
  expect(steps).toEqual([-1, -1.5, -2, 0, 1, 1.5, 0, 1.5])
})

describe("a rate from the loss", () => {
  const [p, g] = [scalar(4, "f64"), scalar(2, "f64")]
  /** The parameters and the rate after a step. */
  const step = (optimizer: AnyOptimizer, loss: number, grads = g): readonly [moved: number, rate: number] => {
    const [moved, after] = optimizer.step(p, optimizer.init(p), grads, { loss: scalar(loss) })
    return [item(moved), item(optimizer.rate(after))]
  }

  test("polyakSgd steps by the gap, nothing below the least loss, uphill if asked to", () => {
    expect(step(polyakSgd({ fMin: 1 }), 3)).toEqual([4 - 2 / 2, 0.5])
    expect(step(polyakSgd({ fMin: 1 }), 0)[0]).toBe(4)
    expect(step(polyakSgd({ fMin: 1, below: "ascend" }), 0)[0]).toBe(4 + 1 / 2)
  })

  test.each([momo, momoAdam])("momo does not move at the least loss", make => {
    expect(step(make({ fMin: 2 }), 2)).toEqual([4, 0])
  })

  test.each([momo, momoAdam])("momo decays by 1 + η·λ where gradients are zero", make => {
    const [moved] = step(make({ learningRate: 0.1, weightDecay: 0.5 }), 2, scalar(0, "f64"))
    expect(moved).toBeCloseTo(4 / 1.05, 12)
  })
})

describe("a loss that reduces the rate does so for its own step", () => {
  const flat: readonly (readonly [loss: number, rate: number])[] = [
    [1, 1],
    [1, 0.5]
  ]
  const descent = sgd({ learningRate: 1 })
  const plateau = reduceOnPlateau({ factor: 0.5, patience: 1 })
  /** Where an optimizer stands after steps with the losses, along gradients of one number. */
  const stands = (optimizer: AnyOptimizer, from: number, g: number, sign = 1): readonly number[] => {
    let [p, state] = [scalar(from, "f64"), optimizer.init(scalar(from, "f64"))]
    return flat.map(([loss, rate]) => {
      const given = { loss: scalar(sign * loss, "f64") }
      expect(item(optimizer.rate(state, given))).toBe(rate)
      ;[p, state] = optimizer.step(p, state, scalar(g, "f64"), given)
      return item(optimizer.evalParams(p, state))
    })
  }

  test("to a decay around it", () => {
    const decaying = pipe(descent, plateau, withWeightDecay(0.5))
    expect(stands(decaying, 8, 0)).toEqual([4, 3])
  })

  test("to the weights of an average", () => {
    const averaging = pipe(descent, plateau, scheduleFree({ b1: 0 }))
    const [, average] = stands(averaging, 0, -1)
    expect(average).toBeCloseTo((1 * 1 + 1.5 * 0.25) / 1.25, 12) // weighed by η²
  })

  test("uphill, where the loss is negated", () => {
    const climbing = pipe(descent, plateau, maximize, withWeightDecay(0.5))
    expect(stands(climbing, 8, 0, -1)).toEqual([4, 3])
  })
})

test("the noise of noisySgd is scaled by σ and η, and fades", () => {
  const params = tensor(new Float64Array(20000))
  const optimizer = noisySgd({ seed: 7, learningRate: 0.5, eta: 0.04, gamma: 2 })
  const spread = (x: Tensor): number => item(globalNorm(x)) / Math.sqrt(20000)
  const [p1, s1] = optimizer.step(params, optimizer.init(params), params)
  const [d2] = optimizer.update(params, s1, p1)
  expect(spread(p1)).toBeCloseTo(0.5 * 0.2, 2)
  expect(spread(d2)).toBeCloseTo((0.5 * 0.2) / 2, 2)
})
