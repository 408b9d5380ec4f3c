/** What users export without saying its type: a compiler that emits declarations has to name it. */
import { compile, grad, mul, pipe, scan, square, sum, Tree, valueAndGrad, type Tensor } from "thalweg"
import { activation, dense, dropout, halfSquaredError, relu, sequential, summary } from "thalweg/nn"
import { adam, clipByNorm, equations, onDisplacement, onGradient, optimizer, sgd, withEma } from "thalweg/optimizer"
import { key, normal } from "thalweg/random"
import { cosine, scale as scaleSchedule } from "thalweg/schedule"
import { dataset, decodeOptimizer, optimizerSpec, ranges, toSpec } from "thalweg/spec"
import { fit, initTraining, predict, trainStep } from "thalweg/train"
import { chain, scale, scaleByAdam, trace, type StateFamily, type StateOf, type Transform } from "thalweg/transform"

export const descent = sgd({ learningRate: 0.1 })
export const composed = pipe(adam({ learningRate: 0.1 }), withEma(0.9), clipByNorm(1))
export const chained = optimizer(chain(scaleByAdam(), trace({ decay: 0.9 }), scale(-0.1)))

/** A user's own transform. */
export interface LastF extends StateFamily {
  readonly type: readonly [last: this["params"]]
}
export const withLast: Transform<LastF> = {
  init: params => [Tree.zerosLike(params)],
  update: (updates, [last]) => [last, [updates]]
}
export const delayed = pipe(descent, onGradient(withLast), onDisplacement(scale(0.5)))
export const mine = chain(withLast, scale(-0.1))

export const model = sequential(dense(2), activation(relu), dropout(0.5), dense(1))
export const task = { model, loss: halfSquaredError, optimizer: composed }
export const start = initTraining(task)
export const state = start(key(0), [3])
export const step = trainStep(task)
export const training = fit(task)
export const predicting = predict(model)
export const stateOf = (params: Tensor): StateOf<LastF, Tensor> => withLast.init(params)

export const same = (tree: Tree) => tree
export const doubled = Tree.map((leaf: Tensor) => mul(leaf, 2))
export const loss = (w: Tensor) => sum(square(w))
export const gradient = grad(loss)
export const both = valueAndGrad(loss)
export const compiled = compile(descent.step)
export const noise = normal(key(0), [2])
export const schedule = scaleSchedule(0.5)(cosine({ start: 1, steps: 10 }))
export const decoded = decodeOptimizer({})
export const flowers = dataset({ features: 1, classes: 2 })
export const codec = optimizerSpec
export const codecs = ranges
export const showing = [scan, equations, summary, toSpec] as const
