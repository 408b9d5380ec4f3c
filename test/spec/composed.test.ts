import { pipe, scalar, tensor, toArray, type Tensor, type Tree } from "thalweg"
import {
  adam,
  freeze,
  lion,
  masked,
  muon,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  partition,
  polyakSgd,
  project,
  sgd,
  withEma,
  withL2,
  withNesterov,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { dataflow, equations } from "thalweg/show"
import { encodeOptimizer, fromSpec, type Json } from "thalweg/spec"
import { describe, expect, test } from "vitest"
import { walk } from "../optimizer/samples.js"
import { bitsOf } from "../support.js"
import { around, specOf, twoParts } from "./samples.js"

const half = sgd({ learningRate: 0.5 })

const twoPartsByHand = partition(
  {
    weights: pipe(adam({ learningRate: 0.5 }), withWeightDecay(0.25)),
    rest: lion({ learningRate: constant(0.25) })
  },
  new Map<string, "weights" | "rest">([
    ["dense/*", "weights"],
    ["**", "rest"]
  ])
)

const cases: readonly (readonly [name: string, json: Json, byHand: AnyOptimizer])[] = [
  ["masked", around({ combinator: "masked", mask: "dense/**" }), pipe(half, masked("dense/**"))],
  ["freeze", around({ combinator: "freeze", mask: ["out/0", "**/b"] }), pipe(half, freeze(["out/0", "**/b"]))],
  [
    "withWeightDecay",
    around({ combinator: "withWeightDecay", weightDecay: 0.25, mask: "**/w" }),
    pipe(half, withWeightDecay(0.25, { mask: "**/w" }))
  ],
  [
    "withL2",
    around({ combinator: "withL2", weightDecay: 0.25, mask: ["out/*"] }),
    pipe(half, withL2(0.25, { mask: ["out/*"] }))
  ],
  ["ontoSimplex", around({ combinator: "ontoSimplex", total: 2 }), pipe(half, project(ontoSimplex(2)))],
  ["ontoL1Ball", around({ combinator: "ontoL1Ball", radius: 2 }), pipe(half, project(ontoL1Ball(2)))],
  [
    "ontoL2Ball",
    around({ combinator: "ontoL2Ball", radius: 1, over: "leaf" }),
    pipe(half, project(ontoL2Ball(1), { over: "leaf" }))
  ],
  ["ontoLInfBall", around({ combinator: "ontoLInfBall", radius: 1 }), pipe(half, project(ontoLInfBall(1)))],
  ["ontoBox", around({ combinator: "ontoBox", upper: 0.25 }), pipe(half, project(ontoBox({ upper: 0.25 })))],
  ["ontoNonNegative", around({ combinator: "ontoNonNegative" }), pipe(half, project(ontoNonNegative))],
  [
    "muon",
    {
      optimizer: "muon",
      nsSteps: 1,
      nsCoefficients: [1.5, -0.5, 0],
      elsewhere: { optimizer: "sgd", learningRate: 0.5, pipe: [{ combinator: "withEma", decay: 0.5 }] }
    },
    muon({ nsSteps: 1, nsCoefficients: [1.5, -0.5, 0], elsewhere: pipe(half, withEma(0.5)) })
  ],
  [
    "muon of some leaves",
    { optimizer: "muon", nsSteps: 1, flatten: true, matrices: ["dense/w"] },
    muon({ nsSteps: 1, flatten: true, matrices: ["dense/w"] })
  ],
  ["muon as it is", { optimizer: "muon" }, muon()],
  ["partition", twoParts, twoPartsByHand],
  [
    "a partition within another",
    {
      optimizer: "partition",
      optimizers: { inner: twoParts, outer: { optimizer: "sgd", learningRate: 0.5 } },
      labels: [
        ["out/1", "outer"],
        ["**", "inner"]
      ],
      pipe: [{ combinator: "masked", mask: "**" }]
    },
    partition(
      { inner: twoPartsByHand, outer: half },
      new Map<string, "inner" | "outer">([
        ["out/1", "outer"],
        ["**", "inner"]
      ])
    )
  ]
]

describe.each(cases)("%s", (_, json, byHand) => {
  test("steps as the composition by hand, also what is deployed", () => {
    const [made, madeState] = walk(fromSpec(specOf(json)), 4)
    const [own, ownState] = walk(byHand, 4)
    expect(bitsOf(made)).toEqual(bitsOf(own))
    expect(bitsOf(fromSpec(specOf(json)).evalParams(made, madeState))).toEqual(bitsOf(byHand.evalParams(own, ownState)))
  })
  test("is written as it was read", () => {
    expect(encodeOptimizer(specOf(json))).toEqual(json)
  })
})

test("the order of labels counts, and is kept", () => {
  const reversed = { ...twoParts, labels: twoParts.labels.toReversed() }
  expect(encodeOptimizer(specOf(reversed))["labels"]).toEqual(reversed.labels)
  const [moved] = walk(fromSpec(specOf(reversed)), 2)
  expect(bitsOf(moved)).not.toEqual(bitsOf(walk(fromSpec(specOf(twoParts)), 2)[0]))
})

describe("a part that needs the loss gets it", () => {
  const atLoss = { loss: scalar(2) }
  const [p, grads] = [
    { kernel: tensor([[1]]), bias: tensor([4]) },
    { kernel: tensor([[1]]), bias: tensor([2]) }
  ]
  const polyak = polyakSgd()
  const [bias] = polyak.step(p.bias, polyak.init(p.bias), grads.bias, atLoss)
  const parts = { a: { optimizer: "polyakSgd" }, b: { optimizer: "sgd", learningRate: 0.5 } }
  const rules = [["bias", "a"], ["**", "b"]] // prettier-ignore
  test.each([
    ["partition", { optimizer: "partition", optimizers: parts, labels: rules }],
    ["muon", { optimizer: "muon", elsewhere: { optimizer: "polyakSgd" } }]
  ])("%s", (_, json) => {
    const opt = fromSpec(specOf(json))
    expect(toArray(opt.step(p, opt.init(p), grads, atLoss)[0].bias)).toEqual(toArray(bias))
    expect(() => opt.step(p, opt.init(p), grads)).toThrow("loss")
  })
})

test("muon takes gradients, and deploys, where the optimizer elsewhere does", () => {
  const inner = pipe(withNesterov(0.5)(sgd({ learningRate: 1 })), withEma(0.5))
  const opt = muon({ elsewhere: inner })
  const twice = <P extends Tree>(optimizer: AnyOptimizer, p: P): readonly [P, P, P] => {
    const [once, between] = optimizer.step(p, optimizer.init(p), p)
    const [moved, state] = optimizer.step(once, between, p)
    return [moved, optimizer.gradientPoint(moved, state), optimizer.evalParams(moved, state)]
  }
  const [bias, kernel] = [tensor([4]), tensor([[1]])]
  const sights = twice(opt, { bias, kernel })
  expect(sights.map(({ bias: b }) => toArray(b))).toEqual(twice(inner, [bias]).map(([b]) => toArray(b as Tensor)))
  expect(new Set(sights.map(({ bias: b }) => JSON.stringify(toArray(b)))).size).toBe(3)
  expect(new Set(sights.map(({ kernel: k }) => JSON.stringify(toArray(k)))).size).toBe(1)
})

test("equations and dataflow see through", () => {
  const json = {
    optimizer: "partition",
    optimizers: { all: around({ combinator: "withWeightDecay", weightDecay: 0.5, mask: "**" }) },
    labels: [["**", "all"]]
  }
  const opt = fromSpec(specOf(json))
  expect(equations(opt)).toBe(equations(pipe(half, withWeightDecay(0.5))))
  expect(dataflow(opt)).toMatch(/^graph LR\n/)
  expect(equations(fromSpec(specOf(around({ combinator: "freeze", mask: "**" }))))).toContain("p' = p")
})

test("`**` is all there is, also where there is nothing", () => {
  const opt = fromSpec(specOf(around({ combinator: "masked", mask: "**" })))
  expect(opt.step({}, opt.init({}), {})[0]).toEqual({})
  expect(() => fromSpec(specOf(around({ combinator: "masked", mask: "*" }))).init({})).toThrow("no parameters")
})
