export type * from "../options/types.js"
export { constant, linear, polynomial, type LinearOptions, type PolynomialOptions } from "./polynomial.js"
export {
  exponential,
  inverseTime,
  noam,
  type ExponentialOptions,
  type InverseTimeOptions,
  type NoamOptions
} from "./decay.js"
export {
  piecewiseConstant,
  piecewiseInterpolate,
  type PiecewiseConstantOptions,
  type PiecewiseInterpolateOptions
} from "./pieces.js"
export { cosine, cosineRestarts, type CosineOptions, type CosineRestartsOptions } from "./cosine.js"
export { cyclic, oneCycle, type CyclicOptions, type OneCycleOptions } from "./cyclic.js"
export {
  atLeast,
  atMost,
  join,
  product,
  scale,
  shift,
  warmup,
  type JoinOptions,
  type OnSchedule,
  type WarmupOptions
} from "./compose.js"
export { schedules } from "./catalogue.js"
