import { abs, add, div, floor, maximum, minimum, mul, square, sub } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { and, ge, gt, le, lt, not, or, where } from "../dataflow/logic.js"
import { loop } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { range, type Shape } from "../dataflow/shape.js"
import { log, sqrt } from "../dataflow/transcendental.js"
import { exponential } from "./gamma.js"
import { foldIn, split } from "./key.js"
import { firstAccepted, parameter } from "./rejection.js"
import { uniform } from "./uniform.js"
import { isTensor } from "../dataflow/tensor.js"
import { fail } from "../dataflow/error.js"

/** From here on proposals are drawn; below, arrivals are counted. */
const MANY = 10

/** More arrivals while fewer than 10 are expected happen once in 10¹⁸ draws. */
const ARRIVALS = 50

/** At least 78 proposals of 100 are accepted. */
const ROUNDS = 24

/** How many times pass, each exponentially distributed, before their sum is the rate. */
const arrivals = (key: Tensor, rate: Tensor): Tensor => {
  const body = ([time, count]: readonly Tensor[], [round]: readonly Tensor[]) => {
    const next = add(time as Tensor, exponential(foldIn(key, round as Tensor), rate.shape, { dtype: "f64" }))
    return [[next, add(count as Tensor, cast(lt(next, rate), "f64"))], []] as const
  }
  const start = [zeros(rate.shape, "f64"), zeros(rate.shape, "f64")]
  return loop(body, start, [iota([ARRIVALS], 0, "u32")], ARRIVALS, false)[1] as Tensor
}

/** What `log k!` is shifted by, for the series of Stirling to be right to 1e-11. */
const SHIFT = 10

const LOG_2_PI = 1.8378770664093456

/** `log k!` for `k ≥ 0`. */
const logFactorial = (k: Tensor): Tensor => {
  const x = add(k, SHIFT)
  const inverse = div(1, square(x))
  const tail = div(sub(1 / 12, mul(inverse, sub(1 / 360, mul(inverse, 1 / 1260)))), x)
  const series = add(add(sub(mul(add(x, 0.5), log(x)), x), 0.5 * LOG_2_PI), tail)
  const shifted = range(SHIFT)
    .map(i => add(k, i + 1))
    .reduce((a, b) => mul(a, b))
  return sub(series, log(shifted))
}

/** Draws for rates of at least 10. Source: Hörmann 1993, his algorithm PTRS. */
const transformed = (key: Tensor, rate: Tensor): Tensor => {
  const b = add(mul(sqrt(rate), 2.53), 0.931)
  const a = sub(mul(b, 0.02483), 0.059)
  const height = add(div(1.1328, sub(b, 3.4)), 1.1239)
  const sure = sub(0.9277, div(3.6224, sub(b, 2)))
  return firstAccepted(key, ROUNDS, rate, round => {
    const [forPlace, forHeight] = split(round)
    const u = sub(uniform(forPlace, rate.shape, { dtype: "f64" }), 0.5)
    const v = sub(1, uniform(forHeight, rate.shape, { dtype: "f64" }))
    const edge = maximum(sub(0.5, abs(u)), 2 ** -53)
    const value = floor(add(add(mul(add(div(mul(a, 2), edge), b), u), rate), 0.43))
    const k = maximum(value, 0)
    const density = sub(sub(mul(k, log(rate)), rate), logFactorial(k))
    const isBelow = le(log(div(mul(v, height), add(div(a, square(edge)), b))), density)
    const isSure = and(ge(edge, 0.07), le(v, sure))
    const isOut = or(lt(value, 0), and(lt(edge, 0.013), gt(v, edge)))
    return { value: k, isAccepted: or(isSure, and(isBelow, not(isOut))) }
  })
}

/**
 * Draws from the Poisson distribution: how many events happen, of which `rate` are expected; the probability of `k` is
 * `rate^k e^-rate / k!`.
 *
 * Shapes: `rate` broadcasts to `shape`, which is that of the result, an `i32`. A number `rate` outside `[0, 2³⁰]` is a
 * `HyperparameterError`; a tensor is `f32` or `f64` (a `DTypeError`), and its values are not looked at: beyond 2³⁰
 * a draw may be more than an `i32` holds, and is the largest one.
 *
 * Source: `jax.random.poisson`: below 10 by counting arrivals (Knuth 1969), above by Hörmann 1993, "The transformed
 * rejection method for generating Poisson random variables". We deviate in the bits, and in making as many rounds for all
 * (50 and 24), of which more would be needed less than once in 10¹⁵ draws.
 *
 * @example
 * import assert from "node:assert"
 * import { cast, item, mean } from "thalweg"
 * import { key, poisson } from "thalweg/random"
 *
 * assert.ok(Math.abs(item(mean(cast(poisson(key(0), 4, [10000]), "f32"))) - 4) < 0.1)
 */
export const poisson = (key: Tensor, rate: number | Tensor, shape: Shape): Tensor => {
  const dtype = isTensor(rate) && rate.dtype === "f32" ? "f32" : "f64"
  if (isTensor(rate) && rate.dtype !== dtype) fail("DTypeError", "poisson", "f32 or f64", rate.dtype)
  const fits = (value: number): boolean => value >= 0 && value <= 2 ** 30
  const wide = cast(parameter("poisson", "a rate from 0 to 2^30", fits, rate, shape, dtype), "f64")
  const few = (): Tensor => arrivals(key, minimum(wide, MANY))
  const many = (): Tensor => transformed(key, maximum(wide, MANY))
  const drawn = isTensor(rate) ? where(lt(wide, MANY), few(), many()) : rate < MANY ? few() : many()
  return cast(drawn, "i32")
}
