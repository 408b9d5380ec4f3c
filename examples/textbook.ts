// The networks that textbooks print in Keras: summaries that count what Keras counts, and a step of training each.
import assert from "node:assert"
import { compile, item, pipe, zeros, type Tensor, type TreeLike } from "thalweg"
import { crossEntropy, summary, type Layer } from "thalweg/nn"
import { adam, clipByLeafNorm, withL2 } from "thalweg/optimizer"
import { key, normal, randint, split } from "thalweg/random"
import { initTraining, trainStep } from "thalweg/train"
import { attentive, convolutional, simpleRecurrent } from "./lib/textbook.js"

/** Keras's `Adam(clipnorm=1)`, where kernels have the regularizer `L2(1e-4)`, which is λ‖w‖², without the ½. */
const optimizer = pipe(adam({ learningRate: 1e-4 }), clipByLeafNorm(1), withL2(2e-4, { mask: "**/kernel" }))

/** Prints the summary of a model and gives its loss on a batch before and after a step on it. */
const tryOut = <P extends TreeLike<P>, S extends TreeLike<S>>(model: Layer<P, S>, shape: readonly number[]) => {
  console.log(`${summary(model, zeros([1, ...shape]))}\n`)
  const [inputKey, labelKey, modelKey] = split(key(1), 3) as [Tensor, Tensor, Tensor]
  const batch = { x: normal(inputKey, [32, ...shape]), y: randint(labelKey, [32], { min: 0, max: 10 }) }
  const task = { model, loss: crossEntropy, optimizer }
  const before = initTraining(task)(modelKey, batch.x)
  const [after] = compile(trainStep(task))(before, batch)
  const loss = ({ params, state }: typeof before) =>
    item(crossEntropy(model.apply(params, state, batch.x, { training: false })[0], batch.y))
  return [loss(before), loss(after)] as const
}

const losses = {
  convolutional: tryOut(convolutional, [64, 64, 3]),
  simpleRecurrent: tryOut(simpleRecurrent, [100, 10]),
  attentive: tryOut(attentive, [16, 32])
}
console.log(losses)
for (const [name, [before, after]] of Object.entries(losses)) assert.ok(after < before, `the loss of ${name} falls`)
