// A convolutional network reads real handwritten digits: after one epoch, or with FULL=1 after ten.
import assert from "node:assert"
import { reshape, zeros } from "thalweg"
import { accuracy, activation, batchNorm, conv2d, crossEntropy, dense, dropout } from "thalweg/nn"
import { flatten, maxPool, relu, sequential, summary } from "thalweg/nn"
import { progress } from "thalweg/node"
import { adam } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { cosine } from "thalweg/schedule"
import { fit, splitDataset } from "thalweg/train"
import { loadDigits } from "./lib/digits.js"
import { learningCurve, writeSvg } from "./lib/plot/index.js"

const [epochs, least] = process.env["FULL"] === "1" ? [10, 0.975] : [1, 0.94]
const [splitKey, trainKey] = split(key(1701))
const { x, y } = loadDigits()
const { train, test } = splitDataset(splitKey, { train: 0.8, test: 0.2 })({ x: reshape(x, [-1, 28, 28, 1]), y })

const convolution = (outputs: number) => {
  const conv = conv2d({ outputs, window: 3, padding: "same", bias: false }) // the bias is that of batchNorm
  return sequential(conv, batchNorm(), activation(relu), maxPool({ window: 2 }))
}
const convolutions = sequential(convolution(16), convolution(32), convolution(64))
const model = sequential({
  convolutions,
  flatten: flatten(),
  dropout: dropout({ rate: 0.4 }),
  digits: dense({ units: 10 })
})
console.log(summary(model, zeros([1, 28, 28, 1])))

const batchSize = 64
const optimizer = adam({ learningRate: cosine({ start: 4e-3, steps: epochs * (8000 / batchSize) }) })

const display = progress()
const { history } = fit({ model, loss: crossEntropy, optimizer })({
  train,
  validation: test, // to look at: nothing is chosen by it
  epochs,
  batchSize,
  key: trainKey,
  metrics: { accuracy },
  onStep: display.update,
  onEpoch: ({ epoch, trainLoss: loss, validationAccuracy: reached }) =>
    display.log(`epoch ${epoch}  training loss ${loss.toFixed(4)}  test accuracy ${reached.toFixed(4)}`)
})
display.stop()

await writeSvg("examples/out/cnn.svg", learningCurve({ title: "Learning to read by convolutions", epochs: history }))
const reached = history.at(-1)?.validationAccuracy ?? NaN
assert.ok(reached >= least, `expected a test accuracy of at least ${least}; got ${reached}`)
