import { compile, evaluate, full, zeros, type Tensor } from "thalweg"
import { activation, dense, dropout, halfSquaredError, relu, sequential } from "thalweg/nn"
import { readTree, writeTree } from "thalweg/node"
import { adam } from "thalweg/optimizer"
import { foldIn, key, normal } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"

const model = sequential(dense({ units: 256 }), activation(relu), dropout({ rate: 0.5 }), dense({ units: 1 }))
const task = { model, loss: halfSquaredError, optimizer: adam({ learningRate: 0.01 }) }
const step = compile(trainStep(task))
const batch = (i: number) => ({ x: normal(foldIn(key(1), i), [4, 128]), y: normal(foldIn(key(2), i), [4, 1]) })

export const start = initTraining(task)(key(0), zeros([1, 128]))

/** The state after one more step. */
export const next = (state: typeof start, i: number): typeof start => step(state, batch(i))[0]

/** Trains from where a file stands, or from the start, and saves after every step. It prints a line before it does. */
export const train = async (path: string, steps: number): Promise<void> => {
  const found = await readTree(start)(path)()
  if (found._tag === "Left" && !found.left.message.includes("ENOENT")) throw found.left
  const { tree, metadata } = found._tag === "Right" ? found.right : { tree: start, metadata: { step: 0 } }
  let state = tree
  for (let i = metadata.step ?? NaN; i < steps; i++) {
    state = evaluate(next(state, i))
    console.log(`step ${i + 1}`)
    const written = await writeTree(path, state, { step: i + 1 })()
    if (written._tag === "Left") throw written.left
  }
}

/** Two leaves of one value. */
export const filled = (value: number): readonly [Tensor, Tensor] => [full([100_000], value), full([100_000], value)]

/** Writes one value over and over. */
export const overwrite = async (path: string, value: number, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    const written = await writeTree(path, filled(value))()
    if (written._tag === "Left") throw written.left
  }
}
