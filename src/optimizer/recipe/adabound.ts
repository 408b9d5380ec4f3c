import { recipe, type Recipe } from "../../options/recipe.js"
import type { MomentsF } from "../../transform/moments.js"
import type { AmsgradF } from "../../transform/scale-by-amsgrad.js"
import { stepByAdabound, stepByAmsbound, type AdaboundOptions } from "../../transform/step-by-adabound.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const { fields } = stepByAdabound

/**
 * Makes AdaBound, which begins as Adam and ends as SGD: `p' = p - clip(η·√c₂/c₁ / (√v + ε), L, H)·m` with `m`, `v`,
 * `c₁`, `c₂` of `adam`, `L = F·(1 - 1/(γt + 1))`, `H = F·(1 + 1/(γt))`, `t` from 1.
 *
 * `F` is `finalRate`, or `finalRate·η/baseRate` with a `baseRate`: then the bounds follow the schedule of the rate.
 * Without, even a rate of 0 moves the parameters, by the lower bound. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, final
 * rate 0.1, γ 1e-3, no base rate. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: for γ → ∞, SGD at `F` on the average `m`, which is not debiased; odd in the gradients; elementwise.
 * Source: Luo et al. 2019, arXiv 1902.09843, Algorithm 2. The bounds, √c₂/c₁ and ε are those of the authors' code,
 * which sets `baseRate` to the rate it was made with; the algorithm leaves the bounds open and divides η by √t.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adabound } from "thalweg/optimizer"
 *
 * const opt = adabound({ learningRate: 1, b1: 0.5, finalRate: 0.5, gamma: 1 }) // at first between 0.25 and 1
 * const params = { w: tensor([8, 8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([16, -1]) }) // Adam's rates: 1/8 and 2
 * assert.deepStrictEqual(toArray(w), [6, 8.5])
 */
export const adabound: Recipe<typeof stepByAdabound.fields, (options?: AdaboundOptions) => Optimizer<MomentsF>> =
  recipe("adabound", fields, allButScaleFree, options => optimizer(stepByAdabound(options)))

/**
 * Makes AMSBound: `adabound` with the largest mean square so far, `x = max(x, v)`, in place of `v`.
 *
 * Options, defaults and errors are those of `adabound`.
 *
 * Laws: the maximum never falls; equal to `adabound` where the mean square never falls; for γ → ∞, SGD at `F` on the
 * average `m`; odd in the gradients; elementwise.
 * Source: Luo et al. 2019, arXiv 1902.09843, Algorithm 3, and the authors' code (`amsbound=True`).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { amsbound } from "thalweg/optimizer"
 *
 * const opt = amsbound({ learningRate: 1, b1: 0, b2: 0, eps: 0, finalRate: 0.5, gamma: 0.125 })
 * const p0 = { w: tensor([2]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([4]) })
 * const [p2] = opt.step(p1, s1, { w: tensor([1]) }) // at a rate of 1/4 still
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[1], [0.75]])
 */
export const amsbound: Recipe<typeof stepByAdabound.fields, (options?: AdaboundOptions) => Optimizer<AmsgradF>> =
  recipe("amsbound", fields, allButScaleFree, options => optimizer(stepByAmsbound(options)))
