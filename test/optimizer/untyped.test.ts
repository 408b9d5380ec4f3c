// What JavaScript can pass where TypeScript would refuse it.
import { pipe, scalar, tensor } from "thalweg"
import * as optimizers from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { choice, recipe } from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { thrown } from "./samples.js"

type Loose = (...args: readonly unknown[]) => unknown
const { accumulate, momo, polyakSgd, reduceOnPlateau, sgd } = optimizers
const loose = optimizers as unknown as Readonly<Record<string, Loose>>
const call = (name: string, ...args: readonly unknown[]) => loose[name]?.(...args)
const refused = (name: string, got: string): string =>
  `HyperparameterError ${name}: expected options in a record; got ${got}`

describe("an optimizer among the options of a combinator", () => {
  const names = [...Object.keys(optimizers.combinators).filter(name => !/^onto|maximize/.test(name)), "project"]
  test.each(names)("%s tells where it stands", name => {
    const told = `HyperparameterError ${name}: expected options alone, as in pipe(adam(), ${name}(…)); got an optimizer`
    const adam = optimizers.adam()
    for (const args of [[adam], [4, adam], [{}, adam], [adam, 4]]) expect(thrown(() => call(name, ...args))).toBe(told)
    expect(thrown(() => pipe(adam, loose[name] as Loose))).toBe(told)
  })
})

describe("options that are no record", () => {
  test.each([
    ["adam", 0.1, "0.1"],
    ["adam", [], "an array of 0"],
    ["adam", null, "null"],
    ["adam", scalar(0.1), "a tensor f32[]"],
    ["sgd", 0.1, "0.1"],
    ["nadam", 0.1, "0.1"],
    ["adafactor", "fast", '"fast"'],
    ["lookahead", 5, "5"],
    ["ifFinite", 3, "3"]
  ])("%s(%s)", (name, options, got) => {
    expect(thrown(() => call(name, options))).toBe(refused(name, got))
  })

  test("a record of a class, and names that it inherits", () => {
    expect(thrown(() => call("adam", new Map()))).toBe(refused("adam", "an instance of Map"))
    expect(thrown(() => call("adam", Object.create({ b1: 7 })))).toMatch(/expected options in a record/)
  })

  test("what is given twice, or without a meaning", () => {
    expect(thrown(() => call("withMomentum", 0.9, { momentum: 5 }))).toBe(
      "HyperparameterError withMomentum: expected momentum once, as the first argument; got it twice"
    )
    expect(thrown(() => call("accumulate", 4, { evry: 1 }))).toBe(
      'HyperparameterError accumulate: expected options among every; got "evry" (did you mean "every"?)'
    )
    expect(thrown(() => call("adam", { lr: 0.1 }))).toMatch(/; got "lr" \(did you mean "learningRate"\?\)$/)
    expect(thrown(() => call("adam", { betas: [0.9] }))).toMatch(/; got "betas" \(did you mean "b1" and "b2"\?\)$/)
    expect(thrown(() => call("accumulate", 4, { betas: 1 }))).toMatch(/; got "betas"$/)
    expect([1, 2].map(accumulate)).toHaveLength(2)
  })

  test("none, where some must be given", () => {
    expect(thrown(() => call("sgd"))).toBe(
      "HyperparameterError sgd: expected learningRate to be a finite number ≥ 0; got undefined"
    )
    expect(thrown(() => (cosine as Loose)())).toBe(
      "HyperparameterError cosine: expected start to be a finite number; got undefined"
    )
  })

  test.each(["withWeightDecay", "withL2"])("%s refuses options that it has not", name => {
    expect(thrown(() => call(name, 0.1, { masks: "**/w" }))).toBe(
      `HyperparameterError ${name}: expected options among weightDecay, mask; got "masks" (did you mean "mask"?)`
    )
  })
})

describe("a loss that is none", () => {
  const x = tensor([1, 2])
  const step = ({ init, step }: optimizers.AnyOptimizer, ...extra: readonly unknown[]) => {
    return () => (step as Loose)(x, init(x), x, ...extra)
  }
  const plain = sgd({ learningRate: 0.1 })
  const expected = "{ loss } as the last argument, a scalar of f32 or f64"

  test.each([
    ["stepByPolyak", polyakSgd()],
    ["stepByMomo", momo({ learningRate: 1 })],
    ["reduceOnPlateau", pipe(plain, reduceOnPlateau())],
    ["accumulate", pipe(plain, reduceOnPlateau(), accumulate(2))]
  ])("%s", (name, optimizer) => {
    const given: readonly (readonly [unknown, string])[] = [
      [{ loss: 3 }, "3"],
      [{ loss: "3" }, '"3"'],
      [scalar(3), "nothing"],
      [{}, "nothing"],
      [{ loss: x }, "a tensor f32[2]"],
      [{ loss: scalar(1, "i32") }, "a tensor i32[]"]
    ]
    for (const [extra, got] of given) {
      const refusing = got === "nothing" && name === "accumulate" ? "reduceOnPlateau" : name // what needs it
      expect(thrown(step(optimizer, extra))).toBe(`ShapeError ${refusing}: expected ${expected}; got ${got}`)
    }
  })
})

describe("a default of a choice", () => {
  const chosen = (words: readonly string[], value: unknown) => (choice as Loose)(words, value)

  test.each([
    ["none", '"none"'],
    ["smoth", '"smoth"'],
    [undefined, "undefined"]
  ])("cannot be %s", (value, got) => {
    expect(thrown(() => chosen(["hard", "none", "smooth"], value))).toBe(
      `HyperparameterError choice: expected the default to be hard or smooth; got ${got}`
    )
  })

  test("is seen, as is a word that is none", () => {
    const said = recipe("said", { edge: choice(["hard", "none"], "hard") }, {}, ({ edge }) => ({ edge }))
    expect([said(), said({ edge: "none" })]).toEqual([{ edge: "hard" }, { edge: "none" }])
  })
})
