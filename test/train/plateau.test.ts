import { expect, test } from "vitest"
import { item, pipe } from "thalweg"
import { adam, reduceOnPlateau } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { decodeTree, encodeTree } from "thalweg/spec"
import { epochs, fit } from "thalweg/train"
import { bitsOf } from "../support.js"
import { classes, task } from "./tasks.js"

const plateau = reduceOnPlateau({ per: "epoch", factor: 0.5, patience: 2, rtol: 0 })
const slowing = { ...task, optimizer: pipe(adam({ learningRate: 0.1 }), plateau) }
const options = { train: classes(22), validation: classes(9, 1), epochs: 12, batchSize: 8, key: key(5) }

/** The rate after each epoch, of numbers that are to become small. */
const ratesAfter = (values: readonly number[]): readonly number[] => {
  let [rate, best, bad] = [0.1, Infinity, 0]
  return values.map(value => {
    bad = value < best ? 0 : bad + 1
    best = Math.min(best, value)
    if (bad === 2) [rate, bad] = [rate / 2, 0]
    return rate
  })
}

const negated = (epoch: { readonly trainLoss: number }): number => -epoch.trainLoss

test.each([
  ["the validation loss", {}, ({ validationLoss = NaN }) => validationLoss],
  ["without validation the training loss", { validation: undefined }, ({ trainLoss = NaN }) => trainLoss],
  ["what is monitored", { monitor: negated }, ({ trainLoss = NaN }) => -trainLoss]
] as readonly (readonly [string, object, (epoch: Readonly<Record<string, number>>) => number])[])(
  "an optimizer that looks at epochs is told of each, once: %s",
  (_, change, valueOf) => {
    const rates: number[] = []
    const { history } = fit(slowing)({
      ...{ ...options, ...change },
      onEpoch: ({ state }) => {
        rates.push(item(slowing.optimizer.rate(state.optimizer)))
      }
    })
    expect(rates).toEqual(ratesAfter(history.map(valueOf)))
    expect(new Set(rates).size).toBeGreaterThan(1)
  }
)

test("training that goes on after any of its epochs, from a file too, is one long training", () => {
  const whole = fit(slowing)(options)
  const states = [...epochs(slowing)(options)].flatMap(now => (now._tag === "Epoch" ? [now] : []))
  expect(bitsOf(states.at(-1)?.state ?? [])).toEqual(bitsOf(whole.state))
  for (const { epoch, state } of states.slice(0, -1)) {
    const file = decodeTree(state)(encodeTree(state))
    const read = file._tag === "Right" ? file.right.tree : state
    expect(bitsOf(fit(slowing)({ ...options, from: { state: read }, epochs: 12 - epoch }).state)).toEqual(
      bitsOf(whole.state)
    )
  }
})

test("an epoch that was not made to its end is not told", () => {
  const { state } = fit(slowing)({ ...options, onStep: ({ step }) => (step === 2 ? "stop" : undefined) })
  expect(item(state.optimizer.inner.plateau.best)).toBe(Infinity)
})
