export { optimizer, type Optimizer } from "./optimizer.js"
export {
  onDisplacement,
  onGradient,
  type OnDisplacement,
  type OnDisplacementF,
  type OnGradient,
  type OnGradientF
} from "./lift.js"
export { adam, type AdamF, type AdamOptions } from "./adam.js"
export { clipByNorm } from "./clip-by-norm.js"
export {
  lookahead,
  type LookaheadF,
  type LookaheadOptions,
  type LookaheadPullbackF,
  type LookaheadPullbackOptions
} from "./lookahead.js"
export { sgd, type SgdMomentumOptions, type SgdOptions } from "./sgd.js"
export { withMomentum, type HeavyOptions } from "./with-momentum.js"
export { withWeightDecay, type DecayOptions, type WithWeightDecayF } from "./with-weight-decay.js"
export { adamw, type AdamwF, type AdamwOptions } from "./adamw.js"
export { amsgrad, type AmsgradOptions } from "./amsgrad.js"
export { adamax, type AdamaxOptions } from "./adamax.js"
export { nadam, type NadamOptions, type ScheduledNadamOptions } from "./nadam.js"
export { radam, type RadamOptions } from "./radam.js"
export { momentum, type MomentumF, type MomentumOptions } from "./momentum.js"
export { nag } from "./nag.js"
export { adagrad, type AdagradOptions } from "./adagrad.js"
export { adadelta, type AdadeltaOptions } from "./adadelta.js"
export { rmsprop, type RmspropMomentumOptions, type RmspropOptions } from "./rmsprop.js"
export { rprop } from "./rprop.js"
export { adabound, amsbound } from "./adabound.js"
export { accumulate, type AccumulateF } from "./accumulate.js"
export { addNoise } from "./add-noise.js"
export { centralizeGradients } from "./centralize-gradients.js"
export { clipAdaptive } from "./clip-adaptive.js"
export { clipByLeafNorm } from "./clip-by-leaf-norm.js"
export { clipByValue } from "./clip-by-value.js"
export { ifFinite, type IfFiniteF, type IfFiniteOptions } from "./if-finite.js"
export { freeze, masked, type MaskedF } from "./masked.js"
export { maximize } from "./maximize.js"
export { normalizeGradients } from "./normalize-gradients.js"
export { partition, type PartitionF } from "./partition.js"
export { project, type ProjectF, type ProjectOptions } from "./project.js"
export {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type BoxOptions,
  type Projection
} from "./projections.js"
export { reduceOnPlateau, type PlateauOptions, type ReduceOnPlateauF } from "./reduce-on-plateau.js"
export { withEma, type EmaOptions, type WithEmaF } from "./with-ema.js"
export { withL2 } from "./with-l2.js"
export { withNesterov } from "./with-nesterov.js"
export { withPolyakAverage, type PolyakAverageOptions, type WithPolyakAverageF } from "./with-polyak-average.js"
export { withSchedule, type WithScheduleF } from "./with-schedule.js"
export { lion, type LionOptions } from "./lion.js"
export { signSgd, signum, type SignSgdOptions, type SignumOptions } from "./sign-sgd.js"
export { adabelief, type AdabeliefOptions } from "./adabelief.js"
export { yogi, type YogiOptions } from "./yogi.js"
export { adamaxw, type AdamaxwOptions } from "./adamaxw.js"
export { nadamw, type NadamwOptions } from "./nadamw.js"
export { novograd, type NovogradOptions } from "./novograd.js"
export { lars, type LarsOptions } from "./lars.js"
export { lamb, type LambOptions } from "./lamb.js"
export { adan, type AdanOptimizerF, type AdanOptions } from "./adan.js"
export { ademamix, type AdemamixOptions } from "./ademamix.js"
export { adopt, type AdoptOptions } from "./adopt.js"
export { acprop, type AcpropOptions } from "./acprop.js"
export { asgd, type AsgdF, type AsgdOptions } from "./asgd.js"
export { cocob } from "./cocob.js"
export { optimisticAdam, type OptimisticAdamF, type OptimisticAdamOptions } from "./optimistic-adam.js"
export { simplifiedAdemamix, type SimplifiedAdemamixOptions } from "./simplified-ademamix.js"
export { madgrad } from "./madgrad.js"
export { optimisticGradientDescent, type OptimisticOptions } from "./optimistic-gradient-descent.js"
export { fromage } from "./fromage.js"
export { noisySgd, type NoisySgdOptions } from "./noisy-sgd.js"
export { sm3, type Sm3Options } from "./sm3.js"
export { adafactor, type AdafactorF, type AdafactorMomentumOptions, type AdafactorOptions } from "./adafactor.js"
export { dog, dowg } from "./dog.js"
export { momo, momoAdam } from "./momo.js"
export { polyakSgd } from "./polyak-sgd.js"
export { scheduleFree, type ScheduleFreeF, type ScheduleFreeOptions } from "./schedule-free.js"
export { scheduleFreeAdamw, type ScheduleFreeAdamwOptions } from "./schedule-free-adamw.js"
export { scheduleFreeSgd, type ScheduleFreeSgdOptions } from "./schedule-free-sgd.js"
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
export { dadaptAdamw, prodigy } from "./prodigy.js"
export { muon, type MuonOptimizerF, type MuonOptions } from "./muon.js"
