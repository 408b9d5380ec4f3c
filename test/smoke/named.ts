/** What users export without saying its type: a compiler that emits declarations has to name it. */
import { add, compile, grad, mul, pipe, scan, square, sum, Tree, valueAndGrad, zeros, type Tensor } from "thalweg"
import { activation, dense, dropout, halfSquaredError, relu, sequential, summary } from "thalweg/nn"
import {
  adam,
  altered,
  around,
  clipByNorm,
  muon,
  onDisplacement,
  onGradient,
  ontoL2Ball,
  optimizer,
  partition,
  project,
  reduceOnPlateau,
  sgd,
  withEma,
  type Optimizer
} from "thalweg/optimizer"
import { key, normal } from "thalweg/random"
import { cosine, scale as scaleSchedule, warmup } from "thalweg/schedule"
import { dataflow, equations } from "thalweg/show"
import { dataset, decodeOptimizer, decodeTree, optimizerSpec, ranges, toSpec } from "thalweg/spec"
import { fit, initTraining, predict, trainStep } from "thalweg/train"
import { applyMomentum, chain, scale, scaleByAdam } from "thalweg/transform"
import type { NeedsOf, StateFamily, StateOf, Transform } from "thalweg/transform"

export const myAdam = adam
export const descent = sgd({ learningRate: 0.1 })
export const composed = pipe(adam({ learningRate: 0.1 }), withEma(0.9), clipByNorm(1))
export const chained = optimizer(chain(scaleByAdam(), applyMomentum({ decay: 0.9 }), scale(-0.1)))
export const parts = partition({ slow: descent, fast: muon({ elsewhere: composed }) }, () => "slow")
export const bounded = pipe(adam(), reduceOnPlateau(), project(ontoL2Ball(1)))

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

/** A user's own combinators, and a family of several parts. */
export interface BeforeF<F extends StateFamily> extends StateFamily {
  readonly type: Record<"before", this["params"]> & Record<"inner", StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}
export const remembering = <F extends StateFamily>(inner: Optimizer<F>) =>
  around<F, BeforeF<F>>(inner, {
    init: params => ({ before: params, inner: inner.motion.init(params) }),
    move: (grads, state, params, now) => {
      const [move, after] = inner.motion.move(grads, state.inner, params, now)
      return [move, { before: params, inner: after }]
    }
  })
export const remembered = pipe(bounded, remembering)
export const same = <F extends StateFamily>(inner: Optimizer<F>) => altered(inner, {})

export const model = sequential(dense({ units: 2 }), activation(relu), dropout({ rate: 0.5 }), dense({ units: 1 }))
export const task = { model, loss: halfSquaredError, optimizer: composed }
export const start = initTraining(task)
export const state = start(key(0), zeros([1, 3]))
export const step = trainStep(task)
export const training = fit(task)
export const predicting = predict(model)
export const stateOf = (params: Tensor): StateOf<LastF, Tensor> => withLast.init(params)
export const started = pipe(remembered, ({ init }) => init({ w: normal(key(0), [2]) }))

export const tree = (given: Tree) => given
export const doubled = Tree.map((leaf: Tensor) => mul(leaf, 2))
export const added = Tree.zipWith(add)
export const loss = (w: Tensor) => sum(square(w))
export const gradient = grad(loss)
export const both = valueAndGrad(loss)
export const compiled = compile(descent.step)
export const noise = normal(key(0), [2])
export const schedule = scaleSchedule(0.5)(warmup({ steps: 2 })(cosine({ start: 1, steps: 10 })))
export const decoded = decodeOptimizer({})
export const restored = decodeTree(start(key(0), zeros([1, 3])))(new Uint8Array())
export const flowers = dataset({ features: 1, classes: 2 })
export const codec = optimizerSpec
export const codecs = ranges
export const showing = [scan, equations, dataflow, summary, toSpec] as const
