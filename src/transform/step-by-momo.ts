import { add, div, maximum, minimum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { eq, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, flag, hyper, resolve, type Fields, type Resolved } from "../schedule/fields.js"
import { decay, finite, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { lossAt, next, quotient, times, zeroCount } from "./common.js"
import { debias, ema, emaOf, emaOfSquares, rootMeanSquare } from "./moments.js"
import { dot } from "./norm.js"
import type { AtLoss, StateFamily, Transform } from "./transform.js"

/** What MoMo and MoMo-Adam have in common. */
interface ModelOptions {
  /** β₁: decay of the averages of gradients and of losses, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** f*: the least loss there is, or a bound below it. Default 0. */
  readonly fMin?: Hyperparameter
  /** Whether f* is as "given" (the default) or "estimated" on the way, never below what is given. */
  readonly bound?: "given" | "estimated"
  /** λ ≥ 0: the decay. Default 0. */
  readonly weightDecay?: Hyperparameter
  /** What the decay divides by `1 + η·λ`: parameters and step "both" (the default), or the "parameters" (optax). */
  readonly shrink?: "both" | "parameters"
}

/** The options of MoMo. */
export interface MomoOptions extends ModelOptions {
  /** η ≥ 0: the largest rate. Default 1. */
  readonly learningRate?: Hyperparameter
  /** Whether averages begin at 0 and are debiased. Default no: they begin at the first value. */
  readonly biasCorrection?: boolean
}

/** The options of MoMo-Adam. */
export interface MomoAdamOptions extends ModelOptions {
  /** η ≥ 0: the largest rate, in units of the parameters. Default 1e-2. */
  readonly learningRate?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
}

const modelFields: Fields<ModelOptions> = {
  b1: hyper(decay, 0.9),
  fMin: hyper(finite, 0),
  bound: choice(["given", "estimated"], "given"),
  weightDecay: hyper(nonNegative, 0),
  shrink: choice(["both", "parameters"], "both")
}

/** What the options of MoMo may be. */
export const momoFields: Fields<MomoOptions> = {
  learningRate: hyper(nonNegative, 1),
  ...modelFields,
  biasCorrection: flag(false)
}

/** What the options of MoMo-Adam may be. */
export const momoAdamFields: Fields<MomoAdamOptions> = {
  learningRate: hyper(nonNegative, 1e-2),
  ...modelFields,
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8)
}

/**
 * The averages of gradients (`mu`), of losses (`meanLoss`) and of products of gradients and parameters (`product`), the
 * lower `bound` of losses (which only an estimate changes), and the rate of the last step (`eta`), after `count`
 * updates.
 */
export type MomoState<P extends Tree> = {
  readonly count: Tensor
  readonly mu: P
  readonly meanLoss: Tensor
  readonly product: Tensor
  readonly bound: Tensor
  readonly eta: Tensor
}

/** An average for every parameter, in its dtype, and four f64 scalars. */
export interface MomoF extends StateFamily {
  readonly type: MomoState<this["params"]>
}

/** What MoMo-Adam keeps: the average of squares (`nu`) too. */
export type MomoAdamState<P extends Tree> = MomoState<P> & { readonly nu: P }

/** Two averages for every parameter, in its dtype, and four f64 scalars. */
export interface MomoAdamF extends StateFamily {
  readonly type: MomoAdamState<this["params"]>
}

type Model = Resolved<ModelOptions & { readonly learningRate: Hyperparameter }>

const zero = scalar(0, "f64")
const fresh = <P extends Tree>({ fMin }: Model, params: P): MomoState<P> => ({
  count: zeroCount,
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
  before: { readonly count: Tensor; readonly bound: Tensor },
  { meanLoss, product }: { readonly meanLoss: Tensor; readonly product: Tensor },
  along: { readonly product: Tensor; readonly square: Tensor; readonly rho: Tensor }
): { readonly eta: Tensor; readonly bound: Tensor } => {
  const { count, bound } = before
  const [most, least] = [model.learningRate(count), model.fMin(count)]
  const grown = add(1, mul(most, model.weightDecay(count)))
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
const displaced = <P extends Tree>(model: Model, count: Tensor, eta: Tensor, direction: P, params: P): P => {
  const shrunk = mul(model.learningRate(count), model.weightDecay(count))
  const grown = add(1, shrunk)
  const step = neg(model.shrink === "both" ? div(eta, grown) : eta)
  const fading = div(shrunk, grown)
  return Tree.zipWith((d: Tensor, p: Tensor) => sub(times(d, step), times(p, fading)))(direction, params)
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
 * Needs the loss at which the gradient was taken: `update(grads, state, params, { loss })`. Looks across all leaves;
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
 * import { stepByMomo } from "thalweg/transform"
 *
 * const p = tensor([3, 4])
 * const momo = stepByMomo()
 * const [d] = momo.update(p, momo.init(p), p, { loss: scalar(12.5) }) // of ½‖p‖²
 * assert.deepStrictEqual(toArray(d), [-1.5, -2]) // half the way, as `stepByPolyak`
 */
export const stepByMomo = (options: MomoOptions = {}): Transform<MomoF, readonly [AtLoss]> => {
  const { biasCorrection, ...model } = resolve("stepByMomo", momoFields, options)
  return {
    init: params => fresh(model, params),
    update: (updates, state, params, atLoss) => {
      const { count } = state
      const b1 = model.b1(count)
      const [beta, rho] = biasCorrection ? [b1, debias(b1, count)] : [where(eq(count, 0), 0, b1), scalar(1, "f64")]
      const means = averaged(beta, state, updates, params, lossAt("stepByMomo", atLoss))
      const along = { product: dot(means.mu, params), square: dot(means.mu, means.mu), rho }
      const found = rateOf(model, state, means, along)
      return [displaced(model, count, found.eta, means.mu, params), { count: next(count), ...means, ...found }]
    },
    rate: ({ eta }) => eta
  }
}

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
 * Needs the loss at which the gradient was taken: `update(grads, state, params, { loss })`. Looks across all leaves;
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
 * import { stepByMomoAdam } from "thalweg/transform"
 *
 * const [p, g] = [tensor([1]), tensor([8])]
 * const momo = stepByMomoAdam({ learningRate: 0.5, b1: 0, b2: 0, eps: 0 })
 * const far = momo.update(g, momo.init(p), p, { loss: scalar(16) })[0]
 * const near = momo.update(g, momo.init(p), p, { loss: scalar(2) })[0]
 * assert.deepStrictEqual([far, near].map(toArray), [[-0.5], [-0.25]]) // η, and 2 / 8
 */
export const stepByMomoAdam = (options: MomoAdamOptions = {}): Transform<MomoAdamF, readonly [AtLoss]> => {
  const { b2, eps, ...model } = resolve("stepByMomoAdam", momoAdamFields, options)
  return {
    init: params => ({ ...fresh(model, params), nu: Tree.zerosLike(params) }),
    update: (updates, state, params, atLoss) => {
      const { count } = state
      const [beta1, beta2] = [model.b1(count), b2(count)]
      const root = rootMeanSquare("debiased", debias(beta2, count), eps(count), zero)
      const means = averaged(beta1, state, updates, params, lossAt("stepByMomoAdam", atLoss))
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const direction = Tree.zipWith((m: Tensor, v: Tensor) => quotient(m, root(v)))(means.mu, nu)
      const rho = debias(beta1, count)
      const along = { product: dot(means.mu, params), square: dot(means.mu, direction), rho }
      const found = rateOf(model, state, means, along)
      return [displaced(model, count, found.eta, direction, params), { count: next(count), nu, ...means, ...found }]
    },
    rate: ({ eta }) => eta
  }
}
