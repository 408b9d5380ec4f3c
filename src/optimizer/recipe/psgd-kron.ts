import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByPsgdKron, type PsgdKronF, type PsgdKronScaling } from "../../transform/scale-by-psgd-kron.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** η ≥ 0, in units of the parameters: about the root mean square of a step. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByPsgdKron.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of PSGD with Kronecker factors. */
export interface PsgdKronOptions extends PsgdKronScaling, OptionsOf<typeof fields> {}

/** The states of `psgdKron`: mean, factors and key, and nothing for decay and rate. */
export type PsgdKronOptimizerF = ChainF<readonly [PsgdKronF, StatelessF, StatelessF]>

/**
 * Makes PSGD with Kronecker factors, known as Kron: of a matrix, `p' = p - η·(QₗᵀQₗ·m̂·QᵣᵀQᵣ + λ·p)`, where `m̂` is the mean
 * gradient and the upper triangles `Qₗ`, `Qᵣ` are fitted, by relative gradient steps of their own, to make what they give white.
 *
 * `scaleByPsgdKron` has the formulas. No roots, eigenvalues or inverses are computed: fitting takes products and triangular
 * systems. `seed`: what is drawn from, whether to fit and with which noise; `init` puts its key into the state, so that a run
 * replays bit for bit. Looks across each leaf. The state holds a mean for each parameter and a matrix for each axis. Defaults: η
 * 1e-3, β 0.9, `probability` 1, `factorRate` 0.1, `fitTo` "momentum", `balancing` 0.01, `initialScale` 1, `maxSize` 8192, `minAxes`
 * 2, `triangles` "all", `clip` 1.1, ε 1e-6, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Not named `kron`, as the product of matrices in `thalweg` is, so that both can be imported.
 *
 * Laws: no step has a larger root mean square than η·clip (λ = 0); that fits nothing, without momentum, it is `sgd`; gradients c
 * times as large, begun at a scale √c times as small, give the same steps; odd in the gradients (λ = 0).
 * Source: Li 2018, arXiv 1512.04202, and Li 2019, arXiv 1803.09383; the rest as Walters' Kron (`kron_torch`) and `Kron` of the PyPI
 * package `pytorch_optimizer`. These fit in every `1/probability`-th step, with a probability of `min(1, max(0.03, e^(-(t -
 * 500)/1000)))`: from `thalweg/schedule`, `pipe(exponential({ start: Math.exp(0.5), rate: Math.exp(-0.001) }), atMost(1),
 * atLeast(0.03))`. Of leaves of fewer than two axes they decay none; `masked` says which here.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { psgdKron } from "thalweg/optimizer"
 *
 * const opt = psgdKron({ seed: 0, learningRate: 1, probability: 0 })
 * const params = { bias: tensor([5, 5]) }
 * const [{ bias }] = opt.step(params, opt.init(params), { bias: tensor([0.5, -1]) })
 * assert.deepStrictEqual(toArray(bias), [4.5, 6]) // nothing is fitted: by the gradient
 */
export const psgdKron: Recipe<typeof fields, (options: PsgdKronOptions) => Optimizer<PsgdKronOptimizerF>> = recipe(
  "psgdKron",
  fields,
  { additive: {}, blind: { weightDecay: 0 }, odd: { weightDecay: 0 }, still: { weightDecay: 0 } },
  ({ learningRate, weightDecay, ...scaling }) =>
    byDepth(
      optimizer(chain(scaleByPsgdKron(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
    )
)
