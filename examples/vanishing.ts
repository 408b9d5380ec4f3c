// Through twenty layers of sigmoids gradients vanish, and the first layers learn nothing. What helps, on real digits.
import assert from "node:assert"
import { item, pipe, sqrt, square, sum, toArray, Tree, valueAndGrad, type Tensor, type TreeLike } from "thalweg"
import { activation, batchNorm, crossEntropy, dense, glorotNormal, heNormal, relu, repeat, residual } from "thalweg/nn"
import { sequential, sigmoid, tanh, varianceScaling, type Initializer, type Layer } from "thalweg/nn"
import { clipByNorm, sgd, type AnyOptimizer } from "thalweg/optimizer"
import { key, split } from "thalweg/random"
import { fit, splitDataset } from "thalweg/train"
import { loadDigits } from "./lib/digits.js"
import { grid, lineChart, lossCurves, writeSvg } from "./lib/plot/index.js"

const [splitKey, drawKey, trainKey] = split(key(1), 3) as [Tensor, Tensor, Tensor]
const { train } = splitDataset(splitKey, { train: 0.2, rest: 0.8 })(loadDigits())

const units = (kernel: Initializer) => dense({ units: 32, kernel })
const deep = <P extends object, S extends object>(block: Layer<P, S>) =>
  sequential({ first: units(glorotNormal), blocks: repeat(20)(block), head: dense({ units: 10 }) })
const block = (kernel: Initializer, f: (x: Tensor) => Tensor) =>
  deep(sequential({ dense: units(kernel), f: activation(f) }))

const plain = sgd({ learningRate: 0.02, momentum: 0.9 })

/** The norms of the first gradient by the kernels of the blocks, the losses of some epochs, and how they ended. */
const tryOut = <P extends TreeLike<P>, S extends TreeLike<S>>(model: Layer<P, S>, optimizer: AnyOptimizer = plain) => {
  const { params, state } = model.init(drawKey, train.x)
  const loss = (p: P) => crossEntropy(model.apply(p, state, train.x, { training: true, key: trainKey })[0], train.y)
  const [before, grads] = valueAndGrad(loss)(params)
  const kernels = Tree.leaves(grads)[Tree.paths(grads).indexOf("blocks/each/dense/kernel")] as Tensor
  const norms = toArray(sqrt(sum(square(kernels), { axes: [1, 2] }))) as number[]
  const { history, outcome } = fit({ model, loss: crossEntropy, optimizer })({
    train,
    epochs: 10,
    batchSize: 50,
    key: trainKey
  })
  return { norms, losses: [item(before), ...history.map(({ trainLoss }) => trainLoss)], outcome: outcome._tag }
}

const large = varianceScaling({ scale: 4 })
const normalized = sequential({ dense: units(glorotNormal), norm: batchNorm(), f: activation(sigmoid) })
const found = {
  sigmoid: tryOut(block(glorotNormal, sigmoid)),
  "tanh, Glorot": tryOut(block(glorotNormal, tanh)),
  "relu, He": tryOut(block(heNormal, relu)),
  "batch normalization": tryOut(deep(normalized)),
  residual: tryOut(deep(residual(sequential({ f: activation(sigmoid), dense: units(glorotNormal) })))),
  "relu, too large": tryOut(block(large, relu)),
  "too large, clipped": tryOut(block(large, relu), pipe(plain, clipByNorm(1)))
}
const { sigmoid: vanishing, "relu, too large": exploding, ...cured } = found

const title = "Norm of the first gradient"
const series = Object.entries({ sigmoid: vanishing, ...cured }).map(([name, { norms }]) => ({
  name,
  points: norms.map((norm, layer) => [layer + 1, norm] as const)
}))
const norms = lineChart({ title, x: { title: "layer" }, y: { title: "norm", scale: "log" }, series })
const losses = lossCurves({ title: "Training", x: "epoch", scale: "log", runs: { sigmoid: vanishing, ...cured } })
await writeSvg("examples/out/vanishing.svg", grid([norms, losses], 2))

const spread = (norms: readonly number[]) => Math.max(...norms) / Math.min(...norms)
assert.ok(spread(vanishing.norms) > 1e9, "the first layer gets a billionth of what the last does")
assert.ok((vanishing.losses.at(-1) ?? 0) > 0.99 * Math.log(10), "and all are still guesses")
assert.strictEqual(exploding.outcome, "Diverged", "kernels that are too large make gradients explode")
for (const [name, { norms, losses }] of Object.entries(cured))
  assert.ok(spread(norms) < 10 && (losses.at(-1) ?? NaN) < 0.9 * Math.log(10), `${name} reaches all layers, and learns`)
