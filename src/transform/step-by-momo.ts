import { add, div, maximum, minimum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { eq, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, flag, hyper, type OptionsOf, type Resolved } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { decay, finite, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { lossAt, one, quotient, times, zeroCount, zero } from "./common.js"
import { debias, ema, emaOf, emaOfSquares, momentQuotient, zeroSquares } from "./moments.js"
import { dot } from "./norm.js"
import type { AtLoss, StateFamily, Transform } from "./transform.js"

const modelFields = {
  /** β₁: decay of the averages of gradients and of losses, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** f*: the least loss there is, or a bound below it. Default 0. */
  fMin: hyper(finite, 0),
  /** Whether f* is as "given" (the default) or "estimated" on the way, never below what is given. */
  bound: choice(["given", "estimated"], "given"),
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** What the decay divides by `1 + η·λ`: parameters and step "both" (the default), or the "parameters" (optax). */
  shrink: choice(["both", "parameters"], "both")
}

const momoFields = {
  /** η ≥ 0: the largest rate. Default 1. */
  learningRate: hyper(nonNegative, 1),
  ...modelFields,
  /** Whether averages begin at 0 and are debiased. Default no: they begin at the first value. */
  biasCorrection: flag(false)
}

/** The options of MoMo. */
export interface MomoOptions extends OptionsOf<typeof momoFields> {}

const momoAdamFields = {
  /** η ≥ 0: the largest rate, in units of the parameters. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  ...modelFields,
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8)
}

/** The options of MoMo-Adam. */
export interface MomoAdamOptions extends OptionsOf<typeof momoAdamFields> {}

/**
 * The averages of gradients (`mu`), of losses (`meanLoss`) and of products of gradients and parameters (`product`), the
 * lower `bound` of losses (which only an estimate changes), and the rate of the last step (`eta`).
 */
export type MomoState<P extends Tree> = {
  readonly mu: P
  readonly meanLoss: Tensor
  readonly product: Tensor
  readonly bound: Tensor
  readonly eta: Tensor
}

/** An average for every parameter, in its dtype, and four f64 scalars. */
export interface MomoF extends StateFamily {
  readonly type: MomoState<this["params"]>
  readonly needs: AtLoss
}

/** What MoMo-Adam keeps: the average of squares (`nu`) too. */
export type MomoAdamState<P extends Tree> = MomoState<P> & { readonly nu: P }

/** Two averages for every parameter, in its dtype, and four f64 scalars. */
export interface MomoAdamF extends StateFamily {
  readonly type: MomoAdamState<this["params"]>
  readonly needs: AtLoss
}

type Model = Resolved<typeof modelFields> & { readonly learningRate: Schedule }

const fresh = <P extends Tree>({ fMin }: Model, params: P): MomoState<P> => ({
  mu: Tree.zerosLike(params),
  meanLoss: zero,
  product: zero,
  bound: fMin(zeroCount),
  eta: zero
})

/** The averages after a gradient and its loss. */
const averaged = <P extends Tree>(beta: Tensor, state: MomoState<P>, grads: P, params: P, loss: Tensor) => ({
  mu: emaOf(beta)(state.mu, grads),
  meanLoss: ema(beta, state.meanLoss, loss),
  product: ema(beta, state.product, dot(grads, params))
})

/**
 * The rate at which the model, averaged over the losses and linear in the parameters, falls to its bound, and the bound:
 * `height` is the model at the parameters, `square` the squared length of the direction, `rho` the weight of the
 * averages.
 */
const rateOf = (
  model: Model,
  before: { readonly step: Tensor; readonly bound: Tensor },
  { meanLoss, product }: { readonly meanLoss: Tensor; readonly product: Tensor },
  along: { readonly product: Tensor; readonly square: Tensor; readonly rho: Tensor }
): { readonly eta: Tensor; readonly bound: Tensor } => {
  const { step, bound } = before
  const [most, least] = [model.learningRate(step), model.fMin(step)]
  const grown = add(1, mul(most, model.weightDecay(step)))
  const height = add(mul(grown, sub(meanLoss, product)), along.product)
  const scale = mul(grown, along.rho)
  const lowered = where(lt(height, mul(scale, bound)), maximum(div(height, mul(scale, 2)), least), bound)
  const floor = model.bound === "given" ? least : lowered
  const gap = maximum(sub(height, mul(scale, floor)), 0)
  const eta = minimum(quotient(gap, along.square), div(most, along.rho))
  const reached = sub(sub(add(meanLoss, along.product), product), mul(mul(eta, along.square), 0.5))
  return { eta, bound: model.bound === "given" ? bound : maximum(div(reached, along.rho), least) }
}

/** The displacement along a direction, and by the decay: `-(τ·d + η·λ·p) / (1 + η·λ)`, or of the decay alone. */
const displaced = <P extends Tree>(model: Model, step: Tensor, eta: Tensor, direction: P, params: P): P => {
  const shrunk = mul(model.learningRate(step), model.weightDecay(step))
  const grown = add(1, shrunk)
  const length = neg(model.shrink === "both" ? div(eta, grown) : eta)
  const fading = div(shrunk, grown)
  return Tree.zipWith((d: Tensor, p: Tensor) => sub(times(d, length), times(p, fading)))(direction, params)
}

/**
 * Steps along the mean gradient by the rate at which the mean of all linear models so far would fall to the least loss:
 * with `d = β·d + (1-β)·g`, `f = β·f + (1-β)·loss`, `γ = β·γ + (1-β)·⟨g, p⟩`, all beginning with their first values,
 * `h = (1 + η·λ)·(f - γ) + ⟨d, p⟩`, `τ = min(max(h - (1 + η·λ)·f*, 0) / ‖d‖², η)`, gives the displacement
 * `(p - τ·d) / (1 + η·λ) - p`.
 *
 * With `biasCorrection`, averages begin at 0, and with `ρ = 1 - βᵗ`, `t` from 1, `ρ·f*` and `η/ρ` stand for f* and η in
 * `τ`. With `bound: "estimated"`, f* is lowered to `h / (2·ρ·(1 + η·λ))` where it is above `h / (ρ·(1 + η·λ))`, and set
 * to `(f + ⟨d, p⟩ - γ - τ·‖d‖²/2) / ρ` after the step, but never below the one given. With `shrink: "parameters"`, the
 * displacement is `p / (1 + η·λ) - τ·d - p`.
 *
 * Needs the loss at which the gradient was taken: `now.loss`. Looks across all leaves;
 * products are taken in f64; `0/0` is 0. What it gives is a displacement already; its `rate` is `τ` of the last
 * step, at first 0. Throws a `HyperparameterError` for options out of range, a `ShapeError` for a loss that is no float
 * scalar.
 *
 * Laws: the rate is never above η (no `biasCorrection`); β = 0, λ = 0 is `stepByPolyak`, to rounding; does not see how
 * the parameters are divided into leaves.
 * Source: Schaipp et al. 2024, arXiv 2305.07583, Algorithm 1, and the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { clockAt, stepByMomo } from "thalweg/transform"
 *
 * const p = tensor([3, 4])
 * const momo = stepByMomo()
 * const [d] = momo.update(p, momo.init(p), p, { ...clockAt(0), loss: scalar(12.5) }) // of ½‖p‖²
 * assert.deepStrictEqual(toArray(d), [-1.5, -2]) // half the way, as `stepByPolyak`
 */
export const stepByMomo: Recipe<typeof momoFields, (options?: MomoOptions) => Transform<MomoF>> = recipe(
  "stepByMomo",
  momoFields,
  {},
  ({ biasCorrection, ...model }) => ({
    init: params => fresh(model, params),
    update: (updates, state, params, now) => {
      const { step } = now
      const b1 = model.b1(step)
      const [beta, rho] = biasCorrection ? [b1, debias(b1, step)] : [where(eq(step, 0), 0, b1), scalar(1, "f64")]
      const means = averaged(beta, state, updates, params, lossAt("stepByMomo", now))
      const along = { product: dot(means.mu, params), square: dot(means.mu, means.mu), rho }
      const found = rateOf(model, { step, bound: state.bound }, means, along)
      return [displaced(model, step, found.eta, means.mu, params), { ...means, ...found }]
    },
    rate: ({ eta }) => eta,
    needs: ["loss"]
  })
)

/**
 * Steps as Adam by the rate at which the mean of all linear models so far would fall to the least loss: with
 * `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`, `D = √(v/c₂) + ε`, `f = β₁·f + (1-β₁)·loss`, `γ = β₁·γ + (1-β₁)·⟨g, p⟩`,
 * `h = (1 + η·λ)·(f - γ) + ⟨m, p⟩`, `τ = min(max(h - (1 + η·λ)·c₁·f*, 0) / ⟨m, m/D⟩, η/c₁)`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives
 * the displacement `(p - τ·m/D) / (1 + η·λ) - p`.
 *
 * All averages begin at 0. With `bound: "estimated"`, f* is lowered to `h / (2·c₁·(1 + η·λ))` where it is above
 * `h / (c₁·(1 + η·λ))`, and set to `(f + ⟨m, p⟩ - γ - τ·⟨m, m/D⟩/2) / c₁` after the step, but never below the one given.
 * With `shrink: "parameters"`, the displacement is `p / (1 + η·λ) - τ·m/D - p`.
 *
 * Needs the loss at which the gradient was taken: `now.loss`. Looks across all leaves;
 * products are taken in f64; `0/0` is 0. What it gives is a displacement already; its `rate` is `τ` of the last
 * step, at first 0. Throws a `HyperparameterError` for options out of range, a `ShapeError` for a loss that is no float
 * scalar.
 *
 * Laws: the rate is never above η/c₁, and where it is that, λ = 0, the step is that of Adam; does not see how the
 * parameters are divided into leaves.
 * Source: Schaipp et al. 2024, arXiv 2305.07583, Algorithm 2, and the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { clockAt, stepByMomoAdam } from "thalweg/transform"
 *
 * const [p, g] = [tensor([1]), tensor([8])]
 * const momo = stepByMomoAdam({ learningRate: 0.5, b1: 0, b2: 0, eps: 0 })
 * const far = momo.update(g, momo.init(p), p, { ...clockAt(0), loss: scalar(16) })[0]
 * const near = momo.update(g, momo.init(p), p, { ...clockAt(0), loss: scalar(2) })[0]
 * assert.deepStrictEqual([far, near].map(toArray), [[-0.5], [-0.25]]) // η, and 2 / 8
 */
export const stepByMomoAdam: Recipe<typeof momoAdamFields, (options?: MomoAdamOptions) => Transform<MomoAdamF>> =
  recipe("stepByMomoAdam", momoAdamFields, {}, ({ b2, eps, ...model }) => ({
    init: params => ({ ...fresh(model, params), nu: zeroSquares(eps)(params) }),
    update: (updates, state, params, now) => {
      const { step } = now
      const [beta1, beta2] = [model.b1(step), b2(step)]
      const divided = momentQuotient("debiased", [one, debias(beta2, step)], [eps(step), zero])
      const means = averaged(beta1, state, updates, params, lossAt("stepByMomoAdam", now))
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const direction = Tree.zipWith(divided)(means.mu, nu)
      const rho = debias(beta1, step)
      const along = { product: dot(means.mu, params), square: dot(means.mu, direction), rho }
      const found = rateOf(model, { step, bound: state.bound }, means, along)
      return [displaced(model, step, found.eta, direction, params), { nu, ...means, ...found }]
    },
    rate: ({ eta }) => eta,
    needs: ["loss"]
  }))
