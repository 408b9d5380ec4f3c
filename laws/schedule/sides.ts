import { arange, broadcastTo, full, scalar, stack, tensor, type Tensor } from "thalweg"
import type { Schedule } from "thalweg/schedule"

/** More steps than the pieces of a random schedule take, mostly. */
const STEPS = 32

/** The values at some steps from one on. Constants do not look at the step, not even at its shape. */
export const along = (schedule: Schedule, steps = STEPS, from = 0): Tensor =>
  broadcastTo(schedule(arange(from + steps, { start: from, dtype: "f64" })), [steps])

/** The value at a step. */
export const at = (schedule: Schedule, step: number): Tensor => schedule(scalar(step, "f64"))

/** The values at some steps, each by itself. */
export const atEach = (schedule: Schedule, steps: readonly number[]): Tensor =>
  stack(steps.map(step => at(schedule, step)))

/** A value at some steps. */
export const flat = (value: number, steps = STEPS): Tensor => full([steps], value, "f64")

/** Some values. */
export const list = (...values: readonly number[]): Tensor => tensor(values, { dtype: "f64" })

/** A schedule of what two schedules are together. */
export const both =
  (f: (a: Tensor, b: Tensor) => Tensor, a: Schedule, b: Schedule): Schedule =>
  step =>
    f(a(step), b(step))
