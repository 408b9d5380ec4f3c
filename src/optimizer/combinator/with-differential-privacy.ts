import type { Recipe } from "../../options/recipe.js"
import { aggregatePrivately, type PrivacyOptions, type PrivateF } from "../../transform/aggregate-privately.js"
import { onGradient, type OnGradient } from "../lift.js"
import { combinator } from "./recipe.js"

const { fields } = aggregatePrivately

/**
 * Makes any optimizer differentially private: in place of the gradient it gets the mean of the gradients of examples, each
 * clipped to a norm of C, with noise: `g' = (Σᵢ gᵢ·min(1, C/‖gᵢ‖) + σ·C·N(0, I)) / n`, norms over all leaves, `n` examples.
 *
 * Needs the gradient of each example, `step(params, state, grads, { exampleGradients })`, along a leading axis of every
 * leaf; `trainStep` and `fit` hand over those of the batch. Acts on the gradient, outside of all that does: in a `pipe` it
 * stands after what acts on the gradient or looks at it (`clipByNorm`, `sam`, `accumulate`, `cautious`, …), which sees `g'`
 * then; before that it is a `HyperparameterError`. What acts on displacements or parameters (`withWeightDecay`,
 * `lookahead`, averages) may stand on either side. Within `masked` and `partition` norms are over the leaves that are seen.
 *
 * `maxNorm`: C ≥ 0, in units of the gradient. `noiseMultiplier`: σ ≥ 0; if that is 0, and a number, nothing is drawn. `seed`:
 * what the noise is drawn from, a key or the number that makes one; the key is in the state, so that a run replays bit for
 * bit. Others are a `HyperparameterError`. What is not finite in the gradient of an example stays visible.
 *
 * What it promises: parameters tell of each example no more than so many sums do, one a step, to which an example contributes
 * C at most and to which noise of σ·C is added. Which (ε, δ) that is depends on σ, the number of steps and how batches are
 * sampled. There is no accountant here; those of Opacus and of the package `dp_accounting` tell. They assume mostly that an
 * example is in a batch by a coin of its own (Poisson sampling), and that sums are divided by the size that a batch is expected
 * to have; `batches` shuffles and cuts.
 * Every example is a batch of one: in losses that divide by the sum of weights (`weighted`, `classWeights`) a weight other than
 * 0 cancels, and `reduction: "sum"` is the mean over examples. What is to count more is to be drawn more often.
 *
 * What it does not promise: losses, metrics and `gradientNorm` that are reported are not private, nor is what depends on
 * them: early stopping, `reduceOnPlateau`, a choice of hyperparameters, an optimizer within that needs the loss; nor whether
 * `ifFinite` around it skips a step. The noise hides nothing from those who know the seed or a state, which has the key. It is
 * drawn in the dtype of each leaf, by a generator that is not meant for cryptography (Threefry), and the rounding of
 * floating-point numbers may betray what real numbers would not (Mironov 2012, "On significance of the least significant
 * bits for differential privacy").
 *
 * Laws: without noise, another example in the place of one changes `n·g'` by 2C at most; with a large C and without noise,
 * the optimizer within on the mean; the same seed gives the same run, exactly; noise has the standard deviation σ·C/n; keeps
 * the rate.
 * Source: Abadi et al. 2016, arXiv 1607.00133, Algorithm 1. As optax's `contrib.differentially_private_aggregate`, with the
 * same draws.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray, zeros } from "thalweg"
 * import { adam, sgd, withDifferentialPrivacy } from "thalweg/optimizer"
 *
 * const dpAdam = pipe(adam(), withDifferentialPrivacy({ maxNorm: 1, noiseMultiplier: 1.1, seed: 0 }))
 * assert.deepStrictEqual(dpAdam.needs, ["exampleGradients"])
 *
 * const opt = pipe(sgd({ learningRate: 1 }), withDifferentialPrivacy({ maxNorm: 5, noiseMultiplier: 0, seed: 0 }))
 * const params = { w: zeros([2]) }
 * const exampleGradients = { w: tensor([[30, 40], [1, 2]]) }
 * const [{ w }] = opt.step(params, opt.init(params), params, { exampleGradients })
 * assert.deepStrictEqual(toArray(w), [-2, -3]) // by the mean of (3, 4) and (1, 2)
 */
export const withDifferentialPrivacy: Recipe<
  typeof aggregatePrivately.fields,
  (options: PrivacyOptions) => OnGradient<PrivateF>
> = combinator(
  "withDifferentialPrivacy",
  fields,
  { additive: {}, blind: {}, odd: { noiseMultiplier: 0 }, still: { noiseMultiplier: 0 } },
  options => onGradient(aggregatePrivately(options))
)
