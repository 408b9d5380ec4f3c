export {
  chain,
  clockAt,
  identity,
  needsOfAll,
  optionally,
  type AnyF,
  type AtExamples,
  type AtLoss,
  type AtObjective,
  type ChainF,
  type Clock,
  type Need,
  type Needs,
  type NeedsOf,
  type NeedsOfAll,
  type Now,
  type StateFamily,
  type StatelessF,
  type StateOf,
  type Transform,
  type TransformParts
} from "./transform.js"
export { changeNeeds, type NeedChanges } from "./needs.js"
export { scale, scaleByLearningRate } from "./scale.js"
export { scaleBySign } from "./scale-by-sign.js"
export { addDecayedWeights } from "./add-decayed-weights.js"
export { addGaussianNoise, type NoiseF, type NoiseState, type NoiseOptions } from "./add-gaussian-noise.js"
export { aggregatePrivately, type PrivacyOptions, type PrivateF } from "./aggregate-privately.js"
export { applyMomentum, type MomentumScaling, type Velocity, type VelocityF } from "./apply-momentum.js"
export { extrapolate, type ExtrapolationOptions, type LastF, type LastState } from "./extrapolate.js"
export { applyWhere, type ApplyWhereF } from "./apply-where.js"
export type { HiddenState } from "./mask.js"
export { globalNorm } from "./norm.js"
export { clipByGlobalNorm, type ClipOptions } from "./clip-by-global-norm.js"
export { clipLeaves, type LeafClipOptions } from "./clip-leaves.js"
export { clipUnits, type UnitClipOptions } from "./clip-units.js"
export { clipElements } from "./clip-elements.js"
export { normalize, type NormalizeOptions } from "./normalize.js"
export { centralize, type CentralizeOptions } from "./centralize.js"
export type { Units } from "./units.js"
export type { AdamForm, FirstMoment, FirstMomentF, Moments, MomentsF, SecondMoment, SecondMomentF } from "./moments.js"
export {
  scaleByAdagrad,
  type AdagradScaling,
  type EpsPlace,
  type SquareSum,
  type SquareSumF
} from "./scale-by-adagrad.js"
export { scaleByAdadelta, type AdadeltaF, type AdadeltaScaling, type AdadeltaState } from "./scale-by-adadelta.js"
export { scaleByRms, scaleByStddev, type RmsScaling } from "./scale-by-rms.js"
export { scaleByAdam, type AdamScaling } from "./scale-by-adam.js"
export { scaleByAmsgrad, type AmsgradF, type AmsgradScaling, type AmsgradState } from "./scale-by-amsgrad.js"
export { scaleByAdamax, type AdamaxF, type AdamaxScaling, type AdamaxState } from "./scale-by-adamax.js"
export { scaleByNadam, type NadamF, type NadamScaling, type NadamState } from "./scale-by-nadam.js"
export { scaleByRadam, type RadamScaling } from "./scale-by-radam.js"
export { scaleByBelief, type BeliefScaling } from "./scale-by-belief.js"
export { scaleByYogi, type YogiScaling } from "./scale-by-yogi.js"
export { scaleByAcprop, type AcpropScaling } from "./scale-by-acprop.js"
export {
  scaleByAdahessian,
  type AdahessianF,
  type AdahessianScaling,
  type AdahessianState
} from "./scale-by-adahessian.js"
export { scaleByShampoo, type ShampooAxis, type ShampooF, type ShampooScaling } from "./scale-by-shampoo.js"
export { scaleByPsgdKron, type PsgdKronF, type PsgdKronScaling, type PsgdKronState } from "./scale-by-psgd-kron.js"
export { scaleBySoap, type SoapAxis, type SoapF, type SoapScaling, type SoapState } from "./scale-by-soap.js"
export { scaleBySophia, type SophiaF, type SophiaScaling, type SophiaState } from "./scale-by-sophia.js"
export { scaleByAdopt, type AdoptScaling } from "./scale-by-adopt.js"
export { scaleByAdan, type AdanF, type AdanScaling, type AdanState } from "./scale-by-adan.js"
export { scaleByAdemamix, type AdemamixF, type AdemamixScaling, type AdemamixState } from "./scale-by-ademamix.js"
export { scaleBySimplifiedAdemamix, type SimplifiedAdemamixScaling } from "./scale-by-simplified-ademamix.js"
export { scaleByLbfgs, type LbfgsF, type LbfgsScaling, type LbfgsState } from "./scale-by-lbfgs.js"
export type { LbfgsMemory } from "../search/curvature.js"
export { scaleByAdamMini, type AdamMiniF, type AdamMiniScaling, type AdamMiniState } from "./scale-by-adam-mini.js"
export { scaleByLion, type LionScaling } from "./scale-by-lion.js"
export { scaleByNovograd, type NovogradF, type NovogradScaling, type NovogradState } from "./scale-by-novograd.js"
export { scaleByLars, scaleByTrustRatio, type LarsScaling, type TrustRatioOptions } from "./scale-by-trust-ratio.js"
export { scaleBySm3, type Sm3F, type Sm3Scaling, type Sm3State } from "./scale-by-sm3.js"
export {
  scaleByFactoredRms,
  scaleByParameterRms,
  type FactoredF,
  type FactoredScaling,
  type FactoredState
} from "./scale-by-factored-rms.js"
export { scaleByMuon, type MuonScaling, type NewtonSchulzOptions } from "./scale-by-muon.js"
export { inLowRank, type LowRankF, type LowRankOptions } from "./in-low-rank.js"
export { scaleByUnitRms, type UnitMoment, type UnitMomentF, type UnitScaling } from "./scale-by-unit-rms.js"
export { stepByRprop, type RpropF, type RpropOptions, type RpropState } from "./step-by-rprop.js"
export { stepByAdabound, stepByAmsbound, type AdaboundOptions } from "./step-by-adabound.js"
export { stepByMadgrad, type MadgradF, type MadgradOptions, type MadgradState } from "./step-by-madgrad.js"
export { stepByFtrl, type FtrlF, type FtrlOptions, type FtrlState } from "./step-by-ftrl.js"
export { stepByFromage, type FromageOptions } from "./step-by-fromage.js"
export { stepByCocob, type CocobF, type CocobOptions, type CocobState } from "./step-by-cocob.js"
export {
  stepByDog,
  stepByDowg,
  type DistanceF,
  type DistanceState,
  type DogOptions,
  type DowgOptions
} from "./step-by-distance.js"
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
export { stepByLbfgs, type LbfgsOptions, type SearchedLbfgsF, type SearchedLbfgsState } from "./step-by-lbfgs.js"
export { stepByPolyak, type PolyakF, type PolyakOptions, type PolyakState } from "./step-by-polyak.js"
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
export { times } from "./common.js"
export type { Labels, Mask } from "../tree/mask.js"
export { choice, fixed, flag, hyper, type Resolved } from "../options/fields.js"
export { range } from "../options/range.js"
export { recipe } from "../options/recipe.js"
export type * from "../options/types.js"
