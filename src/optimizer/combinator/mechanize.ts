import { abs, add, clamp, div, maximum, mul, neg, square, sub } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { range } from "../../dataflow/shape.js"

import { choice, fixed, hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative, whole } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { one, quotient, rootOf, scaledBy, zero, zeroCount } from "../../transform/common.js"
import { dot, globalNorm } from "../../transform/norm.js"
import { checkGoesByGradient, type NeedsOf, type StateFamily, type StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { moveLate } from "../finish.js"
import { moveBy } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"

const fields = {
  /** λ ≥ 0: how far the parameters themselves, by the size of the gradient, count against the scale. Default 1e-2. */
  weightDecay: hyper(nonNegative, 1e-2),
  /** ε ≥ 0, beside roots and norms. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** s₀ ≥ 0: the scale at first, and what is wagered anew at every step. Default 1e-6. */
  sInit: hyper(nonNegative, 1e-6),
  /** How many decays are tried at once, `1 - 0.1ⁱ` for `i` from 1: a whole number from 1 to 100. Default 6. */
  numBetas: fixed(/* @__PURE__ */ whole(1, 100), 6),
  /**
   * The sum of the inner displacements: "carried" (the default), or "recovered" from the parameters, `(p - p₀) / (s + ε)`, as in
   * optax, which needs no memory for it.
   */
  sum: choice(["carried", "recovered"], "carried")
}

/** How a scale is learnt. */
export interface MechanizeOptions extends OptionsOf<typeof fields> {}

/** What is kept for a decay: the largest product so far, the sums of squares and of what was won, and its part of the scale. */
export type Tuned = { readonly m: Tensor; readonly v: Tensor; readonly r: Tensor; readonly s: Tensor }

type MechanizeState<P extends Tree, I extends Tree> = {
  readonly start: P
  readonly sum: readonly P[]
  readonly tuned: readonly Tuned[]
  readonly inner: I
}

/**
 * The parameters at first (`start`), the sum of the inner displacements in a list (none where it is recovered), what the scale
 * is learnt by, four f64 scalars for each decay (`tuned`), and the state of the optimizer within (`inner`).
 */
export interface MechanizeF<F extends StateFamily> extends StateFamily {
  readonly type: MechanizeState<this["params"], StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/** What a decay has won by a product `h`, and the part of the scale that it asks for; it begins with `share`. */
const tune = (beta: number, { m, v, r, s }: Tuned, h: Tensor, eps: Tensor, share: Tensor): Tuned => {
  const most = maximum(mul(m, beta), add(abs(h), eps))
  const squares = add(mul(v, beta * beta), square(h))
  const won = add(mul(r, beta), mul(clamp(h, neg(m), m), s))
  const wealth = add(mul(share, most), maximum(won, 0))
  return { m: most, v: squares, r: won, s: quotient(wealth, add(rootOf(squares), eps)) }
}

const scaleOf = (tuned: readonly Tuned[]): Tensor => tuned.map(({ s }) => s).reduce(add)

/**
 * Learns by what the displacements of an optimizer are to be multiplied: with their sum `Δ' = Δ + u`,
 * `p' = p₀ + s'·Δ'`, where `s'` is the sum of `sᵢ' = (s₀/n·mᵢ' + max(rᵢ', 0)) / (√vᵢ' + ε)`, for `n` decays `βᵢ = 1 - 0.1ⁱ`, of
 * `mᵢ' = max(βᵢ·mᵢ, |h| + ε)`, `vᵢ' = βᵢ²·vᵢ + h²`, `rᵢ' = βᵢ·rᵢ + sᵢ·clip(h, -mᵢ, mᵢ)`, and
 * `h = -⟨g + λ·s·(‖g‖/(‖p‖ + ε))·p, Δ⟩`, which is positive where the way so far still goes down.
 *
 * Acts on parameters. Place it last in a `pipe`: what stands after it and moves parameters is undone by its next step. Give the
 * optimizer inside a rate of about 1, or a schedule that ends there, and no clips of displacements. Looks across all leaves; its
 * products are taken in f64; `0/0` is 0. Its `rate` is that of the optimizer within times `s`. Throws a `HyperparameterError`
 * for options out of range.
 *
 * Laws: the first step is the inner one times `s₀` (ε > 0); zero gradients move nothing; `p = p₀ + s·Δ` after every step; with λ
 * = 0 odd.
 * Source: Cutkosky, Defazio & Mehta 2023, arXiv 2306.00144, Algorithm 1; the bounds of `h` and the ε of `m` are the authors'
 * code's and optax's, which recovers Δ: `sum: "recovered"`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, scalar } from "thalweg"
 * import { mechanize, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), mechanize({ sInit: 0.01 }))
 * let [p, state] = [scalar(8, "f64"), opt.init(scalar(8, "f64"))]
 * const rates = [0, 1, 2, 3, 4].map(() => {
 *   ;[p, state] = opt.step(p, state, p) // of ½x²
 *   return item(opt.rate(state))
 * })
 * assert.ok(rates.slice(1).every((rate, t) => rate > rates[t]!)) // each step was right, so the next is larger
 */
export const mechanize: Recipe<
  typeof fields,
  (options?: MechanizeOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<MechanizeF<F>>
> = combinator(
  "mechanize",
  fields,
  { additive: {}, odd: { weightDecay: 0 }, still: {}, scaleFree: { eps: 0 } },
  ({ weightDecay, eps, sInit, numBetas, sum: how }) =>
    <F extends StateFamily>(inner: Optimizer<F>) => {
      const { init, move, rate, finish } = checkGoesByGradient("mechanize", inner).motion
      const betas = range(numBetas).map(i => 1 - range(i + 1).reduce(power => power / 10, 1))
      const less = Tree.zipWith(sub)
      const plus = Tree.zipWith(add)
      return around<F, MechanizeF<F>>(inner, {
        init: params => ({
          start: params,
          sum: how === "carried" ? [Tree.zerosLike(params)] : [],
          tuned: betas.map(() => ({ m: zero, v: zero, r: zero, s: div(sInit(zeroCount), numBetas) })),
          inner: init(params)
        }),
        rate: (state, now) => mul(rate(state.inner, now), scaleOf(state.tuned)),
        ...(finish && {
          finish: (params, state, now) => {
            const [{ by }, after] = finish(params, state.inner, now)
            const moved = moveLate(params, scaledBy(scaleOf(state.tuned))(by))
            return [moved, { ...state, sum: state.sum.map(before => plus(before, by)), inner: after }]
          }
        }),
        move: (grads, state, params, now) => {
          const [{ by }, after] = move(grads, state.inner, params, now)
          const [e, scale] = [eps(now.step), scaleOf(state.tuned)]
          const away = less(params, state.start)
          const before = state.sum[0] ?? scaledBy(quotient(one, add(scale, e)))(away)
          const pull = mul(mul(weightDecay(now.step), scale), quotient(globalNorm(grads), add(globalNorm(params), e)))
          const h = neg(add(dot(grads, before), mul(pull, dot(params, before))))
          const share = div(sInit(now.step), numBetas)
          const tuned = state.tuned.map((before, i) => tune(betas[i] ?? 0, before, h, e, share))
          const total = plus(before, by)
          const displacement = less(scaledBy(scaleOf(tuned))(total), away)
          return [
            moveBy(params, displacement),
            { tuned, start: state.start, sum: state.sum.map(() => total), inner: after }
          ]
        }
      })
    }
)
