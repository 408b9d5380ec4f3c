import fc from "fast-check"
import { pipe, Tree } from "thalweg"
import { adam, clipByNorm, onDisplacement, onGradient, sgd, withMomentum, withWeightDecay } from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { addDecayedWeights, chain, clipByGlobalNorm, scale } from "thalweg/transform"
import { fixed } from "./arbitrary/hyperparameter.js"
import { arbRun } from "./arbitrary/run.js"
import { combinatorCounterLaws } from "./combinator/counter.js"
import { roughly } from "./equality.js"
import { familyCounterLaws } from "./family/counter.js"
import { law, type Law } from "./law.js"
import { pathOf } from "./sides.js"

const run = arbRun({ dtypes: ["f64"] })

const learningRate = 0.5
const momentum = 0.9
const decay = 0.5

const placement: readonly Law[] = [
  law("the rate inside the velocity is the rate outside, under a schedule", roughly, run, r => {
    const falling = linear({ start: 1, end: 0, steps: 4 })
    return [
      pathOf(withMomentum(momentum)(sgd({ learningRate: falling })), r),
      pathOf(sgd({ learningRate: falling, momentum }), r)
    ]
  }),
  law("coupled decay is decoupled decay with momentum", roughly, run, r => {
    const heavy = sgd({ learningRate, momentum })
    return [pathOf(onGradient(addDecayedWeights(decay))(heavy), r), pathOf(withWeightDecay(decay)(heavy), r)]
  }),
  law("L2 regularization under adam is AdamW", roughly, run, r => {
    const adaptive = adam({ learningRate })
    return [pathOf(onGradient(addDecayedWeights(decay))(adaptive), r), pathOf(withWeightDecay(decay)(adaptive), r)]
  }),
  law("adam does not see clipping, since it does not see scale", roughly, run, r => {
    const adaptive = adam({ learningRate, eps: 0 })
    return [pathOf(clipByNorm(0.1)(adaptive), r), pathOf(adaptive, r)]
  })
]

const commutation: readonly Law[] = [
  law("momentum and decay commute", roughly, run, r => [
    pathOf(pipe(sgd({ learningRate }), withMomentum(momentum), withWeightDecay(decay)), r),
    pathOf(pipe(sgd({ learningRate }), withWeightDecay(decay), withMomentum(momentum)), r)
  ]),
  law("clipping and scaling commute", roughly, fc.tuple(fixed(4, 2), run), ([factor, r]) => [
    pathOf(onDisplacement(chain(clipByGlobalNorm(1), scale(factor)))(sgd({ learningRate })), r),
    pathOf(onDisplacement(chain(scale(factor), clipByGlobalNorm(1)))(sgd({ learningRate })), r)
  ]),
  law("clipping by the norm over all leaves clips each leaf apart", roughly, run, r => {
    const clipped = clipByNorm(1)(sgd({ learningRate }))
    const apart = Tree.leaves(r.params).map((params, leaf) =>
      pathOf(clipped, { params, gradients: r.gradients.map(grads => Tree.leaves(grads)[leaf] ?? params) })
    )
    return [pathOf(clipped, r).map(Tree.leaves), r.gradients.map((_, step) => apart.map(steps => steps[step] ?? []))]
  })
]

/**
 * What one might take for laws and is false: for each of them `check` finds a counterexample. They say where the laws
 * stop, so that nobody simplifies beyond it: where a rate, a decay or a clip is placed matters.
 */
export const counterLaws: readonly Law[] = [
  ...placement,
  ...commutation,
  ...combinatorCounterLaws,
  ...familyCounterLaws
]
