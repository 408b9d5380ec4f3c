import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleBySophia, type SophiaF, type SophiaScaling } from "../../transform/scale-by-sophia.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** η ≥ 0, in units of the parameters: the longest step in a coordinate, times ρ. */
  learningRate: hyper(nonNegative),
  ...scaleBySophia.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of Sophia. */
export interface SophiaOptions extends SophiaScaling, OptionsOf<typeof fields> {}

/** The states of `sophia`: the averages and the key, and nothing for decay and rate. */
export type SophiaOptimizerF = ChainF<readonly [SophiaF, StatelessF, StatelessF]>

/**
 * Makes Sophia, descent along the mean gradient divided by the mean diagonal of the Hessian, and clipped: `m = β₁·m + (1-β₁)·g`, in every k-th step
 * `h = β₂·h + (1-β₂)·z ⊙ ∇²f(p)·z` with `z` random, `p' = p - η·(clip(m / max(γ·h, ε), ρ) + λ·p)`.
 *
 * Needs the objective: `step(params, state, grads, { objective })`; in the steps that estimate it takes a product of the Hessian, about the
 * time of another gradient, in the others nothing; `trainStep` hands over that of the batch. `seed`: what `z` is drawn from; `init`
 * puts its key into the state, so that a run replays bit for bit. The state holds two averages for every parameter. Defaults: β₁
 * 0.96, β₂ 0.99, γ 0.01, ε 1e-12, ρ 1, k (`every`) 10, `z` normal, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: no step is longer than η·ρ in a coordinate (λ = 0); odd in the gradients (λ = 0); zero gradients leave the parameters as they are (λ =
 * 0).
 * Source: Liu et al. 2023, arXiv 2305.14342, Algorithm 3 with the estimate of Algorithm 1 (Sophia-H). optax's `contrib.sophia`: `probe:
 * "signs"`, `biasCorrection: true`, `estimate: "old"`, β₁ 0.965, ε 1e-8, λ 1e-4; its draws are others. We do not offer
 * Sophia-G, whose estimate needs labels that are drawn from the model.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, toArray, type Tensor } from "thalweg"
 * import { sophia } from "thalweg/optimizer"
 *
 * const opt = sophia({ seed: 0, learningRate: 0.5 })
 * const p0 = scalar(8)
 * const [p1] = opt.step(p0, opt.init(p0), scalar(16), { objective: (p: Tensor) => square(p) })
 * assert.deepStrictEqual(toArray(p1), 7.5) // as far as it may
 */
export const sophia: Recipe<typeof fields, (options: SophiaOptions) => Optimizer<SophiaOptimizerF>> = recipe(
  "sophia",
  fields,
  { additive: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 } },
  ({ learningRate, weightDecay, ...scaling }) =>
    optimizer(chain(scaleBySophia(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
)
