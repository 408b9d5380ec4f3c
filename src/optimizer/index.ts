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
export { sgd, type SgdF, type SgdOptions } from "./recipe/sgd.js"
export { momentum, type MomentumF, type MomentumOptions } from "./recipe/momentum.js"
export { nag } from "./recipe/nag.js"
export { noisySgd, type NoisySgdOptions } from "./recipe/noisy-sgd.js"
export { asgd, type AsgdF, type AsgdOptions } from "./recipe/asgd.js"
export { optimisticGradientDescent, type OptimisticOptions } from "./recipe/optimistic-gradient-descent.js"
export { signSgd, signum, type SignSgdOptions, type SignumF, type SignumOptions } from "./recipe/sign-sgd.js"
export { rprop } from "./recipe/rprop.js"
export { adagrad, type AdagradF, type AdagradOptions } from "./recipe/adagrad.js"
export { adadelta, type AdadeltaOptions } from "./recipe/adadelta.js"
export { rmsprop, type RmspropF, type RmspropOptions } from "./recipe/rmsprop.js"
export { adam, type AdamF, type AdamOptions } from "./recipe/adam.js"
export { adamw, type AdamwF, type AdamwOptions } from "./recipe/adamw.js"
export { amsgrad, type AmsgradOptions } from "./recipe/amsgrad.js"
export { adamax, type AdamaxOptions } from "./recipe/adamax.js"
export { adamaxw, type AdamaxwF, type AdamaxwOptions } from "./recipe/adamaxw.js"
export {
  nadam,
  scheduledNadam,
  type NadamOptions,
  type ScheduledNadamF,
  type ScheduledNadamOptions
} from "./recipe/nadam.js"
export { nadamw, type NadamwOptions } from "./recipe/nadamw.js"
export { radam, type RadamOptions } from "./recipe/radam.js"
export { optimisticAdam, type OptimisticAdamF, type OptimisticAdamOptions } from "./recipe/optimistic-adam.js"
export { adabelief, type AdabeliefOptions } from "./recipe/adabelief.js"
export { acprop, type AcpropOptions } from "./recipe/acprop.js"
export { adabound, amsbound } from "./recipe/adabound.js"
export { yogi, type YogiOptions } from "./recipe/yogi.js"
export { adan, type AdanOptimizerF, type AdanOptions } from "./recipe/adan.js"
export { ademamix, type AdemamixOptimizerF, type AdemamixOptions } from "./recipe/ademamix.js"
export { simplifiedAdemamix, type SimplifiedAdemamixOptions } from "./recipe/simplified-ademamix.js"
export { adopt, type AdoptOptions } from "./recipe/adopt.js"
export { lion, type LionF, type LionOptions } from "./recipe/lion.js"
export { lars, type LarsF, type LarsOptions } from "./recipe/lars.js"
export { lamb, type LambF, type LambOptions } from "./recipe/lamb.js"
export { novograd, type NovogradOptions } from "./recipe/novograd.js"
export { fromage } from "./recipe/fromage.js"
export { madgrad } from "./recipe/madgrad.js"
export { sm3, type Sm3Options } from "./recipe/sm3.js"
export { muon, type MuonF, type MuonOptions } from "./recipe/muon.js"
export { adafactor, type AdafactorF, type AdafactorOptions } from "./recipe/adafactor.js"
export { cocob } from "./recipe/cocob.js"
export { dog, dowg } from "./recipe/dog.js"
export { dadaptAdamw, prodigy } from "./recipe/prodigy.js"
export { scheduleFreeSgd, type ScheduleFreeSgdF, type ScheduleFreeSgdOptions } from "./recipe/schedule-free-sgd.js"
export {
  scheduleFreeAdamw,
  type ScheduleFreeAdamwF,
  type ScheduleFreeAdamwOptions
} from "./recipe/schedule-free-adamw.js"
export { polyakSgd } from "./recipe/polyak-sgd.js"
export { momo, momoAdam } from "./recipe/momo.js"
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
export type { AveragedF, Averager } from "./combinator/averaging.js"
export { withEma, type EmaF, type EmaOptions, type WithEmaF } from "./combinator/with-ema.js"
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
export { optimizers, type OptimizerRecipe } from "./catalogue.js"
export { combinators, type CombinatorRecipe } from "./combinators.js"
export type * from "../options/types.js"
