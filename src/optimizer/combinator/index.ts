/** Every combinator but the projections: what is named here is in the catalogue, and is published with its types. */

export { clipByNorm } from "./clip-by-norm.js"
export { clipByLeafNorm } from "./clip-by-leaf-norm.js"
export { clipByValue } from "./clip-by-value.js"
export { clipAdaptive } from "./clip-adaptive.js"
export { normalizeGradients } from "./normalize-gradients.js"
export { centralizeGradients } from "./centralize-gradients.js"
export { addNoise } from "./add-noise.js"
export { withDifferentialPrivacy } from "./with-differential-privacy.js"
export { asam, sam, type AsamOptions, type SamOptions, type SharpnessAware, type SharpnessAwareF } from "./sam.js"
export { withL1, type L1Options } from "./with-l1.js"
export { withL2 } from "./with-l2.js"
export { accumulate, type AccumulateF } from "./accumulate.js"
export { ifFinite, type IfFiniteF, type IfFiniteOptions } from "./if-finite.js"
export { maximize, type Maximize } from "./maximize.js"
export { withMomentum, type HeavyOptions } from "./with-momentum.js"
export { withNesterov } from "./with-nesterov.js"
export { cautious, type CautiousOptions } from "./cautious.js"
export { withWeightDecay, type DecayOptions } from "./with-weight-decay.js"
export { withSchedule } from "./with-schedule.js"
export { reduceOnPlateau, type PlateauOptions, type ReduceOnPlateauF } from "./reduce-on-plateau.js"
export type { AveragedF, Averager } from "./averaging.js"
export { withEma, type EmaF, type EmaOptions, type WithEmaF } from "./with-ema.js"
export {
  withPolyakAverage,
  type PolyakAverageF,
  type PolyakAverageOptions,
  type WithPolyakAverageF
} from "./with-polyak-average.js"
export { scheduleFree, type ScheduleFreeF, type ScheduleFreeOptions } from "./schedule-free.js"
export { mechanize, type MechanizeF, type MechanizeOptions, type Tuned } from "./mechanize.js"
export { lookahead, type LookaheadF, type LookaheadOptions } from "./lookahead.js"
export { freeze, masked, type MaskedF, type Masking } from "./masked.js"
