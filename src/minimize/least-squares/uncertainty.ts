import { abs, div, mul, reciprocal, sub } from "../../dataflow/arithmetic.js"
import { matmul } from "../../dataflow/contract.js"
import { scalar } from "../../dataflow/create.js"
import type { DType } from "../../dataflow/dtype.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, gt, not, or, where } from "../../dataflow/logic.js"
import { diagonal } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { max, sum } from "../../dataflow/reduce.js"
import { expandDims, transpose } from "../../dataflow/structure.js"
import { sqrt } from "../../dataflow/transcendental.js"
import type { Tree } from "../../tree/index.js"
import { epsilonOf } from "../../search/vector.js"
import { columnLengths, spectrumOf, type Spectrum } from "./model.js"
import type { Fit, LeastSquaresProblem } from "./problem.js"

/** What a fit says of its parameters. */
export interface Uncertainty {
  /** `[n, n]`. */
  readonly covariance: Tensor
  /** A tree like the start. */
  readonly standardErrors: Tree
  readonly degreesOfFreedom: Tensor
  /** `[n]`, bools: what the residuals do not tell apart. */
  readonly unknown: Tensor
  /** `[n, n]`, bools: which of them a change that residuals do not see moves together, each with itself. */
  readonly linked: Tensor
  /** `[n]`, bools: what they do, but the loss has no curvature there to tell errors by. */
  readonly flat: Tensor
}

/** `[n]`, bools: which variables have a part in what a model leaves open. */
const openOf = ({ v, counts }: Spectrum, dtype: DType): Tensor =>
  gt(max(where(counts, 0, abs(v)), { axes: 1 }), Math.sqrt(epsilonOf(dtype)))

/** `[n, n]`, bools: which variables a model leaves open together, by the projection on all that it does. */
const linkedBy = ({ v, counts }: Spectrum, dtype: DType): Tensor => {
  const open = where(counts, 0, v)
  return gt(abs(matmul(open, transpose(open))), Math.sqrt(epsilonOf(dtype)))
}

/** The covariance `s² (JᵀJ)⁻¹`, s² = 2 cost / (m − n), by singular values in units of the columns. */
export const uncertaintyOf = (
  problem: LeastSquaresProblem,
  fit: Fit,
  { weights, isAbsolute }: { readonly weights: Tensor | undefined; readonly isAbsolute: boolean }
): Uncertainty => {
  const { dtype } = problem
  const spectrum = (triangle: Tensor): Spectrum =>
    spectrumOf(problem, { triangle, rotated: fit.rotated }, columnLengths(triangle))
  const [slopes, curved] = [spectrum(problem.slopesAt(fit)), spectrum(problem.curvatureAt(fit))]
  const { s, v, counts, units } = curved
  const cost = problem.costOf(fit.residuals)
  const inverse = div(mul(v, where(counts, reciprocal(where(counts, s, 1)), 0)), expandDims(units, 1))
  const root = isAbsolute ? inverse : mul(cost.unit, inverse)
  const observed = weights === undefined ? scalar(problem.count, dtype) : sum(cast(gt(weights, 0), dtype))
  const degreesOfFreedom = sub(observed, sum(cast(slopes.counts, dtype)))
  const factor = isAbsolute
    ? scalar(1, dtype)
    : where(gt(degreesOfFreedom, 0), div(mul(2, cost.value), degreesOfFreedom), NaN)
  const [unknown, open] = [openOf(slopes, dtype), openOf(curved, dtype)]
  const either = or(expandDims(open, 0), expandDims(open, 1))
  const covariance = where(either, NaN, mul(factor, matmul(root, transpose(root))))
  return {
    covariance,
    standardErrors: problem.treeOf(sqrt(diagonal(covariance))),
    degreesOfFreedom,
    unknown,
    linked: linkedBy(slopes, dtype),
    flat: and(open, not(unknown))
  }
}
