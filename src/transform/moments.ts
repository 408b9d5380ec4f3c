import { mul, add, div, pow, square, sub } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { dataOf, isLiteral } from "../dataflow/literal.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { isNumberBelow } from "../options/extent.js"
import type { Schedule } from "../options/hyperparameter.js"
import { Tree } from "../tree/index.js"
import { castLike, flushed, flushedSquare, next, plusEps, quotient, rootOf, times } from "./common.js"
import type { StateFamily } from "./transform.js"

/** The average of gradients (`mu`). */
export type FirstMoment<P extends Tree> = { readonly mu: P }

/** An average of gradients for every parameter, in its dtype; no element is subnormal. */
export interface FirstMomentF extends StateFamily {
  readonly type: FirstMoment<this["params"]>
}

/** The average of squared gradients (`nu`). */
export type SecondMoment<P extends Tree> = { readonly nu: P }

/** An average of squares for every parameter, in its dtype, or in f64 where every ε is below 2⁻⁵⁰; no element is subnormal. */
export interface SecondMomentF extends StateFamily {
  readonly type: SecondMoment<this["params"]>
}

/** The averages of gradients (`mu`) and of their squares (`nu`), not debiased. */
export type Moments<P extends Tree> = { readonly mu: P; readonly nu: P }

/** Two moments for every parameter, in its dtype; the second in f64 where every ε is below 2⁻⁵⁰. No element is subnormal. */
export interface MomentsF extends StateFamily {
  readonly type: Moments<this["params"]>
}

/** Beside an ε of this size, gradients whose square f32 does not hold do not matter. */
const LEAST_EPS = 2 ** -50

/**
 * The second moments before the first update. Where every ε is a smaller number, or 0, so that the scale of gradients does
 * not matter, none may be lost when it is squared: the moment of an f32 is then kept in f64, which holds the square of
 * each. What is done with a second moment is done in the dtype that it has.
 */
export const zeroSquares =
  (...eps: readonly Schedule[]) =>
  <P extends Tree>(params: P): P =>
    eps.every(e => isNumberBelow(e, LEAST_EPS)) ? Tree.map(t => zeros(t.shape, "f64"))(params) : Tree.zerosLike(params)

/** The moments before the first update. */
export const zeroMoments =
  (...eps: readonly Schedule[]) =>
  <P extends Tree>(params: P): Moments<P> => ({ mu: Tree.zerosLike(params), nu: zeroSquares(...eps)(params) })

/** The square of a value in the dtype of a second moment. */
export const squareFor = (moment: Tensor, value: Tensor): Tensor => square(castLike(value, moment))

/** A mean to which one more value comes as the `n`-th, in f64, so that no difference of f32 is too large. */
export const meanWith =
  (n: Tensor) =>
  (mean: Tensor, value: Tensor): Tensor => {
    const [kept, fresh] = [cast(mean, "f64"), cast(value, "f64")]
    return castLike(add(kept, div(sub(fresh, kept), cast(n, "f64"))), mean)
  }

/** An exponential moving average: `β·average + (1 - β)·value`, 0 where that is subnormal. */
export const ema = (beta: Tensor, average: Tensor, value: Tensor): Tensor =>
  flushed(add(times(average, beta), times(value, sub(1, beta))))

/** The moving average of each leaf, after one more value. */
export const emaOf = (beta: Tensor) => Tree.zipWith((average: Tensor, value: Tensor) => ema(beta, average, value))

/** `β·average + (1 - β)·value²`, of which no square is too large that is not so in the end; 0 where it is subnormal. */
export const emaOfSquare = (beta: Tensor, average: Tensor, value: Tensor): Tensor => {
  const x = castLike(value, average)
  return flushedSquare(add(times(average, beta), mul(times(x, sub(1, beta)), x)))
}

/** The moving average of the squares of each leaf, after one more value. */
export const emaOfSquares = (beta: Tensor) =>
  Tree.zipWith((average: Tensor, value: Tensor) => emaOfSquare(beta, average, value))

/** Whether a value is known, and below 1. */
const isBelowOne = (value: Tensor): boolean => isLiteral(value) && Number(dataOf(value)[0]) < 1

/**
 * What debiases an average that began at 0, after a number of values: `1 - β^count`. Where β may be 1, of which nothing
 * enters the average, 1 stands for 0.
 */
export const debiasAfter = (beta: Tensor, count: Tensor): Tensor => {
  const c = sub(1, pow(beta, count))
  return isBelowOne(beta) ? c : where(eq(c, 0), 1, c)
}

/** What debiases an average that began at 0, after `step + 1` values: `1 - β^(step + 1)`. */
export const debias = (beta: Tensor, step: Tensor): Tensor => debiasAfter(beta, next(step))

/**
 * What debiases a first moment, `c₁`, and what is to be divided by it: `m`, or one step ahead
 * `c₁·β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g`.
 */
export const firstMoment = (
  beta: Tensor,
  step: Tensor,
  nesterov: boolean
): readonly [c1: Tensor, biased: (m: Tensor, g: Tensor) => Tensor] => {
  const c1 = debias(beta, step)
  const kept = mul(beta, div(c1, debias(beta, next(step))))
  return [c1, nesterov ? (m, g) => add(times(m, kept), times(g, sub(1, beta))) : m => m]
}

/** Where ε stands: beside the debiased root, or beside the raw one. */
export type AdamForm = "debiased" | "epsilonHat"

/**
 * The quotient of two moments, `(m/c₁) / (√(v/c₂ + ε_root) + ε)` or `√c₂·(m/c₁) / (√(v + ε_root) + ε)`, with one division:
 * `m / (c₁/√c₂·√(v + c₂·ε_root) + c₁·ε)`. The root is taken before it is debiased, since `v/c₂` may be too large.
 */
export const momentQuotient = (
  form: AdamForm,
  [c1, c2]: readonly [c1: Tensor, c2: Tensor],
  [eps, epsRoot]: readonly [eps: Tensor, epsRoot: Tensor]
): ((m: Tensor, v: Tensor) => Tensor) => {
  const ratio = div(c1, sqrt(c2))
  const [factor, rootFactor] = form === "debiased" ? [c1, c2] : [ratio, undefined]
  return (m, v) =>
    quotient(m, plusEps(times(rootOf(plusEps(v, epsRoot, rootFactor)), ratio), eps, factor), eps, epsRoot)
}
