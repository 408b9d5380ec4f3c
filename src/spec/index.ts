export { decodeTensors, decodeTree, encodeTree, type Checkpoint } from "./checkpoint.js"
export { decodeCsv, type CsvOptions } from "./csv.js"
export type { Column, Columns, Table } from "./csv-columns.js"
export { decodeIdx } from "./idx.js"
export { dataset, type DatasetOptions, type RawDataset } from "./dataset.js"
export { report } from "./report.js"
export {
  combinatorSpec,
  decodeOptimizer,
  encodeOptimizer,
  fromCombinatorSpec,
  fromScheduleSpec,
  fromSpec,
  optimizerSpec,
  scheduleSpec,
  toSpec,
  type SpecifiedOptimizer
} from "./optimizer.js"
export {
  decodeModel,
  encodeModel,
  fromModelSpec,
  modelSpec,
  toModelSpec,
  type ModelOptions,
  type OwnLayer
} from "./model.js"
export { fromTorch, toTorch, type TorchOptions } from "./torch.js"
export { ranges } from "./ranges.js"
export type { Json, JsonRecord } from "./json.js"
export type { Metadata } from "./metadata.js"
export type {
  CombinatorSpec,
  LabelSpec,
  LayerName,
  ActivationSpec,
  InitializerSpec,
  ModelSpec,
  OptimizerSpec,
  OptionSpec,
  OptionSpecs,
  ScheduleSpec
} from "./spec.js"
