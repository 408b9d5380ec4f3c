// The digits network, begun by Adam on batches and finished by L-BFGS on all examples at once; beside it, Adam on all of them.
import assert from "node:assert"
import { compile, item } from "thalweg"
import { accuracy, activation, crossEntropy, dense, sequential, tanh } from "thalweg/nn"
import { adam, lbfgs, type Optimizer } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { fit, predict, splitDataset, trainStep } from "thalweg/train"
import type { StateFamily } from "thalweg/transform"
import { loadDigits } from "./lib/digits.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

const [splitKey, trainKey] = split(key(7))
const { train, test } = splitDataset(splitKey, { train: 0.2, test: 0.1, rest: 0.7 })(loadDigits())
const model = sequential(dense({ units: 32 }), activation(tanh), dense({ units: 10 }))
const begun = fit({ model, loss: crossEntropy, optimizer: adam() })({ train, epochs: 4, batchSize: 64, key: trainKey })
const { trained } = begun

const STEPS = 40

/** The losses on the way, on all examples, and the network at its end. */
const finish = <F extends StateFamily>(optimizer: Optimizer<F>) => {
  const step = compile(trainStep({ model, loss: crossEntropy, optimizer }))
  let state = { params: trained.params, state: trained.state, optimizer: optimizer.init(trained.params), key: trainKey }
  const losses = Array.from({ length: STEPS }, () => {
    const [next, { loss }] = step(state, train)
    state = next
    return item(loss)
  })
  return { losses, params: state.params, reached: item(accuracy(predict(model)(state, test.x), test.y)) }
}

const ways = { "L-BFGS": finish(lbfgs()), Adam: finish(adam()) }
for (const [name, { losses, reached }] of Object.entries(ways))
  console.log(`${name}: training loss ${losses.at(-1)?.toFixed(5) ?? ""}, test accuracy ${reached.toFixed(4)}`)

const series = Object.entries(ways).map(([name, { losses }]) => ({
  name,
  points: losses.map((loss, i) => [i, loss] as const)
}))
const chart = {
  title: "Finishing what Adam began",
  x: { title: "step" },
  y: { title: "training loss", scale: "log" }
} as const
await writeSvg("examples/out/digits-lbfgs.svg", lineChart({ ...chart, series }))

const [first, last] = [ways["L-BFGS"], ways.Adam].map(({ losses }) => losses.at(-1) ?? NaN) as [number, number]
assert.ok(first < last / 10, "L-BFGS comes much lower in as many steps")
assert.ok(ways["L-BFGS"].reached >= 0.88, `expected a test accuracy of at least 0.88; got ${ways["L-BFGS"].reached}`)
