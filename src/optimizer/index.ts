export { optimizer, type Optimizer } from "./optimizer.js"
export {
  onDisplacement,
  onGradient,
  type OnDisplacement,
  type OnDisplacementF,
  type OnGradient,
  type OnGradientF
} from "./lift.js"
export { adam, type AdamF, type AdamOptions } from "./recipe/adam.js"
export { clipByNorm } from "./combinator/clip-by-norm.js"
export {
  lookahead,
  type LookaheadF,
  type LookaheadOptions,
  type LookaheadPullbackF,
  type LookaheadPullbackOptions
} from "./combinator/lookahead.js"
export { sgd, type SgdMomentumOptions, type SgdOptions } from "./recipe/sgd.js"
export { withMomentum, type HeavyOptions } from "./combinator/with-momentum.js"
export { withWeightDecay, type DecayOptions, type WithWeightDecayF } from "./combinator/with-weight-decay.js"
export { adamw, type AdamwF, type AdamwOptions } from "./recipe/adamw.js"
export { amsgrad, type AmsgradOptions } from "./recipe/amsgrad.js"
export { adamax, type AdamaxOptions } from "./recipe/adamax.js"
export { nadam, type NadamOptions, type ScheduledNadamOptions } from "./recipe/nadam.js"
export { radam, type RadamOptions } from "./recipe/radam.js"
export { momentum, type MomentumF, type MomentumOptions } from "./recipe/momentum.js"
export { nag } from "./recipe/nag.js"
export { adagrad, type AdagradOptions } from "./recipe/adagrad.js"
export { adadelta, type AdadeltaOptions } from "./recipe/adadelta.js"
export { rmsprop, type RmspropMomentumOptions, type RmspropOptions } from "./recipe/rmsprop.js"
export { rprop } from "./recipe/rprop.js"
export { adabound, amsbound } from "./recipe/adabound.js"
export { accumulate, type AccumulateF } from "./combinator/accumulate.js"
export { addNoise } from "./combinator/add-noise.js"
export { centralizeGradients } from "./combinator/centralize-gradients.js"
export { clipAdaptive } from "./combinator/clip-adaptive.js"
export { clipByLeafNorm } from "./combinator/clip-by-leaf-norm.js"
export { clipByValue } from "./combinator/clip-by-value.js"
export { ifFinite, type IfFiniteF, type IfFiniteOptions } from "./combinator/if-finite.js"
export { freeze, masked, type MaskedF } from "./combinator/masked.js"
export { maximize } from "./combinator/maximize.js"
export { normalizeGradients } from "./combinator/normalize-gradients.js"
export { partition, type PartitionF } from "./combinator/partition.js"
export { project, type ProjectF, type ProjectOptions } from "./combinator/project.js"
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
export { reduceOnPlateau, type PlateauOptions, type ReduceOnPlateauF } from "./combinator/reduce-on-plateau.js"
export type { AveragedF } from "./combinator/averaging.js"
export { withEma, type EmaF, type EmaOptions, type WithEmaF } from "./combinator/with-ema.js"
export { withL2 } from "./combinator/with-l2.js"
export { withNesterov } from "./combinator/with-nesterov.js"
export {
  withPolyakAverage,
  type PolyakAverageF,
  type PolyakAverageOptions,
  type WithPolyakAverageF
} from "./combinator/with-polyak-average.js"
export { withSchedule, type WithScheduleF } from "./combinator/with-schedule.js"
export { lion, type LionOptions } from "./recipe/lion.js"
export { signSgd, signum, type SignSgdOptions, type SignumOptions } from "./recipe/sign-sgd.js"
export { adabelief, type AdabeliefOptions } from "./recipe/adabelief.js"
export { yogi, type YogiOptions } from "./recipe/yogi.js"
export { adamaxw, type AdamaxwOptions } from "./recipe/adamaxw.js"
export { nadamw, type NadamwOptions } from "./recipe/nadamw.js"
export { novograd, type NovogradOptions } from "./recipe/novograd.js"
export { lars, type LarsOptions } from "./recipe/lars.js"
export { lamb, type LambOptions } from "./recipe/lamb.js"
export { adan, type AdanOptimizerF, type AdanOptions } from "./recipe/adan.js"
export { ademamix, type AdemamixOptions } from "./recipe/ademamix.js"
export { adopt, type AdoptOptions } from "./recipe/adopt.js"
export { acprop, type AcpropOptions } from "./recipe/acprop.js"
export { asgd, type AsgdF, type AsgdOptions } from "./recipe/asgd.js"
export { cocob } from "./recipe/cocob.js"
export { optimisticAdam, type OptimisticAdamF, type OptimisticAdamOptions } from "./recipe/optimistic-adam.js"
export { simplifiedAdemamix, type SimplifiedAdemamixOptions } from "./recipe/simplified-ademamix.js"
export { madgrad } from "./recipe/madgrad.js"
export { optimisticGradientDescent, type OptimisticOptions } from "./recipe/optimistic-gradient-descent.js"
export { fromage } from "./recipe/fromage.js"
export { noisySgd, type NoisySgdOptions } from "./recipe/noisy-sgd.js"
export { sm3, type Sm3Options } from "./recipe/sm3.js"
export { adafactor, type AdafactorF, type AdafactorMomentumOptions, type AdafactorOptions } from "./recipe/adafactor.js"
export { dog, dowg } from "./recipe/dog.js"
export { momo, momoAdam } from "./recipe/momo.js"
export { polyakSgd } from "./recipe/polyak-sgd.js"
export { scheduleFree, type ScheduleFreeF, type ScheduleFreeOptions } from "./combinator/schedule-free.js"
export { scheduleFreeAdamw, type ScheduleFreeAdamwOptions } from "./recipe/schedule-free-adamw.js"
export { scheduleFreeSgd, type ScheduleFreeSgdOptions } from "./recipe/schedule-free-sgd.js"
export { equations, type EquationsOptions } from "./show/equations.js"
export { dataflow } from "./show/dataflow.js"
export type { ShowOptions } from "./show/trace.js"
export { optimizers } from "./catalogue.js"
export { combinators } from "./combinators.js"
export {
  anyOptimizer,
  type AnyOptimizer,
  type CombinatorEntry,
  type Entry,
  type OptimizerEntry,
  type Trait,
  type Traits
} from "./entry.js"
export { dadaptAdamw, prodigy } from "./recipe/prodigy.js"
export { muon, type MuonOptimizerF, type MuonOptions } from "./recipe/muon.js"
