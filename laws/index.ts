// A law, how it is checked and how equal its sides are
export {
  check,
  checkAll,
  law,
  render,
  type CheckOptions,
  type Fails,
  type Holds,
  type Law,
  type Sides,
  type Verdict
} from "./law.js"
export type { FunctionOf, Wrap } from "./callable.js"
export { difference, exact, relative, ulps, type Equality } from "./equality.js"

// Samples
export { arbShape, type ShapeOptions } from "./arbitrary/numbers.js"
export { arbTensor, type TensorChoice } from "./arbitrary/tensor.js"
export { arbTree } from "./arbitrary/tree.js"
export { arbProgram, arbSmoothProgram, lossOf, type Program, type ProgramChoice } from "./arbitrary/program.js"
export { arbRun, type Run, type RunOptions } from "./arbitrary/run.js"
export { arbSchedule, arbScheduleSpec, type ScheduleCatalogue, type ScheduleChoice } from "./arbitrary/schedule.js"
export { arbTransform, type AnyTransform } from "./arbitrary/transform.js"
export { arbOptimizer } from "./arbitrary/optimizer.js"
export { arbSpec, type SpecChoice } from "./arbitrary/spec.js"

// Trees, expressions and schedules
export { treeLaws, type TreeFunctions } from "./tree.js"
export { dataflowLaws, type Dataflow } from "./dataflow.js"
export { locateLaws } from "./locate.js"
export { elementaryLaws, type Elementary } from "./elementary.js"
export { operationLaws, type Composed } from "./operations.js"
export { linalgLaws, type LinearAlgebra } from "./linalg.js"
export { autodiffLaws, type Autodiff } from "./autodiff.js"
export { batchingLaws, type Batching } from "./batching.js"
export { scheduleLaws, warmupLaws } from "./schedule/schedule.js"

// Any transform, any optimizer, and what its traits promise
export { chainLaws, transformLaws, transformLawsOver, type Chaining } from "./transform.js"
export { optimizerLaws, optimizerLawsOver } from "./optimizer.js"
export { traitLaws, traitLawsOver } from "./traits.js"
export { leastSquaresLaws, type Fitting } from "./least-squares.js"
export { minimizeLaws, type Minimizing } from "./minimize.js"
export { specLaws, type SpecFunctions } from "./spec.js"
export { attentionLaws, type Attention } from "./attention.js"
export { blockLaws, type Blocks } from "./transformer.js"
export { trainingLaws, type Training } from "./training.js"
export { dataLaws, type DataFunctions } from "./data.js"
export { augmentationLaws, type Augmentations } from "./augmentation.js"
export { recurrentLaws, type Recurring } from "./recurrent.js"
export { inferenceLaws, layerLaws, pretrainedLaws } from "./layers.js"
export { compositionLaws, type Composing } from "./composition.js"
export { repeatLaws } from "./repeat.js"
export { modelLaws, type ModelFunctions } from "./model.js"
export { dropoutLaws, type Dropping } from "./dropout.js"
export { convolutionLaws, type Convolutions } from "./convolution.js"
export { normalizationLaws, type Normalizations } from "./normalization.js"
export { crossEntropyLaws, lossLaws, type Judged, type Losses } from "./losses.js"
export { metricLaws, scoreLaws, type ClassMetrics, type JudgedMetric, type MetricsByName } from "./metrics.js"
export { checkpointLaws, type CheckpointFunctions } from "./checkpoint.js"

// Transforms
export { applyMomentumLaws, decayedWeightsLaws, scaleLaws } from "./transforms.js"
export { primitiveLaws, type Primitives } from "./primitives.js"

// Combinators
export { liftLaws, type Lifting } from "./combinator/lift.js"
export { byDepthLaws, depthLaws, depthLawsOver } from "./combinator/by-depth.js"
export { momentumLaws, weightDecayLaws } from "./combinator/momentum-decay.js"
export { cautiousLaws } from "./combinator/cautious.js"
export { nesterovLaws } from "./combinator/nesterov.js"
export { centralizeLaws, l1Laws, l2Laws, noiseLaws, normalizeLaws } from "./combinator/gradient.js"
export { clipAdaptiveLaws, clipByLeafNormLaws, clipByNormLaws, clipByValueLaws, clipLaws } from "./combinator/clips.js"
export { asamLaws, samLaws, type Aware } from "./combinator/sharpness.js"
export { withScheduleLaws } from "./combinator/rate.js"
export { reduceOnPlateauLaws } from "./combinator/plateau.js"
export { mechanizeLaws } from "./combinator/mechanize.js"
export { lookaheadLaws } from "./combinator/lookahead.js"
export { emaLaws, polyakAverageLaws } from "./combinator/averages.js"
export { accumulateLaws } from "./combinator/accumulate.js"
export { ifFiniteLaws, maximizeLaws } from "./combinator/guards.js"
export {
  freezeLaws,
  maskedDecayLaws,
  maskedLaws,
  partitionLaws,
  type Decaying,
  type Parting
} from "./combinator/masks.js"
export { projectionLaws, projectLaws, type Projections } from "./combinator/project.js"

// Recipes alone, and families of them
export { sgdLaws } from "./recipe/sgd.js"
export { adamLaws } from "./recipe/adam.js"
export { polyakSgdLaws } from "./recipe/polyak-sgd.js"
export { momentumFamilyLaws, type MomentumFamily } from "./family/momentum.js"
export { adaptiveLaws, type AdaptiveFamily } from "./family/adaptive.js"
export { signLaws, type SignFamily } from "./family/sign.js"
export { adamFamilyLaws, type AdamFamily } from "./family/adam.js"
export { boundedAdamLaws, type BoundedAdams } from "./family/bounded.js"
export { beyondAdamLaws, type BeyondAdam } from "./family/beyond-adam.js"
export { layerwiseLaws, type LayerwiseFamily } from "./family/layerwise.js"
export { matrixLaws } from "./family/matrix.js"
export type { MatrixFamily } from "./family/matrices.js"
export { rateFreeLaws, type RateFreeFamily } from "./family/rate-free.js"
export { curvatureLaws, type CurvatureFamily } from "./family/curvature.js"
export { momoLaws, type MomoFamily } from "./family/momo.js"
export { privacyLaws, type PrivacyFamily } from "./family/privacy.js"
export { scheduleFreeLaws, type ScheduleFreeFamily } from "./family/schedule-free.js"

// What is false
export { counterLaws } from "./counter.js"
