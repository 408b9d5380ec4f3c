import * as E from "fp-ts/lib/Either.js"
import fc from "fast-check"
import { pipe, type Tree } from "thalweg"
import {
  adam,
  altered,
  byDepth,
  clipByNorm,
  combinators,
  lookahead,
  muon,
  onGradient,
  optimizers,
  partition,
  sgd,
  withMomentum,
  withWeightDecay,
  type AnyOptimizer
} from "thalweg/optimizer"
import { arbSpec } from "thalweg/laws"
import { cosine, scale, schedules, warmup } from "thalweg/schedule"
import { decodeOptimizer, encodeOptimizer, fromSpec, optimizerSpec, toSpec, type OptimizerSpec } from "thalweg/spec"
import { identity } from "thalweg/transform"
import { describe, expect, it, test } from "vitest"
import { walk } from "../optimizer/samples.js"
import { bitsOf } from "../support.js"
import { combinatorNames, leastOptions, optimizerNames, problems, specOf } from "./samples.js"

const decoded = (json: unknown): AnyOptimizer => fromSpec(specOf(json))

describe("round trip", () => {
  test("decode(encode(s)) ≡ s", () => {
    fc.assert(
      fc.property(arbSpec(), spec => {
        const again = optimizerSpec.decode(JSON.parse(JSON.stringify(encodeOptimizer(spec))))
        expect(again).toEqual(E.right(spec))
        expect(optimizerSpec.is(spec)).toBe(true)
      }),
      { numRuns: 300 }
    )
  })

  test("encode(decode(j)) is a normal form", () => {
    const json = { pipe: [], b1: 0.8, learningRate: 0.1, optimizer: "adam" }
    const spec = decodeOptimizer(json)
    expect(E.isRight(spec) && JSON.stringify(encodeOptimizer(spec.right))).toBe(
      '{"optimizer":"adam","learningRate":0.1,"b1":0.8}'
    )
  })

  it("takes nested schedules, of another under `of`", () => {
    const json = {
      optimizer: "sgd",
      learningRate: {
        schedule: "join",
        schedules: [
          { schedule: "scale", factor: 0.5, of: { schedule: "constant", value: 1 } },
          { schedule: "constant", value: 0.1 }
        ],
        boundaries: [3]
      }
    }
    const spec = decodeOptimizer(json)
    expect(E.isRight(spec) && encodeOptimizer(spec.right)).toEqual(json)
  })
})

it.each([
  ["encodeOptimizer", encodeOptimizer],
  ["optimizerSpec.encode", optimizerSpec.encode]
])("what could not be decoded is not encoded: %s", (_, encode) => {
  const many = Array.from({ length: 33 }, () => ({ combinator: "clipByNorm", options: { maxNorm: 1 } }) as const)
  const refused = "encodeOptimizer: expected a spec that can be decoded again; got "
  expect(() => encode({ optimizer: "sgd", options: { learningRate: 1 }, pipe: many })).toThrow(
    `${refused}pipe: expected`
  )
  expect(() => encode({ optimizer: "adam", options: { b1: 2 }, pipe: [] })).toThrow(`${refused}b1: expected a number`)
})

describe("an optimizer that was changed after it was made", () => {
  const spec: OptimizerSpec = { optimizer: "sgd", options: { learningRate: 1 }, pipe: [] }
  const made = fromSpec(spec)
  const step: typeof made.step = (params, state) => [params, state]

  test("is no longer what its spec says, but by one of its own", () => {
    expect(toSpec(made)).toEqual(spec)
    expect([toSpec(fromSpec(spec)), toSpec({ ...made })]).toEqual([spec, spec])
    expect(() => toSpec({ ...made, step })).toThrow(
      "toSpec: expected an optimizer as fromSpec made it, or with a spec of its own; got a copy that was changed"
    )
    expect(toSpec({ ...made, step, spec: { ...spec } })).toEqual(spec)
  })

  const refusal =
    /expected an optimizer that moves as its motion says.*; got a copy that was changed beside its motion$/
  test.each<readonly [string, (inner: typeof made) => unknown]>([
    ["withMomentum", withMomentum(0.9)],
    ["byDepth", byDepth],
    ["onGradient", onGradient(identity)],
    ["altered", inner => altered(inner, {})],
    ["partition", inner => partition({ a: inner }, new Map([["**", "a"]]))],
    ["muon", elsewhere => muon({ elsewhere })]
  ])("is refused by %s, which would look at its motion and not at its step", (name, around) => {
    expect(() => around({ ...made, step })).toThrow(refusal)
    expect(() => around({ ...made, step })).toThrow(new RegExp(`^${name}[: ]`))
    expect(() => around({ ...made })).not.toThrow()
    expect(() => around({ ...made, step, motion: { ...made.motion } })).not.toThrow()
  })
})

describe("every row decodes with its defaults", () => {
  test.each(optimizerNames)("%s", optimizer => {
    expect(problems({ optimizer, ...leastOptions(optimizers[optimizer].fields) })).toEqual([])
  })
  test.each(combinatorNames)("%s", combinator => {
    const spec = { combinator, ...leastOptions(combinators[combinator].fields) }
    expect(problems({ optimizer: "adam", pipe: [spec] })).toEqual([])
  })
})

describe("fromSpec steps as the composition by hand", () => {
  const learningRate = warmup({ steps: 3 })(scale(0.5)(cosine({ start: 0.1, steps: 10 })))
  const cases: readonly (readonly [name: string, json: unknown, byHand: AnyOptimizer])[] = [
    ["defaults", { optimizer: "adam" }, adam()],
    ["sgd", { optimizer: "sgd", learningRate: 0.1 }, sgd({ learningRate: 0.1 })],
    [
      "a choice and a flag",
      { optimizer: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true },
      sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
    ],
    [
      "a pipe",
      {
        optimizer: "adam",
        learningRate: 0.01,
        pipe: [
          { combinator: "withWeightDecay", weightDecay: 0.1 },
          { combinator: "clipByNorm", maxNorm: 1 },
          { combinator: "lookahead", every: 2 }
        ]
      },
      pipe(adam({ learningRate: 0.01 }), withWeightDecay(0.1), clipByNorm(1), lookahead({ every: 2 }))
    ],
    [
      "schedules",
      {
        optimizer: "adam",
        learningRate: {
          schedule: "warmup",
          steps: 3,
          of: { schedule: "scale", factor: 0.5, of: { schedule: "cosine", start: 0.1, steps: 10 } }
        }
      },
      adam({ learningRate })
    ]
  ]
  test.each(cases)("%s", (_, json, byHand) => {
    expect(bitsOf([...walk(decoded(json), 4)] as Tree)).toEqual(bitsOf([...walk(byHand, 4)] as Tree))
  })
})

describe("errors say where, what was expected, what came, and what was meant", () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { schedule: "constant", value: 1 } : { schedule: "scale", factor: 1, of: deep(levels - 1) }
  const list = Object.keys(schedules)
  test.each<readonly [json: unknown, lines: readonly string[]]>([
    [null, ['(root): expected an object { "optimizer": …, … }; got null']],
    [{ optimizer: "adm" }, ['optimizer: expected a known optimizer (did you mean "adam"?); got "adm"']],
    [{ optimizer: "AdamW" }, ['optimizer: expected a known optimizer (did you mean "adamw"?); got "AdamW"']],
    [{ optimizer: "sgd" }, ["learningRate: expected a finite number ≥ 0, or a schedule; got undefined"]],
    [
      { optimizer: "adam", gamma: 0.9, lerningRate: 1, betas: [0.9, 0.99], Epsilon: 0 },
      [
        "gamma: expected options of adam only (learningRate, b1, b2, eps, epsRoot, form, nesterov, pipe); got 0.9",
        'lerningRate: expected options of adam only (did you mean "learningRate"?); got 1',
        'betas: expected options of adam only (did you mean "b1" and "b2"?); got an array of length 2',
        'Epsilon: expected options of adam only (did you mean "eps"?); got 0'
      ]
    ],
    [{ Optimizer: "adam" }, ['Optimizer: expected the name of the optimizer under "optimizer"; got "adam"']],
    [{ lr: 1, name: "adam" }, ['name: expected the name of the optimizer under "optimizer"; got "adam"']],
    [
      { optimizer: "adam", learningRate: { type: "cosine", start: 1 } },
      ['learningRate/type: expected the name of the schedule under "schedule"; got "cosine"']
    ],
    [{ optimizer: "adam", b1: "0.9" }, ['b1: expected a number ≥ 0 and < 1, or a schedule; got "0.9"']],
    [{ optimizer: "adam", b1: "NaN" }, ['b1: expected a number ≥ 0 and < 1, or a schedule; got "NaN"']],
    [{ optimizer: "adam", b1: NaN }, ["b1: expected a finite number; got NaN"]],
    [{ optimizer: "adam", nesterov: 1 }, ["nesterov: expected true or false; got 1"]],
    [{ optimizer: "sgd", learningRate: 1, dampening: 0.5 }, ["dampening: expected momentum beside dampening; got 0.5"]],
    [{ optimizer: "noisySgd", learningRate: 1, eta: 1, seed: -1 }, ["seed: expected a whole number ≥ 0; got -1"]],
    [
      { optimizer: "adam", learningRate: { schedule: "cosin" } },
      ['learningRate/schedule: expected a known schedule (did you mean "cosine"?); got "cosin"']
    ],
    [
      { optimizer: "adam", learningRate: { schedule: 3 } },
      [`learningRate/schedule: expected a known schedule (${list.join(", ")}); got 3`]
    ],
    [
      { optimizer: "adam", pipe: [{ combinator: "clipByNrm" }, { combinator: "clipByNorm", maxNorm: -1 }] },
      [
        'pipe/0/combinator: expected a known combinator (did you mean "clipByNorm"?); got "clipByNrm"',
        "pipe/1/maxNorm: expected a finite number ≥ 0, or a schedule; got -1"
      ]
    ],
    [{ optimizer: "adam", pipe: {} }, ["pipe: expected a list of at most 32 combinators; got an object"]],
    [
      { optimizer: "adam", pipe: Array.from({ length: 33 }, () => ({ combinator: "maximize" })) },
      ["pipe: expected a list of at most 32 combinators; got an array of length 33"]
    ],
    [{ optimizer: "adam", learningRate: deep(20) }, []]
  ])("%#", (json, lines) => {
    expect(problems(json)).toEqual(lines)
  })

  test("options that do not fit each other", () => {
    const one = { schedule: "constant", value: 1 }
    const [line] = problems({
      optimizer: "adam",
      learningRate: { schedule: "join", schedules: [one, one], boundaries: [2, 3] }
    })
    expect(line).toMatch(/^learningRate: expected .*; got an object with keys schedule, schedules, boundaries$/)
  })
})

describe("hostile data gets an error, soon", () => {
  const nested = (levels: number): unknown =>
    Array.from({ length: levels }).reduce<unknown>(of => ({ schedule: "scale", factor: 1, of }), null)
  const shared = Array.from({ length: 20 }).reduce<unknown>(
    inner => ({ schedule: "product", schedules: [inner, inner, inner] }),
    { schedule: "constant", value: 1 }
  )
  const cyclic: Record<string, unknown> = { schedule: "scale", factor: 1 }
  cyclic["of"] = cyclic
  const unreadable = new Proxy({}, { ownKeys: () => ({}) as string[] })
  const rates: readonly (readonly [string, unknown])[] = [
    ["100 000 levels", nested(100_000)],
    ["shared 3²⁰ times", shared],
    ["cyclic", cyclic],
    ["a long list", Array.from({ length: 1_000_000 }, () => 0)],
    ["a list of holes", new Array(2 ** 31)],
    ["a proxy", unreadable],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
    ["a big integer", 1n],
    ["a date", new Date(0)],
    ["a long string", "x".repeat(1_000_000)],
    ["__proto__", JSON.parse('{ "schedule": "constant", "value": 1, "__proto__": { "value": 2 } }')],
    ["an inherited name", { schedule: "toString" }],
    ["__proto__ as a name", { schedule: "__proto__" }]
  ]
  test.each(rates)("%s as a learning rate", (_, learningRate) => {
    const lines = problems({ optimizer: "adam", learningRate })
    expect(lines).not.toEqual([])
    expect(lines.join("").length).toBeLessThan(4000)
  })
  test.each(rates)("%s as the whole", (_, json) => {
    expect(problems(json)).not.toEqual([])
  })
  it("calls no getter", () => {
    const json = Object.defineProperty({ optimizer: "adam" }, "b1", {
      enumerable: true,
      get: () => {
        throw new Error("called")
      }
    })
    expect(problems(json)).toEqual(['b1: expected a plain value; got "a getter"'])
  })
  it("takes nothing for a spec that is none", () => {
    for (const value of [null, 1, {}, [], { optimizer: "adam" }, { optimizer: "x", options: {}, pipe: [] }])
      expect(optimizerSpec.is(value)).toBe(false)
  })
})
