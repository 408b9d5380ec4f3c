import { describe, expect, test } from "vitest"
import { compile, evaluate, item, pipe, scalar, tensor, toArray, zeros, type Tensor } from "thalweg"
import {
  accumulate,
  adam,
  clipAdaptive,
  freeze,
  ifFinite,
  masked,
  muon,
  ontoBox,
  ontoL2Ball,
  ontoSimplex,
  partition,
  project,
  reduceOnPlateau,
  sgd,
  withEma,
  withL2,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { dense, halfSquaredError } from "thalweg/nn"
import { key } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"
import { params, thrown } from "./samples.js"

const inner = sgd({ learningRate: 0.1 })

test.each<readonly [() => unknown, string]>([
  [() => withL2(-1), "withL2: expected weightDecay to be a finite number ≥ 0; got -1"],
  [() => clipAdaptive(1, { eps: 0 }), "clipAdaptive: expected eps to be a finite number > 0; got 0"],
  [() => accumulate(0), "accumulate: expected every to be a whole number from 1 to 2147483647; got 0"],
  [() => project(ontoL2Ball(1), { over: "all" as never }), 'project: expected over to be tree or leaf; got "all"'],
  [() => ontoBox({ lower: 1, upper: 0 }), "ontoBox: expected lower to be at most upper; got 1 and 0"],
  [() => ontoSimplex(0), "ontoSimplex: expected total to be a finite number > 0; got 0"]
])("%s: an option that stands by itself is refused at the call, as one in a record", (use, message) => {
  expect(thrown(use)).toBe(`HyperparameterError ${message}`)
})

describe("a mask that does not fit is refused when the parameters are known", () => {
  test.each<readonly [() => unknown, string]>([
    [
      () => freeze("dens/*")(inner).init(params),
      'freeze: expected a parameter that matches "dens/*"; got none; the nearest are "dense/b", "dense/w", "out/0"'
    ],
    [
      () => withL2(1, { mask: ["dense/w", "out"] })(inner).init(params),
      'withL2: expected a parameter that matches "out"; got none; the nearest are "out/0", "out/1", "dense/b"'
    ],
    [() => masked("**/*")(inner).init({}), 'masked: expected a parameter that matches "**/*"; got no parameters'],
    [
      () => masked({ dense: { w: true }, out: [true, true] })(inner).init(params),
      'masked at "dense": expected a record with keys b, w; got a record with keys w'
    ],
    [
      () => masked({ dense: { w: true, b: 1 as never }, out: [true, true] })(inner).init(params),
      'masked at "dense/b": expected true or false; got 1'
    ],
    [
      () => withWeightDecay(1, { mask: { dense: true, out: [true, true] } })(inner).init(params),
      'withWeightDecay at "dense": expected a record with keys b, w; got true'
    ],
    [
      () => masked({ dense: { w: true, b: true }, out: [true] })(inner).init(params),
      'masked at "out": expected an array of 2; got an array of 1'
    ],
    ...[masked, freeze].map(
      make =>
        [() => make([])(inner).init(params), `${make.title}: expected at least one pattern of paths; got an empty list`] as const // prettier-ignore
    ),
    [
      () => withL2(1, { mask: [] })(inner).init(params),
      "withL2: expected at least one pattern of paths; got an empty list"
    ],
    [
      () => withWeightDecay(1, { mask: [] })(inner).init(params),
      "withWeightDecay: expected at least one pattern of paths; got an empty list"
    ],
    [() => muon({ matrices: [] }).init(params), "muon: expected at least one pattern of paths; got an empty list"],
    [() => masked(() => 0 as never)(inner).init(params), 'masked at "dense/b": expected true or false; got 0'],
    [
      () => partition({ a: inner, b: inner }, () => "c" as never).init(params),
      'partition at "dense/b": expected a label among a, b; got "c"'
    ],
    [
      () => partition({ a: inner }, new Map([["dense/*", "a"]])).init(params),
      'partition at "out/0": expected a label among a; got no pattern that matches'
    ],
    [
      () => partition({ a: inner }, new Map([["**", "a"], ["x", "a"]])).init(params), // prettier-ignore
      'partition: expected a parameter that matches "x"; got none; the nearest are "dense/b", "dense/w", "out/0"'
    ],
    [
      () => partition({ a: inner }, { dense: { w: "a", b: "a" }, out: "a" }).init(params),
      'partition at "out": expected an array of 2; got "a"'
    ]
  ])("%s", (use, message) => {
    expect(thrown(use)).toBe(`TreeError ${message}`)
  })

  test("an empty list is a mask of no parameters", () => {
    expect(() => masked([])(inner).init([])).not.toThrow()
  })

  test("a function sees the leaf too, as it is compiled", () => {
    const seen = { masks: (_: string, leaf: Tensor) => leaf.shape.length > 0, labels: (path: string, { shape }: Tensor) => (path === "w" && shape.length > 0 ? "a" : "b") } as const // prettier-ignore
    const [start, grads] = [
      { w: tensor([1, 1]), b: scalar(1) },
      { w: tensor([1, 1]), b: scalar(1) }
    ]
    const moved = (opt: AnyOptimizer) => {
      const [{ w, b }] = compile((p: typeof start) => opt.step(p, opt.init(p), grads))(start)
      return [toArray(w), item(b)]
    }
    const still = sgd({ learningRate: 0 })
    const unit = sgd({ learningRate: 1 })
    expect(moved(masked(seen.masks)(unit))).toEqual([[0, 0], 1])
    expect(moved(partition({ a: unit, b: still }, seen.labels))).toEqual([[0, 0], 1])
  })

  test("at the step too", () => {
    const opt = freeze("out/*")(inner)
    const state = opt.init(params)
    const other = { in: tensor([1]) }
    expect(thrown(() => opt.step(other, state, other))).toContain('freeze: expected a parameter that matches "out/*"')
  })
})

describe("what the loss needs", () => {
  test("trainStep gives it, through every combinator", () => {
    const watching = pipe(adam(), reduceOnPlateau({ patience: 1, factor: 0.5 }))
    const optimizer = pipe(partition({ a: watching, b: inner }, path => (path === "bias" ? "a" : "b")), ifFinite(), accumulate(1)) // prettier-ignore
    const task = { model: dense({ units: 1 }), loss: halfSquaredError, optimizer }
    const batch = { x: tensor([[1], [2]]), y: tensor([[1], [-1]]) }
    const state = initTraining(task)(key(0), zeros([1, 1]))
    const [after, { loss }] = evaluate(trainStep(task)(state, batch))
    expect(item(after.optimizer.inner.inner.inner.inner.inner.a.plateau.best)).toBe(item(loss))
  })

  test("its type demands it, and only where it is needed", () => {
    const x = scalar(1)
    const opt = pipe(
      inner,
      reduceOnPlateau(),
      withEma(0.9),
      freeze(() => false)
    )
    // @ts-expect-error -- the loss is missing
    expect(() => opt.step(x, opt.init(x), x)).toThrow()
    expect(item(opt.step(x, opt.init(x), x, { loss: x })[0])).toBeCloseTo(0.9, 6)
    const free = pipe(inner, withEma(0.9))
    expect([opt.needs, free.needs]).toEqual([["loss"], []])
    // @ts-expect-error -- no optimizer of that label
    const wrong = () => partition({ a: inner }, () => "b")
    expect(thrown(() => wrong().init(x))).toContain("label")
  })
})
