import { div, where } from "../dataflow/elementwise.js"
import { bernoulli } from "../random/index.js"
import { checkNumber, decay } from "../schedule/schedule.js"
import { stateless, type Stateless } from "./layer.js"

/**
 * Drops elements while training, each with probability `rate`, and divides the others by `1 - rate`; passes everything
 * otherwise. `0 ≤ rate < 1`. Source: Srivastava et al. 2014 (in the inverted form).
 */
export const dropout = (rate: number): Stateless => {
  checkNumber("dropout", "rate", decay, rate)
  return stateless("dropout", (x, mode) =>
    mode.training ? where(bernoulli(mode.key, 1 - rate, x.shape), div(x, 1 - rate), 0) : x
  )
}
