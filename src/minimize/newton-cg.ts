import { abs, add, div, minimum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { scalar, zerosLike } from "../dataflow/create.js"
import { and, eq, le, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { sqrt } from "../dataflow/transcendental.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { whileLoop } from "../tree/while-loop.js"
import { descend } from "./descend.js"
import { lineSearchField } from "../search/line-search.js"
import { beginAt, counted, type Iterate, type Method } from "./method.js"
import type { Problem } from "../search/problem.js"
import { unit } from "../search/ranges.js"
import { strongWolfe } from "../search/strong-wolfe.js"
import { count, dot, epsilonOf, inItsUnit } from "../search/vector.js"

const fields = {
  /** 0 < η < 1: the share of the gradient that may be left of H p + ∇f, far from a minimum. Default 0.1. */
  forcing: fixed(unit, 0.1),
  /** How many products of the Hessian a step takes, at most, in multiples of n: a whole number from 1. Default 20. */
  maxProducts: fixed(positiveInteger, 20),
  /** How it finds the length of a step. Default `strongWolfe()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ strongWolfe())
}

/** The options of Newton's method by conjugate gradients. */
export interface NewtonCgOptions extends OptionsOf<typeof fields> {}

/** What Newton's method remembers. */
export interface NewtonCgMemory extends Readonly<Record<string, Tensor>> {
  /** A bool scalar: whether nothing lower was found along its last direction, so that it goes along -∇f now. */
  readonly failed: Tensor
}

interface Solving {
  readonly solution: Tensor
  readonly residual: Tensor
  readonly direction: Tensor
  readonly products: Tensor
  readonly done: Tensor
}

/** p with H p ≈ -∇f, in the unit of the gradient, until the residual is small or the function curves down; and how many products that took. */
const solve = (
  problem: Problem,
  { point, gradient, memory }: Iterate<NewtonCgMemory>,
  forcing: number,
  most: number
): Pick<Solving, "solution" | "products"> => {
  const length = norm(gradient)
  const { scaled, unit: gradientUnit } = inItsUnit(gradient)
  const small = mul(minimum(forcing, sqrt(length)), div(length, gradientUnit))
  const { solution, products } = whileLoop<Solving>(
    ({ done, products }) => and(not(done), lt(products, most)),
    ({ solution, residual, direction, products }) => {
      const bent = problem.hessianProduct(point, direction)
      const curvature = dot(direction, bent)
      const isFlat = le(abs(curvature), mul(epsilonOf(problem.dtype), mul(norm(direction), norm(bent))))
      const squared = dot(residual, residual)
      // where it curves down, as far as if it curved up as much: a direction of descent, which the line search goes on along
      const alpha = div(squared, abs(curvature))
      const further = add(solution, mul(alpha, direction))
      const left = add(residual, mul(alpha, bent))
      const next = sub(mul(div(dot(left, left), squared), direction), left)
      return {
        solution: where(isFlat, where(eq(products, 0), direction, solution), further),
        residual: left,
        direction: next,
        products: add(products, 1),
        done: or(or(isFlat, lt(curvature, 0)), le(norm(left), small))
      }
    },
    {
      solution: zerosLike(gradient),
      residual: scaled,
      direction: neg(scaled),
      products: count(0),
      done: or(memory.failed, eq(length, 0))
    }
  )
  return { solution: mul(solution, gradientUnit), products }
}

/**
 * Makes Newton's method without a matrix. It goes along p with H p ≈ -∇f(x), H = ∇²f(x), which conjugate gradients find by
 * products of H with vectors. They end when ‖H p + ∇f‖ ≤ min(η, √‖∇f‖) ‖∇f‖, so that it converges superlinearly, and where H
 * curves down along a direction: there it goes as far as if it curved up as much. Where nothing lower is found along p it goes along -∇f(x). Few iterations and evaluations, many products.
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithm 7.1, with the strong Wolfe conditions and a smaller η; it
 * deviates where H curves down: there the book leaves out the direction, unless it is the first.
 *
 * @example
 * import assert from "node:assert"
 * import { add, cos, mul, tensor, sum, square, type Tensor } from "thalweg"
 * import { minimize, newtonCg } from "thalweg/minimize"
 *
 * const wavy = (x: Tensor) => sum(add(square(x), mul(0.3, cos(mul(3, x)))))
 * const { reason, evaluations } = minimize(wavy, { method: newtonCg() })(tensor([1, 2], { dtype: "f64" }))
 * assert.ok(reason === "converged" && evaluations.hessianProducts > 0)
 */
export const newtonCg: Recipe<typeof fields, (options?: NewtonCgOptions) => Method<NewtonCgMemory>> = recipe(
  "newtonCg",
  fields,
  {},
  ({ forcing, maxProducts, lineSearch }): Method<NewtonCgMemory> => ({
    name: "newtonCg",
    init: (problem, start) => beginAt(problem, start, { failed: scalar(false) }),
    step: (problem, iterate) => {
      const { solution, products } = solve(problem, iterate, forcing, maxProducts * problem.size)
      const after = descend(problem, lineSearch, iterate, {
        direction: where(iterate.memory.failed, neg(iterate.gradient), solution),
        length: scalar(1, problem.dtype),
        isFresh: iterate.memory.failed,
        fresh: { failed: scalar(true) },
        remember: () => ({ failed: scalar(false) })
      })
      return { ...after, evaluations: counted(after.evaluations, { hessianProducts: products }) }
    }
  })
)
