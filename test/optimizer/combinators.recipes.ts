import { eq, minimum, mul, pipe, rem, Tree, where, type Tensor } from "thalweg"
import {
  accumulate,
  adam,
  adamw,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  ifFinite,
  lookahead,
  maximize,
  normalizeGradients,
  onDisplacement,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  optimizer,
  partition,
  project,
  reduceOnPlateau,
  sgd,
  withEma,
  withL2,
  withPolyakAverage,
  withWeightDecay,
  type AccumulateF,
  type LookaheadPullbackOptions,
  type Optimizer,
  type Projection,
  type WithEmaF
} from "thalweg/optimizer"
import {
  applyWhere,
  chain,
  identity,
  scale,
  scaleByLearningRate,
  trace,
  type CountF,
  type StateFamily,
  type StatelessF
} from "thalweg/transform"
import { run, type Hyper, type Recipes } from "./trajectories.js"

const S = { learningRate: 0.1 }
const M = { learningRate: 0.1, momentum: 0.8 }
const A = { learningRate: 0.02, b1: 0.8, b2: 0.95, eps: 1e-3 }
const mask = { kernel: true, bias: false, scalar: false }

const onGradients: Recipes = {
  "combinators/clip-by-norm": () => run(pipe(sgd(M), clipByNorm(1.5))),
  "combinators/clip-by-value": () => run(pipe(sgd(M), clipByValue(0.5))),
  "combinators/clip-by-leaf-rms": () => run(pipe(sgd(M), clipByLeafNorm(0.5, { measure: "rms" }))),
  "combinators/clip-adaptive": () => run(pipe(sgd(M), clipAdaptive(0.2))),
  "combinators/clip-adaptive-eps": () => run(pipe(sgd(M), clipAdaptive(0.2, { eps: 0.5 }))),
  "combinators/centralize": () => run(pipe(sgd(M), centralizeGradients({ units: "first" }))),
  "combinators/normalize": () => run(pipe(sgd(M), normalizeGradients({ eps: 1e-6 }))),
  "combinators/normalize-scaled": () => run(pipe(sgd(M), normalizeGradients({ scale: 2, eps: 0.5 }))),
  "combinators/l2-momentum": () => run(pipe(sgd(M), withL2(0.1))),
  "combinators/l2-adam": () => run(pipe(adam(A), withL2(0.1))),
  "combinators/decay-momentum": () => run(pipe(sgd(M), withWeightDecay(0.1))),
  "combinators/decay-masked": () => run(pipe(adam(A), withWeightDecay(0.1, { mask }))),
  "combinators/masked": () => run(optimizer(chain(applyWhere(mask)(trace({ decay: 0.8 })), scaleByLearningRate(0.1)))),
  "combinators/maximize": () => run(pipe(sgd(M), maximize))
}

/** Displacements, added up and applied together at every `k`-th step. */
const applyEvery = (k: number) =>
  onDisplacement(chain<readonly [AccumulateF<StatelessF>, CountF]>(accumulate(k)(optimizer(identity)), scale(k)))
const labels = { kernel: "adam", bias: "sgd", scalar: "frozen" } as const

const aroundSteps: Recipes = {
  "combinators/partition": () =>
    run(partition({ adam: adam(A), sgd: sgd(M), frozen: sgd({ learningRate: 0 }) }, labels)),
  "combinators/accumulate-momentum": () => run(pipe(sgd(M), accumulate(3))),
  "combinators/accumulate-adam": () => run(pipe(adam(A), accumulate(3))),
  "combinators/apply-every": () => run(pipe(sgd(M), applyEvery(3))),
  "combinators/if-finite-momentum": () => run(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "combinators/if-finite-adam": () => run(pipe(adam(A), ifFinite({ tolerate: 2 }))),
  "combinators/if-finite-exceeded-f64": () => run(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "combinators/if-finite-exceeded-f32": () => run(pipe(sgd(M), ifFinite({ tolerate: 2 }))),
  "combinators/reduce-on-plateau": () => run(pipe(sgd(S), reduceOnPlateau({ factor: 0.5, patience: 2 }))),
  "combinators/reduce-on-plateau-cooldown": () =>
    run(pipe(sgd(S), reduceOnPlateau({ factor: 0.5, patience: 2, cooldown: 2, rtol: 0, atol: 0.05 }))),
  "combinators/reduce-on-plateau-accumulate": () =>
    run(pipe(sgd(S), reduceOnPlateau({ factor: 0.3, patience: 1, accumulationSize: 2, minScale: 0.2 })))
}

const ahead = { every: 4, mix: 0.3 }
const pulledBack: LookaheadPullbackOptions = { ...ahead, atSync: "pullback" }
const projected = (onto: Projection) => () => run(pipe(sgd(M), project(onto)))

const onParameters: Recipes = {
  "combinators/lookahead-momentum": () => run(pipe(sgd(M), lookahead(ahead))),
  "combinators/lookahead-adam": () => run(pipe(adam(A), lookahead(ahead))),
  "combinators/lookahead-momentum-reset": () => run(pipe(sgd(M), lookahead({ ...ahead, atSync: "reset" }))),
  "combinators/lookahead-adam-reset": () => run(pipe(adam(A), lookahead({ ...ahead, atSync: "reset" }))),
  "combinators/lookahead-momentum-pullback": () => run(pipe(sgd(M), lookahead(pulledBack))),
  "combinators/ema": () => run(pipe(sgd(M), withEma(0.9))),
  "combinators/ema-biased": () => run(pipe(sgd(M), withEma(0.9, { start: "zero" }))),
  "combinators/keep-non-negative": projected(ontoNonNegative),
  "combinators/project-non-negative": projected(ontoNonNegative),
  "combinators/project-box": projected(ontoBox({ lower: -0.5, upper: 1 })),
  "combinators/project-l2-ball": projected(ontoL2Ball(1.5)),
  "combinators/project-l1-ball": projected(ontoL1Ball(2)),
  "combinators/project-linf-ball": projected(ontoLInfBall(0.75)),
  "combinators/project-simplex": projected(ontoSimplex())
}

/** An average that begins as a copy of the parameters after the first step: nothing before it counts. */
const emaOfSteps = (decay: number) => withEma(t => mul(minimum(t, 1), decay))

/** Sets the parameters to their average after every `k`-th step; velocity and average stay. */
const overwriteEvery =
  (k: number) =>
  <F extends StateFamily>(averaged: Optimizer<WithEmaF<F>>): Optimizer<WithEmaF<F>> => ({
    ...averaged,
    step: (params, state, grads) => {
      const [moved, after] = averaged.step(params, state, grads)
      const due = eq(rem(after.count, k), 0)
      const choose = Tree.zipWith((average: Tensor, p: Tensor) => where(due, average, p))
      return [choose(averaged.evalParams(moved, after), moved), after]
    }
  })

const heavy = ({ learningRate, momentum }: Hyper) => sgd({ learningRate, momentum })
const hatted = ({ learningRate, b1, b2, eps, weightDecay }: Hyper) =>
  adamw({ learningRate, b1, b2, eps, weightDecay, form: "epsilonHat" })

const ofKeras: Recipes = {
  "keras/clipnorm": h => run(pipe(heavy(h), clipByLeafNorm(h.maxLeafNorm))),
  "keras/clipnorm-decay": h => run(pipe(hatted(h), clipByLeafNorm(h.maxLeafNorm))),
  "keras/global-clipnorm": h => run(pipe(heavy(h), clipByNorm(h.maxNorm))),
  "keras/clipvalue": h => run(pipe(heavy(h), clipByValue(h.maxValue))),
  "keras/accumulate": h => run(pipe(heavy(h), accumulate(h.every))),
  "keras/ema": h => run(pipe(heavy(h), emaOfSteps(h.emaDecay))),
  "keras/ema-overwrite": h => run(pipe(heavy(h), emaOfSteps(h.emaDecay), overwriteEvery(h.every)))
}

const ofTorch: Recipes = {
  "torch/sgd-average": h => run(pipe(heavy(h), withPolyakAverage())),
  "torch/sgd-ema": h => run(pipe(heavy(h), emaOfSteps(h.emaDecay)))
}

/** How each case of combinators, averages and projections is reached with what is exported. */
export const recipes: Recipes = { ...onGradients, ...aroundSteps, ...onParameters, ...ofKeras, ...ofTorch }
