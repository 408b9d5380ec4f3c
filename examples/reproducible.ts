// The same key gives the same bits: run again, run elsewhere, compiled or not.
import assert from "node:assert"
import { evaluate, foldBatches, zeros } from "thalweg"
import { activation, dense, dropout, halfSquaredError, relu, sequential } from "thalweg/nn"
import { adam } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { batches, initTraining, trainStep } from "thalweg/train"
import { stoppingDistances } from "./lib/cars.js"

const model = sequential(dense({ units: 16 }), activation(relu), dropout({ rate: 0.2 }), dense({ units: 1 }))
const task = { model, loss: halfSquaredError, optimizer: adam({ learningRate: 0.01 }) }

/** What a key decides: where training starts, what dropout drops, and the order of the examples. */
const drawn = (seed: number) => {
  const [initKey, shuffleKey] = split(key(seed))
  return [
    initTraining(task)(initKey, zeros([1, 1])),
    batches({ batchSize: 5, key: shuffleKey })(stoppingDistances())
  ] as const
}

const compiled = (seed: number) => {
  const [start, shuffled] = drawn(seed)
  const [state] = foldBatches(trainStep(task))(start, shuffled)
  return state.params
}

const stepByStep = (seed: number) => {
  const [start, shuffled] = drawn(seed)
  return [...shuffled].reduce((state, batch) => evaluate(trainStep(task)(state, batch)[0]), start).params
}

console.log(compiled(42))
assert.deepStrictEqual(compiled(42), compiled(42))
assert.deepStrictEqual(compiled(42), stepByStep(42))
assert.notDeepStrictEqual(compiled(42), compiled(43))
