import { abs, div, mul, neg, reciprocal, square, sub, maximum, add } from "../../dataflow/arithmetic.js"
import { onesLike, zerosLike } from "../../dataflow/create.js"
import { le, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { atan, log1p, rsqrt, sqrt } from "../../dataflow/transcendental.js"

/** ρ, of z = (r/C)², with its first derivative, and its second times z: the tails beyond z = 1 count for less. */
interface Robust {
  readonly value: (z: Tensor) => Tensor
  readonly slope: (z: Tensor) => Tensor
  readonly bend: (z: Tensor) => Tensor
}

/** Names of losses: the square of the residual, and what grows less than it. */
export type RobustLoss = "linear" | "huber" | "softL1" | "cauchy" | "arctan"

const outside = (z: Tensor): Tensor => maximum(z, 1)

/** As scipy.optimize.least_squares has them. */
const losses: Readonly<Record<RobustLoss, Robust>> = {
  linear: { value: z => z, slope: onesLike, bend: zerosLike },
  huber: {
    value: z => where(le(z, 1), z, sub(mul(2, sqrt(outside(z))), 1)),
    slope: z => rsqrt(outside(z)),
    bend: z => where(le(z, 1), 0, mul(-0.5, rsqrt(outside(z))))
  },
  softL1: {
    value: z => mul(2, div(z, add(sqrt(add(1, z)), 1))),
    slope: z => rsqrt(add(1, z)),
    bend: z => mul(mul(-0.5, z), div(rsqrt(add(1, z)), add(1, z)))
  },
  cauchy: {
    value: log1p,
    slope: z => reciprocal(add(1, z)),
    bend: z => neg(div(z, square(add(1, z))))
  },
  arctan: {
    value: atan,
    slope: z => reciprocal(add(1, square(z))),
    bend: z => mul(-2, square(div(z, add(1, square(z)))))
  }
}

/** Their names. */
export const lossNames = Object.keys(losses) as readonly RobustLoss[]

/** A loss at a scale, of residuals. */
export interface Loss {
  readonly isLinear: boolean
  /** ½ C² ρ((r/C)²), of each residual. */
  readonly costs: (residuals: Tensor) => Tensor
  /** What each row of the Jacobian, and each residual, is multiplied by in the model, whose least curvature is `least` of the slope. */
  readonly factors: (residuals: Tensor, least: number) => { readonly row: Tensor; readonly residual: Tensor }
}

/** Up to this share of C a robust loss is the square, but for rounding. */
const SMALL = 2 ** -30

/** Makes the loss of a name and a scale C, a scalar. */
export const lossOf = (name: RobustLoss, scale: Tensor): Loss => {
  const { value, slope, bend } = losses[name]
  const z = (r: Tensor): Tensor => square(div(r, scale))
  const halves = (r: Tensor): Tensor => mul(0.5, square(r))
  return {
    isLinear: name === "linear",
    costs: r =>
      name === "linear"
        ? halves(r)
        : where(le(abs(r), mul(SMALL, scale)), halves(r), mul(mul(mul(0.5, scale), scale), value(z(r)))),
    factors: (r, least) => {
      const slopes = slope(z(r))
      const row = sqrt(maximum(add(slopes, mul(2, bend(z(r)))), mul(least, slopes)))
      return { row, residual: where(le(row, 0), 0, div(slopes, row)) }
    }
  }
}
