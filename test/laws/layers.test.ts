import fc from "fast-check"
import { expect, test } from "vitest"
import { causal, model } from "../../laws/arbitrary/model.js"
import { layers as catalogue } from "../../src/nn/catalogue.js"
import { isHeld } from "./hold.js"
import { inferences, layers, pretrainings } from "./suites/networks.js"

isHeld(layers)
isHeld(pretrainings)
isHeld(inferences)

/** What keeps something for each example of a batch, or looks at a memory: other suites have laws for these. */
const elsewhere = ["stateful", "crossAttention", "decoderBlock"]

test("random models hold every layer of the catalogue that takes any batch and nothing besides", () => {
  const samples = fc.sample(fc.oneof(model, causal), { seed: 1, numRuns: 1000 })
  const texts = JSON.stringify(samples.map(({ spec }) => spec))
  const missing = Object.keys(catalogue).filter(name => !texts.includes(`"layer":"${name}"`))
  expect(missing.filter(name => !name.startsWith("cached") && !elsewhere.includes(name))).toEqual([])
})
