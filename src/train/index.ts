export { augment } from "./augment.js"
export { augmentedStep, type BatchAugmentation } from "./augmented-step.js"
export { cutout, randomNoise, type CutoutOptions, type RandomNoiseOptions } from "./change-pixels.js"
export type { Augmentation } from "./images.js"
export {
  randomCrop,
  randomFlip,
  randomRotation,
  randomShift,
  type RandomCropOptions,
  type RandomFlipOptions,
  type RandomRotationOptions,
  type RandomShiftOptions
} from "./move-images.js"
export { balancedIndices, classWeights } from "./balance.js"
export { mixup, type MixupOptions } from "./mixup.js"
export { assess, predict, type AssessOptions, type Trained } from "./assess.js"
export {
  diagnose,
  learningCurve,
  validationCurve,
  type CurvePoint,
  type Diagnosis,
  type DiagnosisOptions,
  type Scores
} from "./curves.js"
export { batches, type BatchOptions } from "./dataset.js"
export type { EarlyStoppingOptions } from "./early-stopping.js"
export type { Best } from "./report.js"
export { epochs, type AsyncEpochs, type AsyncRunning, type Epochs, type Running } from "./epochs.js"
export { fit, type FitOptions, type Fitted } from "./fit.js"
export type { EpochsOptions, NowOrLater, WithFold, From } from "./options.js"
export type { StepsFold } from "./steps-fold.js"
export { impute, type Imputation, type ImputeOptions } from "./impute.js"
export { kFold, type Fold, type KFoldOptions } from "./k-fold.js"
export type { Ended, Epoch, EpochEnd, Outcome, Progress } from "./report.js"
export type { Means, Metric, Metrics } from "./metrics.js"
export { drawFrom, gridOf, type Combination, type Drawn, type NumberRange } from "./search.js"
export { splitDataset, type SplitOptions } from "./split.js"
export { initTraining, trainStep, type StepMetrics, type TrainState } from "./step.js"
export type { Dataset, Loss, Task } from "./task.js"
export { minMax, standardize, type Scaling, type ScalingOptions } from "./scaling.js"
export {
  chunks,
  vocabulary,
  type ChunkOptions,
  type Vocabularies,
  type Vocabulary,
  type VocabularyOptions
} from "./vocabulary.js"
