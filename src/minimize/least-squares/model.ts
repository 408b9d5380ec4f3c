import { add, div, mul, neg, square } from "../../dataflow/arithmetic.js"
import { matmul } from "../../dataflow/contract.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { eq, gt, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { max, norm } from "../../dataflow/reduce.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { svd } from "../../linalg/svd.js"
import { epsilonOf } from "../../search/vector.js"
import type { Fit, LeastSquaresProblem } from "./problem.js"

/** How long each column is: what a variable does to the residuals, in its units; 1 of one that does nothing. */
export const columnLengths = (triangle: Tensor): Tensor => {
  const lengths = norm(triangle, { axes: 0 })
  return where(eq(lengths, 0), 1, lengths)
}

/** ‖D x‖: how large a point is, by what it does to the residuals; a variable that does nothing does not count. */
export const sizeOf = ({ triangle, point }: Pick<Fit, "triangle" | "point">): Tensor =>
  norm(mul(norm(triangle, { axes: 0 }), point))

/** The linear model of the residuals by its singular values, in units of the variables. */
export interface Spectrum {
  /** The units: what a variable is multiplied by. */
  readonly units: Tensor
  /** `[n]`, descending. */
  readonly s: Tensor
  /** `[n, n]`, in these units. */
  readonly v: Tensor
  /** `[n]`: the residuals along the left vectors. */
  readonly along: Tensor
  /** `[n]`, bools: which are not 0 but for rounding. */
  readonly counts: Tensor
}

/** The spectrum of the model, in units of the variables, over those that are free. */
export const spectrumOf = (
  { count, dtype }: Pick<LeastSquaresProblem, "count" | "dtype">,
  { triangle, rotated }: Pick<Fit, "triangle" | "rotated">,
  units: Tensor,
  free?: Tensor
): Spectrum => {
  const columns = div(triangle, units)
  const { u, s, v } = svd(free === undefined ? columns : mul(columns, cast(free, dtype)))
  return { units, s, v, along: matmul(rotated, u), counts: gt(s, mul(max(s), count * epsilonOf(dtype))) }
}

/** -(JᵀJ + λ I)⁻¹ Jᵀr, in units, by singular values; where λ is 0, the shortest of the best. */
export const dampedStep = ({ s, v, along, counts }: Spectrum, damping: Tensor): Tensor =>
  neg(matmul(v, where(counts, div(mul(s, along), add(square(s), damping)), 0)))

/** What of a fit is left to do. */
export interface Remaining {
  /** ‖Qᵀr‖ / ‖r‖, a scalar: see `LeastSquaresOptions.gradientTolerance`. */
  readonly gradientCosine: Tensor
  /** ‖D p‖ / ‖D x‖ of the step p to the minimum of the model, in units of the columns, D. */
  readonly relativeStep: Tensor
}

/** What of a fit is left to do. */
export const remainingOf = (problem: LeastSquaresProblem, fit: Fit): Remaining => {
  const units = columnLengths(fit.triangle)
  const spectrum = spectrumOf(problem, fit, units, problem.free?.(fit))
  const promised = norm(where(spectrum.counts, spectrum.along, 0))
  const { value, unit } = problem.costOf(fit.residuals)
  const step = dampedStep(spectrum, scalar(0, problem.dtype))
  return {
    gradientCosine: where(eq(value, 0), 0, div(promised, mul(unit, sqrt(mul(2, value))))),
    relativeStep: div(norm(step), sizeOf(fit))
  }
}
