import { tensor, toArray, type Tree } from "thalweg"
import { optimizers } from "thalweg/optimizer"
import { encodeOptimizer, fromSpec, type Json } from "thalweg/spec"
import { describe, expect, test } from "vitest"
import { around, problems, specOf, twoParts } from "./samples.js"

describe("errors say where", () => {
  const parted = (more: object): Json => ({ ...twoParts, ...more })
  const one = { optimizer: "adam" }
  const pattern = 'a pattern such as "head/**", of at most 200 characters'
  test.each<readonly [json: Json, lines: readonly string[]]>([
    [around({ combinator: "masked" }), [`pipe/0/mask: expected ${pattern}, or a list of such; got undefined`]],
    [around({ combinator: "masked", mask: [] }), [`pipe/0/mask: expected ${pattern}, or a list of such; got an array of length 0`]], // prettier-ignore
    [around({ combinator: "masked", mask: { dense: true } }), [`pipe/0/mask: expected ${pattern}, or a list of such; got an object with keys dense`]], // prettier-ignore
    [around({ combinator: "freeze", mask: "a//b" }), [`pipe/0/mask: expected ${pattern}; got "a//b"`]],
    [around({ combinator: "freeze", mask: ["**", 3, "a/"] }), [`pipe/0/mask/1: expected ${pattern}; got 3`, `pipe/0/mask/2: expected ${pattern}; got "a/"`]], // prettier-ignore
    [around({ combinator: "withL2", weightDecay: 1, mask: "*".repeat(201) }), [`pipe/0/mask: expected ${pattern}; got "${"*".repeat(40)}…"`]], // prettier-ignore
    [around({ combinator: "ontoL2Ball" }), ["pipe/0/radius: expected a finite number > 0, or a schedule; got undefined"]], // prettier-ignore
    [around({ combinator: "ontoBox", lower: 1, upper: 0 }), ["pipe/0: expected lower to be at most upper, not 1 and 0; got an object with keys combinator, lower, upper"]], // prettier-ignore
    [around({ combinator: "ontoBox", over: "leav" }), ['pipe/0/over: expected "tree" or "leaf" (did you mean "leaf"?); got "leav"']], // prettier-ignore
    [{ optimizer: "muon", nsCoefficients: [1, "2"] }, ['nsCoefficients/1: expected a finite number; got "2"']],
    [{ optimizer: "muon", nsCoefficients: [1, 2] }, ["nsCoefficients: expected 3 or 15 numbers; got an array of length 2"]], // prettier-ignore
    [{ optimizer: "muon", matrices: "/kernel" }, [`matrices: expected ${pattern}; got "/kernel"`]],
    [{ optimizer: "muon", elsewhere: "adam" }, ['elsewhere: expected an object { "optimizer": …, … }; got "adam"']],
    [{ optimizer: "muon", elsewhere: { optimizer: "adm" } }, ['elsewhere/optimizer: expected a known optimizer (did you mean "adam"?); got "adm"']], // prettier-ignore
    [{ optimizer: "muon", elsewhere: { optimizer: "adam", b1: 2 }, nsSteps: 0 }, ["nsSteps: expected a whole number from 1 to 100; got 0", "elsewhere/b1: expected a number ≥ 0 and < 1, or a schedule; got 2"]], // prettier-ignore
    [{ optimizer: "partition" }, ["optimizers: expected an object of optimizers by label; got undefined", "labels: expected a list of patterns, each with a label; got undefined"]], // prettier-ignore
    [parted({ labels: [] }), ["labels: expected at least one pattern with a label; got an array of length 0"]],
    [
      parted({ labels: { "**": "rest" } }),
      ["labels: expected a list of patterns, each with a label; got an object with keys **"]
    ],
    [parted({ labels: [["**"], ["**", 1], [2, "rest"]] }), ["labels/0: expected a pattern and a label; got an array of length 1", "labels/1/1: expected a label; got 1", `labels/2/0: expected ${pattern}; got 2`]], // prettier-ignore
    [parted({ labels: [["dense/**", "weights"], ["**", "rst"]] }), ['labels/1/1: expected a label among weights, rest; got "rst"']], // prettier-ignore
    [parted({ labels: [["**", "rest"], ["**", "weights"]] }), ['labels/1/0: expected a pattern that is not there yet; got "**"']], // prettier-ignore
    [parted({ labels: [["**", "toString"]] }), ['labels/0/1: expected a label among weights, rest; got "toString"']],
    [parted({ labels: [["**", "__proto__"]] }), ['labels/0/1: expected a label among weights, rest; got "__proto__"']],
    [parted({ optimizers: {} }), ['labels/0/1: expected a label among (none); got "weights"']],
    [parted({ optimizers: { weights: one, rest: { optimizer: "sgd" } } }), ["optimizers/rest/learningRate: expected a finite number ≥ 0, or a schedule; got undefined"]], // prettier-ignore
    [parted({ optimizers: { weights: { ...twoParts, labels: [["**", "x"]] }, rest: one } }), ['optimizers/weights/labels/0/1: expected a label among weights, rest; got "x"']], // prettier-ignore
    [parted({ optimizers: { weights: { ...one, pipe: [{ combinator: "maximise" }] }, rest: one } }), ['optimizers/weights/pipe/0/combinator: expected a known combinator (did you mean "maximize"?); got "maximise"']] // prettier-ignore
  ])("%#", (json, lines) => {
    expect(problems(json)).toEqual(lines)
  })

  test.each(["__proto__", "constructor", "prototype", "a/b", ""])("a label that cannot be a key: %j", label => {
    const json = `{ "optimizer": "partition", "optimizers": { ${JSON.stringify(label)}: { "optimizer": "adam" } }, "labels": [["**", ${JSON.stringify(label)}]] }`
    expect(problems(JSON.parse(json))).toEqual([
      expect.stringMatching(/^optimizers.*: expected a key without "\/" that is neither empty nor one of __proto__/)
    ])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

/** Parameters far below. */
const deep = Array.from({ length: 24 }).reduce<Tree>(tree => ({ layer: tree }), tensor([0]))

describe("what is not data is refused by the row itself", () => {
  const [adam, rest] = [optimizers.adam.make({}), { labels: [["**", "a"]] as const }]
  const { partition } = optimizers
  test.each([
    ["partition: expected optimizers.a to be an optimizer; got 3", () => partition.make({ optimizers: { a: 3 as never }, ...rest })], // prettier-ignore
    ["partition: expected optimizers to be a record of optimizers; got null", () => partition.make({ optimizers: null as never, ...rest })], // prettier-ignore
    ["partition: expected labels to be a list; got the function labels", () => partition.make({ optimizers: { a: adam }, labels: (() => "a") as never })], // prettier-ignore
    ["partition: expected labels[1] to be a pattern and a label; got \"b\"", () => partition.make({ optimizers: { a: adam }, labels: [["**", "a"], "b" as never] })], // prettier-ignore
    ['partition at "labels/0/1": expected a label among b; got "a"', () => partition.make({ optimizers: { b: adam }, ...rest })] // prettier-ignore
  ])("%s", (message, use) => {
    expect(use).toThrow(expect.objectContaining({ name: "HyperparameterError", message }) as Error)
  })
})

describe("hostile data gets an error, soon", () => {
  const nested = (levels: number): Json =>
    Array.from({ length: levels }).reduce<Json>(
      all => ({ optimizer: "partition", optimizers: { all }, labels: [["**", "all"]] }),
      { optimizer: "sgd", learningRate: 1 }
    )
  const shared = Array.from({ length: 20 }).reduce<unknown>(
    inner => ({ optimizer: "partition", optimizers: { a: inner, b: inner, c: inner }, labels: [["**", "a"]] }),
    { optimizer: "adam" }
  )
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`label${i}`, { optimizer: "adam" }]))
  const hostile: readonly (readonly [string, unknown])[] = [
    ["many levels", nested(100_000)],
    ["a level too many", nested(12)],
    ["shared 3²⁰ times", shared],
    ["many optimizers", { optimizer: "partition", optimizers: many, labels: [["**", "label0"]] }],
    ["many labels for none", { optimizer: "partition", optimizers: {}, labels: Array.from({ length: 3000 }, (_, i) => [`p${i}`, `l${i}`]) }], // prettier-ignore
    ["one of many that there are not", { optimizer: "partition", optimizers: Object.fromEntries(Object.entries(many).slice(0, 3000)), labels: [["**", "x"]] }], // prettier-ignore
    ["a long pattern", around({ combinator: "masked", mask: "*a".repeat(1_000_000) })],
    ["many patterns", around({ combinator: "masked", mask: Array.from({ length: 1_000_000 }, () => "*") })],
    ["a long label", { optimizer: "partition", optimizers: {}, labels: [["**", "x".repeat(1_000_000)]] }],
    ["many combinators within", { optimizer: "muon", elsewhere: { optimizer: "adam", pipe: Array.from({ length: 33 }, () => ({ combinator: "maximize" })) } }] // prettier-ignore
  ]
  test.each(hostile)("%s", (_, json) => {
    const start = performance.now()
    const lines = problems(json)
    expect(lines).not.toEqual([])
    expect(lines.join("").length).toBeLessThan(4000)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test("as deep as it may be, it is read, written and made", () => {
    const json = nested(11)
    expect(encodeOptimizer(specOf(json))).toEqual(json)
    const opt = fromSpec(specOf(json))
    const p = tensor([3])
    expect(toArray(opt.step(p, opt.init(p), p)[0])).toEqual([0])
  })

  test.each([
    ["of segments", "**/".repeat(40) + "none", deep],
    ["within a segment", `${"*e".repeat(20)}*x`, { ["e".repeat(60)]: tensor([0]) }]
  ])("a pattern with many stars %s is matched soon", (_, mask, parameters) => {
    const opt = fromSpec(specOf(around({ combinator: "masked", mask })))
    const start = performance.now()
    expect(() => opt.init(parameters)).toThrow("the nearest are")
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
