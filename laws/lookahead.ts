import fc from "fast-check"
import type { Tree } from "thalweg"
import { onDisplacement, type lookahead, type LookaheadOptions } from "thalweg/optimizer"
import { scale } from "thalweg/transform"
import { fixed } from "./arbitrary/hyperparameter.js"
import { anyOptimizer, arbOptimizer, type AnyOptimizer } from "./arbitrary/optimizer.js"
import { arbRun } from "./arbitrary/run.js"
import { exact, relative } from "./equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "./law.js"
import { pathOf, stepsOf } from "./observe.js"

const run = arbRun()
const wide = arbRun({ dtypes: ["f64"] })
const inner = arbOptimizer()
const every = fc.integer({ min: 1, max: 4 })
const mix = fixed(1)

/** Some roundings in f64 of parameters of size 1, which the optimizers inside may have amplified. */
const rounded = relative(1e-9, 1)

/** The slow weights after each step. */
const slowOf = (optimizer: AnyOptimizer, steps: ReturnType<typeof stepsOf>): readonly Tree[] =>
  steps.map(([params, state]) => optimizer.evalParams(params, state))

/**
 * Lists the laws of slow weights that fast ones run ahead of: mix 1 is the optimizer inside for every period, mix 0
 * never moves the slow weights, they move only at a synchronization, after which the fast ones equal them, all
 * exactly; a period of 1 scales displacements by the mix (within rounding).
 *
 * @example
 * import assert from "node:assert"
 * import { lookahead } from "thalweg/optimizer"
 * import { checkAll, lookaheadLaws } from "thalweg/laws"
 *
 * assert(checkAll(lookaheadLaws(lookahead), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const lookaheadLaws = (ahead: typeof lookahead): readonly Law[] => {
  const wrap = (options: LookaheadOptions, optimizer: AnyOptimizer): AnyOptimizer =>
    anyOptimizer(ahead(options)(optimizer))
  const sample = fc.tuple(fc.record({ every, mix }), inner, run)
  return [
    law("lookahead of mix 1 is the optimizer inside", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => [
      pathOf(wrap({ every: k, mix: 1 }, optimizer), r),
      pathOf(optimizer, r)
    ]),
    law("lookahead of mix 0 never moves the slow weights", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => {
      const still = wrap({ every: k, mix: 0 }, optimizer)
      return [slowOf(still, stepsOf(still, r)), r.gradients.map(() => r.params)]
    }),
    law("fast and slow weights agree after a synchronization", exact, sample, ([options, optimizer, r]) => {
      const wrapped = wrap(options, optimizer)
      const synced = stepsOf(wrapped, r).filter((_, i) => (i + 1) % options.every === 0)
      return [synced.map(([params]) => params), slowOf(wrapped, synced)]
    }),
    law("slow weights move only at a synchronization", exact, sample, ([options, optimizer, r]) => {
      const wrapped = wrap(options, optimizer)
      const slow = [r.params, ...slowOf(wrapped, stepsOf(wrapped, r))]
      const between = r.gradients.flatMap((_, i) => ((i + 1) % options.every === 0 ? [] : [i]))
      return [between.map(i => slow[i + 1] ?? []), between.map(i => slow[i] ?? [])]
    }),
    law("before a synchronization lookahead is the optimizer inside", exact, sample, ([options, optimizer, r]) => {
      const early = { ...r, gradients: r.gradients.slice(0, options.every - 1) }
      return [pathOf(wrap(options, optimizer), early), pathOf(optimizer, early)]
    }),
    law(
      "lookahead at every step scales displacements by the mix",
      rounded,
      fc.tuple(mix, inner, wide),
      ([alpha, optimizer, r]) => [
        pathOf(wrap({ every: 1, mix: alpha }, optimizer), r),
        pathOf(onDisplacement(scale(alpha))(optimizer), r)
      ]
    ),
    keepsRate(
      "lookahead",
      fc.record({ every, mix }).map(options => optimizer => wrap(options, optimizer))
    )
  ]
}
