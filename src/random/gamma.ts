import { add, div, mul, neg, sub } from "../dataflow/arithmetic.js"
import { and, gt, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { exp, log, log1p, sigmoid, sqrt } from "../dataflow/transcendental.js"
import * as approximate from "./approximations.js"
import { split } from "./key.js"
import { normal } from "./normal.js"
import { firstAccepted, parameter } from "./rejection.js"
import { floatOf, uniform, type FloatOptions } from "./uniform.js"

/**
 * Draws from the exponential distribution of mean 1: `-log(1 - u)`, `u` uniform on `[0, 1)`. Scale with `mul`.
 *
 * Shape: `shape`. A `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * Source: `jax.random.exponential`. In `f32` its approximation of the logarithm, rounded step by step: its bits on
 * machines without fused multiply-add; with it, XLA differs in the last digit. In `f64` its values, but for the last
 * digit of the logarithm.
 *
 * @example
 * import assert from "node:assert"
 * import { mean, item } from "thalweg"
 * import { exponential, key } from "thalweg/random"
 *
 * assert.ok(Math.abs(item(mean(exponential(key(0), [10000]))) - 1) < 0.03)
 */
export const exponential = (key: Tensor, shape: Shape, options: FloatOptions = {}): Tensor => {
  const dtype = floatOf("exponential", options)
  return neg((dtype === "f32" ? approximate.log1p : log1p)(neg(uniform(key, shape, { dtype }))))
}

/** At least 95 proposals of 100 are accepted. */
const ROUNDS = 12

/** Draws for a shape of at least 1. Source: Marsaglia & Tsang 2000. */
const drawn = (key: Tensor, a: Tensor, dtype: "f32" | "f64"): Tensor => {
  const d = sub(a, 1 / 3)
  const width = div(1, sqrt(mul(d, 9)))
  return firstAccepted(key, ROUNDS, a, round => {
    const [forNormal, forUniform] = split(round)
    const x = normal(forNormal, a.shape, { dtype })
    const side = add(mul(x, width), 1)
    const isInside = gt(side, 0)
    const cube = mul(mul(side, side), side)
    const bound = add(mul(mul(x, x), 0.5), mul(d, add(sub(1, cube), log(where(isInside, cube, 1)))))
    const isBelow = lt(log1p(neg(uniform(forUniform, a.shape, { dtype }))), bound)
    return { value: mul(d, cube), isAccepted: and(isInside, isBelow) }
  })
}

/**
 * A draw for a shape of at least 1, and the logarithm of what makes it one for `a`: `u^(1/a)` where that is below 1, which
 * vanishes for a small `a`, though its logarithm does not.
 */
const factors = (key: Tensor, a: Tensor, dtype: "f32" | "f64"): readonly [draw: Tensor, logarithm: Tensor] => {
  const [forDraw, forPower] = split(key)
  const isSmall = lt(a, 1)
  const power = div(log1p(neg(uniform(forPower, a.shape, { dtype }))), a)
  return [drawn(forDraw, where(isSmall, add(a, 1), a), dtype), where(isSmall, power, 0)]
}

const positive = (value: number): boolean => value > 0 && value < Infinity

const concentration = (operation: string, name: string, a: number | Tensor, shape: Shape, dtype: "f32" | "f64") =>
  parameter(operation, `${name} > 0, finite`, positive, a, shape, dtype)

/**
 * Draws from the gamma distribution of shape `a` and scale 1, whose density is `x^(a-1) e^-x / Γ(a)`. Scale with `mul`.
 *
 * Shapes: `a` broadcasts to `shape`, which is that of the result. A number `a` that is not positive and finite is a
 * `HyperparameterError`; a tensor is of the dtype (a `DTypeError`), and its values are not looked at. No derivative flows
 * to `a`.
 *
 * Source: Marsaglia & Tsang 2000, "A simple method for generating gamma variables", as `jax.random.gamma`. We deviate in
 * the bits, and in making 12 rounds of proposals for all: that none is accepted happens once in 10¹⁵ draws, which then is
 * the last one.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean } from "thalweg"
 * import { gamma, key } from "thalweg/random"
 *
 * assert.ok(Math.abs(item(mean(gamma(key(0), 3, [10000]))) - 3) < 0.1)
 */
export const gamma = (key: Tensor, a: number | Tensor, shape: Shape, options: FloatOptions = {}): Tensor => {
  const dtype = floatOf("gamma", options)
  const [draw, logarithm] = factors(key, concentration("gamma", "a", a, shape, dtype), dtype)
  return mul(draw, exp(logarithm))
}

/**
 * Draws from the beta distribution, whose density on `[0, 1]` is proportional to `x^(a-1) (1 - x)^(b-1)`: `A / (A + B)` of
 * gamma draws `A` and `B`, computed from their logarithms.
 *
 * Shapes, dtypes and errors as of `gamma`, for `a` and `b`.
 *
 * Source: `jax.random.beta`, with the deviations of `gamma`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean } from "thalweg"
 * import { beta, key } from "thalweg/random"
 *
 * assert.ok(Math.abs(item(mean(beta(key(0), 1, 3, [10000]))) - 0.25) < 0.01)
 */
export const beta = (
  key: Tensor,
  a: number | Tensor,
  b: number | Tensor,
  shape: Shape,
  options: FloatOptions = {}
): Tensor => {
  const dtype = floatOf("beta", options)
  const [forA, forB] = split(key)
  const [draw, power] = factors(forA, concentration("beta", "a", a, shape, dtype), dtype)
  const [other, otherPower] = factors(forB, concentration("beta", "b", b, shape, dtype), dtype)
  return sigmoid(add(log(div(draw, other)), sub(power, otherPower)))
}
