import { describe, expect, expectTypeOf, test } from "vitest"
import { item, mul, tensor, toArray, toTyped, Tree } from "thalweg"
import { linear } from "thalweg/schedule"
import {
  addDecayedWeights,
  applyMomentum,
  chain,
  clipByGlobalNorm,
  clockAt,
  identity,
  scaleByAdam,
  scaleByLearningRate,
  type AnyF,
  type Moments,
  type Transform
} from "thalweg/transform"

const params = { w: tensor([1, -2, 0.5], { dtype: "f64" }), b: [tensor(3)] as const }
type Params = typeof params
const updates = (step: number): Params => ({
  w: tensor([step - 1, 0.5 * step, -1], { dtype: "f64" }),
  b: [tensor(0.25 - step)]
})

/** The updates that come out over some steps, as bits. */
const stream = (transform: Transform<AnyF>, steps = 4): readonly number[][] => {
  let state = transform.init(params)
  return Array.from({ length: steps }, (_, step) => {
    const [out, after] = transform.update(updates(step), state, params, clockAt(step))
    state = after
    return Tree.leaves(out).flatMap(t => [...toTyped(t)])
  })
}

const parts = {
  decay: addDecayedWeights(0.3),
  momentum: applyMomentum({ decay: 0.5, nesterov: true }),
  clip: clipByGlobalNorm(linear({ start: 2, end: 1, steps: 3 })),
  adam: scaleByAdam({ b1: 0.5, b2: 0.75 }),
  step: scaleByLearningRate(0.1)
}

describe("chain", () => {
  test("is associative, with identity as unit, on the stream of updates", () => {
    const { decay, momentum, clip, adam, step } = parts
    const flat = stream(chain(decay, momentum, clip, adam, step))
    for (const other of [
      stream(chain(chain(decay, momentum), chain(clip, adam, step))),
      stream(chain(decay, chain(momentum, chain(clip, chain(adam, step))))),
      stream(chain(identity, decay, momentum, identity, clip, adam, step, identity)),
      stream(chain(chain(), decay, momentum, clip, adam, step))
    ])
      expect(other).toEqual(flat)
  })

  test("of nothing is identity; of one is that one", () => {
    expect(stream(chain())).toEqual(stream(identity))
    expect(stream(identity)).toEqual([0, 1, 2, 3].map(t => Tree.leaves(updates(t)).flatMap(x => [...toTyped(x)])))
    expect(stream(chain(parts.adam))).toEqual(stream(parts.adam))
  })

  test("does not commute", () => {
    expect(stream(chain(parts.adam, parts.decay))).not.toEqual(stream(chain(parts.decay, parts.adam)))
  })

  test("keeps the states of its parts in their order, typed", () => {
    const transform = chain(parts.clip, identity, chain(parts.adam))
    const state = transform.init(params)
    expectTypeOf(state).toEqualTypeOf<readonly [readonly [], readonly [], readonly [Moments<Params>]]>()
    const [, after] = transform.update(updates(0), state, params, clockAt(0))
    expect(after[0]).toEqual([])
    expect(after[1]).toEqual([])
    expect(toArray(after[2][0].mu.w)).toEqual(toArray(mul(updates(0).w, 0.5)))
  })

  test("has a rate if one of its parts has: the product", () => {
    expect(chain(parts.adam, parts.clip).rate).toBeUndefined()
    const transform = chain(parts.step, parts.adam, scaleByLearningRate(linear({ start: 1, end: 0, steps: 2 })))
    const state = transform.init(params)
    expect(transform.rate && item(transform.rate(state, clockAt(0)))).toBe(0.1)
    const [, after] = transform.update(updates(0), state, params, clockAt(0))
    expect(transform.rate && item(transform.rate(after, clockAt(1)))).toBe(0.05)
  })
})
