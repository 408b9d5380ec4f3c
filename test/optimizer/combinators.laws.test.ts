import { describe, expect, test } from "vitest"
import { add, compile, div, evaluate, item, mul, neg, pipe, scalar, sub, tensor, toArray, toTyped, Tree, type Tensor } from "thalweg" // prettier-ignore
import {
  accumulate,
  adam,
  addNoise,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  freeze,
  ifFinite,
  lookahead,
  masked,
  maximize,
  normalizeGradients,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  partition,
  project,
  reduceOnPlateau,
  sgd,
  withEma,
  withL2,
  withMomentum,
  withNesterov,
  withPolyakAverage,
  withSchedule,
  withWeightDecay,
  type Optimizer
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import { linear } from "thalweg/schedule"
import { clipByGlobalNorm, clipElements, clipLeaves, clipUnits, globalNorm, type AtLoss, type StateFamily, type Transform } from "thalweg/transform" // prettier-ignore
import { any, bitsOf, gradient, params, walk, type AnyF, type Params } from "./samples.js"

const inner = adam({ learningRate: 0.1 })
const heavy = sgd({ learningRate: 0.1, momentum: 0.8 })
const run = <F extends StateFamily>(opt: Optimizer<F>, steps = 5) => bitsOf(walk(opt, steps)[0])
const mean = (...trees: readonly Params[]): Params =>
  Tree.map(t => div(t, trees.length))(trees.reduce((a, b) => Tree.zipWith(add)(a, b)))
const expectClose = (a: Tree, b: Tree, within = 1e-6): void => {
  const [x, y] = [a, b].map(tree => Tree.leaves(tree).flatMap(t => [...toTyped(t)])) as [number[], number[]]
  expect(x.length).toBe(y.length)
  x.forEach((value, i) => expect(Math.abs(value - (y[i] ?? NaN))).toBeLessThanOrEqual(within * Math.max(1, Math.abs(value)))) // prettier-ignore
}

const mixed = partition({ a: inner, b: heavy }, new Map([["dense/**", "a"], ["**", "b"]])) // prettier-ignore

/** Every combinator over Adam, so that it changes something. */
const combinators: readonly (readonly [name: string, opt: Optimizer<AnyF>])[] = [
  ["withL2", any(pipe(inner, withL2(0.1, { mask: "**/w" })))],
  ["withWeightDecay", any(pipe(inner, withWeightDecay(0.1, { mask: "dense/*" })))],
  ["withNesterov", any(pipe(inner, withNesterov(0.5)))],
  ["clipByLeafNorm", any(pipe(inner, clipByLeafNorm(0.5)))],
  ["clipByValue", any(pipe(inner, clipByValue(0.3)))],
  ["clipAdaptive", any(pipe(inner, clipAdaptive(0.1)))],
  ["centralizeGradients", any(pipe(inner, centralizeGradients()))],
  ["normalizeGradients", any(pipe(inner, normalizeGradients()))],
  ["addNoise", any(pipe(inner, addNoise(key(1), { eta: 0.1 })))],
  ["maximize", any(pipe(inner, maximize))],
  ["freeze", any(pipe(inner, freeze("out/0")))],
  ["masked", any(pipe(inner, masked(["dense/w", "out/*"])))],
  ["partition", any(mixed)],
  ["withEma", any(pipe(inner, withEma(0.9)))],
  ["withPolyakAverage", any(pipe(inner, withPolyakAverage({ skip: 2 })))],
  ["accumulate", any(pipe(inner, accumulate(2)))],
  ["ifFinite", any(pipe(inner, ifFinite({ tolerate: 3 })))],
  ["project", any(pipe(inner, project(ontoL2Ball(2))))],
  ["withSchedule", any(pipe(inner, withSchedule(linear({ start: 1, end: 0.1, steps: 4 }))))]
]

describe.each(combinators)("%s", (_, opt) => {
  test("replays bit for bit, compiled too; N steps are a and then N - a", () => {
    expect(run(opt)).toEqual(run(opt))
    const [p, state] = evaluate(walk(opt, 2))
    expect(bitsOf(walk(opt, 3, [p, state], 2))).toEqual(bitsOf(walk(opt, 5)))
    const [q, after] = compile(opt.step)(p, state, gradient(2))
    expectClose([q, after], opt.step(p, state, gradient(2)), 1e-12)
  })

  test("composes with lookahead, inside and outside, and its displacement is its step", () => {
    for (const both of [
      any(pipe(opt, lookahead({ every: 2, mix: 0.5 }), withMomentum(0.5), ifFinite())),
      any(pipe(opt, accumulate(2), withEma(0.5), freeze("dense/b")))
    ])
      expect(Tree.leaves(walk(both, 4)[0]).every(t => [...toTyped(t)].every(Number.isFinite))).toBe(true)
    const [p, state] = walk(opt, 2)
    const [displacement, after] = opt.update(gradient(2), state, p)
    const [moved, next] = opt.step(p, state, gradient(2))
    expectClose(Tree.zipWith(add)(p, displacement), moved, 1e-7)
    expectClose(after, next)
    expect(item(opt.rate(opt.init(params)))).toBe(0.1)
  })
})

test("each works over lookahead, whose slow weights are deployed through it", () => {
  const ahead = pipe(inner, lookahead({ every: 2, mix: 0.5 }))
  const [p, state] = walk(ahead, 3)
  const deployed = bitsOf(ahead.evalParams(p, state))
  for (const opt of [
    any(withL2(0)(ahead)),
    any(accumulate(1)(ahead)),
    any(ifFinite()(ahead)),
    any(masked(() => true)(ahead)),
    any(withSchedule(1)(ahead))
  ])
    expect(bitsOf(opt.evalParams(p, Object.assign({}, opt.init(params), { inner: state })))).toEqual(deployed)
  expect(bitsOf(maximize(ahead).evalParams(p, state))).toEqual(deployed)
})

describe("law 18: lookahead", () => {
  test("every 1, mix α is the inner optimizer scaled by α", () => {
    const descent = sgd({ learningRate: 0.1 })
    expectClose(walk(lookahead({ every: 1, mix: 0.25 })(descent), 6)[0], walk(sgd({ learningRate: 0.025 }), 6)[0])
  })
})

describe("law 19: accumulate", () => {
  test("k micro-batches are one step on their mean; between, nothing moves", () => {
    const opt = pipe(inner, accumulate(3))
    const first = walk(opt, 2)
    expect(bitsOf(first[0])).toEqual(bitsOf(params))
    expect(bitsOf(first[1].inner)).toEqual(bitsOf(inner.init(params)))
    const [p1, s1] = inner.step(params, inner.init(params), mean(gradient(0), gradient(1), gradient(2)))
    const [p2, s2] = inner.step(p1, s1, mean(gradient(3), gradient(4), gradient(5)))
    const [q, state] = walk(opt, 6)
    expectClose(q, p2)
    expectClose(state.inner, s2)
  })

  test("every 1 is the inner optimizer, exactly", () => {
    expect(run(pipe(inner, accumulate(1)))).toEqual(run(inner))
  })

  test("an optimizer that needs the loss gets the mean of the losses", () => {
    const opt = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ patience: 1, factor: 0.5 }), accumulate(2))
    const x = tensor([0], { dtype: "f64" })
    const losses = [3, 1, 2, 2, 4, 1]
    let [p, state] = [x, opt.init(x)]
    for (const loss of losses) [p, state] = opt.step(p, state, x, { loss: scalar(loss, "f64") })
    expect(toArray(p)).toEqual([0])
    expect([item(state.inner.plateau.best), item(state.inner.plateau.scale)]).toEqual([2, 0.25])
  })

  test("a state goes on with another k", () => {
    const [p, state] = walk(pipe(inner, accumulate(4)), 3)
    const [q] = pipe(inner, accumulate(2)).step(p, state, gradient(3))
    expect(bitsOf(q)).not.toEqual(bitsOf(params))
  })
})

describe("law 20: clips", () => {
  const g = gradient(1)
  const use = <F extends StateFamily>(t: Transform<F>, u: Params = g): Params => t.update(u, t.init(params), params)[0]
  const kinds: readonly (readonly [string, (n: number) => Transform<AnyF>])[] = [
    ["by norm", n => clipByGlobalNorm(n) as unknown as Transform<AnyF>],
    ["by leaf norm", n => clipLeaves(n) as unknown as Transform<AnyF>],
    ["by leaf rms", n => clipLeaves(n, { measure: "rms" }) as unknown as Transform<AnyF>],
    ["by value", n => clipElements(n) as unknown as Transform<AnyF>],
    ["adaptive", n => clipUnits(n) as unknown as Transform<AnyF>],
    ["adaptive, first axis", n => clipUnits(n, { units: "first" }) as unknown as Transform<AnyF>]
  ]

  test.each(kinds)("%s: idempotent, two are the smaller, non-expansive, zero stays zero", (_, clip) => {
    const small = clip(0.25)
    expect(bitsOf(use(small))).not.toEqual(bitsOf(g))
    expectClose(use(small, use(small)), use(small))
    expectClose(use(small, use(clip(0.5))), use(small))
    expectClose(use(clip(0.5), use(small)), use(small))
    expect(bitsOf(use(small, Tree.zerosLike(g)))).toEqual(bitsOf(Tree.zerosLike(g)))
    const other = gradient(2)
    const apart = (a: Params, b: Params): number => item(globalNorm(Tree.zipWith(sub)(a, b)))
    expect(apart(use(small), use(small, other))).toBeLessThanOrEqual(apart(g, other) * (1 + 1e-6))
    expect(bitsOf(use(clip(1e9)))).toEqual(bitsOf(g))
  })

  test("global is per leaf for one leaf; different kinds do not commute", () => {
    const one = { w: tensor([3, -0.5], { dtype: "f64" }) }
    const on = <F extends StateFamily>(t: Transform<F>, u: typeof one) => t.update(u, t.init(one), one)[0]
    expect(toArray(on(clipByGlobalNorm(1), one).w)).toEqual(toArray(on(clipLeaves(1), one).w))
    const [a, b] = [on(clipElements(0.5), on(clipLeaves(1), one)), on(clipLeaves(1), on(clipElements(0.5), one))]
    expect(toArray(a.w)).not.toEqual(toArray(b.w))
  })

  test("a gradient that is not finite does what is said", () => {
    const x = tensor([[1, 2], [3, 4]], { dtype: "f64" }) // prettier-ignore
    const both = { w: x, b: tensor([1], { dtype: "f64" }) }
    const on = <F extends StateFamily>(t: Transform<F>, bad: number) => {
      const w = tensor([[bad, 2], [3, 4]], { dtype: "f64" }) // prettier-ignore
      const { w: clipped, b } = t.update({ ...both, w }, t.init(both), both)[0]
      return [...toTyped(clipped), ...toTyped(b)]
    }
    expect(on(clipByGlobalNorm(1), NaN)).toEqual([NaN, NaN, NaN, NaN, NaN])
    expect(on(clipByGlobalNorm(1), Infinity)).toEqual([NaN, 0, 0, 0, 0])
    expect(on(clipLeaves(1), NaN)).toEqual([NaN, NaN, NaN, NaN, 1])
    expect(on(clipLeaves(1), -Infinity)).toEqual([NaN, 0, 0, 0, 1])
    expect(on(clipElements(1), NaN)).toEqual([NaN, 1, 1, 1, 1])
    expect(on(clipElements(1), -Infinity)).toEqual([-1, 1, 1, 1, 1])
    expect(on(clipUnits(10), NaN)).toEqual([NaN, 2, NaN, 4, 1])
    expect(on(clipUnits(10), Infinity)).toEqual([NaN, 2, 0, 4, 1])
  })
})

describe("law 21: masks", () => {
  test("true everywhere is the inner optimizer, exactly; false everywhere moves nothing", () => {
    const everywhere = Tree.paths(params)
    const clipped = pipe(inner, clipByNorm(0.5), lookahead({ every: 2 }))
    for (const mask of [() => true, "**", everywhere, { dense: { w: true, b: true }, out: [true, true] }])
      expect(run(masked(mask)(clipped))).toEqual(run(clipped))
    for (const opt of [masked(() => false)(clipped), freeze("**")(clipped)]) {
      const [p, state] = walk(opt, 3)
      expect(bitsOf(p)).toEqual(bitsOf(params))
      expect(Tree.size(state)).toBe(4) // the counts of clip, moments, rate and lookahead
    }
  })

  test("what is frozen has no state, and does not count in a norm", () => {
    const opt = freeze("dense/**")(pipe(heavy, clipByNorm(0.5)))
    const alone = pipe(heavy, clipByNorm(0.5))
    const [{ out, dense }, state] = walk(opt, 3)
    let [p, s] = [params.out, alone.init(params.out)]
    for (const step of [0, 1, 2]) [p, s] = alone.step(p, s, gradient(step).out)
    expect(bitsOf(out)).toEqual(bitsOf(p))
    expect(bitsOf(dense)).toEqual(bitsOf(params.dense))
    expect(Tree.paths(state)).toEqual([
      "inner/gradient/count",
      "inner/inner/0/count",
      "inner/inner/0/velocity/out/0",
      "inner/inner/0/velocity/out/1",
      "inner/inner/1/count"
    ])
  })

  test("a partition is independent optimizers, and not one that looks across leaves", () => {
    const [a, b] = [pipe(inner, clipByNorm(0.5)), pipe(heavy, clipByNorm(0.5))]
    const rules = new Map([["dense/**", "a"], ["**", "b"]] as const) // prettier-ignore
    const [{ dense, out }] = walk(partition({ a, b }, rules), 4)
    const both = { dense: walk(masked("dense/**")(a), 4)[0].dense, out: walk(freeze("dense/**")(b), 4)[0].out }
    expect(bitsOf({ dense, out })).toEqual(bitsOf(both))
    for (const same of [
      partition({ a, b }, path => (path.startsWith("dense") ? "a" : "b")),
      partition({ a, b }, { dense: { w: "a", b: "a" }, out: ["b", "b"] })
    ])
      expect(run(same, 4)).toEqual(bitsOf(both))
    expect(run(partition({ a: heavy, b: heavy }, rules))).toEqual(run(heavy))
    expect(run(pipe(partition({ a: heavy, b: heavy }, rules), clipByNorm(0.5)))).not.toEqual(run(partition({ a: b, b }, rules))) // prettier-ignore
  })

  test("decay and L2 act where the mask says", () => {
    const still = Tree.zerosLike(params)
    const descent = sgd({ learningRate: 0.1 })
    for (const opt of [
      any(withWeightDecay(0.5, { mask: "dense/w" })(descent)),
      any(withL2(0.5, { mask: "dense/w" })(descent))
    ]) {
      const [p] = opt.step(params, opt.init(params), still)
      expectClose(p.dense.w, mul(params.dense.w, 0.95))
      expect(bitsOf({ ...p, dense: p.dense.b })).toEqual(bitsOf({ ...params, dense: params.dense.b }))
    }
  })

  test("gradient points and deployed weights come from inside, for what is not masked", () => {
    const opt = masked("dense/*")(pipe(sgd({ learningRate: 0.1 }), withNesterov(0.5), withEma(0.5)))
    const [p, state] = walk(opt, 3)
    for (const seen of [opt.gradientPoint(p, state), opt.evalParams(p, state)]) {
      expect(bitsOf(seen.out)).toEqual(bitsOf(params.out))
      expect(bitsOf(seen.dense)).not.toEqual(bitsOf(p.dense))
    }
  })
})

describe("law 26: ifFinite", () => {
  const bad = { ...gradient(1), out: [scalar(NaN, "f64"), gradient(1).out[1]] as const }

  test("finite gradients: the inner optimizer, exactly; on a skip nothing changes", () => {
    const opt = ifFinite()(inner)
    expect(run(opt)).toEqual(run(inner))
    const [p, state] = walk(opt, 2)
    for (const value of [NaN, Infinity, -Infinity]) {
      const grads = { ...bad, out: [scalar(value, "f64"), bad.out[1]] as const }
      const [q, after] = opt.step(p, state, grads)
      expect([bitsOf(q), bitsOf(after.inner)]).toEqual([bitsOf(p), bitsOf(state.inner)])
      expect([item(after.inRow), item(after.skipped)]).toEqual([1, 1])
    }
  })

  test("a loss that is not finite is skipped too; more than tolerated in a row are applied", () => {
    const opt = pipe(inner, reduceOnPlateau(), ifFinite({ tolerate: 1 }))
    const [q, once] = opt.step(params, opt.init(params), gradient(0), { loss: scalar(NaN) })
    expect(bitsOf(q)).toEqual(bitsOf(params))
    const [r, twice] = opt.step(q, once, gradient(0), { loss: scalar(Infinity) })
    expect(bitsOf(r)).not.toEqual(bitsOf(params))
    expect([item(twice.inRow), item(twice.skipped)]).toEqual([2, 1])
  })
})

describe("law 27: maximize", () => {
  test("is minimizing the negative, exactly; twice, nothing", () => {
    const opt = maximize(heavy)
    let [p, s] = [params, heavy.init(params)]
    for (const i of [0, 1, 2]) [p, s] = heavy.step(p, s, Tree.map(neg)(gradient(i)))
    expect(bitsOf(walk(opt, 3))).toEqual(bitsOf([p, s]))
    expect(run(maximize(opt))).toEqual(run(heavy))
  })

  test("an optimizer that needs the loss gets the negated one", () => {
    const x = tensor([1])
    const opt: Optimizer<AnyF, readonly [AtLoss]> = maximize(pipe(sgd({ learningRate: 1 }), reduceOnPlateau()) as never)
    const [, state] = opt.step(x, opt.init(x), x, { loss: scalar(3) })
    expect(item((state as { plateau: { best: Tensor } }).plateau.best)).toBe(-3)
  })
})

describe("averages", () => {
  test("the run is the inner one; the average is that of the steps", () => {
    for (const opt of [any(withEma(0.9)(inner)), any(withPolyakAverage()(inner))]) expect(run(opt)).toEqual(run(inner))
    const steps = [1, 2, 3, 4].map(n => walk(inner, n)[0])
    const polyak = withPolyakAverage()(inner)
    expectClose(polyak.evalParams(...walk(polyak, 4)), mean(...steps))
    const tail = withPolyakAverage({ skip: 2 })(inner)
    expectClose(tail.evalParams(...walk(tail, 4)), mean(...steps.slice(2)))
    expect(bitsOf(tail.evalParams(...walk(tail, 2)))).toEqual(bitsOf(steps[1] as Params))
    const last = withEma(0)(inner)
    expect(bitsOf(last.evalParams(...walk(last, 4)))).toEqual(bitsOf(steps[3] as Params))
  })

  test("before the first step the parameters are deployed; those that rest are their own average", () => {
    const frozen = sgd({ learningRate: 0 })
    for (const start of ["debiased", "params"] as const) {
      const opt = withEma(0.9, { start })(frozen)
      expect(bitsOf(opt.evalParams(params, opt.init(params)))).toEqual(bitsOf(params))
      expectClose(opt.evalParams(...walk(opt, 3)), params)
    }
    const polyak = withPolyakAverage()(frozen)
    expect(bitsOf(polyak.evalParams(...walk(polyak, 3)))).toEqual(bitsOf(params))
  })
})

describe("projections", () => {
  const numbers = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])
  const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
  const sets = [
    ["simplex", ontoSimplex(), (x: readonly number[]) => Math.abs(sum(x) - 1) < 1e-6 && Math.min(...x) >= 0],
    ["L1 ball", ontoL1Ball(2), (x: readonly number[]) => sum(x.map(Math.abs)) <= 2 + 1e-6],
    ["L2 ball", ontoL2Ball(2), (x: readonly number[]) => Math.hypot(...x) <= 2 + 1e-6],
    ["L∞ ball", ontoLInfBall(0.5), (x: readonly number[]) => Math.max(...x.map(Math.abs)) <= 0.5],
    ["box", ontoBox({ lower: -0.25 }), (x: readonly number[]) => Math.min(...x) >= -0.25],
    ["non-negative", ontoNonNegative, (x: readonly number[]) => Math.min(...x) >= 0]
  ] as const

  test.each(sets)("onto the %s: within after each step, also what is deployed; idempotent", (_, projection, within) => {
    const opt = project(projection)(pipe(inner, withEma(0.9)))
    const [p, state] = walk(opt, 3)
    expect([within(numbers(params)), within(numbers(p)), within(numbers(opt.evalParams(p, state)))]).toEqual([false, true, true]) // prettier-ignore
    const zero = scalar(0, "i32")
    expectClose(projection(projection(p, zero), zero), projection(p, zero))
    const each = project(projection, { over: "leaf" })(inner)
    for (const leaf of Tree.leaves(walk(each, 2)[0])) expect(within(numbers(leaf))).toBe(true)
    expect(projection({}, zero)).toEqual({})
  })
})

describe("rates", () => {
  test("withSchedule multiplies: over descent it is descent at the product", () => {
    const schedule = linear({ start: 1, end: 0, steps: 4 })
    const opt = withSchedule(schedule)(sgd({ learningRate: 0.5 }))
    expectClose(walk(opt, 4)[0], walk(sgd({ learningRate: t => mul(schedule(t), 0.5) }), 4)[0])
    expect(item(opt.rate(walk(opt, 3)[1]))).toBe(0.125)
    expect(run(withSchedule(1)(inner))).toEqual(run(inner))
    const [still, state] = walk(withSchedule(0)(inner), 3)
    expect([bitsOf(still), bitsOf(state.inner)]).toEqual([bitsOf(params), bitsOf(walk(inner, 3)[1])])
  })

  test("of a partition: the largest", () => {
    const opt = partition({ a: heavy, b: sgd({ learningRate: 0.3 }) }, () => "a")
    expect(item(opt.rate(opt.init(params)))).toBe(0.3)
  })
})

test("noise: the same key, the same run; its variance falls as it should; none for η = 0", () => {
  const x = { w: tensor(new Float64Array(4096)), b: scalar(0) }
  const opt = addNoise(key(7), { eta: 4, gamma: 1 })(sgd({ learningRate: 1 }))
  const deviation = ({ w }: typeof x): number => Math.hypot(...toTyped(w)) / 64
  const [first, s1] = opt.step(x, opt.init(x), x)
  const [second] = opt.step(x, s1, x)
  expect(deviation(first)).toBeCloseTo(2, 1)
  expect(deviation(second)).toBeCloseTo(Math.SQRT2, 1)
  expect(run(addNoise(key(7), { eta: 0 })(inner))).toEqual(run(inner))
})

test("centralized gradients of a unit sum to 0; normalized ones have the norm 1, and 0 stays 0", () => {
  const moved = (opt: Optimizer<AnyF>, g: Params): Params => opt.update(g, opt.init(params), params)[0]
  const unit = any(normalizeGradients()(sgd({ learningRate: 1 })))
  expect(item(globalNorm(moved(unit, gradient(1))))).toBeCloseTo(1, 6)
  expect(bitsOf(Tree.map(t => add(t, 0))(moved(unit, Tree.zerosLike(params))))).toEqual(bitsOf(Tree.zerosLike(params)))
  const centered = moved(any(centralizeGradients()(sgd({ learningRate: 1 }))), gradient(1))
  const [[a, b, c] = [], [d, e, f] = []] = toArray(centered.dense.w) as number[][]
  expectClose(tensor([a! + d!, b! + e!, c! + f!]), tensor([0, 0, 0])) // eslint-disable-line @typescript-eslint/no-non-null-assertion
  expect(toArray(centered.dense.b)).toEqual(toArray(neg(gradient(1).dense.b)))
})
