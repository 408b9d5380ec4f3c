// The classic optimizers train one small convolutional network: the same parameters, digits and order; with FULL=1 on more.
import assert from "node:assert"
import * as R from "fp-ts/lib/ReadonlyRecord.js"
import { reshape } from "thalweg"
import { accuracy, activation, batchNorm, conv2d, crossEntropy, dense, flatten } from "thalweg/nn"
import { maxPool, relu, sequential } from "thalweg/nn"
import { adadelta, adagrad, adam, adamw, momentum, nadam, nag, rmsprop, sgd } from "thalweg/optimizer"
import type { AnyOptimizer } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { fit, splitDataset } from "thalweg/train"
import { loadDigits } from "./lib/digits.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

const [share, epochs] = process.env["FULL"] === "1" ? [0.8, 8] : [0.1, 4]
const [splitKey, trainKey] = split(key(1951))
const { x, y } = loadDigits()
const digits = { x: reshape(x, [-1, 28, 28, 1]), y }
const { train, test } = splitDataset(splitKey, { train: share, test: 0.1, rest: 0.9 - share })(digits)

const convolution = (outputs: number) =>
  sequential(conv2d({ outputs, window: 3, bias: false }), batchNorm(), activation(relu), maxPool({ window: 2 }))
const model = sequential(convolution(8), convolution(16), flatten(), dense({ units: 10 }))

const optimizers: Readonly<Record<string, AnyOptimizer>> = {
  sgd: sgd({ learningRate: 0.01 }),
  momentum: momentum({ learningRate: 0.01 }),
  nag: nag({ learningRate: 0.01 }),
  adagrad: adagrad({ learningRate: 0.01 }),
  adadelta: adadelta({ learningRate: 1 }),
  rmsprop: rmsprop({ learningRate: 1e-3 }),
  adam: adam({ learningRate: 1e-3 }),
  nadam: nadam({ learningRate: 1e-3 }),
  adamw: adamw({ learningRate: 1e-3, weightDecay: 0.1 })
}

const data = { train, validation: test, metrics: { accuracy }, epochs, batchSize: 32, key: trainKey }
const run = (optimizer: AnyOptimizer) => fit({ model, loss: crossEntropy, optimizer })(data).history
const histories = Object.entries(R.map(run)(optimizers))
const ends = histories.map(([name, history]) => {
  const { trainLoss = NaN, validationAccuracy = NaN } = history.at(-1) ?? {}
  console.log(
    `${name.padEnd(8)}  training loss ${trainLoss.toFixed(4)}  test accuracy ${validationAccuracy.toFixed(4)}`
  )
  return { name, trainLoss }
})

const series = histories.map(([name, history]) => ({
  name,
  points: history.map(({ epoch, trainLoss }) => [epoch, trainLoss] as const)
}))
const axes = { x: { title: "epoch" }, y: { title: "training loss", scale: "log" } } as const
await writeSvg("examples/out/optimizers-on-cnn.svg", lineChart({ title: "Optimizers on a network", ...axes, series }))

const last = ends.reduce((a, b) => (a.trainLoss > b.trainLoss ? a : b))
assert.strictEqual(last.name, "sgd", "all others are ahead of plain descent")
assert.ok(last.trainLoss < 0.5 * Math.log(10), "which learns as well")
