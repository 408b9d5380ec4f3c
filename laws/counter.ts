import fc from "fast-check"
import { pipe, Tree } from "thalweg"
import { adam, clipByNorm, onDisplacement, onGradient, sgd, withMomentum, withWeightDecay } from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { addDecayedWeights, chain, clipByGlobalNorm, scale, type StateFamily } from "thalweg/transform"
import type { Optimizer } from "thalweg/optimizer"
import { fixed } from "./arbitrary/hyperparameter.js"
import { anyOptimizer } from "./arbitrary/optimizer.js"
import { arbRun, type Run } from "./arbitrary/run.js"
import { relative } from "./equality.js"
import { law, type Law } from "./law.js"
import { pathOf } from "./observe.js"

const run = arbRun({ dtypes: ["f64"] })

/** Generously equal: what is refuted here is not off by rounding. */
const roughly = relative(1e-3, 1)

const path = <F extends StateFamily>(optimizer: Optimizer<F>, r: Run): readonly Tree[] =>
  pathOf(anyOptimizer(optimizer), r)

const learningRate = 0.5
const momentum = 0.9
const decay = 0.5

const placement: readonly Law[] = [
  law("the rate inside the velocity is the rate outside, under a schedule", roughly, run, r => {
    const falling = linear({ start: 1, end: 0, steps: 4 })
    return [
      path(withMomentum(momentum)(sgd({ learningRate: falling })), r),
      path(sgd({ learningRate: falling, momentum }), r)
    ]
  }),
  law("coupled decay is decoupled decay with momentum", roughly, run, r => {
    const heavy = sgd({ learningRate, momentum })
    return [path(onGradient(addDecayedWeights(decay))(heavy), r), path(withWeightDecay(decay)(heavy), r)]
  }),
  law("L2 regularization under adam is AdamW", roughly, run, r => {
    const adaptive = adam({ learningRate })
    return [path(onGradient(addDecayedWeights(decay))(adaptive), r), path(withWeightDecay(decay)(adaptive), r)]
  }),
  law("adam does not see clipping, since it does not see scale", roughly, run, r => {
    const adaptive = adam({ learningRate, eps: 0 })
    return [path(clipByNorm(0.1)(adaptive), r), path(adaptive, r)]
  })
]

const commutation: readonly Law[] = [
  law("momentum and decay commute", roughly, run, r => [
    path(pipe(sgd({ learningRate }), withMomentum(momentum), withWeightDecay(decay)), r),
    path(pipe(sgd({ learningRate }), withWeightDecay(decay), withMomentum(momentum)), r)
  ]),
  law("clipping and scaling commute", roughly, fc.tuple(fixed(4, 2), run), ([factor, r]) => [
    path(onDisplacement(chain(clipByGlobalNorm(1), scale(factor)))(sgd({ learningRate })), r),
    path(onDisplacement(chain(scale(factor), clipByGlobalNorm(1)))(sgd({ learningRate })), r)
  ]),
  law("clipping by the norm over all leaves clips each leaf apart", roughly, run, r => {
    const clipped = clipByNorm(1)(sgd({ learningRate }))
    const apart = Tree.leaves(r.params).map((params, leaf) =>
      path(clipped, { params, gradients: r.gradients.map(grads => Tree.leaves(grads)[leaf] ?? params) })
    )
    return [path(clipped, r).map(Tree.leaves), r.gradients.map((_, step) => apart.map(steps => steps[step] ?? []))]
  })
]

/**
 * What one might take for laws and is false: for each of them `check` finds a counterexample. They say where the laws stop, so
 * that nobody simplifies beyond it: where a rate, a decay or a clip is placed matters.
 */
export const counterLaws: readonly Law[] = [...placement, ...commutation]
