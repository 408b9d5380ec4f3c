import { describe, expect, test } from "vitest"
import { add, item, mul, neg, pipe, sub, tensor, toArray, Tree, type Tensor } from "thalweg"
import {
  adam,
  altered,
  clipByNorm,
  lookahead,
  onDisplacement,
  optimizer,
  sgd,
  withMomentum,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { chain, scale, scaleByAdam, scaleByLearningRate } from "thalweg/transform"
import { gradient, params, walk } from "./samples.js"
import { bitsOf } from "../support.js"

describe("the rate", () => {
  test.each<readonly [string, AnyOptimizer, number]>([
    ["of descent", sgd({ learningRate: 0.1 }), 0.1],
    [
      "of a combination",
      pipe(adam({ learningRate: 0.1 }), withMomentum(0.5), withWeightDecay(1), clipByNorm(1), lookahead()),
      0.1
    ],
    [
      "of transforms that apply two",
      optimizer(chain(scaleByLearningRate(0.5), scale(-1), scaleByLearningRate(0.25))),
      0.125
    ],
    ["of a chain in a chain", optimizer(chain(scaleByAdam(), chain(scaleByLearningRate(0.5)))), 0.5],
    ["of a transform that applies none", optimizer(scale(-1)), 1]
  ])("%s", (_, opt, rate) => {
    const [, state] = walk(opt, 2)
    expect([item(opt.rate(state)), opt.rate(state).dtype]).toEqual([rate, "f64"])
  })
})

describe("where to take the gradient, and what to deploy", () => {
  /** Looks a whole step ahead, and deploys the negative. */
  const odd = altered(sgd({ learningRate: 0.5 }), {
    gradientPoint: (p, _, { step }) => Tree.map(t => add(t, item(step)))(p),
    evalParams: p => Tree.map(neg)(p)
  })
  const x = tensor([1, 2])

  test.each<readonly [string, AnyOptimizer]>([
    ["withMomentum", pipe(odd, withMomentum(0.5))],
    ["withWeightDecay", pipe(odd, withWeightDecay(0.5))],
    ["clipByNorm", pipe(odd, clipByNorm(1))],
    ["all of them", pipe(odd, withMomentum(0.5), withWeightDecay(0.5), clipByNorm(1))]
  ])("%s asks the optimizer inside, at its own state", (_, opt) => {
    const [, state] = opt.step(x, opt.init(x), x)
    expect(toArray(opt.gradientPoint(x, state))).toEqual([2, 3])
    expect(toArray(opt.evalParams(x, state))).toEqual([-1, -2])
  })

  test("lookahead asks inside for the point, and deploys its slow weights", () => {
    const opt = pipe(odd, lookahead({ every: 2, mix: 0.5 }))
    const [fast, state] = opt.step(x, opt.init(x), x)
    expect(toArray(opt.gradientPoint(fast, state))).toEqual([1.5, 2])
    expect(toArray(opt.evalParams(fast, state))).toEqual([1, 2])
    const around = pipe(opt, clipByNorm(9), withMomentum(0))
    expect(toArray(around.evalParams(fast, around.init(x)))).toEqual([1, 2])
  })

  test("they are the parameters themselves for everything else", () => {
    const opt = pipe(adam(), withMomentum(0.5))
    const state = opt.init(params)
    expect([opt.gradientPoint(params, state), opt.evalParams(params, state)]).toEqual([params, params])
  })
})

describe("lookahead", () => {
  const inner = adam({ learningRate: 0.1 })

  test("mix 1 is the inner optimizer, for every k; mix 0 never moves the slow weights", () => {
    const [plain] = walk(inner, 6)
    for (const every of [1, 2, 5])
      expect(bitsOf(walk(lookahead({ every, mix: 1 })(inner), 6)[0])).toEqual(bitsOf(plain))
    const still = lookahead({ every: 2, mix: 0 })(inner)
    expect(bitsOf(still.evalParams(...walk(still, 7)))).toEqual(bitsOf(params))
    expect(bitsOf(walk(still, 6)[0])).toEqual(bitsOf(params))
  })

  test("after a synchronization the fast weights are the slow ones, exactly; between, the slow ones rest", () => {
    const opt = lookahead({ every: 3, mix: 0.3 })(inner)
    const slow = (steps: number) => bitsOf(opt.evalParams(...walk(opt, steps)))
    const fast = (steps: number) => bitsOf(walk(opt, steps)[0])
    expect(slow(3)).toEqual(fast(3))
    expect([slow(4), slow(5)]).toEqual([slow(3), slow(3)])
    expect(fast(4)).not.toEqual(slow(4))
    expect(slow(6)).toEqual(fast(6))
    expect([slow(1), slow(2)]).toEqual([bitsOf(params), bitsOf(params)])
  })

  test("every defaults to 5, mix to 0.5; the inner state goes on over a synchronization", () => {
    const opt = lookahead()(inner)
    expect(bitsOf(walk(opt, 6))).toEqual(bitsOf(walk(lookahead({ every: 5, mix: 0.5 })(inner), 6)))
    const [, after] = walk(opt, 6)
    expect(bitsOf(after.inner.inner)).toEqual(bitsOf(walk(inner, 6)[1].inner))
  })

  test("a combinator on displacements sees what the parameters moved", () => {
    const opt = lookahead({ every: 2, mix: 0.5 })(sgd({ learningRate: 0.5 }))
    const [p, state] = walk(opt, 1)
    const [displacement] = opt.update(gradient(1), state, p)
    const [next] = opt.step(p, state, gradient(1))
    expect(bitsOf(displacement)).toEqual(bitsOf(Tree.zipWith(sub)(next, p)))
    const halved = onDisplacement(scale(0.5))(opt)
    const [half] = halved.step(p, { ...state, inner: { displacement: [], inner: state.inner } }, gradient(1))
    const expected = Tree.zipWith((t: Tensor, d: Tensor) => add(t, mul(d, 0.5)))(p, displacement)
    expect(bitsOf(half)).toEqual(bitsOf(expected))
  })
})
