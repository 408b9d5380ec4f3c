import fc from "fast-check"
import * as thalweg from "thalweg"
import { isTensor, scalar, tensor, ThalwegError, zeros } from "thalweg"
import * as minimize from "thalweg/minimize"
import * as nn from "thalweg/nn"
import * as optimizer from "thalweg/optimizer"
import * as random from "thalweg/random"
import * as schedule from "thalweg/schedule"
import * as show from "thalweg/show"
import * as spec from "thalweg/spec"
import * as train from "thalweg/train"
import * as transform from "thalweg/transform"
import * as xla from "thalweg/xla"
import { describe, expect, test } from "vitest"

/** Every function that is published, but those of fp-ts, which are as they are. */
const entries = {
  thalweg,
  minimize,
  nn,
  optimizer,
  random,
  schedule,
  show,
  spec,
  train,
  transform,
  xla,
  Tree: thalweg.Tree
}
const foreign = ["pipe", "flow", "ThalwegError"]

type Untyped = (...args: readonly unknown[]) => unknown

const published = Object.entries(entries).flatMap(([entry, names]) =>
  Object.entries<unknown>(names).flatMap(([name, value]) =>
    typeof value === "function" && !foreign.includes(name) ? [[`${entry}.${name}`, value as Untyped] as const] : []
  )
)

/** An array that contains itself. */
const cyclic = ((): readonly unknown[] => {
  const list: unknown[] = []
  list.push(list)
  return list
})()

/** What is right somewhere, and mostly not here. */
const plausible: readonly unknown[] = [
  tensor([[1, 2, 3], [4, 5, 6]]), // prettier-ignore
  tensor([1, 2, 3], { dtype: "i32" }),
  tensor([true, false]),
  scalar(2),
  random.key(0),
  { w: tensor([1, 2]) },
  [tensor([1])],
  (x: unknown) => x,
  [2, 3],
  1,
  0,
  -1,
  "f32",
  "w",
  "**",
  optimizer.sgd({ learningRate: 0.1 }),
  nn.dense({ units: 2 }),
  { x: zeros([4, 2]), y: zeros([4, 1]) },
  {},
  { axes: 0 }
]

/** What is right nowhere. */
const junk: readonly unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  1.5,
  2 ** 31,
  2 ** 53 - 1,
  "",
  "x",
  true,
  [],
  [null],
  ["x"],
  [1.5],
  [-1],
  cyclic,
  () => 5,
  () => undefined,
  Symbol("s"),
  10n,
  new Map(),
  new Date(0),
  zeros([0]),
  structuredClone(tensor([1])),
  { bogus: 1 },
  { axis: 0 },
  { dtype: ["f32"] },
  { dtype: "f23" },
  { axes: "x" },
  { length: 2 },
  { __proto__: null, toString: 1 },
  Object.create({ a: 1 }),
  new Proxy({}, {}),
  new Float32Array(2),
  optimizer.adam
]

const argument = fc.oneof(fc.constantFrom(...plausible), fc.constantFrom(...junk))
const args = fc.array(argument, { maxLength: 4 })

/** What is called of what a call gave: the rest of a curried function, the methods of an optimizer or a layer. */
const methods = ["init", "step", "update", "rate", "gradientPoint", "evalParams", "finish", "endEpoch", "apply"]
const callable = (value: unknown): readonly Untyped[] => {
  if (typeof value === "function") return [value as Untyped]
  if (typeof value !== "object" || value === null || isTensor(value) || !("motion" in value || "apply" in value))
    return []
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, part]) =>
    methods.includes(name) && typeof part === "function" ? [part as Untyped] : []
  )
}

/** What a call of a function, and of what it gives, ends in other than a value or an error of the library. */
const strange = (f: Untyped, [first = [], ...rest]: readonly (readonly unknown[])[]): unknown => {
  try {
    const given = f(...first)
    return rest.length === 0
      ? undefined
      : callable(given)
          .map(inner => strange(inner, rest))
          .find(error => error !== undefined)
  } catch (error) {
    return error instanceof ThalwegError ? undefined : error
  }
}

describe("whatever it is called with, it ends in a value or an error of the library", () => {
  test.each(published)("%s", (_, f) => {
    fc.assert(
      fc.property(args, args, args, (...calls) => {
        expect(strange(f, calls)).toBeUndefined()
      }),
      { numRuns: 60 }
    )
  })
})

describe("what is not known is refused by its name", () => {
  const x = tensor([[1, 2], [3, 4]]) // prettier-ignore
  const { key, normal, randint, uniform } = random
  const f = (call: unknown): Untyped => call as Untyped
  test.each<readonly [name: string, call: () => unknown, expected: string]>([
    ["mean", () => f(thalweg.mean)(x, { axis: 0 }), "options among axes, keepDims"],
    ["sum", () => f(thalweg.sum)(x, 0), "options in a record"],
    ["conv", () => f(thalweg.conv)(zeros([1, 4, 1]), zeros([2, 1, 1]), { stride: 2 }), "options among strides"],
    ["dense", () => f(nn.dense)({ units: 8, activation: "relu" }), "options among units"],
    ["uniform", () => f(uniform)(key(0), [2], { low: 0, high: 1 }), "options among min, max, dtype"],
    ["normal", () => f(normal)(key(0), [2], { stddev: -1 }), "options among dtype"],
    ["randint", () => f(randint)(key(0), [2], { high: 3 }), "options among min, max"],
    ["batches", () => f(train.batches)({ batchSize: 1, remainder: "dorp" }), "remainder to be keep or drop"],
    [
      "equations",
      () => f(show.equations)(optimizer.sgd({ learningRate: 1 }), { format: "html" }),
      "options among notation"
    ],
    ["equations", () => f(show.equations)(optimizer.sgd({ learningRate: 1 }), { notation: "tex" }), "text or latex"],
    ["tensor", () => f(tensor)([1, 2], "i32"), "options in a record"],
    ["slice", () => f(thalweg.slice)(x, 0, 1), "options in a record"],
    ["ontoL1Ball", () => f(optimizer.ontoL1Ball)(1, { over: "leaf" }), "options among radius"],
    ["crossEntropy", () => f(nn.crossEntropy)(x, tensor([0, 1], { dtype: "i32" }), 0.1), "weights as a tensor"],
    ["split", () => f(thalweg.split)(x, 3), "a list of sizes"],
    ["zeros", () => f(zeros)(3), "a shape"],
    ["take", () => f(thalweg.take)(x, 1), "a tensor or a list of indices"],
    ["clipByNorm", () => thalweg.pipe(optimizer.adam as unknown, f(optimizer.clipByNorm(1))), "an optimizer"],
    ["sequential", () => f(nn.sequential)(nn.dense({ units: 4 }), nn.relu), "a layer"],
    ["sequential", () => f(nn.sequential)([nn.dense({ units: 4 })]), "a layer"],
    ["split", () => f(random.split)(3), "a key"],
    ["scan", () => f(thalweg.scan)((c: unknown) => [c, c], x, [], { length: 2 ** 53 - 1 }), "one length up to"]
  ])("%s: %#", (name, call, expected) => {
    const error = ((): unknown => {
      try {
        return call()
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(ThalwegError)
    const { mistake } = error as ThalwegError
    expect([mistake.operation, mistake.expected]).toEqual([name, expect.stringContaining(expected)])
  })

  test("to build a long row runs nothing", () => {
    expect(thalweg.arange(2 ** 31).shape).toEqual([2 ** 31])
  })
})
