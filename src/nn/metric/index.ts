export {
  accuracy,
  binaryAccuracy,
  topKAccuracy,
  type AccuracyOptions,
  type BinaryAccuracyOptions,
  type TopKAccuracyOptions
} from "./accuracy.js"
export { auc } from "./auc.js"
export { confusionMatrix } from "./confusion-matrix.js"
export { metricFold, type Folding, type MetricFold, type MetricFunction } from "./fold.js"
export { perplexity, type PerplexityOptions } from "./perplexity.js"
export { meanAbsoluteError, r2, rootMeanSquaredError } from "./regression.js"
export { f1, precision, recall, type ScoreOptions } from "./scores.js"
