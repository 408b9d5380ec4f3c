export { binaryCrossEntropy, focalLoss, hingeLoss, squaredHingeLoss } from "./binary.js"
export type { BinaryCrossEntropyOptions, FocalLossOptions } from "./binary.js"
export { cosineLoss } from "./cosine.js"
export { crossEntropy, klDivergence, type CrossEntropyOptions } from "./cross-entropy.js"
export { ctcLoss, type CtcLossOptions, type Transcript } from "./ctc.js"
export { weighted, type LossFunction, type Reducing, type Weighable, type Weighed, type WeighedLoss } from "./loss.js"
export {
  absoluteError,
  halfSquaredError,
  huberLoss,
  logCoshLoss,
  poissonLoss,
  quantileLoss,
  squaredError,
  type HuberLossOptions,
  type QuantileLossOptions
} from "./regression.js"
