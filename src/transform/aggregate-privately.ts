import { div, mul } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean } from "../dataflow/reduce.js"
import { sameShape } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { sameType, showType, typeOf } from "../dataflow/type.js"
import { knownIn } from "../options/extent.js"
import { hyper, seedField, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { keyOf, withNoise, type NoiseState } from "./add-gaussian-noise.js"
import { castLike } from "./common.js"
import { normsOfExamples, shortened, asF64 } from "./norm.js"
import type { AtExamples, StateFamily, Transform } from "./transform.js"

/** The key of the next noise; a step needs the gradient of each example. */
export interface PrivateF extends StateFamily {
  readonly type: NoiseState
  readonly needs: AtExamples<this["params"]>
}

const fields = {
  /** C ≥ 0, in units of the gradient: the largest norm, over all leaves, with which an example counts. */
  maxNorm: hyper(nonNegative),
  /** σ ≥ 0: the standard deviation of the noise in the sum over examples, in units of C. 0 draws none. */
  noiseMultiplier: hyper(nonNegative),
  /** What the noise is drawn from: a key, or the whole number ≥ 0 that makes one. Whoever knows it can take the noise away. */
  seed: seedField
}

/** How much an example counts, how much noise there is, and what it is drawn from. */
export interface PrivacyOptions extends OptionsOf<typeof fields> {}

/** The gradients of the examples that a step was given, and how many these are: one at least. */
const examplesAt = <P extends Tree>(
  like: P,
  atExamples: AtExamples<P>
): { readonly examples: P; readonly count: number } => {
  const operation = "aggregatePrivately"
  const examples =
    (atExamples as Partial<AtExamples<P>> | undefined)?.exampleGradients ??
    fail("DataError", operation, "{ exampleGradients } as the last argument, examples along a leading axis", "nothing")
  Tree.requireSameStructure(operation, like, examples, "gradients of examples")
  const paths = Tree.paths(like)
  const leaves = Tree.leaves(examples)
  const count = leaves[0]?.shape[0] ?? 1
  if (count === 0) fail("ShapeError", operation, "at least one example", "none", paths[0])
  Tree.leaves(like).forEach((t, i) => {
    const [wanted, found] = [{ ...typeOf(t), shape: [count, ...t.shape] }, leaves[i] as Tensor]
    const tag = sameShape(wanted.shape, found.shape) ? "DTypeError" : "ShapeError"
    if (!sameType(wanted, found))
      fail(tag, operation, `gradients of examples of ${showType(wanted)}`, showType(found), paths[i])
  })
  return { examples, count }
}

/** The mean over examples, none of which counts with a longer norm than `most`. */
const clippedMean = <P extends Tree>(examples: P, most: Tensor): P => {
  if (Tree.leaves(examples).length === 0) return examples
  const lengths = normsOfExamples(examples)
  return Tree.map((t: Tensor) => {
    const own = reshape(lengths, [-1, ...t.shape.slice(1).map(() => 1)])
    return castLike(mean(shortened(asF64(t), own, most), { axes: 0 }), t)
  })(examples)
}

/**
 * Replaces updates by the mean of the gradients of examples, each clipped, with noise: `u' = (Σᵢ gᵢ·min(1, C/‖gᵢ‖) +
 * σ·C·N(0, I)) / n`, norms over all leaves, `n` the number of examples.
 *
 * Needs the gradient of each example, `{ exampleGradients }`, along a leading axis of every leaf; updates are not looked at,
 * so that in a `chain` it stands first. `seed` becomes the key in the state, which each update splits, in one part for each
 * leaf and one for the next update; where σ is known to be 0, nothing is drawn and the key stays. Norms and means are taken in
 * f64, noise is drawn in the dtype of the leaf. An example with a NaN makes all updates NaN, one with an infinity those
 * elements: it stays visible. `withDifferentialPrivacy` says what privacy that promises and what not.
 * Throws a `HyperparameterError` for options out of range; a `DataError`, `TreeError`, `ShapeError` or `DTypeError` for
 * gradients of examples that are missing, of none, or do not fit the updates.
 *
 * Laws: without noise, another example in the place of one changes `n·u'` by 2C at most; with a large C and without noise, the
 * mean; the same seed gives the same noise, exactly, of the standard deviation σ·C/n.
 * Source: Abadi et al. 2016, arXiv 1607.00133, Algorithm 1, which divides by the size that a batch is expected to have; we
 * divide by that which it has. As optax's `contrib.differentially_private_aggregate`, with the same draws.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { aggregatePrivately, clockAt } from "thalweg/transform"
 *
 * const params = zeros([2])
 * const { init, update } = aggregatePrivately({ maxNorm: 5, noiseMultiplier: 0, seed: 0 })
 * const exampleGradients = tensor([[30, 40], [1, 2]]) // of norms 50 and √5
 * const [u] = update(params, init(params), params, { ...clockAt(0), exampleGradients })
 * assert.deepStrictEqual(toArray(u), [2, 3]) // the mean of (3, 4) and (1, 2)
 */
export const aggregatePrivately: Recipe<typeof fields, (options: PrivacyOptions) => Transform<PrivateF>> = recipe(
  "aggregatePrivately",
  fields,
  {},
  ({ maxNorm, noiseMultiplier, seed }) => ({
    needs: ["exampleGradients"],
    init: () => ({ key: keyOf(seed) }),
    update: (updates, { key }, _, now) => {
      const { examples, count } = examplesAt(updates, now)
      const [most, multiplier] = [maxNorm(now.step), noiseMultiplier(now.step)]
      const clipped = clippedMean(examples, most)
      if (knownIn(multiplier) === 0) return [clipped, { key }]
      const [noisy, later] = withNoise(clipped, key, div(mul(multiplier, most), count))
      return [noisy, { key: later }]
    }
  })
)
