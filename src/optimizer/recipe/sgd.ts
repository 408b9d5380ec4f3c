import { beside, hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, optionally, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const { dampening, nesterov, dampenFirst } = applyMomentum.fields

const fields = {
  /** η ≥ 0, in units of parameter per unit of gradient. */
  learningRate: hyper(nonNegative),
  /** μ, `0 ≤ μ < 1`. Without it no velocity is kept. */
  momentum: hyper(decay, "none"),
  /** How much of each gradient is held back, from 0 (the default) to 1. */
  dampening: beside("momentum", dampening),
  /** Whether to look one step ahead. Default no. */
  nesterov: beside("momentum", nesterov),
  /** Whether dampening holds for the first gradient too. Default yes; PyTorch says no. */
  dampenFirst: beside("momentum", dampenFirst)
}

/** The options of gradient descent. */
export interface SgdOptions extends OptionsOf<typeof fields> {}

/** The states of `sgd`: a list of one velocity with momentum, of none without, and nothing for the rate. */
export type SgdF = ChainF<readonly [ChainF<readonly VelocityF[]>, StatelessF]>

/**
 * Makes gradient descent: `p' = p - η·g`; with `momentum`, `b = μ·b + (1 - dampening)·g` and `p' = p - η·b`
 * (`p - η·(g + μ·b)` with `nesterov`). Whether it is batch, stochastic or mini-batch descent, the batch alone decides.
 *
 * Momentum here is that of PyTorch and optax, the rate outside the velocity; `withMomentum` has it inside. A state of
 * momentum holds a velocity for every parameter; plain descent holds none.
 *
 * Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: momentum 0 ≡ no momentum, exactly; odd in the gradients; elementwise.
 * Source: Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013, equations 1 to 4, from which we deviate in the
 * place of the rate and, with `nesterov`, in following the point where the gradient is taken (as PyTorch and optax do).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { sgd } from "thalweg/optimizer"
 *
 * const opt = sgd({ learningRate: 0.5, momentum: 0.5 })
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0) // b = 8
 * const [p2] = opt.step(p1, s1, p1) // b = 0.5·8 + 4
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [0]])
 */
export const sgd: Recipe<typeof fields, (options: SgdOptions) => Optimizer<SgdF>> = recipe(
  "sgd",
  fields,
  allButScaleFree,
  ({ learningRate, momentum, ...others }) =>
    optimizer(
      chain(
        optionally(momentum === undefined ? undefined : applyMomentum({ decay: momentum, ...others })),
        scaleByLearningRate(learningRate)
      )
    )
)
