import { beside, choice, flag, hyper, maskField, optimizerField, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { FirstMomentF } from "../../transform/moments.js"
import { scaleByMuon } from "../../transform/scale-by-muon.js"
import { scaleByUnitRms, type UnitMomentF } from "../../transform/scale-by-unit-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import type { AnyOptimizer, Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"
import { adam } from "./adam.js"
import { onMatrices, type OnMatricesF } from "./on-matrices.js"

const { nsSteps, nsCoefficients, momentum, flatten } = scaleByMuon.fields

const fields = {
  /** η ≥ 0; `targetRms·η` is the root mean square of the steps of a matrix. Default 0.02. */
  learningRate: hyper(nonNegative, 0.02),
  /** Iterations, a whole number from 1 to 100. Default 5. */
  nsSteps,
  /** a, b, c of every iteration, or three numbers for each. Default 3.4445, -4.775, 2.0315. */
  nsCoefficients,
  /** ε ≥ 0 beside the norm before the iterations, in units of the gradient. Default 1e-7. */
  eps: scaleByMuon.fields.eps,
  /** Whether that is "added" to the norm (the default), or "bounding" it from below. */
  epsPlace: choice(["added", "bounding"], "added"),
  /** μ: decay of the momentum, `0 ≤ μ < 1`. Default 0.95. */
  momentum,
  /** Whether to look one step ahead, as `muon` does. Default no. */
  nesterov: flag(false),
  /** β₂: decay of the mean squares of units, `0 ≤ β₂ < 1`. Default 0.95. */
  b2: scaleByUnitRms.fields.b2,
  /** ε ≥ 0 beside the root of these. Default 1e-8. */
  unitEps: scaleByUnitRms.fields.eps,
  /** How large a step is: its root mean square `targetRms·η` ("rms", the default), or its norm that of `muon` ("kept"). */
  norm: scaleByUnitRms.fields.norm,
  /** What `muon` scales a matrix by, for "kept": "outOverIn" (the default), "inOverOut", or nothing ("none"). */
  adjust: beside("norm", choice(["outOverIn", "inOverOut", "none"], "outOverIn"), "kept"),
  /** The root mean square of the steps with "rms", at a rate of 1; at least 0. Default 0.2. */
  targetRms: scaleByUnitRms.fields.targetRms,
  /** Whether leaves of more than two axes are matrices too, all axes but the last their rows. Default no. */
  flatten,
  /** λ ≥ 0: the decay of the matrices. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** Which leaves of rank 2 (with `flatten`, or more) are made orthogonal: a `Mask`. Default all. */
  matrices: maskField("**"),
  /** The optimizer for all other leaves. Default `adam()`. */
  elsewhere: optimizerField<AnyOptimizer>(adam())
}

/** The options of NorMuon. */
export interface NormuonOptions extends OptionsOf<typeof fields> {}

/** The states for the matrices, a momentum and a mean square for every unit, and for the other leaves. */
export type NormuonF = OnMatricesF<ChainF<readonly [FirstMomentF, UnitMomentF, StatelessF, StatelessF]>>

/**
 * Makes NorMuon, Muon whose neurons move alike: for matrices `[in, out]`, with the momentum `m = μ·m + g` made orthogonal,
 * `o = O(m)`, and for each unit `v = β₂·v + (1-β₂)·mean(o²)`, `û = o / (√v + ε)`,
 * `p' = p - η·(targetRms·√(in·out)·û/‖û‖ + λ·p)`, and another optimizer for all other leaves.
 *
 * `matrices`, `flatten`, `elsewhere` and the iteration: as for `muon`, of which it is a chain with `scaleByUnitRms`. With
 * `norm: "kept"` the norm of a step is that of Muon's. Looks across each leaf. Its `rate` is that of the matrices. Defaults: η
 * 0.02, μ 0.95, not nesterov, 5 iterations, β₂ 0.95, ε 1e-7 before the iterations and 1e-8 beside the root, targetRms 0.2, λ 0.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the root mean square of the steps of a matrix is `targetRms·η` (λ = 0), or with "kept" their norm that of Muon's; with
 * β₂ = ε = 0 that of all units is one; odd in the gradients (λ = 0); without matrices, `elsewhere`, exactly.
 * Source: Li et al. 2025, arXiv 2510.05491, Algorithm 1, whose matrices are `[out, in]`, and whose average of gradients differs
 * from `m` by a factor that `O` does not see, but for ε. pytorch_optimizer and the authors' code: `norm: "kept"`,
 * nesterov, ε 1e-10.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { normuon } from "thalweg/optimizer"
 *
 * const exact = { nsSteps: 20, nsCoefficients: [1.5, -0.5, 0] } // go to orthogonal, where the default comes near soon
 * const opt = normuon({ learningRate: 1, targetRms: 1, b2: 0, ...exact })
 * const params = { kernel: tensor([[0, 0], [0, 0]]) }
 * const [{ kernel }] = opt.step(params, opt.init(params), { kernel: tensor([[3, 3], [1, -1]]) })
 * assert.deepStrictEqual(toArray(round(kernel)), [[-1, -1], [-1, 1]])
 */
export const normuon: Recipe<typeof fields, (options?: NormuonOptions) => Optimizer<NormuonF>> = recipe(
  "normuon",
  fields,
  { additive: {}, leafwise: { matrices: "**" }, ...decaying },
  ({ learningRate, weightDecay, matrices, elsewhere, b2, unitEps, norm, targetRms, adjust, ...momentum }) =>
    onMatrices(
      "normuon",
      { matrices, flatten: momentum.flatten, elsewhere },
      chain(
        scaleByMuon({ ...momentum, adjust: norm === "kept" ? adjust : "none" }),
        scaleByUnitRms({ b2, eps: unitEps, norm, ...(norm === "rms" && { targetRms }) }),
        addDecayedWeights(weightDecay),
        scaleByLearningRate(learningRate)
      )
    )
)
