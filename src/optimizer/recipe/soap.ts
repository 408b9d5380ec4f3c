import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleBySoap, type SoapF, type SoapScaling } from "../../transform/scale-by-soap.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters: about the length of a step along each direction. Default 3e-3, the paper's. */
  learningRate: hyper(nonNegative, 3e-3),
  ...scaleBySoap.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of SOAP. */
export interface SoapOptions extends SoapScaling, OptionsOf<typeof fields> {}

/** The states of `soap`: moments and matrices, and nothing for decay and rate. */
export type SoapOptimizerF = ChainF<readonly [SoapF, StatelessF, StatelessF]>

/**
 * Makes SOAP, Adam along the eigenvectors of Shampoo's matrices: of a matrix `G`, `p' = p - η·(Qₗ·N·Qᵣᵀ + λ·p)`, where `N` is what
 * Adam makes of `Qₗᵀ·G·Qᵣ` (its first moment turned with the directions), and `Qₗ`, `Qᵣ` follow the eigenvectors of the means of
 * `G·Gᵀ` and `Gᵀ·G`.
 *
 * The first step finds directions and moves nothing but by the decay. In every f-th step (`every`) one step of power iteration and
 * a QR decomposition renew them, in f64. `scaleBySoap` has the formulas. A vector or a scalar goes as by Adam, and an axis longer
 * than `maxSize` is not turned. Looks across each leaf. The state holds two moments for each parameter and two matrices for each
 * axis. Defaults: η 3e-3, β₁ and β₂ 0.95, ε 1e-8, f 10, `maxSize` 1024 (the authors: 10000), λ 0 (the authors: 0.01). Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: turning the axes of a leaf turns its steps; of vectors, the steps of Adam, one later; odd in the gradients (λ = 0); not
 * elementwise.
 * Source: Vyas et al. 2024, arXiv 2409.11321, Algorithms 3 and 4. The authors' code and the PyPI package `pytorch_optimizer`:
 * `sort: true`, `form: "epsilonHat"`; what they offer besides, one side alone, joined axes and normalized gradients, is not here.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { soap } from "thalweg/optimizer"
 *
 * const opt = soap({ learningRate: Math.SQRT2 })
 * const params = { kernel: tensor([[5, 5], [5, 5]]) }
 * const grads = { kernel: tensor([[5, 5], [4, -4]]) }
 * const [same, state] = opt.step(params, opt.init(params), grads)
 * const [{ kernel }] = opt.step(same, state, grads)
 * assert.deepStrictEqual((toArray(kernel) as number[][]).map(row => row.map(Math.round)), [[4, 4], [4, 6]])
 */
export const soap: Recipe<typeof fields, (options?: SoapOptions) => Optimizer<SoapOptimizerF>> = recipe(
  "soap",
  fields,
  { additive: {}, leafwise: {}, ...decaying },
  ({ learningRate, weightDecay, ...scaling }) =>
    byDepth(optimizer(chain(scaleBySoap(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))))
)
