import { lift } from "../dataflow/create.js"
import { add, cast, cos, div, minimum, mul, pow } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkNumber, count, nonNegative, positive, type Schedule } from "./schedule.js"

/** How much of `steps` has passed, from 0 to 1. */
const progress = (step: Tensor, steps: number): Tensor => div(minimum(cast(step, "f64"), steps), steps)

/** The same value at every step. */
export const constant =
  (value: number): Schedule =>
  () =>
    lift("constant", value, "f64")

/** From `start` to `end` in a straight line over `steps` steps, then `end`: `start + (end - start) · min(t, steps)/steps`. */
export const linear = (o: { readonly start: number; readonly end: number; readonly steps: number }): Schedule => {
  checkNumber("linear", "steps", count, o.steps)
  return step => add(mul(progress(step, o.steps), o.end - o.start), o.start)
}

/** `start · rate^(t / steps)`: multiplied by `rate` every `steps` steps, smoothly. */
export const exponential = (o: {
  readonly start: number
  readonly rate: number
  readonly steps?: number
}): Schedule => {
  const { start, rate, steps = 1 } = o
  checkNumber("exponential", "rate", positive, rate)
  checkNumber("exponential", "steps", positive, steps)
  return step => mul(pow(lift("exponential", rate, "f64"), div(cast(step, "f64"), steps)), start)
}

/** Half a cosine from `start` to `end` over `steps` steps: `end + (start - end) · (1 + cos(π · min(t, steps)/steps)) / 2`. */
export const cosine = (o: { readonly start: number; readonly end?: number; readonly steps: number }): Schedule => {
  const { start, end = 0, steps } = o
  checkNumber("cosine", "steps", count, steps)
  checkNumber("cosine", "end", nonNegative, end)
  return step => add(mul(add(cos(mul(progress(step, steps), Math.PI)), 1), (start - end) / 2), end)
}
