export {
  altered,
  around,
  given,
  optimizer,
  optimizerOf,
  type AnyOptimizer,
  type Optimizer,
  type OptimizerState,
  type StepNeeds
} from "./optimizer.js"
export { moveBy, moveTo, noMove, type Motion, type Move } from "./motion.js"
export { clocked, type Clocked, type ClockedF } from "./clock.js"
export {
  onDisplacement,
  onGradient,
  type OnDisplacement,
  type OnDisplacementF,
  type OnGradient,
  type OnGradientF
} from "./lift.js"
export * from "./recipe/index.js"
export { clipByNorm } from "./combinator/clip-by-norm.js"
export { clipByLeafNorm } from "./combinator/clip-by-leaf-norm.js"
export { clipByValue } from "./combinator/clip-by-value.js"
export { clipAdaptive } from "./combinator/clip-adaptive.js"
export { normalizeGradients } from "./combinator/normalize-gradients.js"
export { centralizeGradients } from "./combinator/centralize-gradients.js"
export { addNoise } from "./combinator/add-noise.js"
export { withL2 } from "./combinator/with-l2.js"
export { accumulate, type AccumulateF } from "./combinator/accumulate.js"
export { ifFinite, type IfFiniteF, type IfFiniteOptions } from "./combinator/if-finite.js"
export { maximize } from "./combinator/maximize.js"
export { withMomentum, type HeavyOptions } from "./combinator/with-momentum.js"
export { withNesterov } from "./combinator/with-nesterov.js"
export { withWeightDecay, type DecayOptions } from "./combinator/with-weight-decay.js"
export { withSchedule } from "./combinator/with-schedule.js"
export { reduceOnPlateau, type PlateauOptions, type ReduceOnPlateauF } from "./combinator/reduce-on-plateau.js"
export type { AveragedF } from "./combinator/averaging.js"
export { withEma, type Averager, type EmaF, type EmaOptions, type WithEmaF } from "./combinator/with-ema.js"
export {
  withPolyakAverage,
  type PolyakAverageF,
  type PolyakAverageOptions,
  type WithPolyakAverageF
} from "./combinator/with-polyak-average.js"
export { scheduleFree, type ScheduleFreeF, type ScheduleFreeOptions } from "./combinator/schedule-free.js"
export { lookahead, type LookaheadF, type LookaheadOptions } from "./combinator/lookahead.js"
export {
  project,
  type Projecting,
  type ProjectOntoBallOptions,
  type ProjectOntoBoxOptions,
  type ProjectOntoSimplexOptions,
  type ProjectOptions
} from "./combinator/project.js"
export {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type BoxOptions,
  type Projection
} from "./combinator/projections.js"
export { freeze, masked, type MaskedF, type Masking } from "./combinator/masked.js"
export { partition, type PartitionF } from "./combinator/partition.js"
export type { PartitionOptions } from "./combinator/partition-by-rules.js"
export { optimizers, type OptimizerCatalogue, type OptimizerRecipe } from "./catalogue.js"
export { combinators, type CombinatorRecipe } from "./combinators.js"
export type * from "../options/types.js"
