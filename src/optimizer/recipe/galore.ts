import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { inLowRank, type LowRankF, type LowRankOptions } from "../../transform/in-low-rank.js"
import type { MomentsF } from "../../transform/moments.js"
import { scaleByAdam } from "../../transform/scale-by-adam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"

const { b1, b2, eps, form } = scaleByAdam.fields

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-2, the paper's: a matrix has the rate `α·η`. */
  learningRate: hyper(nonNegative, 1e-2),
  ...inLowRank.fields,
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1,
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2,
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps,
  /** Whether ε stands beside the debiased root (the default) or the raw one. */
  form,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of GaLore. */
export interface GaloreOptions extends LowRankOptions, OptionsOf<typeof fields> {}

/** The states of `galore`: directions and moments, and nothing for decay and rate. */
export type GaloreF = ChainF<readonly [LowRankF<MomentsF>, StatelessF, StatelessF]>

/**
 * Makes GaLore, AdamW of gradients in few directions: for a matrix `G` of no more rows than columns,
 * `p' = p - η·(α·P·Adam(Pᵀ·G) + λ·p)`, where the columns of `P` are the first `r` left singular vectors of `G`, found anew at
 * every `T`-th step; for one of more rows, `α·Adam(G·Q)·Qᵀ` with right ones. Other leaves go by Adam, without α.
 *
 * `inLowRank` says which leaves are matrices and what is kept: two moments for each of `r` directions in place of each row or
 * column. Looks across each leaf. Defaults: η 1e-2, r 128, T 200, α 0.25, β₁ 0.9, β₂ 0.999, ε 1e-8, λ 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: steps of a matrix have no more than rank `r` (λ = 0); without matrices, AdamW, exactly.
 * Source: Zhao et al. 2024, arXiv 2403.03507, Algorithm 2. pytorch_optimizer: `form: "epsilonHat"`, ε 1e-6.
 * optax: `side: "larger"`, α 1.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { galore } from "thalweg/optimizer"
 *
 * const opt = galore({ learningRate: 1, rank: 1, scale: 1 })
 * const params = { kernel: tensor([[5, 5], [5, 5]]) }
 * const [{ kernel }] = opt.step(params, opt.init(params), { kernel: tensor([[3, 0], [0, 1]]) })
 * assert.deepStrictEqual(toArray(round(kernel)), [[4, 5], [5, 5]]) // the gradient's largest direction, by Adam
 */
export const galore: Recipe<typeof fields, (options?: GaloreOptions) => Optimizer<GaloreF>> = recipe(
  "galore",
  fields,
  { additive: {}, leafwise: { matrices: "**" }, ...decaying },
  ({ learningRate, weightDecay, rank, gap, scale, side, matrices, ...adam }) =>
    byDepth(
      optimizer(
        chain(
          inLowRank({ rank, gap, scale, side, matrices })(scaleByAdam(adam)),
          addDecayedWeights(weightDecay),
          scaleByLearningRate(learningRate)
        )
      )
    )
)
