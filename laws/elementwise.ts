import fc from "fast-check"
import { concat, flatten, flip, Tree, zeros, type FloatDType, type Tensor } from "thalweg"
import type { Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { anyOptimizer, type AnyOptimizer } from "./arbitrary/optimizer.js"
import { only } from "./arbitrary/transform.js"
import { arbRun, type Run } from "./arbitrary/run.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { pathOf } from "./observe.js"

/** All elements of a tree of one dtype, in one vector. */
const joined = (tree: Tree, dtype: FloatDType): Tensor => concat([zeros([0], dtype), ...Tree.leaves(tree).map(flatten)])

const mapped = (f: (tree: Tree) => Tree, { params, gradients }: Run): Run => ({
  params: f(params),
  gradients: gradients.map(f)
})

/**
 * Lists the laws of optimizers that treat every element alike and apart, over whatever an arbitrary makes: see
 * `elementwiseLaws`.
 *
 * @example
 * import assert from "node:assert"
 * import { arbOptimizer, checkAll, elementwiseCombinators, elementwiseLawsOver } from "thalweg/laws"
 *
 * const optimizers = arbOptimizer({ combinators: elementwiseCombinators })
 * assert(checkAll(elementwiseLawsOver(optimizers), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const elementwiseLawsOver = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => {
  const runs = fc
    .constantFrom<FloatDType[]>("f32", "f64")
    .chain(dtype => fc.tuple(fc.constant(dtype), arbRun({ dtypes: [dtype] })))
  const commutes = (name: string, f: (tree: Tree, dtype: FloatDType) => Tree): Law =>
    law(
      `an elementwise optimizer commutes with ${name}`,
      exact,
      fc.tuple(optimizers, runs),
      ([optimizer, [dtype, r]]) => [
        pathOf(
          optimizer,
          mapped(tree => f(tree, dtype), r)
        ),
        pathOf(optimizer, r).map(params => f(params, dtype))
      ]
    )
  return [
    commutes("flattening", joined),
    commutes("permuting leaves", tree => Tree.leaves(tree).toReversed()),
    commutes(
      "permuting elements",
      Tree.map(t => flip(t))
    )
  ]
}

/**
 * Lists the laws of optimizers that treat every element alike and apart (no norms over leaves): they commute with
 * flattening the tree, permuting leaves and permuting elements. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { adam } from "thalweg/optimizer"
 * import { checkAll, elementwiseLaws } from "thalweg/laws"
 *
 * assert(checkAll(elementwiseLaws(adam()), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const elementwiseLaws = <F extends StateFamily>(optimizer: Optimizer<F>): readonly Law[] =>
  elementwiseLawsOver(only(anyOptimizer(optimizer)))
