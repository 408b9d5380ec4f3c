import { add, div, mul, neg, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { exp, log, log1p, sqrt } from "../dataflow/transcendental.js"

/** So far out on one side, erf is so near to 1 that what is left tells too few numbers apart. */
export const TAIL = { f32: 2, f64: 4 } as const

/** With so many terms the quantile is right to 1e-9 at 2, for f32, and from 4 to the last bit of f64; with so many steps of Newton's. */
const [TERMS, STEPS] = [30, 3]

/**
 * Mills' ratio `P(X > x) / φ(x)` of the normal distribution for `x ≥ 2`, as a continued fraction:
 * `1/(x + 1/(x + 2/(x + 3/(x + …))))`. Its inverse is the slope of `-log P(X > x)`.
 */
const millsRatio = (x: Tensor): Tensor => {
  const below = range(TERMS).reduceRight((t, k) => add(x, div(k + 1, t)), x)
  return div(1, below)
}

/**
 * The quantile at `u` (f64, `0 ≤ u < 1`) of the normal distribution between `lower ≥ 2` and `upper`, found as the distance
 * `d` from `lower`, which keeps its digits: `log P(X > lower + d) - log P(X > lower) = -d·(lower + d/2) + log(M(lower + d) /
 * M(lower))`.
 */
export const tailQuantile = (u: Tensor, lower: number, upper: number): Tensor => {
  const [a, b] = [scalar(lower, "f64"), scalar(upper, "f64")]
  const atStart = millsRatio(a)
  const fallTo = (d: Tensor, ratio: Tensor): Tensor => sub(log(div(ratio, atStart)), mul(d, add(a, div(d, 2))))
  const all = exp(fallTo(sub(b, a), millsRatio(b)))
  const target = log1p(neg(mul(u, sub(1, all))))
  const first = div(mul(target, -2), add(a, sqrt(sub(mul(a, a), mul(target, 2)))))
  const found = range(STEPS).reduce((d, _) => {
    const ratio = millsRatio(add(a, d))
    return add(d, mul(sub(fallTo(d, ratio), target), ratio))
  }, first)
  return add(a, found)
}
