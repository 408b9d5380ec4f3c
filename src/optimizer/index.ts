export { optimizer, type Optimizer } from "./optimizer.js"
export {
  onDisplacement,
  onGradient,
  type OnDisplacement,
  type OnDisplacementF,
  type OnGradient,
  type OnGradientF
} from "./lift.js"
export { adam, type AdamF, type AdamOptions } from "./adam.js"
export { clipByNorm } from "./clip-by-norm.js"
export { lookahead, type LookaheadF, type LookaheadOptions } from "./lookahead.js"
export { sgd, type SgdMomentumOptions, type SgdOptions } from "./sgd.js"
export { withMomentum } from "./with-momentum.js"
export { withWeightDecay, type WithWeightDecayF } from "./with-weight-decay.js"
