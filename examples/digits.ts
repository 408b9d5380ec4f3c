// A network learns to read real handwritten digits.
import assert from "node:assert"
import { argMax, item, pipe, toArray, zeros } from "thalweg"
import {
  accuracy,
  activation,
  confusionMatrix,
  crossEntropy,
  dense,
  dropout,
  heNormal,
  relu,
  sequential,
  summary
} from "thalweg/nn"
import { progress } from "thalweg/node"
import { adam, clipByNorm, withWeightDecay } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { fit, predict, splitDataset } from "thalweg/train"
import { loadDigits } from "./lib/digits.js"
import { learningCurve, writeSvg } from "./lib/plot/index.js"
import { table } from "./lib/table.js"

const [splitKey, trainKey] = split(key(1701))
const { train, validation, test } = splitDataset(splitKey, { train: 0.8, validation: 0.1, test: 0.1 })(loadDigits())

const hidden = (units: number) =>
  sequential(dense({ units, kernel: heNormal }), activation(relu), dropout({ rate: 0.2 }))
const model = sequential(hidden(256), hidden(128), dense({ units: 10 }))
const optimizer = pipe(adam({ learningRate: 1e-3 }), withWeightDecay(1e-2), clipByNorm(1))
console.log(summary(model, zeros([1, 784])))

const display = progress()
const { trained, history } = fit({ model, loss: crossEntropy, optimizer })({
  train,
  validation,
  epochs: 8,
  batchSize: 128,
  key: trainKey,
  onStep: display.update,
  onEpoch: ({ epoch, trainLoss, validationLoss }) =>
    display.log(`epoch ${epoch}  training loss ${trainLoss.toFixed(4)}  validation loss ${validationLoss.toFixed(4)}`)
})
display.stop()

const logits = predict(model)(trained, test.x)
const reached = item(accuracy(logits, test.y))
console.log(`\ntest accuracy ${reached.toFixed(4)}\n\nlabels (rows) against predictions (columns)`)
console.log(table(toArray(confusionMatrix(argMax(logits), test.y, 10)) as number[][]))
await writeSvg("examples/out/digits.svg", learningCurve({ title: "Learning to read digits", epochs: history }))
assert.ok(reached >= 0.94, `expected a test accuracy of at least 0.94; got ${reached}`)
