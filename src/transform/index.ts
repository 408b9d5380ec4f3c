export {
  chain,
  identity,
  type AtLoss,
  type ChainF,
  type Extra,
  type StateFamily,
  type StatelessF,
  type StateOf,
  type Transform
} from "./transform.js"
export { type Count, type CountF } from "./common.js"
export { addDecayedWeights } from "./add-decayed-weights.js"
export { clipByGlobalNorm, type ClipOptions } from "./clip-by-global-norm.js"
export { globalNorm } from "./norm.js"
export { scale, scaleByLearningRate } from "./scale.js"
export { scaleByAdam, type AdamScaling } from "./scale-by-adam.js"
export { type AdamForm, type Moments, type MomentsF } from "./moments.js"
export { trace, type TraceF, type TraceOptions, type TraceState } from "./trace.js"
export { scaleByAmsgrad, type AmsgradF, type AmsgradScaling, type AmsgradState } from "./scale-by-amsgrad.js"
export { scaleByAdamax, type AdamaxF, type AdamaxScaling, type AdamaxState } from "./scale-by-adamax.js"
export { scaleByNadam, type NadamF, type NadamScaling, type NadamState } from "./scale-by-nadam.js"
export { scaleByRadam, type RadamScaling } from "./scale-by-radam.js"
export {
  scaleByAdagrad,
  type AdagradF,
  type AdagradScaling,
  type AdagradState,
  type EpsPlace
} from "./scale-by-adagrad.js"
export { scaleByAdadelta, type AdadeltaF, type AdadeltaScaling, type AdadeltaState } from "./scale-by-adadelta.js"
export {
  scaleByRms,
  scaleByStddev,
  type RmsF,
  type RmsScaling,
  type RmsState,
  type StddevF,
  type StddevState
} from "./scale-by-rms.js"
export { stepByRprop, type RpropF, type RpropOptions, type RpropState } from "./step-by-rprop.js"
export { stepByAdabound, stepByAmsbound, type AdaboundOptions } from "./step-by-adabound.js"
export { addGaussianNoise, type NoiseF, type NoiseOptions, type NoiseState } from "./add-gaussian-noise.js"
export { applyWhere, type ApplyWhereF } from "./apply-where.js"
export { centralize, type CentralizeOptions } from "./centralize.js"
export { clipElements } from "./clip-elements.js"
export { clipLeaves, type LeafClipOptions } from "./clip-leaves.js"
export { clipUnits, type UnitClipOptions } from "./clip-units.js"
export { type HiddenState, type Labels, type Mask } from "./mask.js"
export { normalize, type NormalizeOptions } from "./normalize.js"
export { type Units } from "./units.js"
export { scaleBySign } from "./scale-by-sign.js"
export { scaleByLion, type LionF, type LionMode, type LionScaling, type LionState } from "./scale-by-lion.js"
export { scaleByBelief, type BeliefScaling } from "./scale-by-belief.js"
export { scaleByYogi, type YogiScaling } from "./scale-by-yogi.js"
export { scaleByNovograd, type NovogradF, type NovogradScaling, type NovogradState } from "./scale-by-novograd.js"
export { scaleByLars, scaleByTrustRatio, type LarsScaling, type TrustRatioOptions } from "./scale-by-trust-ratio.js"
export { scaleByAdan, type AdanF, type AdanScaling, type AdanState } from "./scale-by-adan.js"
export { scaleByAdemamix, type AdemamixF, type AdemamixScaling, type AdemamixState } from "./scale-by-ademamix.js"
export { scaleByAdopt, type AdoptScaling } from "./scale-by-adopt.js"
export { scaleByAcprop, type AcpropScaling } from "./scale-by-acprop.js"
export { scaleBySimplifiedAdemamix, type SimplifiedAdemamixScaling } from "./scale-by-simplified-ademamix.js"
export { stepByCocob, type CocobF, type CocobOptions, type CocobState } from "./step-by-cocob.js"
export { stepByMadgrad, type MadgradF, type MadgradOptions, type MadgradState } from "./step-by-madgrad.js"
export {
  extrapolate,
  type ExtrapolationOptions,
  type ExtrapolationStart,
  type LastF,
  type LastState
} from "./extrapolate.js"
export { stepByFromage, type FromageOptions } from "./step-by-fromage.js"
export { scaleBySm3, type Sm3F, type Sm3Scaling, type Sm3State } from "./scale-by-sm3.js"
export {
  scaleByFactoredRms,
  scaleByParameterRms,
  type FactoredF,
  type FactoredScaling,
  type FactoredState
} from "./scale-by-factored-rms.js"
export {
  stepByDog,
  stepByDowg,
  type DistanceF,
  type DistanceState,
  type DogOptions,
  type DowgOptions
} from "./step-by-distance.js"
export {
  stepByMomo,
  stepByMomoAdam,
  type MomoAdamF,
  type MomoAdamOptions,
  type MomoAdamState,
  type MomoF,
  type MomoOptions,
  type MomoState
} from "./step-by-momo.js"
export { stepByPolyak, type PolyakF, type PolyakOptions, type PolyakState } from "./step-by-polyak.js"
export {
  stepByDadaptAdam,
  stepByProdigy,
  type DadaptOptions,
  type EstimateF,
  type EstimateOptions,
  type EstimateState,
  type ProdigyF,
  type ProdigyOptions,
  type ProdigyState
} from "./step-by-estimate.js"
export { scaleByMuon, type MuonF, type MuonScaling, type MuonState, type NewtonSchulzOptions } from "./scale-by-muon.js"
