// Exclusive or: no single sigmoid unit can learn it, and a network with three hidden units does.
import assert from "node:assert"
import { foldBatches, item, round, tensor, toArray, zeros, type Tree } from "thalweg"
import { activation, dense, halfSquaredError, sequential, sigmoid, type Layer } from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { initTraining, predict, trainStep } from "thalweg/train"
import { lossCurves, writeSvg } from "./lib/plot/index.js"

const x = tensor([0, 0, 0, 1, 1, 0, 1, 1], { shape: [4, 2] })
const y = tensor([0, 1, 1, 0], { shape: [4, 1] })
const steps = Array.from({ length: 1000 }, () => ({ x, y }))

const layer = (units: number) => sequential(dense({ units }), activation(sigmoid))
const unit = layer(1)
const network = sequential(layer(3), layer(1))
const optimizer = sgd({ learningRate: 1, momentum: 0.9 })

const learn = <P extends Tree, S extends Tree>(model: Layer<P, S>) => {
  const task = { model, loss: halfSquaredError, optimizer }
  const [state, metrics] = foldBatches(trainStep(task))(initTraining(task)(key(0), zeros([1, 2])), steps)
  return { output: predict(model)(state, x), losses: metrics.map(({ loss }) => item(loss)) }
}

const [one, several] = [learn(unit), learn(network)]
console.log({ wanted: y, "one sigmoid unit": one.output, "2-3-1 network": several.output })
const runs = { "one sigmoid unit": one, "2-3-1 network": several }
await writeSvg("examples/out/xor.svg", lossCurves({ title: "Exclusive or", x: "step", scale: "log", runs }))

assert.notDeepStrictEqual(toArray(round(one.output)), toArray(y))
assert.ok(Math.min(...one.losses) > 0.1249, "at best, all outputs are ½: a loss of ⅛")
assert.deepStrictEqual(toArray(round(several.output)), toArray(y))
