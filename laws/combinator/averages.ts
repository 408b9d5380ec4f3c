import fc from "fast-check"
import type { Tree } from "thalweg"
import { type AnyOptimizer, sgd, type EmaOptions, type withEma, type withPolyakAverage } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { inner } from "../arbitrary/optimizer.js"
import { run, type Run, wide } from "../arbitrary/run.js"
import { amplified, exact, ulps } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { plus, stepsOf, times } from "../sides.js"
import { sightsOf } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const still = sgd({ learningRate: 0 })

/** The weights to deploy after each step. */
const deployedOf = (optimizer: AnyOptimizer, r: Run): readonly Tree[] =>
  stepsOf(optimizer, r).map(([params, state]) => optimizer.evalParams(params, state))

const atFirst = (optimizer: AnyOptimizer, { params }: Run): Tree => optimizer.evalParams(params, optimizer.init(params))

/** `Σ wᵢ·treeᵢ / Σ wᵢ`. */
const weighted = (weights: readonly number[], trees: readonly Tree[]): Tree => {
  const total = weights.reduce((a, b) => a + b, 0)
  return trees.map((tree, i) => times((weights[i] ?? 0) / total)(tree)).reduce((a, b) => plus(a, b))
}

/** For n values, the weights of an average that forgets. */
const forgetting = (beta: number, n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => beta ** (n - 1 - i))

/** What holds of any average: the run is not changed, and before it there is nothing to average. */
const averaging = (name: string, combinators: fc.Arbitrary<Wrap>): readonly Law[] => [
  law(`${name} does not change the run`, exact, fc.tuple(combinators, inner, run), ([wrap, optimizer, r]) => {
    const seen = (of: AnyOptimizer): Tree => sightsOf(of, r).map(({ params, point, rate }) => [params, point, rate])
    return [seen(wrap(optimizer)), seen(optimizer)]
  }),
  law(`before a step ${name} deploys what the optimizer inside does`, exact, fc.tuple(combinators, inner, run), s => {
    const [wrap, optimizer, r] = s
    return [atFirst(wrap(optimizer), r), atFirst(optimizer, r)]
  }),
  keepsRate(name, combinators)
]

/**
 * Lists the laws of the exponential average of parameters: the run is that of the optimizer inside, exactly; what is
 * deployed is the average of what that deploys, by weights `βⁿ⁻ⁱ`, corrected as `start` says (within rounding); a
 * decay of 0 deploys the last; parameters that do not move are their own average.
 *
 * @example
 * import assert from "node:assert"
 * import { withEma } from "thalweg/optimizer"
 * import { checkAll, emaLaws } from "thalweg/laws"
 *
 * assert(checkAll(emaLaws(withEma), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const emaLaws = (average: FunctionOf<typeof withEma>): readonly Law[] => {
  const wrap =
    (beta: number, options?: EmaOptions): Wrap =>
    optimizer =>
      average(beta, options)(optimizer)
  const decay = fixed(0.95)
  const start = fc.constantFrom<NonNullable<EmaOptions["start"]>>("debiased", "params")
  const sample = fc.tuple(decay, inner, wide)
  return [
    ...averaging(
      "withEma",
      fc.tuple(decay, start).map(([beta, begin]) => wrap(beta, { start: begin }))
    ),
    law("withEma deploys the debiased average", amplified, sample, ([beta, optimizer, r]) => {
      const each = deployedOf(optimizer, r)
      return [
        deployedOf(wrap(beta)(optimizer), r),
        each.map((_, i) => weighted(forgetting(beta, i + 1), each.slice(0, i + 1)))
      ]
    }),
    law("withEma can begin at the parameters", amplified, sample, ([beta, optimizer, r]) => {
      const each = deployedOf(optimizer, r)
      const begun = (n: number): Tree =>
        plus(times(beta ** n)(r.params), times(1 - beta ** n)(weighted(forgetting(beta, n), each.slice(0, n))))
      return [deployedOf(wrap(beta, { start: "params" })(optimizer), r), each.map((_, i) => begun(i + 1))]
    }),
    law("withEma can begin at zero", amplified, sample, ([beta, optimizer, r]) => [
      deployedOf(wrap(beta, { start: "zero" })(optimizer), r),
      deployedOf(wrap(beta)(optimizer), r).map((tree, i) => times(1 - beta ** (i + 1))(tree))
    ]),
    // `0·a + (-0)` is `+0`
    law("withEma(0) deploys the last parameters", ulps(0), fc.tuple(inner, run), ([optimizer, r]) => [
      deployedOf(wrap(0)(optimizer), r),
      deployedOf(optimizer, r)
    ]),
    law("parameters that rest are their own withEma", amplified, fc.tuple(decay, start, wide), ([beta, begin, r]) => [
      deployedOf(wrap(beta, { start: begin })(still), r),
      r.gradients.map(() => r.params)
    ])
  ]
}

/**
 * Lists the laws of the mean of the parameters of all steps: the run is that of the optimizer inside, exactly; what is
 * deployed is the mean of what that deploys, after as many steps as are skipped (within rounding), until then that
 * itself; parameters that do not move are their own mean, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { withPolyakAverage } from "thalweg/optimizer"
 * import { checkAll, polyakAverageLaws } from "thalweg/laws"
 *
 * assert(checkAll(polyakAverageLaws(withPolyakAverage), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const polyakAverageLaws = (average: FunctionOf<typeof withPolyakAverage>): readonly Law[] => {
  const wrap =
    (skip: number): Wrap =>
    optimizer =>
      average({ skip })(optimizer)
  const skipped = fc.nat(3)
  return [
    ...averaging("withPolyakAverage", skipped.map(wrap)),
    law("withPolyakAverage deploys the mean", amplified, fc.tuple(skipped, inner, wide), ([skip, optimizer, r]) => {
      const each = deployedOf(optimizer, r)
      const counted = each.map((_, i) => each.slice(skip, i + 1))
      return [
        deployedOf(wrap(skip)(optimizer), r).slice(skip),
        counted.slice(skip).map(trees => weighted(forgetting(1, trees.length), trees))
      ]
    }),
    law(
      "while it skips, withPolyakAverage deploys what the optimizer inside does",
      exact,
      fc.tuple(skipped, inner, run),
      ([skip, optimizer, r]) => [
        // the first that counts is its own mean
        deployedOf(wrap(skip)(optimizer), r).slice(0, skip + 1),
        deployedOf(optimizer, r).slice(0, skip + 1)
      ]
    ),
    law("parameters that rest are their own mean", exact, fc.tuple(skipped, run), ([skip, r]) => [
      deployedOf(wrap(skip)(still), r),
      r.gradients.map(() => r.params)
    ])
  ]
}
