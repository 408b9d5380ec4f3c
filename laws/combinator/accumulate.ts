import fc from "fast-check"
import { add, Tree } from "thalweg"
import * as combinators from "thalweg/optimizer"
import type { accumulate, AnyOptimizer } from "thalweg/optimizer"
import { linear, piecewiseConstant } from "thalweg/schedule"
import { moderate } from "../arbitrary/numbers.js"
import { inner } from "../arbitrary/optimizer.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { exact, relative, rounded } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, plus, stepsOf, streamOf, times } from "../sides.js"
import { changesNothing, clockedInnerOf, lossProbe, probe, stepsAt } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const run = arbRun({ maxSteps: 8 })
const wide = arbRun({ dtypes: ["f64"], maxSteps: 8 })
const every = fc.integer({ min: 1, max: 4 })

const mean = (trees: readonly Tree[]): Tree => times(1 / trees.length)(trees.reduce((a, b) => plus(a, b)))

/** The micro-batches of every k steps, where there are as many. */
const batches = <A>(k: number, all: readonly A[]): readonly (readonly A[])[] =>
  all.flatMap((_, i) => ((i + 1) % k === 0 ? [all.slice(i + 1 - k, i + 1)] : []))

/** What there is at every k-th step. */
const emitted = <A>(k: number, all: readonly A[]): readonly A[] => all.filter((_, i) => (i + 1) % k === 0)

const { withMomentum, withSchedule, withWeightDecay, withEma, withPolyakAverage } = combinators

/** Combinators that are linear in the displacement, to stand around an accumulation. */
const outside = fc.array(
  fc.constantFrom<Wrap>(
    o => withMomentum(0.5)(o),
    o => withMomentum(0.5, { nesterov: true })(o),
    o => combinators.withNesterov(0.5)(o),
    o => withSchedule(linear({ start: 1, end: 0.5, steps: 4 }))(o),
    o => withWeightDecay(0.125)(o),
    o => withEma(0.75)(o),
    o => withPolyakAverage({ skip: 1 })(o),
    o => combinators.scheduleFree()(o),
    o => combinators.lookahead({ every: 3 })(o),
    o => combinators.reduceOnPlateau({ patience: 1 })(o),
    o => combinators.ifFinite()(o),
    o => combinators.clipByNorm(1)(o),
    combinators.maximize,
    o => combinators.freeze(path => path.includes("0"))(o),
    o => combinators.partition({ some: o, others: combinators.sgd({ learningRate: 0.5 }) }, path => (path.includes("0") ? "others" : "some")) // prettier-ignore
  ),
  { maxLength: 2 }
)

/** The end of a run of windows of k, of which the last is partial, and of one where that is a window of its size. */
const endsOf = (wrap: (k: number) => Wrap, k: number, optimizer: AnyOptimizer, r: Run) => {
  const partial = r.gradients.length % k
  const whole = { ...r, gradients: r.gradients.slice(0, r.gradients.length - partial) }
  const inWindows = wrap(k)(optimizer)
  const [params, state] = stepsOf(inWindows, whole).at(-1) ?? [r.params, inWindows.init(r.params)]
  const short = wrap(Math.max(1, partial))(optimizer)
  const rest = { params, gradients: r.gradients.slice(r.gradients.length - partial) }
  return {
    partial: stepsOf(inWindows, r).at(-1) ?? [params, state],
    short: stepsOf({ ...short, init: () => state }, rest).at(-1) ?? [params, state]
  }
}

/**
 * Lists the laws of collecting gradients: the optimizer inside is shown the mean of k of them, and of their losses
 * (within rounding), k of a schedule being that of each window, and makes one step with it; between, neither parameters
 * nor its state change; one at a time, nothing changes; a last, partial window is finished as one of its size, through
 * what stands around it to rounding. The others are exact.
 *
 * @example
 * import assert from "node:assert"
 * import { accumulate } from "thalweg/optimizer"
 * import { accumulateLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(accumulateLaws(accumulate), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const accumulateLaws = (collect: FunctionOf<typeof accumulate>): readonly Law[] => {
  const wrap =
    (k: number): Wrap =>
    optimizer =>
      collect(k)(optimizer)
  const shown = (k: number, r: Run): readonly Tree[] => emitted(k, streamOf(wrap(k)(probe), r))
  return [
    changesNothing(
      "accumulate(1) is the optimizer inside",
      fc.constant(optimizer => wrap(1)(optimizer))
    ),
    law("accumulate shows the mean of k gradients", rounded, fc.tuple(every, wide), ([k, r]) => [
      shown(k, r),
      batches(k, r.gradients).map(mean)
    ]),
    law(
      "accumulate shows the mean of k losses",
      rounded,
      fc.tuple(every, wide, fc.array(moderate, { minLength: 8, maxLength: 8 })),
      ([k, r, losses]) => {
        const means = batches(k, losses).map(some => some.reduce((a, b) => a + b) / k)
        const risen = means.slice(0, Math.floor(r.gradients.length / k))
        return [
          emitted(k, stepsAt(collect(k)(lossProbe), r, losses)).map(([params]) => params),
          risen.map((_, i) =>
            Tree.map(t =>
              add(
                t,
                risen.slice(0, i + 1).reduce((a, b) => a + b)
              )
            )(r.params)
          )
        ]
      }
    ),
    law(
      "accumulate by a schedule has windows of its lengths",
      rounded,
      fc.tuple(fc.tuple(every, every, every), arbRun({ dtypes: ["f64"], maxSteps: 12 })),
      ([lengths, r]) => {
        const collecting = collect(piecewiseConstant({ boundaries: [1, 2], values: lengths }))(probe)
        const [a, b, c] = lengths
        const ends = [a, a + b, a + b + c].filter(end => end <= r.gradients.length)
        const stream = streamOf(collecting, r)
        return [
          ends.map(end => stream[end - 1] ?? []),
          ends.map((end, i) => mean(r.gradients.slice(ends[i - 1] ?? 0, end)))
        ]
      }
    ),
    law("accumulate makes one step for k gradients", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => [
      emitted(k, stepsOf(wrap(k)(optimizer), r)).map(([params, state]) => [params, clockedInnerOf(state)]),
      stepsOf(optimizer, { ...r, gradients: shown(k, r) })
    ]),
    law("between its steps accumulate changes nothing", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => {
      const wrapped = wrap(k)(optimizer)
      const all = [[r.params, wrapped.init(r.params)] as const, ...stepsOf(wrapped, r)]
      const seen = all.map(([params, state]) => [params, clockedInnerOf(state)])
      const between = r.gradients.flatMap((_, i) => ((i + 1) % k === 0 ? [] : [i]))
      return [between.map(i => seen[i + 1] ?? []), between.map(i => seen[i] ?? [])]
    }),
    law(
      "accumulate of equal gradients is one of them",
      exact,
      fc.tuple(every, inner, arbRun()),
      ([k, optimizer, r]) => {
        const repeated = r.gradients.flatMap(grads => Array.from({ length: k }, () => grads))
        return [emitted(k, pathOf(wrap(k)(optimizer), { ...r, gradients: repeated })), pathOf(optimizer, r)]
      }
    ),
    law("a partial window is finished as one of its size", exact, fc.tuple(every, inner, run), ([k, optimizer, r]) => {
      const { partial, short } = endsOf(wrap, k, optimizer, r)
      const { finish } = wrap(k)(optimizer)
      return [finish(...partial), finish(...short)]
    }),
    law(
      "a partial window is finished through what stands around it",
      relative(1e-9, 1),
      fc.tuple(every, outside, wide),
      ([k, around, r]) => {
        const outer =
          (size: number): Wrap =>
          optimizer =>
            around.reduce((o, f) => f(o), wrap(size)(optimizer))
        const { partial, short } = endsOf(outer, k, probe, r)
        const { finish, evalParams } = outer(k)(probe)
        const [params, state] = finish(...partial)
        return [
          [params, evalParams(params, state), state],
          [short[0], evalParams(...short), short[1]]
        ]
      }
    ),
    keepsRate("accumulate", every.map(wrap), clockedInnerOf)
  ]
}
