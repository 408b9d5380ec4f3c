import { describe, expect, test } from "vitest"
import {
  at,
  evaluate,
  flow,
  grad,
  item,
  jacobian,
  pipe,
  scalar,
  square,
  tensor,
  toArray,
  toTyped,
  Tree,
  type Tensor
} from "thalweg"
import {
  accumulate,
  adam,
  clipByNorm,
  lookahead,
  onDisplacement,
  onGradient,
  sgd,
  withMomentum,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { addDecayedWeights, applyMomentum, chain, clipByGlobalNorm } from "thalweg/transform"
import { walk } from "./samples.js"
import { bitsOf } from "../support.js"

/** Parameters after some steps on `½x²`, one number at a time, beside a plain loop. */
const descend = (opt: AnyOptimizer, steps: number, start = 1): readonly number[] => {
  let x: Tensor = scalar(start, "f64")
  let state = opt.init(x)
  return Array.from({ length: steps }, () => {
    ;[x, state] = evaluate(opt.step(x, state, x))
    return item(x)
  })
}

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((x, i) => expect(Math.abs(x - (expected[i] ?? NaN))).toBeLessThanOrEqual(1e-13 * Math.abs(x)))
}

/** What a plain loop makes of `½x²`: `next` gets the gradient and its own variables. */
const loop = <V>(
  steps: number,
  variables: V,
  next: (x: number, v: V) => readonly [x: number, v: V]
): readonly number[] => {
  let [x, v] = [1, variables]
  return Array.from({ length: steps }, () => {
    ;[x, v] = next(x, v)
    return x
  })
}

test("lookahead has a derivative by the mix also at 1", () => {
  const p = tensor([1, 2], { dtype: "f64" })
  const grads = tensor([0.3, -0.5], { dtype: "f64" })
  const after = (mix: Tensor): Tensor => {
    const opt = pipe(sgd({ learningRate: 0.5 }), lookahead({ every: 2, mix }))
    const [p1, s1] = opt.step(p, opt.init(p), grads)
    return at(opt.step(p1, s1, grads)[0], 1)
  }
  const by = (mix: number): number => item(grad(after)(scalar(mix, "f64")))
  for (const mix of [0, 0.5, 1]) expect(by(mix)).toBeCloseTo(0.5, 12) // two steps of 0.25
  const twice = grad((mix: Tensor) => grad((m: Tensor) => square(after(m)))(mix))
  expect(item(twice(scalar(1, "f64")))).toBeCloseTo(2 * 0.5 ** 2, 12)
})

test("what is held back is applied with a derivative also where it is 0, and then keeps the bits", () => {
  const opt = pipe(sgd({ learningRate: 0.5 }), accumulate(3), withMomentum(0.9))
  const p = tensor([-0, 1], { dtype: "f64" })
  const finished = (grads: Tensor): Tensor => {
    const [, held] = opt.step(p, opt.init(p), grads)
    return opt.finish(p, held)[0]
  }
  const slopes = jacobian(finished)(tensor([0, 0.2], { dtype: "f64" }))
  expect(toArray(slopes)).toEqual(toArray(jacobian(finished)(tensor([0.1, 0.2], { dtype: "f64" }))))
  expect(toArray(finished(tensor([0, 0.2], { dtype: "f64" })))).toEqual([-0, 0.9])
})

describe("against plain loops", () => {
  const rate = (t: number): number => 0.5 - 0.1 * Math.min(t, 4)
  const learningRate = linear({ start: 0.5, end: 0.1, steps: 4 })

  test("momentum outside the rate: x -= η·v", () => {
    const expected = loop(6, { v: 0, t: 0 }, (x, { v, t }) => {
      const next = 0.9 * v + x
      return [x - rate(t) * next, { v: next, t: t + 1 }]
    })
    expectClose(descend(sgd({ learningRate, momentum: 0.9 }), 6), expected)
  })

  test("momentum inside the rate: v = γ·v + η·g", () => {
    const expected = loop(6, { v: 0, t: 0 }, (x, { v, t }) => {
      const next = 0.9 * v + rate(t) * x
      return [x - next, { v: next, t: t + 1 }]
    })
    expectClose(descend(pipe(sgd({ learningRate }), withMomentum(0.9)), 6), expected)
  })

  test("momentum over decay accumulates the decay, under it it does not", () => {
    const under = loop(6, 0, (x, v) => [x - (0.9 * v + 0.1 * x) - 0.1 * 0.5 * x, 0.9 * v + 0.1 * x])
    const over = loop(6, 0, (x, v) => [x - (0.9 * v + 0.1 * x + 0.1 * 0.5 * x), 0.9 * v + 0.1 * x + 0.1 * 0.5 * x])
    const descent = sgd({ learningRate: 0.1 })
    expectClose(descend(pipe(descent, withMomentum(0.9), withWeightDecay(0.5)), 6), under)
    expectClose(descend(pipe(descent, withWeightDecay(0.5), withMomentum(0.9)), 6), over)
  })

  test("weight decay uses the rate in force and the parameters before the step", () => {
    const expected = loop(6, 0, (x, t) => [x - rate(t) * x - rate(t) * 0.2 * x, t + 1])
    expectClose(descend(pipe(sgd({ learningRate }), withWeightDecay(0.2)), 6), expected)
  })

  test("lookahead pulls back every third step", () => {
    const expected = loop(7, { slow: 1, t: 1 }, (x, { slow, t }) => {
      const fast = x - 0.3 * x
      const next = t % 3 === 0 ? slow + 0.25 * (fast - slow) : slow
      return [t % 3 === 0 ? next : fast, { slow: next, t: t + 1 }]
    })
    expectClose(descend(pipe(sgd({ learningRate: 0.3 }), lookahead({ every: 3, mix: 0.25 })), 7), expected)
  })
})

describe("decay", () => {
  test("with zero gradients, n steps of decay scale by (1 - ηλ)ⁿ", () => {
    const decayed = pipe(adam({ learningRate: 0.5 }), withWeightDecay(0.25))
    const p = { w: tensor([2, -3], { dtype: "f64" }) }
    let [now, state] = [p, decayed.init(p)]
    for (let step = 0; step < 5; step++) [now, state] = decayed.step(now, state, Tree.zerosLike(p))
    expectClose([...toTyped(now.w)], [2 * 0.875 ** 5, -3 * 0.875 ** 5])
  })

  test("coupled and decoupled agree on plain descent, and differ with momentum and with Adam", () => {
    const both = (opt: AnyOptimizer): readonly (readonly number[])[] => [
      descend(pipe(opt, withWeightDecay(0.3)), 4),
      descend(pipe(opt, onGradient(addDecayedWeights(0.3))), 4)
    ]
    const [decoupled, coupled] = both(sgd({ learningRate: 0.1 }))
    expectClose(decoupled ?? [], coupled ?? [])
    for (const opt of [sgd({ learningRate: 0.1, momentum: 0.9 }), adam({ learningRate: 0.1 })]) {
      const [one = [], other = []] = both(opt)
      expect(Math.abs((one[3] ?? 0) - (other[3] ?? 0))).toBeGreaterThan(1e-3)
    }
  })
})

describe("combinators made of transforms", () => {
  const [a, b] = [applyMomentum({ decay: 0.5 }), clipByGlobalNorm(0.2)]
  const inner = adam({ learningRate: 0.1 })

  test("on gradients, the last in a pipe acts first; two are the lift of their chain", () => {
    const two = flow(onGradient(b), onGradient(a))(inner)
    expect(bitsOf(walk(two, 4)[0])).toEqual(bitsOf(walk(onGradient(chain(a, b))(inner), 4)[0]))
    expect(bitsOf(walk(two, 4)[0])).not.toEqual(bitsOf(walk(onGradient(chain(b, a))(inner), 4)[0]))
  })

  test("on displacements, the first in a pipe acts first; two are the lift of their chain", () => {
    const two = flow(onDisplacement(a), onDisplacement(b))(inner)
    expect(bitsOf(walk(two, 4)[0])).toEqual(bitsOf(walk(onDisplacement(chain(a, b))(inner), 4)[0]))
    expect(bitsOf(walk(two, 4)[0])).not.toEqual(bitsOf(walk(onDisplacement(chain(b, a))(inner), 4)[0]))
  })

  test("clipping comes before the moments, whatever stands between in the pipe", () => {
    const clipped = pipe(inner, clipByNorm(0.7), withMomentum(0.5))
    expect(bitsOf(walk(clipped, 4)[0])).toEqual(bitsOf(walk(pipe(inner, withMomentum(0.5), clipByNorm(0.7)), 4)[0]))
    const [, state] = walk(pipe(inner, clipByNorm(0.7)), 1)
    const norm = Math.hypot(...Tree.leaves(state.inner.inner[0].mu).flatMap(t => [...toTyped(t)]))
    expect(norm).toBeCloseTo(0.1 * 0.7, 6)
  })

  test("no momentum, no decay and no clipping change nothing, to the last bit", () => {
    const untouched = pipe(inner, withMomentum(0), withWeightDecay(0), clipByNorm(1e300))
    expect(bitsOf(walk(untouched, 4)[0])).toEqual(bitsOf(walk(inner, 4)[0]))
    const descent = sgd({ learningRate: 0.1 })
    expect(bitsOf(walk(sgd({ learningRate: 0.1, momentum: 0 }), 4)[0])).toEqual(bitsOf(walk(descent, 4)[0]))
  })
})
