export { arange, iota, linspace, type ArangeOptions } from "./sequence.js"
export {
  full,
  ones,
  onesLike,
  scalar,
  tensor,
  zeros,
  zerosLike,
  type Nested,
  type Operand,
  type TensorOptions
} from "./create.js"
export {
  abs,
  add,
  ceil,
  clamp,
  div,
  floor,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  rem,
  round,
  sign,
  square,
  sub
} from "./arithmetic.js"
export {
  atan,
  atan2,
  cos,
  erf,
  erfInv,
  exp,
  expm1,
  log,
  log1p,
  rsqrt,
  sigmoid,
  sin,
  sqrt,
  tan,
  tanh
} from "./transcendental.js"
export { exp2, log10, log2, logAddExp, logSigmoid, softplus } from "./exponential.js"
export { acosh, asinh, atanh, cosh, sinh } from "./hyperbolic.js"
export { acos, asin, cbrt, hypot } from "./inverse.js"
export { erfc } from "./erfc.js"
export { mod, trunc } from "./remainder.js"
export { isInf, nanToNum, type NanToNumOptions } from "./finite.js"
export { and, eq, ge, gt, isFinite, isNaN, le, lt, ne, not, or, shiftLeft, shiftRight, where, xor } from "./logic.js"
export { cast, stopGradient } from "./elementwise.js"
export {
  all,
  any,
  argMax,
  argMin,
  argSort,
  cumSum,
  max,
  mean,
  min,
  norm,
  prod,
  sort,
  sum,
  type CumSumOptions,
  type ReduceOptions
} from "./reduce.js"
export { cumMax, cumMin, cumProd } from "./cumulative.js"
export { median, quantile, topK } from "./quantile.js"
export { logSoftmax, logSumExp, softmax, standardDeviation, variance, type VarianceOptions } from "./statistics.js"
export { broadcastTo, expandDims, flatten, flip, moveAxis, reshape, squeeze, swapAxes, transpose } from "./structure.js"
export { slice, sliceAxis, split, type SliceOptions } from "./slice.js"
export { concat, pad, stack, type PadOptions } from "./concat.js"
export { dynamicSlice, dynamicUpdateSlice } from "./dynamic.js"
export { at, oneHot, scatterAdd, take, takeAlongAxis } from "./indexing.js"
export { scatterMax, scatterSet } from "./scatter.js"
export { meshgrid, repeat, roll, tile, type MeshgridOptions } from "./rearrange.js"
export { diagonal, eye, trace, tril, triu } from "./matrix.js"
export { matmul, outer } from "./contract.js"
export { einsum } from "./einsum.js"
export {
  averagePool,
  conv,
  maxPool,
  sumPool,
  type ConvolutionOptions,
  type PaddingMode,
  type PerAxis,
  type PoolOptions
} from "./window.js"
