export { assess, predict, type AssessOptions, type Trained } from "./assess.js"
export { batches, splitDataset, type BatchOptions } from "./dataset.js"
export { fit, type Epoch, type FitOptions, type Fitted, type Progress } from "./fit.js"
export {
  initTraining,
  trainStep,
  type Dataset,
  type Loss,
  type StepMetrics,
  type Task,
  type TrainState
} from "./step.js"
