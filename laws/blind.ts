import fc from "fast-check"
import { add, neg, Tree, type Tensor } from "thalweg"
import type { Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { anyOptimizer, type AnyOptimizer } from "./arbitrary/optimizer.js"
import { only } from "./arbitrary/transform.js"
import { arbRun } from "./arbitrary/run.js"
import { exact, ulps } from "./equality.js"
import { law, type Law } from "./law.js"
import { pathOf, streamOf } from "./observe.js"

const run = arbRun()

/**
 * Lists the laws of optimizers that look at gradients alone, over whatever an arbitrary makes: see `blindLaws`.
 *
 * @example
 * import assert from "node:assert"
 * import { arbOptimizer, blindCombinators, blindLawsOver, checkAll } from "thalweg/laws"
 *
 * const optimizers = arbOptimizer({ combinators: blindCombinators })
 * assert(checkAll(blindLawsOver(optimizers), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const blindLawsOver = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => {
  const sample = fc.tuple(optimizers, run)
  return [
    law("updates do not depend on the parameters", exact, sample, ([optimizer, r]) => [
      streamOf(optimizer, r),
      streamOf(optimizer, { ...r, params: Tree.map(t => add(t, 1))(r.params) })
    ]),
    // `0·b + (-0)` is `+0`: the sign of a zero is not odd.
    law("negated gradients give negated updates", ulps(0), sample, ([optimizer, r]) => [
      streamOf(optimizer, { ...r, gradients: r.gradients.map(Tree.map(neg)) }),
      streamOf(optimizer, r).map(Tree.map(neg))
    ]),
    law("zero gradients leave the parameters unchanged", exact, sample, ([optimizer, r]) => [
      pathOf(optimizer, { ...r, gradients: r.gradients.map(Tree.zerosLike) }),
      r.gradients.map(() => r.params)
    ]),
    law("step adds the displacement of update", exact, sample, ([optimizer, r]) => {
      const moved = Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))
      const sums = streamOf(optimizer, r).reduce<readonly Tree[]>(
        (made, displacement) => [...made, moved<Tree>(made.at(-1) ?? r.params, displacement)],
        []
      )
      return [pathOf(optimizer, r), sums]
    })
  ]
}

/**
 * Lists the laws of optimizers that look at gradients alone (no decay, no averaging of weights): updates do not
 * depend on the parameters and are odd in the gradients; zero gradients from a fresh state move nothing; a step adds
 * its displacement. Exact, but for the sign of a zero among odd updates.
 *
 * @example
 * import assert from "node:assert"
 * import { sgd } from "thalweg/optimizer"
 * import { blindLaws, checkAll } from "thalweg/laws"
 *
 * const descent = sgd({ learningRate: 0.1, momentum: 0.9 })
 * assert(checkAll(blindLaws(descent), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const blindLaws = <F extends StateFamily>(optimizer: Optimizer<F>): readonly Law[] =>
  blindLawsOver(only(anyOptimizer(optimizer)))
