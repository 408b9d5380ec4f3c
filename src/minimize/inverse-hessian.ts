import { hessian } from "../autodiff/jacobian.js"
import { add, div, mul, sub } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { and, gt, le, lt, where } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { expandDims } from "../dataflow/structure.js"
import { solveFor } from "../linalg/solve.js"
import { beside, choice, fixed, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import { whileLoop } from "../tree/while-loop.js"
import { implicitly } from "./implicit.js"
import type { Problem } from "../search/problem.js"
import { count, dot } from "../search/vector.js"

/** How the linear system of a derivative is solved. */
export const solverFields = {
  /**
   * "dense" (the default) makes the Hessian, a matrix of n × n, and eliminates; "conjugateGradients" takes products of it only,
   * for many variables, where it is positive definite.
   */
  linearSolver: choice(["dense", "conjugateGradients"], "dense"),
  /**
   * ≥ 0: conjugate gradients end where the residual is this share of the right side. Where they do not come to that, the
   * derivative is NaN. Default 1e-10, if all leaves are f32 1e-5.
   */
  solverTolerance: beside("linearSolver", fixed(nonNegative, "none"), "conjugateGradients"),
  /** How many products of the Hessian they take at most, in multiples of n: a whole number from 1. Default 20. */
  maxProducts: beside("linearSolver", fixed(positiveInteger, 20), "conjugateGradients")
}

/** The options of how a linear system is solved. */
export interface SolverOptions extends OptionsOf<typeof solverFields> {}

/** Which variables are free, if any is not; H is taken for the identity on the others. */
type Free = Tensor | undefined

const freely = (free: Free, x: Tensor, otherwise: Tensor): Tensor =>
  free === undefined ? x : where(free, x, otherwise)

/** The Hessian of the free variables. */
const matrixOf = (problem: Problem, x: Tensor, free: Free): Tensor => {
  const whole = hessian(problem.value)(x)
  if (free === undefined) return whole
  return where(and(expandDims(free, 0), expandDims(free, 1)), whole, eye(problem.size, problem.size, problem.dtype))
}

interface Solving {
  readonly solution: Tensor
  readonly residual: Tensor
  readonly direction: Tensor
  readonly products: Tensor
}

/** H⁻¹ b by conjugate gradients; NaN where they do not arrive. */
const byConjugateGradients = (times: (v: Tensor) => Tensor, b: Tensor, tolerance: number, most: number): Tensor => {
  const small = mul(tolerance, norm(b))
  const { solution, residual } = whileLoop<Solving>(
    ({ residual, products }) => and(gt(norm(residual), small), lt(products, most)),
    ({ solution, residual, direction, products }) => {
      const bent = times(direction)
      const [squared, alpha] = [dot(residual, residual), div(dot(residual, residual), dot(direction, bent))]
      const left = sub(residual, mul(alpha, bent))
      return {
        solution: add(solution, mul(alpha, direction)),
        residual: left,
        direction: add(left, mul(div(dot(left, left), squared), direction)),
        products: add(products, 1)
      }
    },
    { solution: zerosLike(b), residual: b, direction: b, products: count(0) }
  )
  return where(le(norm(residual), small), solution, NaN)
}

/** What the system is made of: the problem under arguments θ. */
type ProblemOf = (args: readonly Tensor[]) => Problem

/** H⁻¹ b at a minimum: of a symmetric H, so that it serves both directions of derivatives. */
export const inverseHessianTimes = (
  operation: string,
  { linearSolver, solverTolerance, maxProducts }: Resolved<typeof solverFields>,
  problemOf: ProblemOf
): ((x: Tensor, args: readonly Tensor[], free: Free, b: Tensor) => Tensor) => {
  if (linearSolver === "dense")
    return (x, args, free, b) => solveFor(matrixOf(problemOf(args), x, free), b, { operation, onFailure: "throw" })
  const solve = (x: Tensor, args: readonly Tensor[], free: Free, b: Tensor): Tensor => {
    const times = (at: Tensor, own: readonly Tensor[], v: Tensor): Tensor =>
      freely(free, problemOf(own).hessianProduct(at, freely(free, v, zerosLike(v))), v)
    const tolerance = solverTolerance ?? (x.dtype === "f64" ? 1e-10 : 1e-5)
    // v of H(x, θ) v - b = 0: itself an implicit function, of x, θ and b
    return implicitly(
      {
        name: operation,
        find: ([at, right, ...own]) =>
          byConjugateGradients(
            v => times(at as Tensor, own, v),
            right as Tensor,
            tolerance,
            maxProducts * (x.shape[0] as number)
          ),
        residual: (v, [at, right, ...own]) => sub(times(at as Tensor, own, v), right as Tensor),
        solveTransposed: (_, [at, , ...own], ct) => solve(at as Tensor, own, free, ct)
      },
      [x, b, ...args]
    )
  }
  return solve
}
