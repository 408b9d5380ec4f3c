import { add, div, maximum, mul, neg, pow, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { choice, flag, hyper, type OptionsOf, type Resolved } from "../options/fields.js"
import { decay, nonNegative, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, flushed, plusEps, quotient, rootOf, scaledBy, times, zeroCount, zero } from "./common.js"
import { debias, emaOf, emaOfSquares, zeroSquares } from "./moments.js"
import { dot, norm1 } from "./norm.js"
import type { Clock, StateFamily, Transform } from "./transform.js"

const estimateFields = {
  /** γ ≥ 0: what the found rate is multiplied by; a schedule for it is welcome. Default 1. */
  learningRate: hyper(nonNegative, 1),
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, beside the root. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** d₀ > 0: the estimate at first (a schedule: its value at 0), in units of the parameters. Default 1e-6. */
  estimLr0: hyper(positive, 1e-6),
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** Whether the rate is multiplied by Adam's `√c₂/c₁`, as in optax. Default no. */
  biasCorrection: flag(false)
}

/** The options that Prodigy and D-Adaptation share. */
export interface EstimateOptions extends OptionsOf<typeof estimateFields> {}

const prodigyFields = {
  ...estimateFields,
  /** κ ≥ 0: the sums of the estimate decay by `β₃ = β₂^κ`. Default 0.5. */
  b3Power: hyper(nonNegative, 0.5),
  /** c > 0: what a new estimate is multiplied by. Default 1. */
  estimLrCoef: hyper(positive, 1),
  /** Whether the rate is left out of the sum below, for warm-ups. Default no. */
  safeguardWarmup: flag(false),
  /** Which estimate multiplies ε: that "before" the step (the default, the paper's), or that "after" (optax). */
  epsEstimate: choice(["before", "after"], "before")
}

/** The options of Prodigy. */
export interface ProdigyOptions extends OptionsOf<typeof prodigyFields> {}

/** The moments, the sums of the estimate (`numerator`, a scalar, and `s`), and the `estimate`. */
export type EstimateState<P extends Tree> = {
  readonly mu: P
  readonly nu: P
  readonly s: P
  readonly numerator: Tensor
  readonly estimate: Tensor
}

/** Three sums for every parameter, in its dtype, and two f64 scalars. */
export interface EstimateF extends StateFamily {
  readonly type: EstimateState<this["params"]>
}

/** What Prodigy keeps: the parameters at first (`start`) too. */
export type ProdigyState<P extends Tree> = EstimateState<P> & { readonly start: P }

/** Three sums and a start for every parameter, in its dtype, and two f64 scalars. */
export interface ProdigyF extends StateFamily {
  readonly type: ProdigyState<this["params"]>
}

const freshState = <P extends Tree>(
  { eps, estimLr0 }: Resolved<typeof estimateFields>,
  params: P
): EstimateState<P> => ({
  mu: Tree.zerosLike(params),
  nu: zeroSquares(eps)(params),
  s: Tree.zerosLike(params),
  numerator: zero,
  estimate: estimLr0(zeroCount)
})

/** The rate at a state: `d·γ`, times `√c₂/c₁` where the bias is corrected. */
const rateOf =
  ({ learningRate, b1, b2, biasCorrection }: Resolved<typeof estimateFields>) =>
  ({ estimate }: Pick<EstimateState<Tree>, "estimate">, { step }: Clock): Tensor => {
    const rate = mul(estimate, learningRate(step))
    return biasCorrection ? mul(rate, div(sqrt(debias(b2(step), step)), debias(b1(step), step))) : rate
  }

const sumWith = (kept: Tensor, share: Tensor) =>
  Tree.zipWith((s: Tensor, g: Tensor) => flushed(add(times(s, kept), times(g, share))))

/**
 * Steps as Adam with a rate that is found from how far gradients lead away from the start: with the estimate `d`,
 * `η = d·γ`, `m = β₁·m + (1-β₁)·d·g`, `v = β₂·v + (1-β₂)·d²·g²`, `r = β₃·r + (d/d₀)·η·⟨g, p₀ - p⟩`,
 * `s = β₃·s + (d/d₀)·η·g`, `β₃ = β₂^κ`, the displacement `-η·(m/(√v + d·ε) + λ·p)`, and then `d = max(d, c·r/‖s‖₁)`.
 *
 * With `biasCorrection`, `η = d·γ·√c₂/c₁`; with `safeguardWarmup`, `d` for `η` in `s`; with `epsEstimate: "after"`, the
 * new `d` beside the root. Looks across all leaves; its products and norms are taken in f64; `0/0` is 0. What it gives
 * is a displacement already; its `rate` is `η`. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the estimate never falls; does not see the scale of the gradients (ε = 0); zero gradients from a fresh state
 * move nothing (λ = 0); depends on the parameters; does not see how they are divided into leaves.
 * Source: Mishchenko & Defazio 2023, arXiv 2306.06101v4, Algorithm 3.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByProdigy } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const prodigy = stepByProdigy({ b1: 0, b2: 0, eps: 0, estimLr0: 0.5 })
 * const [d] = prodigy.update(tensor([8, -2]), prodigy.init(p), p, clockAt(0)) // m/√v is the sign
 * assert.deepStrictEqual(toArray(d), [-0.5, 0.5])
 */
export const stepByProdigy: Recipe<typeof prodigyFields, (options?: ProdigyOptions) => Transform<ProdigyF>> = recipe(
  "stepByProdigy",
  prodigyFields,
  {},
  resolved => {
    const rate = rateOf(resolved)
    return {
      init: params => ({ ...freshState(resolved, params), start: params }),
      update: (updates, { start, ...state }, params, now) => {
        const [{ step }, { estimate }] = [now, state]
        const [beta1, beta2, eta] = [resolved.b1(step), resolved.b2(step), rate(state, now)]
        const beta3 = pow(beta2, resolved.b3Power(step))
        const relative = quotient(estimate, resolved.estimLr0(zeroCount))
        const weighted = scaledBy(estimate)(updates)
        const mu = emaOf(beta1)(state.mu, weighted)
        const nu = emaOfSquares(beta2)(state.nu, weighted)
        const gain = mul(mul(relative, eta), dot(updates, Tree.zipWith(sub)(start, params)))
        const numerator = add(mul(beta3, state.numerator), gain)
        const s = sumWith(beta3, mul(relative, resolved.safeguardWarmup ? estimate : eta))(state.s, updates)
        const after = maximum(estimate, quotient(mul(resolved.estimLrCoef(step), numerator), norm1(s)))
        const e = mul(resolved.epsEstimate === "after" ? after : estimate, resolved.eps(step))
        const lambda = resolved.weightDecay(step)
        const displacement = Tree.zipWith((m: Tensor, v: Tensor, p: Tensor) => {
          const u = quotient(m, plusEps(rootOf(v), e), e)
          return mul(add(u, times(p, lambda)), castLike(neg(eta), p))
        })
        return [displacement(mu, nu, params), { mu, nu, s, numerator, estimate: after, start }]
      },
      rate
    }
  }
)

const dadaptFields = {
  ...estimateFields,
  /** Which second moment weighs the products of the estimate: the "new" (the default), or the "old" (optax). */
  weights: choice(["new", "old"], "new")
}

/** The options of D-Adaptation of Adam. */
export interface DadaptOptions extends OptionsOf<typeof dadaptFields> {}

/**
 * Steps as Adam with a rate that is found from how gradients agree with the sum of those before: with the estimate `d`,
 * `η = d·γ`, `v = β₂·v + (1-β₂)·g²`, `q = √β₂`, `r = q·r + (1-q)·η·⟨g, s/(√v + ε)⟩` with the old `s`,
 * `m = β₁·m + (1-β₁)·η·g`, `s = q·s + (1-q)·η·g`, the displacement `-(m/(√v + ε) + η·λ·p)`, and then
 * `d = max(d, r/((1-q)·‖s‖₁))`.
 *
 * With `biasCorrection`, `η = d·γ·√c₂/c₁`; with `weights: "old"`, the old `v` in `r`. Looks across all leaves; its
 * products and norms are taken in f64; `0/0` is 0. What it gives is a displacement already; its `rate` is `η`. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: the estimate never falls; does not see the scale of the gradients (ε = 0); zero gradients from a fresh state
 * move nothing (λ = 0); odd in the gradients (λ = 0); does not see how the parameters are divided into leaves.
 * Source: Defazio & Mishchenko 2023, arXiv 2301.07733v5, Algorithm 5.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByDadaptAdam } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const dadapt = stepByDadaptAdam({ b1: 0, b2: 0, eps: 0, estimLr0: 0.5 })
 * const [d] = dadapt.update(tensor([8, -2]), dadapt.init(p), p, clockAt(0)) // m/√v is η times the sign
 * assert.deepStrictEqual(toArray(d), [-0.5, 0.5])
 */
export const stepByDadaptAdam: Recipe<typeof dadaptFields, (options?: DadaptOptions) => Transform<EstimateF>> = recipe(
  "stepByDadaptAdam",
  dadaptFields,
  {},
  resolved => {
    const rate = rateOf(resolved)
    return {
      init: params => freshState(resolved, params),
      update: (updates, state, params, now) => {
        const [{ step }, { estimate }] = [now, state]
        const [beta1, beta2, eta, e] = [resolved.b1(step), resolved.b2(step), rate(state, now), resolved.eps(step)]
        const [q, decayed] = [sqrt(beta2), mul(eta, resolved.weightDecay(step))]
        const fresh = sub(1, q)
        const divided = Tree.zipWith((x: Tensor, v: Tensor) => quotient(x, plusEps(rootOf(v), e), e))
        const nu = emaOfSquares(beta2)(state.nu, updates)
        const product = dot(updates, divided(state.s, resolved.weights === "new" ? nu : state.nu))
        const numerator = add(mul(q, state.numerator), mul(mul(fresh, eta), product))
        const mu = sumWith(beta1, mul(sub(1, beta1), eta))(state.mu, updates)
        const s = sumWith(q, mul(fresh, eta))(state.s, updates)
        const after = maximum(estimate, quotient(numerator, mul(fresh, norm1(s))))
        const displacement = Tree.zipWith((u: Tensor, p: Tensor) => neg(add(u, times(p, decayed))))
        return [displacement(divided(mu, nu), params), { mu, nu, s, numerator, estimate: after }]
      },
      rate
    }
  }
)
