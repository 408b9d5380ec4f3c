import { jvp } from "../../autodiff/jacobian.js"
import { vmap } from "../../batching/index.js"
import { div, minimum, mul, neg } from "../../dataflow/arithmetic.js"
import { concat } from "../../dataflow/concat.js"
import { scalar } from "../../dataflow/create.js"
import { fail } from "../../dataflow/error.js"
import { matmul } from "../../dataflow/contract.js"
import { gt, not, where } from "../../dataflow/logic.js"
import { eye } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { sizeOf } from "../../dataflow/shape.js"
import { sliceAxis } from "../../dataflow/slice.js"
import { expandDims, reshape, transpose } from "../../dataflow/structure.js"
import { qr } from "../../linalg/qr.js"
import type { Tree } from "../../tree/index.js"
import { isHeld, type Bounds } from "../../search/bounds.js"
import { residualVector } from "../equations.js"
import { boundedProblem, type BoundsOptions } from "../limits.js"
import type { Place } from "../../search/place.js"
import type { Problem } from "../../search/problem.js"
import { inItsUnit } from "../../search/vector.js"
import { lossOf, type Loss, type RobustLoss } from "./loss.js"

/** Where a fit stands: a point, with the residuals there and their linear model, factorized. */
export interface Fit extends Place {
  /** `[m]`: r, each times the root of its weight. */
  readonly residuals: Tensor
  /** `[n, n]`: R, where J = Q R, of the Jacobian of residuals (of a robust loss with rows scaled by it). */
  readonly triangle: Tensor
  /** `[n]`: Qᵀ r, of the same residuals. */
  readonly rotated: Tensor
}

/** What of a fit is linear in the residuals: what is left is made of it. */
export type LinearFit = Pick<Fit, "point" | "residuals" | "triangle" | "rotated">

/** A cost in units of residuals, value · unit², which overflows or vanishes only where the residuals do. */
export interface FitCost {
  readonly value: Tensor
  readonly unit: Tensor
}

/** A problem of least squares, as methods see it: residuals of one vector, all leaves of its argument one after the other. */
export interface LeastSquaresProblem extends Pick<Problem, "size" | "dtype" | "vectorOf" | "treeOf"> {
  /** How many residuals there are. */
  readonly count: number
  /** The residuals at a point, `[m]`, each times the root of its weight. */
  readonly residuals: (point: Tensor) => Tensor
  /** ½ C² ρ(r² / C²) of each. */
  readonly costs: (residuals: Tensor) => Tensor
  /** Their sum, as value · unit². */
  readonly costOf: (residuals: Tensor) => FitCost
  /** The fit at a point. */
  readonly fitAt: (point: Tensor) => Fit
  /** Adds the cost and gradient to a linear fit. */
  readonly fitOf: (linear: LinearFit) => Fit
  /** The same problem with residuals, and the scale of the loss, divided by a unit. */
  readonly inUnits: (unit: Tensor) => LeastSquaresProblem
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
  readonly loss: RobustLoss
  /** C, of the loss. */
  readonly scale: number
  /** The roots of the weights, as a vector of all residuals. */
  readonly roots: ((residuals: Tree, dtype: Problem["dtype"]) => Tensor) | undefined
  readonly limits: BoundsOptions
}

/** The largest scale of a loss in units of residuals: all that could be accepted is far below it. */
const MOST_SCALE = 2 ** 60

/** Residuals of a tree like the start, and the name that errors bear. */
interface Given {
  readonly operation: string
  readonly f: (at: Tree) => Tree
  readonly terms: Terms
  readonly start: Tree
}

/** Their weighted vector. */
const weighted = ({ operation, f, terms: { roots } }: Given, at: Tree, dtype: Problem["dtype"]): Tensor => {
  const given = f(at)
  const r = residualVector(operation, given, dtype)
  if (roots === undefined) return r
  const root = roots(given, dtype)
  return where(gt(root, 0), mul(root, r), 0) // what counts for nothing may be NaN
}

/** The problem in a given unit, or as it is; and how many residuals there are, if that is known. */
const problemIn = (given: Given, givenUnit?: Tensor, known?: number): LeastSquaresProblem => {
  const { operation, start } = given
  const { loss: name, limits } = given.terms
  const bounded = { lower: limits.lower, upper: limits.upper }
  const whole = boundedProblem(operation, at => sum(loss.costs(residualsOf(at))), start, bounded)
  const { size, dtype, vectorOf, treeOf, bounds } = whole
  const scale = scalar(given.terms.scale, dtype)
  const lossIn = (unit: Tensor): Loss => lossOf(name, minimum(div(scale, unit), MOST_SCALE))
  const wholeUnit = (unit: Tensor): Tensor => (givenUnit === undefined ? unit : mul(givenUnit, unit))
  const loss = givenUnit === undefined ? lossOf(name, scale) : lossIn(givenUnit)
  const residualsOf = (at: Tree): Tensor => {
    const r = weighted(given, at, dtype)
    return givenUnit === undefined ? r : div(r, givenUnit)
  }
  const residuals = (point: Tensor): Tensor => residualsOf(treeOf(point))
  const count = known ?? sizeOf(residuals(vectorOf(start)).shape)
  if (count < size) fail("ShapeError", operation, `at least as many residuals as the ${size} parameters`, String(count))

  const factored = (point: Tensor, least: number, counted: Loss = loss): LinearFit => {
    const r = residuals(point)
    const columns = vmap((direction: Tensor) => jvp(residuals)(point, direction)[1])(eye(size, size, dtype))
    const jacobian = transpose(columns)
    const { row, residual } = counted.isLinear ? { row: undefined, residual: undefined } : counted.factors(r, least)
    const rows = row === undefined ? jacobian : mul(expandDims(row, 1), jacobian)
    const right = residual === undefined ? r : mul(residual, r)
    const both = sliceAxis(qr(concat([rows, expandDims(right, 1)], 1)).r, 0, 0, size)
    const triangle = sliceAxis(both, 1, 0, size)
    const rotated = reshape(sliceAxis(both, 1, size, size + 1), [size])
    return { point, residuals: r, triangle, rotated }
  }
  const fitOf = (linear: LinearFit): Fit => ({
    ...linear,
    value: sum(loss.costs(linear.residuals)),
    gradient: matmul(linear.rotated, linear.triangle)
  })
  return {
    ...{ size, dtype, vectorOf, treeOf, count, residuals, costs: loss.costs, fitOf, whole },
    costOf: r => {
      const { scaled, unit } = inItsUnit(r)
      return { unit, value: sum(lossIn(wholeUnit(unit)).costs(scaled)) }
    },
    fitAt: point => fitOf(factored(point, LEAST_CURVATURE)),
    inUnits: unit => problemIn(given, wholeUnit(unit), count),
    slopesAt: fit =>
      loss.isLinear ? fit.triangle : factored(fit.point, 0, lossOf("linear", scalar(1, dtype))).triangle,
    curvatureAt: fit => (loss.isLinear ? fit.triangle : factored(fit.point, 0).triangle),
    free: bounds && (({ point, gradient }) => not(isHeld(bounds, point, neg(gradient)))),
    bounds
  }
}

/** Makes the problem of residuals and a tree like their argument. `operation`: the name that errors bear. */
export const leastSquaresOf = (
  operation: string,
  f: (at: Tree) => Tree,
  terms: Terms,
  start: Tree
): LeastSquaresProblem => problemIn({ operation, f, terms, start })
