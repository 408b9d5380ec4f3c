import { lift } from "../dataflow/create.js"
import { add, div, minimum, mul, pow } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { cos } from "../dataflow/transcendental.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkNumber, count, finite, positive, type Schedule } from "./schedule.js"

/** How much of `steps` has passed, from 0 to 1. */
const progress = (step: Tensor, steps: number): Tensor => div(minimum(cast(step, "f64"), steps), steps)

/**
 * Gives the same value at every step: `s(t) = value`, an f64 scalar.
 *
 * `value`: a finite number, else a `HyperparameterError`. The range of the hyperparameter that it stands for is not
 * checked, as it would be for the plain number.
 *
 * Law: a constant schedule is the number, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { constant } from "thalweg/schedule"
 *
 * assert.strictEqual(item(constant(0.1)(scalar(1000))), 0.1)
 */
export const constant = (value: number): Schedule => {
  const fixed = lift("constant", checkNumber("constant", "value", finite, value), "f64")
  return () => fixed
}

/**
 * Goes from `start` to `end` in a straight line over `steps` steps and stays there:
 * `s(t) = start + (end - start) · min(t, steps) / steps`. From 0 it is a warm-up.
 *
 * `start`, `end`: finite numbers. `steps`: a whole number from 1. Others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { linear } from "thalweg/schedule"
 *
 * const warmup = linear({ start: 0, end: 0.5, steps: 4 })
 * assert.deepStrictEqual(toArray(warmup(arange(6))), [0, 0.125, 0.25, 0.375, 0.5, 0.5])
 */
export const linear = (o: { readonly start: number; readonly end: number; readonly steps: number }): Schedule => {
  checkNumber("linear", "start", finite, o.start)
  checkNumber("linear", "end", finite, o.end)
  checkNumber("linear", "steps", count, o.steps)
  return step => add(mul(progress(step, o.steps), o.end - o.start), o.start)
}

/**
 * Multiplies by `rate` every `steps` steps, smoothly: `s(t) = start · rate^(t / steps)`.
 *
 * `start`: a finite number. `rate`: a finite number > 0; above 1 it grows. `steps`: a finite number > 0 (default 1).
 * Others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: with `steps` 1, `ExponentialLR` of PyTorch; optax's `exponential_decay` without staircase, delay and bound.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { exponential } from "thalweg/schedule"
 *
 * const decay = exponential({ start: 1, rate: 0.25, steps: 2 }) // a quarter after two steps, half after one
 * assert.deepStrictEqual(toArray(decay(arange(5))), [1, 0.5, 0.25, 0.125, 0.0625])
 */
export const exponential = (o: {
  readonly start: number
  readonly rate: number
  readonly steps?: number
}): Schedule => {
  const { start, rate, steps = 1 } = o
  checkNumber("exponential", "start", finite, start)
  checkNumber("exponential", "rate", positive, rate)
  checkNumber("exponential", "steps", positive, steps)
  return step => mul(pow(lift("exponential", rate, "f64"), div(cast(step, "f64"), steps)), start)
}

/**
 * Follows half a cosine from `start` to `end` over `steps` steps and stays there:
 * `s(t) = end + (start - end) · (1 + cos(π · min(t, steps) / steps)) / 2`. It is flat at both ends.
 *
 * `start`, `end` (default 0): finite numbers. `steps`: a whole number from 1. Others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5: one period, without restarts.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, round, toArray } from "thalweg"
 * import { cosine } from "thalweg/schedule"
 *
 * const annealing = cosine({ start: 200, end: 100, steps: 4 })
 * assert.deepStrictEqual(toArray(round(annealing(arange(6)))), [200, 185, 150, 115, 100, 100])
 */
export const cosine = (o: { readonly start: number; readonly end?: number; readonly steps: number }): Schedule => {
  const { start, end = 0, steps } = o
  checkNumber("cosine", "start", finite, start)
  checkNumber("cosine", "end", finite, end)
  checkNumber("cosine", "steps", count, steps)
  return step => add(mul(add(cos(mul(progress(step, steps), Math.PI)), 1), (start - end) / 2), end)
}
