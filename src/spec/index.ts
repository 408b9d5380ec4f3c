export { dataset, type DatasetOptions, type RawDataset } from "./dataset.js"
export { report } from "./report.js"
export {
  decodeOptimizer,
  encodeOptimizer,
  fromSpec,
  optimizerSpec,
  type CombinatorSpec,
  type OptimizerSpec
} from "./optimizer.js"
export type { Json, JsonRecord } from "./json.js"
export type { OptionSpec, OptionSpecs, ScheduleSpec } from "./options.js"
