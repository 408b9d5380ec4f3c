import { jvp } from "../../autodiff/jacobian.js"
import { vmap } from "../../batching/index.js"
import { mul, neg } from "../../dataflow/arithmetic.js"
import { concat } from "../../dataflow/concat.js"
import { fail } from "../../dataflow/error.js"
import { matmul } from "../../dataflow/contract.js"
import { gt, not, where } from "../../dataflow/logic.js"
import { eye } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { sliceAxis } from "../../dataflow/slice.js"
import { expandDims, reshape, transpose } from "../../dataflow/structure.js"
import { qr } from "../../linalg/qr.js"
import type { Tree } from "../../tree/index.js"
import { isHeld, type Bounds } from "../../search/bounds.js"
import { residualVector } from "../equations.js"
import { boundedProblem, type BoundsOptions } from "../limits.js"
import type { Place } from "../../search/place.js"
import type { Problem } from "../../search/problem.js"
import { lossOf, type Loss } from "./loss.js"

/** Where a fit stands: a point, with the residuals there and their linear model, factorized. */
export interface Fit extends Place {
  /** `[m]`: r, each times the root of its weight. */
  readonly residuals: Tensor
  /** `[n, n]`: R, where J = Q R, of the Jacobian of residuals (of a robust loss with rows scaled by it). */
  readonly triangle: Tensor
  /** `[n]`: Qᵀ r, of the same residuals. */
  readonly rotated: Tensor
}

/** A problem of least squares, as methods see it: residuals of one vector, all leaves of its argument one after the other. */
export interface LeastSquaresProblem extends Pick<Problem, "size" | "dtype" | "vectorOf" | "treeOf"> {
  /** How many residuals there are. */
  readonly count: number
  /** The residuals at a point, `[m]`, each times the root of its weight. */
  readonly residuals: (point: Tensor) => Tensor
  /** ½ ρ(r²) of each. */
  readonly costs: (residuals: Tensor) => Tensor
  /** The fit at a point. */
  readonly fitAt: (point: Tensor) => Fit
  /** The triangle alone, where curvature counts as much as the loss says, if that is above 0. */
  readonly curvatureAt: (fit: Fit) => Tensor
  /** The triangle of the Jacobian of the residuals, whatever the loss. */
  readonly slopesAt: (fit: Fit) => Tensor
  /** The cost as a function to minimize, for line searches. */
  readonly whole: Problem
  /** Which variables may move: bools, `[n]`; not those at a bound that the cost falls beyond. `undefined` without bounds. */
  readonly free: ((fit: Place) => Tensor) | undefined
  readonly bounds: Bounds | undefined
}

/** The least curvature of a robust loss in the model, in shares of its slope: small, and large enough to divide by. */
const LEAST_CURVATURE = 1e-3

/** What a problem of least squares is made of, besides the residuals. */
export interface Terms {
  readonly loss: Loss
  /** The roots of the weights, as a vector of all residuals. */
  readonly roots: ((residuals: Tree, dtype: Problem["dtype"]) => Tensor) | undefined
  readonly limits: BoundsOptions
}

/** Makes the problem of residuals and a tree like their argument. `operation`: the name that errors bear. */
export const leastSquaresOf = (
  operation: string,
  f: (at: Tree) => Tree,
  { loss, roots, limits: { lower, upper } }: Terms,
  start: Tree
): LeastSquaresProblem => {
  const residualsOf = (at: Tree): Tensor => {
    const given = f(at)
    const r = residualVector(operation, given, whole.dtype)
    if (roots === undefined) return r
    const root = roots(given, whole.dtype)
    return where(gt(root, 0), mul(root, r), 0) // what counts for nothing may be NaN
  }
  const whole = boundedProblem(operation, at => sum(loss.costs(residualsOf(at))), start, { lower, upper })
  const { size, dtype, vectorOf, treeOf, bounds } = whole
  const residuals = (point: Tensor): Tensor => residualsOf(treeOf(point))
  const count = residuals(vectorOf(start)).shape[0] as number
  if (count < size) fail("ShapeError", operation, `at least as many residuals as the ${size} parameters`, String(count))

  const factored = (point: Tensor, least: number, counted: Loss = loss) => {
    const r = residuals(point)
    const columns = vmap((direction: Tensor) => jvp(residuals)(point, direction)[1])(eye(size, size, dtype))
    const jacobian = transpose(columns)
    const { row, residual } = counted.isLinear ? { row: undefined, residual: undefined } : counted.factors(r, least)
    const rows = row === undefined ? jacobian : mul(expandDims(row, 1), jacobian)
    const right = residual === undefined ? r : mul(residual, r)
    const both = sliceAxis(qr(concat([rows, expandDims(right, 1)], 1)).r, 0, 0, size)
    const triangle = sliceAxis(both, 1, 0, size)
    const rotated = reshape(sliceAxis(both, 1, size, size + 1), [size])
    return { residuals: r, value: sum(loss.costs(r)), triangle, rotated }
  }
  const fitAt = (point: Tensor): Fit => {
    const made = factored(point, LEAST_CURVATURE)
    return { point, ...made, gradient: matmul(made.rotated, made.triangle) }
  }
  return {
    ...{ size, dtype, vectorOf, treeOf, count, residuals, costs: loss.costs, fitAt, whole },
    slopesAt: fit => (loss.isLinear ? fit.triangle : factored(fit.point, 0, lossOf("linear", 1)).triangle),
    curvatureAt: fit => (loss.isLinear ? fit.triangle : factored(fit.point, 0).triangle),
    free: bounds && (({ point, gradient }) => not(isHeld(bounds, point, neg(gradient)))),
    bounds
  }
}
