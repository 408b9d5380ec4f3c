import { foldBatches, toTyped, Tree, zeros, type Tensor } from "thalweg"
import { activation, dense, dropout, halfSquaredError, relu, sequential } from "thalweg/nn"
import type { XlaOptions } from "thalweg/node"
import { adam } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"

const model = sequential(dense({ units: 16 }), activation(relu), dropout({ rate: 0.2 }), dense({ units: 8 }))
const task = { model, loss: halfSquaredError, optimizer: adam({ learningRate: 0.01 }) }
export const batches = split(key(1), 6).map(own => {
  const [x, y] = split(own)
  return { x: normal(x, [16, 32]), y: normal(y, [16, 8]) }
})
export const start = initTraining(task)(key(0), zeros([16, 32]))
export const step = trainStep(task)
/** What all is held to: state and metrics of the fold that is made here. */
export const here = foldBatches(step)(start, batches)

/** How far the elements of a tree are from those of another, at most. */
export const worst = (a: Tree, b: Tree): number => {
  const others = Tree.leaves(b)
  const off = Tree.leaves(a).map((leaf, i) => {
    const other = toTyped(others[i] as Tensor)
    return Array.from(toTyped(leaf)).reduce((most, x, k) => Math.max(most, Math.abs(x - (other[k] ?? NaN))), 0)
  })
  return Math.max(...off)
}

/** The batch in parts. */
export const data: XlaOptions["place"] = [["batch/**", ["data"]]]
