import type { Tensor } from "../dataflow/primitive.js"
import { gt, mul, where } from "../dataflow/elementwise.js"
import { checkNumber, nonNegative } from "../schedule/schedule.js"

/** `max(x, 0)`. The derivative at 0 is 0. Source: Nair & Hinton 2010. */
export const relu = (x: Tensor): Tensor => where(gt(x, 0), x, 0)

/** `x` above 0, `slope · x` below. The derivative at 0 is the slope. Default slope 0.01. Source: Maas et al. 2013. */
export const leakyRelu = (slope = 0.01): ((x: Tensor) => Tensor) => {
  checkNumber("leakyRelu", "slope", nonNegative, slope)
  return function leakyRelu(x) {
    return where(gt(x, 0), x, mul(x, slope))
  }
}

export { sigmoid, tanh } from "../dataflow/elementwise.js"
export { logSoftmax, softmax } from "../dataflow/reduce.js"
