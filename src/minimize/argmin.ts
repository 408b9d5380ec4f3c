import { checkFunction } from "../dataflow/check.js"
import { neg } from "../dataflow/arithmetic.js"
import { stopGradient } from "../dataflow/elementwise.js"
import { eq, not, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { Tree, type TreeLike, type TreesLike } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import { isHeld } from "../search/bounds.js"
import { implicitly } from "./implicit.js"
import { inverseHessianTimes, solverFields, type SolverOptions } from "./inverse-hessian.js"
import type { AnyMethod } from "./method.js"
import { boundedProblem } from "./limits.js"
import { minimizing, type Objective } from "./minimizer.js"
import { loopFields, requireTaken } from "./options.js"
import type { Problem } from "../search/problem.js"
import { runFrom } from "./run.js"
import { CONVERGED } from "./status.js"

const fields = { ...loopFields, ...solverFields }

/** How to minimize within a graph, and how to differentiate where that leads. */
export interface ArgminOptions extends Omit<OptionsOf<typeof loopFields>, "method">, SolverOptions {
  /** How to minimize, such as `bfgs()`. Default `lbfgs()`. */
  readonly method?: AnyMethod | undefined
}

/** Which variables no bound holds, where there are bounds. */
const freeOf = ({ bounds }: Problem, x: Tensor, gradient: Tensor): Tensor | undefined =>
  bounds && not(isHeld(bounds, x, neg(gradient)))

/**
 * Makes the place of a minimum a differentiable function of data: `x*(θ) = argmin f(x, θ)`, a local minimum near the start, the one
 * that `minimize` finds under the same options. Its derivative is that of the equations ∇f(x*, θ) = 0 (the implicit function theorem),
 *
 *     dx* = -H⁻¹ ∂θ∇f(x*, θ) dθ,   H = ∂²f(x*, θ) / ∂x²
 *
 * not that of the loop. It is a graph, so that it works inside `grad`, `jvp`, `hessian`, `compile` and `vmap`; forward and reverse,
 * and derivatives of any order. Where nobody asks for the derivative it costs nothing. The start is held fixed: the derivative by it is 0.
 *
 * Derivatives flow to `data`. A value that `f` closes over has none: to differentiate by it is a `GradientError`, never a 0.
 *
 * The formula is exact where the gradient is 0; where it is only below `tolerance`, x* and its derivative are off by about as much,
 * times H⁻¹. Bounds that hold a variable hold it under small changes of the data too: its derivative is 0, the others have that of the
 * problem without it. (Where the slope at a bound is 0 as well, derivatives from both sides differ; this is that of a free variable.)
 *
 * `linearSolver` says how H⁻¹ comes about. "dense" needs an invertible H: a singular one, where the minimum is no single point, is a
 * `MatrixError` when the derivative is computed. "conjugateGradients" needs a positive definite H; where it does not arrive within
 * `maxProducts`, the derivative is NaN.
 *
 * Where the search does not converge, x* and its derivative are NaN; `minimize` says why (as often as not the `tolerance`, which is
 * absolute, is less than rounding lets it reach). A start outside of its bounds gives way to the nearest point within.
 *
 * Throws what `minimize` throws for functions, starts, bounds and options, as far as it can be told without values.
 *
 * Laws: the minimum of a quadratic has the value and derivatives of its closed form; a minimum changes with the data as differences of
 * minima say, forward as well as backward.
 *
 * Griewank & Walther, Evaluating Derivatives, 2nd edition, 2008, section 15; Blondel et al., NeurIPS 2022 (arXiv 2105.15183), as
 * `implicit_diff` of jaxopt.
 *
 * @example
 * import assert from "node:assert"
 * import { add, grad, item, mul, scalar, square, sub, type Tensor } from "thalweg"
 * import { argmin } from "thalweg/minimize"
 *
 * // ridge regression of one number: (w - 3)² + λw² has its minimum at 3 / (1 + λ), with the derivative -3 / (1 + λ)²
 * const ridge = (w: Tensor, decay: Tensor) => add(square(sub(w, 3)), mul(decay, square(w)))
 * const weight = (decay: Tensor) => argmin(ridge)(scalar(0, "f64"), decay)
 * assert.ok(Math.abs(item(weight(scalar(0.5, "f64"))) - 2) < 1e-6)
 * assert.ok(Math.abs(item(grad(weight)(scalar(0.5, "f64"))) + 4 / 3) < 1e-6)
 * assert.ok(Math.abs(item(grad(grad(weight))(scalar(0.5, "f64"))) - 16 / 9) < 1e-6)
 */
export const argmin = <P extends TreeLike<P>, D extends TreesLike<D> = readonly []>(
  f: Objective<P, D>,
  options: ArgminOptions = {}
): ((start: P, ...data: D) => P) => {
  checkFunction("argmin", f)
  const settings = resolve("argmin", fields, options)
  requireTaken("argmin", settings)
  const objective = f as unknown as Objective<Tree, readonly Tree[]>
  const transitions = minimizing("argmin", objective, settings)
  return (start, ...data) => {
    flattenAs("argmin", { start, data })
    const first = Tree.map(stopGradient)(start as Tree)
    const { leaves, structure } = Tree.flatten(data as readonly Tree[])
    const dataOf = Tree.unflatten<readonly Tree[]>(structure)
    const problemAt = (args: readonly Tensor[]): Problem =>
      boundedProblem("argmin", at => objective(at, ...dataOf(args)), first, settings)
    const solve = inverseHessianTimes("argmin", settings, problemAt)
    const gradientAt = (x: Tensor, args: readonly Tensor[]): Tensor => problemAt(args).valueAndGradient(x)[1]
    const free = (x: Tensor, args: readonly Tensor[]) => freeOf(problemAt(args), x, gradientAt(x, args))
    const x = implicitly(
      {
        name: "argmin",
        find: args => {
          const own = dataOf(args)
          const { at, status } = runFrom(transitions, transitions.init(first, own), own)
          return where(eq(status, CONVERGED), problemAt(args).vectorOf(at), NaN)
        },
        residual: (x, args) => {
          const own = free(x, args)
          const gradient = gradientAt(x, args)
          return own === undefined ? gradient : where(own, gradient, 0)
        },
        solveTransposed: (x, args, v) => solve(x, args, free(x, args), v)
      },
      leaves
    )
    return problemAt(leaves).treeOf(x) as P
  }
}
