import { mul, neg } from "../dataflow/elementwise.js"
import { hyperparameter, nonNegative, type Hyperparameter, type Range } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

const finite: Range = { expected: "a finite number", holds: Number.isFinite }

/**
 * Multiplies updates by a factor: `u' = s·u`.
 *
 * Laws: `chain(scale(a), scale(b)) ≡ scale(a·b)`, exactly for powers of two.
 */
export const scale = (factor: Hyperparameter): Transform<CountF> => {
  const at = hyperparameter("scale", "factor", finite, factor)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const s = at(count)
      return [Tree.map(u => mul(u, like(s, u)))(updates), { count: next(count) }]
    }
  }
}

/**
 * Turns a direction of ascent into a displacement: `u' = -η·u`, and says what `η` is in force. `learningRate` ≥ 0.
 */
export const scaleByLearningRate = (learningRate: Hyperparameter): Transform<CountF> => {
  const at = hyperparameter("scaleByLearningRate", "learningRate", nonNegative, learningRate)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const step = neg(at(count))
      return [Tree.map(u => mul(u, like(step, u)))(updates), { count: next(count) }]
    },
    rate: ({ count }) => at(count)
  }
}
