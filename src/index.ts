export { flow, pipe } from "fp-ts/lib/function.js"
export type { Data, DType, FloatDType } from "./dataflow/dtype.js"
export { ThalwegError, type ErrorTag, type Mistake } from "./dataflow/error.js"
export type { Axes, Shape } from "./dataflow/shape.js"
export type { Padding, Tensor } from "./dataflow/primitive.js"
export { isTensor } from "./dataflow/tensor.js"
export * from "./dataflow/operations.js"
export { Tree, type AnyTree, type TreeFunctions, type TreeLike, type TreesLike } from "./tree/index.js"
export { cond } from "./tree/cond.js"
export { scan, type ScanOptions } from "./tree/scan.js"
export { whileLoop, type WhileLoopOptions } from "./tree/while-loop.js"
export {
  compile,
  engineInUse,
  evaluate,
  explain,
  foldBatches,
  item,
  locate,
  stepBatches,
  toArray,
  toTyped,
  type EngineInUse,
  type EngineOptions,
  type FoldOptions,
  type NonFinite,
  type AsyncSteps,
  type Steps
} from "./engine/index.js"
export * from "./autodiff/index.js"
export * from "./batching/index.js"
export * from "./linalg/index.js"
