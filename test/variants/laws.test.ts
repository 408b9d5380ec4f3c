import { checkAll, optimizerLaws, render } from "thalweg/laws"
import { expect, test, vi } from "vitest"
import { allCases, bareName } from "./cases.js"
import { composed } from "./index.js"

vi.setConfig({ testTimeout: 600_000 }) // for a busy machine; nothing here is about speed

/** What is made with more than rows of the catalogues and pipes of them, which laws draw at random. */
const own = [
  "combinators/apply-every",
  "optax/adafactor-momentum-decay",
  "optax/noisy-sgd-f64",
  "optax/schedule-free-adamw-warmup",
  "optax/schedule-free-sgd-warmup",
  "torch/sgd-ema"
]

test.each(own)("%s is an optimizer", name => {
  const golden = allCases.find(each => bareName(each) === name)
  const variant = composed.find(({ cases }) => cases.includes(name))
  if (golden === undefined || variant === undefined) throw new Error(`no case or variant ${name}`)
  const verdicts = checkAll(optimizerLaws(variant.ours(golden.hyper, golden)), { numRuns: 3 })
  expect(verdicts.filter(({ holds }) => !holds).map(render)).toEqual([])
})
