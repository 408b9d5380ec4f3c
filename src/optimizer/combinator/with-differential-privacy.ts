import type { Recipe } from "../../options/recipe.js"
import { aggregatePrivately, type PrivacyOptions, type PrivateF } from "../../transform/aggregate-privately.js"
import { onGradient, type OnGradient } from "../lift.js"
import { combinator } from "./recipe.js"

const { fields } = aggregatePrivately

/**
 * Makes any optimizer differentially private: it gets, in place of the gradient, the mean of the gradients of the examples, each clipped to
 * a norm of C, with noise: `g' = (Σᵢ gᵢ·min(1, C/‖gᵢ‖) + σ·C·N(0, I)) / n`, the norm over all leaves.
 *
 * Needs the gradient of each example, `step(params, state, grads, { exampleGradients })`, along a leading axis of every leaf, of
 * which `trainStep` and `fit` hand over those of the batch. Acts on the gradient, of which it stands outermost: in a `pipe` after all that acts
 * on the gradient or looks at it (`clipByNorm`, `sam`, `accumulate`, `cautious`, …), which then sees `g'`; the other way round is a
 * `HyperparameterError`. What acts on displacements or parameters (`withWeightDecay`, `lookahead`, averages) may stand anywhere. Within
 * `masked` or `partition` the norm is over the leaves that are seen.
 *
 * `maxNorm`: C ≥ 0, in units of the gradient. `noiseMultiplier`: σ ≥ 0. `seed`: what the noise is drawn from; the key is in the state, so
 * that a run replays bit for bit. Others are a `HyperparameterError`. Non-finite gradients of examples stay visible.
 *
 * What it promises: a step tells of an example that is one of those in the batch no more than the Gaussian mechanism of multiplier σ does of a sum to which
 * each contributes C at most, and so do all parameters that are made of such steps. Which (ε, δ) that is depends on σ, on the number of steps and on
 * how batches are sampled, for which accountants (those of Opacus, or of the package `dp_accounting`) mostly assume that every example is in a
 * batch by a coin of its own (Poisson); `batches` shuffles and cuts, which is another mechanism. There is no accountant here.
 * What it does not: the loss, metrics and `gradientNorm` that are reported are not private, nor is what looks at them (early stopping,
 * `reduceOnPlateau`, the choice of hyperparameters), nor whether `ifFinite` around it skips a step. Noise hides nothing from those who know the seed or see a
 * state, which holds the key. It is drawn in the dtype of each leaf by a generator that is none of cryptography (Threefry), and floating-point
 * numbers betray more than real ones (Mironov 2012, "On significance of the least significant bits for differential privacy").
 *
 * Laws: without noise, another example in the place of one changes `n·g'` by 2C at most; with a large C and without noise, the optimizer
 * within; the same seed, the same run; noise has the standard deviation σ·C/n; keeps the rate.
 * Source: Abadi et al. 2016, arXiv 1607.00133, Algorithm 1 (there n is the expected size of a batch).
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
