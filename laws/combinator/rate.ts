import fc from "fast-check"
import { mul } from "thalweg"
import { sgd, type withSchedule } from "thalweg/optimizer"
import { linear, type Hyperparameter } from "thalweg/schedule"
import { fixed } from "../arbitrary/hyperparameter.js"
import { additive, inner } from "../arbitrary/optimizer.js"
import { run, wide } from "../arbitrary/run.js"
import { exact, relative } from "../equality.js"
import { law, type Law } from "../law.js"
import { displacementsOf, pathOf, plus, streamOf, times } from "../sides.js"
import { changesNothing } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

/** Some roundings in f64 of numbers of size 1. */
const rounded = relative(1e-11, 1)

const falling = { start: 2, end: 0.5, steps: 3 }
/** The value of the schedule of those options at a step. */
const fallen = (step: number): number => Math.max(falling.end, falling.start - 0.5 * step)

/**
 * Lists the laws of multiplying a rate by a schedule: displacements are multiplied and so is the rate, by its value at
 * the step; 1 changes nothing (where the optimizer inside adds its displacements); 0 stands still while the state
 * inside goes on; all of them exact. Over plain `sgd` it is `sgd` at the product, two are their product, within
 * rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { withSchedule } from "thalweg/optimizer"
 * import { checkAll, withScheduleLaws } from "thalweg/laws"
 *
 * assert(checkAll(withScheduleLaws(withSchedule), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const withScheduleLaws = (scheduled: FunctionOf<typeof withSchedule>): readonly Law[] => {
  const wrap =
    (factor: Hyperparameter): Wrap =>
    optimizer =>
      scheduled(factor)(optimizer)
  const factor = fixed(2)
  return [
    changesNothing("withSchedule(1) changes nothing", fc.constant(wrap(1)), additive),
    law("withSchedule multiplies displacements", exact, fc.tuple(factor, inner, run), ([s, optimizer, r]) => [
      streamOf(wrap(s)(optimizer), r),
      streamOf(optimizer, r).map(times(s))
    ]),
    law("withSchedule reads its schedule from step 0", exact, fc.tuple(inner, run), ([optimizer, r]) => [
      streamOf(wrap(linear(falling))(optimizer), r),
      streamOf(optimizer, r).map((displacement, step) => times(fallen(step))(displacement))
    ]),
    law("withSchedule multiplies the rate of the next step", exact, fc.tuple(inner, run), ([optimizer, r]) => {
      const wrapped = wrap(linear(falling))(optimizer)
      return [
        [wrapped.rate(wrapped.init(r.params)), ...displacementsOf(wrapped, r).map(([, state]) => wrapped.rate(state))],
        [optimizer.init(r.params), ...displacementsOf(optimizer, r).map(([, state]) => state)].map((state, step) =>
          mul(optimizer.rate(state), fallen(step))
        )
      ]
    }),
    law("withSchedule(0) stands still while the state inside goes on", exact, fc.tuple(inner, run), s => {
      const [optimizer, r] = s
      return [
        displacementsOf(wrap(0)(optimizer), r).map(([moved, state]) => [plus(r.params, moved), state]),
        displacementsOf(optimizer, r).map(([, state]) => [r.params, state])
      ]
    }),
    law("over plain sgd withSchedule is sgd at the product", rounded, fc.tuple(factor, fixed(1), wide), s => {
      const [by, learningRate, r] = s
      return [pathOf(scheduled(by)(sgd({ learningRate })), r), pathOf(sgd({ learningRate: by * learningRate }), r)]
    }),
    law(
      "two of withSchedule are their product",
      rounded,
      fc.tuple(factor, factor, inner, wide),
      ([a, b, optimizer, r]) => [streamOf(wrap(b)(wrap(a)(optimizer)), r), streamOf(wrap(a * b)(optimizer), r)]
    )
  ]
}
