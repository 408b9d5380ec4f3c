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
export { clipByGlobalNorm, globalNorm, type ClipOptions } from "./clip-by-global-norm.js"
export { scale, scaleByLearningRate } from "./scale.js"
export { scaleByAdam, type AdamScaling, type Moments, type MomentsF } from "./scale-by-adam.js"
export { trace, type TraceF, type TraceOptions, type TraceState } from "./trace.js"
