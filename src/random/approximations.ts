import { scalar } from "../dataflow/create.js"
import { abs, add, div, mul, neg, sub } from "../dataflow/arithmetic.js"
import { eq, ge, lt, where } from "../dataflow/logic.js"
import { sqrt } from "../dataflow/transcendental.js"
import type { Tensor } from "../dataflow/primitive.js"

/**
 * Elementary functions of `f32` as `jax.random` computes them: the same approximations (of XLA), coefficient by
 * coefficient and rounding by rounding, for the same bits as without fused multiply-add. The primitives `log`, `erfInv`
 * and `erf` are closer to the truth, and so differ in the last digits.
 */

/** `((c₀·x + c₁)·x + …)·x + cₙ`. */
const polynomial = (coefficients: readonly number[], x: Tensor): Tensor =>
  coefficients.slice(1).reduce<Tensor>((p, c) => add(mul(p, x), c), scalar(coefficients[0] ?? 0))

/** `x = m·2ᵉ` with `m` in `[√½, √2)`, for `2⁻¹²⁷ < x < 2⁷`: every step halves the octaves still to go. Exact. */
const normalize = (x: Tensor): readonly [m: Tensor, e: Tensor] => {
  const big = ge(x, Math.SQRT2)
  const start = [where(big, mul(x, 2 ** -7), x), where(big, scalar(7), 0)] as const
  return [64, 32, 16, 8, 4, 2, 1].reduce<readonly [Tensor, Tensor]>(([m, e], octaves) => {
    const small = lt(m, Math.SQRT2 * 2 ** -octaves)
    return [where(small, mul(m, 2 ** octaves), m), where(small, sub(e, octaves), e)]
  }, start)
}

/**
 * `log x` for `2⁻¹²⁷ < x < 2⁷`.
 *
 * Source: Cephes `logf` (Moshier 1989), its polynomial of degree 8 evaluated in three parts by powers of `z³`; log 2 is
 * split in two so that its product with `e` is exact.
 */
export const log = (x: Tensor): Tensor => {
  const [m, e] = normalize(x)
  const z = sub(m, 1)
  const square = mul(z, z)
  const cube = mul(square, z)
  const top = polynomial([7.0376836292e-2, -1.151461031e-1, 1.167699874e-1], z)
  const middle = polynomial([-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1], z)
  const bottom = polynomial([2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1], z)
  const tail = mul(add(mul(add(mul(top, cube), middle), cube), bottom), cube)
  const correction = add(tail, mul(e, -2.1219444e-4))
  return add(add(sub(z, mul(square, 0.5)), correction), mul(e, 0.693359375))
}

const LOG1P_NUMERATOR = [
  4.5270000862445199e-5, 4.9854102823193375e-1, 6.5787325942061044, 2.9911919328553073e1, 6.0949667980987787e1,
  5.711296359058534e1, 2.003955349920128e1
]
const LOG1P_DENOMINATOR = [
  1, 1.5062909083469192e1, 8.3047565967967209e1, 2.2176239823732856e2, 3.0909872225312059e2, 2.1642788614495947e2,
  6.0118660497603843e1
]

/** `log(1 + x)` for `-1 < x < 2⁷ - 1`. Source: Cephes `log1p` (Moshier 1989), a rational function near 0. */
export const log1p = (x: Tensor): Tensor => {
  const square = mul(x, x)
  const ratio = div(polynomial(LOG1P_NUMERATOR, x), polynomial(LOG1P_DENOMINATOR, x))
  const near = add(x, add(mul(square, -0.5), mul(mul(x, square), ratio)))
  return where(lt(abs(x), Math.SQRT2 - 1), near, log(add(x, 1)))
}

const CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941
]
const TAIL = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682
]

/** The inverse of erf on `[-1, 1]`. Source: Giles 2010, "Approximating the erfinv function", single precision. */
export const erfInv = (x: Tensor): Tensor => {
  const w = neg(log1p(mul(x, neg(x))))
  const p = where(lt(w, 5), polynomial(CENTRE, sub(w, 2.5)), polynomial(TAIL, sub(sqrt(w), 3)))
  return where(eq(abs(x), 1), mul(x, Infinity), mul(p, x))
}

const ERF_NUMERATOR = [0.00022905065, 0.003408291, 0.050955694, 0.18520832, 1.1283791]
const ERF_DENOMINATOR = [-1.1791603e-7, 2.3547966e-5, 0.0010179626, 0.01407047, 0.11098505, 0.49746925, 1]

/** erf of one number, as `f32`: a rational function of `x²`, each step of which rounds once (fused multiply-add). */
export const erf = (x: number): number => {
  const square = Math.fround(x * x)
  const fused = (coefficients: readonly number[]): number =>
    coefficients.reduce((p, c) => Math.fround(square * p + Math.fround(c)), 0)
  const ratio = Math.fround(Math.fround(x * fused(ERF_NUMERATOR)) / fused(ERF_DENOMINATOR))
  return Math.abs(x) >= 3.832507 ? Math.sign(x) : ratio
}
