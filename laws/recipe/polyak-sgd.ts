import fc from "fast-check"
import { concat, flatten, item, le, mul, scalar, sub, sum, Tree, zeros, type Tensor } from "thalweg"
import { sgd, type polyakSgd, type AnyOptimizer } from "thalweg/optimizer"
import type { PolyakOptions } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero } from "../arbitrary/numbers.js"
import { arbRun, run, type Run, wide } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, times, truth } from "../sides.js"
import { stepsAt } from "../combinator/probe.js"
import type { FunctionOf } from "../callable.js"

/** Runs of gradients that are not 0. */
const sloping = arbRun({ dtypes: ["f64"], numbers: nonZero }).filter(({ params }) => Tree.size(params) > 0)

/** Losses from 0. */
const losses = fc.array(fixed(4), { minLength: 5, maxLength: 5 })

const vector = (tree: Tree): Tensor => concat([zeros([0], "f64"), ...Tree.leaves(tree).map(flatten)])

/** The value at some parameters of the linear loss with a gradient. */
const linearLoss = (gradient: Tree, params: Tree): Tensor => sum(mul(vector(gradient), vector(params)))

/**
 * Lists the laws of Polyak's step: the rate is at most its bound, at which it is plain `sgd`; nothing moves at the least
 * loss; losses and gradients may be in any unit (exactly for powers of two); leaves do not matter; a linear loss is at
 * its least after one step; a scaling divides the step (within rounding, the last three).
 *
 * @example
 * import assert from "node:assert"
 * import { polyakSgd } from "thalweg/optimizer"
 * import { checkAll, polyakSgdLaws } from "thalweg/laws"
 *
 * assert(checkAll(polyakSgdLaws(polyakSgd), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const polyakSgdLaws = (polyak: FunctionOf<typeof polyakSgd>): readonly Law[] => {
  const path = (options: PolyakOptions, r: Run, told: readonly number[]): readonly Tree[] =>
    stepsAt(polyak(options), r, told).map(([params]) => params)
  const unbounded = { maxLearningRate: 1e12 }
  const most = fixed(2)
  return [
    law("the rate of polyakSgd is at most its bound", exact, fc.tuple(most, wide, losses), ([bound, r, told]) => {
      const optimizer: AnyOptimizer = polyak({ maxLearningRate: bound })
      const below = stepsAt(optimizer, r, told).map(([, state]) => le(optimizer.rate(state), bound))
      return [below, below.map(() => truth(true))]
    }),
    law("at its bound polyakSgd is sgd", exact, fc.tuple(most, run), ([learningRate, r]) => [
      path({ maxLearningRate: learningRate }, r, [1e12]),
      pathOf(sgd({ learningRate }), r)
    ]),
    law("at the least loss polyakSgd does not move", exact, fc.tuple(fixed(4), fixed(4), run), ([fMin, below, r]) => [
      path({ fMin }, r, [fMin - below, fMin]),
      r.gradients.map(() => r.params)
    ]),
    law("polyakSgd does not see a common unit", exact, fc.tuple(fc.constantFrom(0.25, 2, 64), sloping, losses), s => {
      const [unit, r, told] = s
      const scaled = { ...r, gradients: r.gradients.map(times(unit)) }
      return [
        path(
          unbounded,
          scaled,
          told.map(loss => unit * loss)
        ),
        path(unbounded, r, told)
      ]
    }),
    law("polyakSgd does not see leaves", amplified, fc.tuple(wide, losses), ([r, told]) => [
      path({}, { params: vector(r.params), gradients: r.gradients.map(vector) }, told),
      path({}, r, told).map(vector)
    ]),
    law("polyakSgd steps to where a linear loss is least", amplified, fc.tuple(sloping, fixed(4)), ([r, above]) => {
      const [gradient = r.params] = r.gradients
      const loss = linearLoss(gradient, r.params)
      const fMin = item(loss) - above
      const [moved = r.params] = path({ ...unbounded, fMin }, { ...r, gradients: [gradient] }, [item(loss)])
      return [linearLoss(gradient, moved), scalar(fMin, "f64")]
    }),
    law("polyakSgd divides its step by the scaling", amplified, fc.tuple(fixed(4, 0.5), sloping, losses), s => {
      const [scaling, { params, gradients }, told] = s
      const first = { params, gradients: gradients.slice(0, 1) }
      const step = (options: PolyakOptions): Tensor => sub(vector(path(options, first, told)[0] ?? []), vector(params))
      return [mul(step({ ...unbounded, scaling }), scaling), step(unbounded)]
    })
  ]
}
