import { resolve } from "node:path"
import ts from "typescript"
import { expect, test } from "vitest"
import { programOf } from "../docs/exports.js"

const head = `
import { type Tensor, zeros } from "thalweg"
import { bidirectional, branch, decoderBlock, dense, halfSquaredError, recurrent, repeat, residual, sequential, stateful, stateless, summary } from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { assess, epochs, fit, initTraining, predict, trainStep } from "thalweg/train"

const [wide, both] = [dense({ units: 2 }), branch({ p: dense({ units: 1 }), q: dense({ units: 2 }) })]
const ofPairs = stateless("ofPairs", (pair: readonly [Tensor, Tensor]) => pair[0])
const [model, optimizer, loss] = [decoderBlock({ heads: 2, hidden: 8 }), sgd({ learningRate: 1 }), halfSquaredError]
`

/** What is wrong, at which place the compiler says so, and what it says there in two lines at most. */
const mistakes = [
  ["sequential(wide, wide, both, wide)", "wide)", /is not assignable to .*\n.*"a layer that takes"/],
  ["sequential({ wide, both, last: wide })", "both", /^Property '"a layer that takes a tensor and gives one"' is missing/], // prettier-ignore
  ["sequential({ wide, last: sequential(both) })", "last", /^Property '"a layer that takes a tensor and gives one"'/],
  ...["residual", "recurrent()", "stateful()", "bidirectional()"].flatMap(name =>
    ["both", "ofPairs"].map(
      layer =>
        [`${name}(${layer})`, `${layer})`, /\n.*'"a layer that takes a tensor and gives one"' is missing/] as const
    )
  ),
  ["repeat(2)(both)", "both)", /\n.*'"a layer that gives what it takes"' is missing/],
  ...["predict(model)", "assess(model, { loss })", "summary(model, zeros([1, 2, 3]))"].map(
    code => [code, "model", /\n.*"a model that needs no context, as `providing` makes it"/] as const
  ),
  ...["fit", "epochs", "trainStep", "initTraining"].map(
    name =>
      [
        `${name}({ model, optimizer${name === "initTraining" ? "" : ", loss"} })`,
        "model",
        /\n.*"a model that needs no context, as `providing` makes it"/
      ] as const
  )
] as const

test("layers that do not fit, and models that need a context, are short type errors at their places", () => {
  const file = resolve("test/nn/mistaken.ts")
  const lines = mistakes.map(([code], i) => `export const m${i} = () => ${code}`)
  const program = programOf([file], new Map([[file, head + lines.join("\n")]]))
  const source = program.getSourceFile(file)
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  const placed = found.map(({ start = 0, messageText }) => ({
    at: source?.text.slice(start).split("\n")[0] ?? "",
    text: ts.flattenDiagnosticMessageText(messageText, "\n")
  }))
  expect(placed.length).toBe(mistakes.length)
  mistakes.forEach(([code, place, said], i) => {
    const { at = "", text = "" } = placed[i] ?? {}
    expect([code, at.startsWith(place), text.split("\n").length <= 2]).toEqual([code, true, true])
    expect(text).toMatch(said)
  })
}, 120_000)
