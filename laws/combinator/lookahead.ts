import fc from "fast-check"
import type { Tree } from "thalweg"
import { type AnyOptimizer, onDisplacement, sgd, type lookahead, type LookaheadOptions } from "thalweg/optimizer"
import { scale } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { blind, inner } from "../arbitrary/optimizer.js"
import { run, wide } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf } from "../sides.js"
import type { FunctionOf } from "../callable.js"

const every = fc.integer({ min: 1, max: 4 })
const mix = fixed(1)

/** Optimizers whose state holds nothing but averages and counts that no rate depends on. */
const timeless = fc
  .tuple(fixed(1), fixed(0.9))
  .map(([learningRate, momentum]) => sgd({ learningRate, momentum, dampenFirst: true }))

/** The slow weights after each step. */
const slowOf = (optimizer: AnyOptimizer, steps: ReturnType<typeof stepsOf>): readonly Tree[] =>
  steps.map(([params, state]) => optimizer.evalParams(params, state))

/**
 * Lists the laws of slow weights that fast ones run ahead of: mix 1 is the optimizer inside for every period, mix 0
 * never moves the slow weights, they move only at a synchronization, after which the fast ones equal them, all
 * exactly; a period of 1 scales displacements by the mix (within rounding, where they do not depend on parameters). The
 * state inside can be made anew at a synchronization, as if the run began there, or be mixed as the weights are.
 *
 * @example
 * import assert from "node:assert"
 * import { lookahead } from "thalweg/optimizer"
 * import { checkAll, lookaheadLaws } from "thalweg/laws"
 *
 * assert(checkAll(lookaheadLaws(lookahead), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const lookaheadLaws = (ahead: FunctionOf<typeof lookahead>): readonly Law[] => {
  const wrap = (options: LookaheadOptions, optimizer: AnyOptimizer): AnyOptimizer => ahead(options)(optimizer)
  const pulledBack = (options: Pick<LookaheadOptions, "every" | "mix">, optimizer: AnyOptimizer): AnyOptimizer =>
    ahead({ ...options, atSync: "pullback" })(optimizer)
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
      amplified,
      fc.tuple(mix, blind, wide),
      ([alpha, optimizer, r]) => [
        pathOf(wrap({ every: 1, mix: alpha }, optimizer), r),
        pathOf(onDisplacement(scale(alpha))(optimizer), r)
      ]
    ),
    law("lookahead that resets begins anew at a synchronization", exact, sample, ([options, optimizer, r]) => {
      const wrapped = wrap({ ...options, atSync: "reset" }, optimizer)
      const steps = stepsOf(wrapped, r).map(([params]) => params)
      const [before, after] = [r.gradients.slice(0, options.every), r.gradients.slice(options.every)]
      const synced = steps[before.length - 1] ?? r.params
      return [steps.slice(options.every), pathOf(wrapped, { params: synced, gradients: after })]
    }),
    law("lookahead that resets is lookahead before", exact, sample, ([options, optimizer, r]) => {
      const first = { ...r, gradients: r.gradients.slice(0, options.every) }
      return [pathOf(wrap({ ...options, atSync: "reset" }, optimizer), first), pathOf(wrap(options, optimizer), first)]
    }),
    law("pulling back with mix 1 is the optimizer inside", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => [
      pathOf(pulledBack({ every: k, mix: 1 }, optimizer), r),
      pathOf(optimizer, r)
    ]),
    law(
      "pulling back with mix 0 repeats the first steps",
      exact,
      fc.tuple(every, timeless, run),
      ([k, optimizer, r]) => {
        const [first = r.params] = r.gradients
        const same = { ...r, gradients: Array.from({ length: 2 * k }, () => first) }
        const path = pathOf(pulledBack({ every: k, mix: 0 }, optimizer), same)
        return [path.slice(k), path.slice(0, k)]
      }
    ),
    keepsRate(
      "lookahead",
      fc.record({ every, mix }).map(options => optimizer => wrap(options, optimizer))
    )
  ]
}
