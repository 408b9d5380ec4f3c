// The network that reads digits is trained on eight devices by XLA, and on one here: the same steps, the same accuracy.
// For two hosts with GPUs: the mesh is that of all GPUs together, `devices` is left out, and in place of `fold` stands
//   await writeRun(trainStep(task), { mesh: { data: 16 }, place, checkpointEvery: 100 })("runs/digits", start, batches)()
// then, on host 0 and on host 1 (--process 1), which both have the folder:
//   npx thalweg-run runs/digits --coordinator host0:9876 --processes 2 --process 0
import assert from "node:assert"
import { item, pipe } from "thalweg"
import { accuracy, activation, crossEntropy, dense, dropout, heNormal, relu, sequential } from "thalweg/nn"
import { progress, stepsOnXla } from "thalweg/node"
import { adam, clipByNorm, withWeightDecay } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { fit, predict, splitDataset, type StepsFold } from "thalweg/train"
import { loadDigits } from "./lib/digits.js"

const python = process.env["PYTHON"]
if (python === undefined) {
  console.log('This needs Python: pip install "jax>=0.7.2", then PYTHON=python3 npx tsx examples/scale-out.ts')
  process.exit()
}

const [splitKey, trainKey] = split(key(1701))
const { train, validation, test } = splitDataset(splitKey, { train: 0.8, validation: 0.1, test: 0.1 })(loadDigits())

const hidden = (units: number) =>
  sequential(dense({ units, kernel: heNormal }), activation(relu), dropout({ rate: 0.2 }))
const model = sequential(hidden(256), hidden(128), dense({ units: 10 }))
const task = { model, loss: crossEntropy, optimizer: pipe(adam(), withWeightDecay(1e-2), clipByNorm(1)) }
const options = { train, validation, epochs: 4, batchSize: 128, remainder: "drop", key: trainKey } as const

// Each device has the whole of the parameters and an eighth of every batch.
const onEight: StepsFold = step =>
  stepsOnXla(step, {
    python,
    devices: 8,
    mesh: { data: 8 },
    place: [["batch/**", ["data"]]],
    onCompiled: ({ seconds, collectives }) => {
      console.log(`compiled in ${seconds.toFixed(1)} s; between the devices, for each step:`, collectives)
    }
  })

const display = progress()
const there = await fit(task)({ ...options, fold: onEight, onStep: display.update })
display.stop()
const here = fit(task)(options)

const [eight, one] = [there, here].map(({ trained }) => item(accuracy(predict(model)(trained, test.x), test.y))) as [
  number,
  number
]
console.log(`test accuracy ${eight.toFixed(4)} on eight devices, ${one.toFixed(4)} on one`)
assert.ok(Math.min(eight, one) >= 0.93 && Math.abs(eight - one) < 0.02)
