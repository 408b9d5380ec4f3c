// Batch, mini-batch and stochastic gradient descent are one program: only the size of a batch differs.
import assert from "node:assert"
import { add, foldBatches, item, mean, mul, zeros } from "thalweg"
import { dense, halfSquaredError } from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { foldIn, key, split } from "thalweg/random"
import { assess, batches, initTraining, trainStep } from "thalweg/train"
import { stoppingDistances } from "./lib/cars.js"
import { lossCurves, writeSvg } from "./lib/plot/index.js"

const cars = stoppingDistances()

const model = dense({ units: 1 })
const loss = halfSquaredError
const task = { model, loss, optimizer: sgd({ learningRate: 0.1 }) }

const [initKey, shuffleKey] = split(key(1930))
const start = initTraining(task)(initKey, zeros([1, 1]))
const epochKeys = Array.from({ length: 50 }, (_, epoch) => foldIn(shuffleKey, epoch))
const foldEpoch = foldBatches(trainStep(task))
const lossOn = assess(model, { loss })

const descend = (batchSize: number) =>
  epochKeys.reduce(
    ({ state, losses }, key) => {
      const [next] = foldEpoch(state, batches({ batchSize, key })(cars))
      return { state: next, losses: [...losses, lossOn(next, cars).loss] }
    },
    { state: start, losses: [lossOn(start, cars).loss] }
  )

const runs = { "batch (50)": descend(50), "mini-batch (10)": descend(10), "stochastic (1)": descend(1) }
await writeSvg("examples/out/batches.svg", lossCurves({ title: "Stopping distances", x: "epoch", scale: "log", runs }))

// The normal equations, for x of mean 0 and variance 1.
const { x, y } = cars
const least = item(loss(add(mul(x, mean(mul(x, y))), mean(y)), y))
const updates = Object.values(runs).map(({ state }) => item(state.optimizer.count))
const reached = Object.values(runs).map(({ losses }) => Math.min(...losses))
console.log({ least, updates, reached })

assert.deepStrictEqual(updates, [50 * 1, 50 * 5, 50 * 50])
assert.ok(reached.every(loss => Math.abs(loss / least - 1) < 0.01))
