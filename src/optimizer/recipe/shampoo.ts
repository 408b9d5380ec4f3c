import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByShampoo, type ShampooF, type ShampooScaling } from "../../transform/scale-by-shampoo.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"

const fields = {
  /** η ≥ 0: the spectral norm of the first step of a matrix, about. */
  learningRate: hyper(nonNegative),
  ...scaleByShampoo.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of Shampoo. */
export interface ShampooOptions extends ShampooScaling, OptionsOf<typeof fields> {}

/** The states of `shampoo`: the matrices of each axis, and nothing for decay and rate. */
export type ShampooOptimizerF = ChainF<readonly [ShampooF, StatelessF, StatelessF]>

/**
 * Makes Shampoo, AdaGrad with a matrix for every axis of a leaf: of a matrix `L = ε·I + Σ g·gᵀ`, `R = ε·I + Σ gᵀ·g`, `p' = p -
 * η·(L^(-1/4)·g·R^(-1/4) + λ·p)`; of a leaf of k axes the inverse `2k`-th roots of as many matrices.
 *
 * The roots are made of eigenvalues, in f64. They are what takes time: `every` says in how many steps once. An axis longer than `maxSize` is
 * left alone; a scalar goes as by `sgd`. Looks across each leaf. The state holds two matrices for each axis. Defaults: ε 1e-6,
 * `every` 1, `maxSize` 1024, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: turning the axes of a leaf turns its steps; odd in the gradients (λ = 0); not elementwise.
 * Source: Gupta, Koren & Singer 2018, arXiv 1802.09568, Algorithms 1 and 2. The PyPI package `pytorch_optimizer` has the same, with a decay of the
 * gradient: `withL2`. The diagonal form for long axes and the momentum of the experiments are not offered; `withMomentum` is.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { shampoo } from "thalweg/optimizer"
 *
 * const opt = shampoo({ learningRate: 1, eps: 1e-9 })
 * const params = { kernel: tensor([[5, 0], [0, 5]]) }
 * const [{ kernel }] = opt.step(params, opt.init(params), { kernel: tensor([[100, 0], [0, -4]]) })
 * assert.deepStrictEqual((toArray(kernel) as number[][]).map(row => row.map(Math.round)), [[4, 0], [0, 6]])
 */
export const shampoo: Recipe<typeof fields, (options: ShampooOptions) => Optimizer<ShampooOptimizerF>> = recipe(
  "shampoo",
  fields,
  { additive: {}, leafwise: {}, ...decaying },
  ({ learningRate, weightDecay, ...scaling }) =>
    byDepth(
      optimizer(chain(scaleByShampoo(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
    )
)
