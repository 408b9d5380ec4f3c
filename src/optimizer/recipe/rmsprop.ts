import { beside, flag, hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import type { MomentsF, SecondMomentF } from "../../transform/moments.js"
import { scaleByRms, scaleByStddev, type RmsScaling } from "../../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, optionally, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  /** Whether to divide by the standard deviation of the gradients, not by their root mean square. Default no. */
  centered: flag(false),
  ...scaleByRms.fields,
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. Without it no velocity is kept. */
  momentum: hyper(decay, "none"),
  /** Whether to look one step ahead. Default no. */
  nesterov: beside("momentum", flag(false))
}

/** The options of RMSProp. */
export interface RmspropOptions extends RmsScaling, OptionsOf<typeof fields> {}

/**
 * The states of `rmsprop`, three lists of one or none and nothing for the rate: the average of squares, or when centered
 * the averages of gradients and of squares; the velocity.
 */
export type RmspropF = ChainF<
  readonly [ChainF<readonly SecondMomentF[]>, ChainF<readonly MomentsF[]>, ChainF<readonly VelocityF[]>, StatelessF]
>

/**
 * Makes RMSProp: `v = ρ·v + (1-ρ)·g²`, `p' = p - η · g / √(v + ε)`; when `centered`, with `v - m²` in place of `v`,
 * where `m = ρ·m + (1-ρ)·g`; with `momentum`, `b = μ·b + U` and `p' = p - η·b` (`p - η·(U + μ·b)` with `nesterov`),
 * where `U` is what stood beside `η`.
 *
 * The state holds one average for every parameter, two when centered, and a velocity with momentum. Defaults: η 1e-3, ρ
 * 0.9, ε 1e-8 inside the root, v₀ 0, no bias correction. Throws a `HyperparameterError` for options out of range.
 *
 * `momentum` has the rate outside the velocity, as in PyTorch; `withMomentum` over it has the rate inside, as in optax
 * and Keras.
 *
 * Laws: no step is longer than `η/√(1-ρ)` (not centered, v₀ = 0, no correction); does not see the scale of the gradients
 * (v₀ = ε = 0); odd in the gradients; elementwise.
 * Source: Tieleman & Hinton 2012, COURSERA lecture 6.5; centered: Graves 2013, arXiv 1308.0850, equations 38 to 41.
 * PyTorch: `epsPlace: "outside"`, ρ 0.99, η 1e-2. optax and Keras (ε 1e-7) as here.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { rmsprop } from "thalweg/optimizer"
 *
 * const params = { w: tensor([2]) }
 * const opt = rmsprop({ learningRate: 0.5, decay: 0.75, eps: 0 })
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([-8]) }) // v = 0.25·64
 * assert.deepStrictEqual(toArray(w), [3]) // 2 + 0.5·8/4
 */
export const rmsprop: Recipe<typeof fields, (options?: RmspropOptions) => Optimizer<RmspropF>> = recipe(
  "rmsprop",
  fields,
  { ...allButScaleFree, scaleFree: { centered: false, initialScale: 0, eps: 0 } },
  ({ learningRate, centered, momentum, nesterov, ...scaling }) =>
    optimizer(
      chain(
        optionally(centered ? undefined : scaleByRms(scaling)),
        optionally(centered ? scaleByStddev(scaling) : undefined),
        optionally(momentum === undefined ? undefined : applyMomentum({ decay: momentum, nesterov })),
        scaleByLearningRate(learningRate)
      )
    )
)
