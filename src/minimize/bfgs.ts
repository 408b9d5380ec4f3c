import { add, mul, neg, reciprocal, sub } from "../dataflow/arithmetic.js"
import { matmul, outer } from "../dataflow/contract.js"
import { scalar } from "../dataflow/create.js"
import { and, eq, gt, isFinite, where } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { descend } from "./descend.js"
import { scaleAlong } from "../search/curvature.js"
import { lineSearchField } from "../search/line-search.js"
import { beginAt, type Method } from "./method.js"
import type { Problem } from "../search/problem.js"
import { strongWolfe } from "../search/strong-wolfe.js"
import { dot } from "../search/vector.js"

const fields = {
  /** ≥ 0: the least cosine between a step and how the gradient changed, for H to be updated. Default 1e-10. */
  leastCurvature: fixed(nonNegative, 1e-10),
  /** How it finds the length of a step: `strongWolfe()` (the default) or `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ strongWolfe())
}

/** The options of BFGS. */
export interface BfgsOptions extends OptionsOf<typeof fields> {}

/** What BFGS remembers. */
export interface BfgsMemory extends Readonly<Record<string, Tensor>> {
  /** H, the inverse of the Hessian as far as it is known, `[n, n]`. */
  readonly inverse: Tensor
  /** How many steps H was made of, since it last began as a multiple of the identity, a scalar. */
  readonly updates: Tensor
}

/** H', of a step s and the change y of the gradient (Nocedal & Wright, eq. 6.17), multiplied out. */
const updated = (inverse: Tensor, s: Tensor, y: Tensor, product: Tensor): Tensor => {
  const rho = reciprocal(product)
  const turned = matmul(inverse, y)
  const along = mul(rho, add(1, mul(rho, dot(y, turned))))
  return add(sub(inverse, mul(rho, add(outer(turned, s), outer(s, turned)))), mul(along, outer(s, s)))
}

const remember = (before: BfgsMemory, s: Tensor, y: Tensor, least: number): BfgsMemory => {
  const product = dot(s, y)
  const isCurved = and(gt(product, mul(mul(least, norm(s)), norm(y))), isFinite(reciprocal(product)))
  const { inverse, updates } = before
  const scaled = where(eq(updates, 0), mul(scaleAlong(s, y), inverse), inverse)
  const after: BfgsMemory = { inverse: updated(scaled, s, y, product), updates: add(updates, 1) }
  return Tree.zipWith((a: Tensor, b: Tensor) => where(isCurved, a, b))(after, before)
}

/**
 * Makes BFGS, for some hundred variables at most. It goes along -H∇f(x), with the H that it makes of all steps s and changes y of
 * the gradient so far,
 *
 *     H' = (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ,   ρ = 1 / sᵀy,   beginning with γ I,   γ = sᵀy / yᵀy of the first
 *
 * H is a matrix of n × n; where that is too large, `lbfgs` is the same with less memory. Steps along which the function does not curve up
 * (`leastCurvature`) leave H as it is. The first step is of length 1, or of the gradient if that is shorter. Where H gives no
 * direction of descent, or nothing lower is found along it, it begins anew, along -∇f(x).
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithm 6.1, with eq. 6.20.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { bfgs, minimize } from "thalweg/minimize"
 *
 * const { reason, iterations } = minimize((x: Tensor) => square(sub(x, 3)), { method: bfgs() })(scalar(0, "f64"))
 * assert.deepStrictEqual([reason, iterations], ["converged", 2])
 */
export const bfgs: Recipe<typeof fields, (options?: BfgsOptions) => Method<BfgsMemory>> = recipe(
  "bfgs",
  fields,
  {},
  ({ leastCurvature, lineSearch }): Method<BfgsMemory> => {
    const freshFor = ({ size, dtype }: Pick<Problem, "size" | "dtype">): BfgsMemory => ({
      inverse: eye(size, size, dtype),
      updates: scalar(0, dtype)
    })
    return {
      name: "bfgs",
      init: (problem, start) => beginAt(problem, start, freshFor(problem)),
      step: (problem, iterate) =>
        descend(problem, lineSearch, iterate, {
          direction: neg(matmul(iterate.memory.inverse, iterate.gradient)),
          length: scalar(1, problem.dtype),
          isFresh: eq(iterate.memory.updates, 0),
          fresh: freshFor(problem),
          remember: (before, { step, change }) => remember(before, step, change, leastCurvature)
        })
    }
  }
)
