import { compile, evaluate } from "thalweg"
import { activation, crossEntropy, dense, heNormal, relu, sequential } from "thalweg/nn"
import { adam } from "thalweg/optimizer"
import { key, randint, split, uniform } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"
import { medians, timed } from "./measure.js"
import { printTable } from "./table.js"

interface Sizes {
  readonly inputs: number
  readonly hidden: readonly number[]
  readonly batch: number
}

const CLASSES = 10

/** The network of the digits example and a batch, of some size, drawn by a key. */
const setUp = ({ inputs, hidden, batch }: Sizes) => {
  const layers = hidden.flatMap(units => [dense(units, { kernel: heNormal }), activation(relu)])
  const task = { model: sequential(...layers, dense(CLASSES)), loss: crossEntropy, optimizer: adam() }
  const [initKey, xKey, yKey] = split(key(0), 3)
  const state = evaluate(initTraining(task)(initKey, [inputs]))
  const examples = evaluate({ x: uniform(xKey, [batch, inputs]), y: randint(yKey, [batch], { max: CLASSES }) })
  return { step: trainStep(task), state, examples }
}

const TINY: Sizes = { inputs: 2, hidden: [2, 2], batch: 1 }

/** The first call of a compiled step of a tiny network: tracing and planning, which do not depend on sizes. */
const firstCall = () => {
  const { step, state, examples } = setUp(TINY)
  return timed(() => compile(step)(state, examples))()
}

/** Milliseconds of a training step of the network of the digits example, and of planning it. */
export const benchTraining = (sizes: Sizes, rounds: number): void => {
  const { step, state, examples } = setUp(sizes)
  const run = compile(step)
  const times = medians([timed(() => run(state, examples)), firstCall], rounds)
  const name = [sizes.inputs, ...sizes.hidden, CLASSES].join("-")
  printTable(
    `training ${name}, batches of ${sizes.batch}, Adam, ms`,
    ["", "ms"],
    ["a step", "the first call of a tiny one: tracing and planning"].map((what, i) => [what, times[i] ?? NaN])
  )
}
