import { abs, div, maximum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { scalar, zeros } from "../dataflow/create.js"
import { eq, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { descend } from "./descend.js"
import { lineSearchField } from "../search/line-search.js"
import { beginAt, type Method } from "./method.js"
import type { Problem } from "../search/problem.js"
import { strongWolfe } from "../search/strong-wolfe.js"
import { dot, inItsUnit, unitOf } from "../search/vector.js"

const fields = {
  /** ν ≥ 0: it begins anew where two gradients that follow each other have at least this cosine, nearly. Default 0.1. */
  restart: fixed(nonNegative, 0.1),
  /** How it finds the length of a step. Default `strongWolfe({ curvature: 0.3 })`; a loose one makes poor directions. */
  lineSearch: lineSearchField(/* @__PURE__ */ strongWolfe({ curvature: 0.3 }))
}

/** The options of conjugate gradients. */
export interface ConjugateGradientsOptions extends OptionsOf<typeof fields> {}

/** What conjugate gradients remember: the next direction, `[n]`, and the fall that the last step could have promised, αφ'(0). */
export interface ConjugateGradientsMemory extends Readonly<Record<string, Tensor>> {
  readonly direction: Tensor
  /** A scalar, below 0; 0 where nothing is remembered. */
  readonly promised: Tensor
}

/** β of Polak and Ribière, not below 0, and 0 where gradients are far from orthogonal. */
const betaOf = (before: Tensor, after: Tensor, change: Tensor, restart: number): Tensor => {
  const unit = unitOf(before)
  const [own, next, changed] = [before, after, change].map(x => div(x, unit)) as [Tensor, Tensor, Tensor]
  const beta = maximum(0, div(dot(next, changed), dot(own, own)))
  return where(lt(abs(dot(next, own)), mul(restart, dot(next, next))), beta, 0)
}

/**
 * Makes nonlinear conjugate gradients, for many variables and little memory. It goes along d, the next of which is
 *
 *     d' = -∇f(x') + β d,   β = max(0, ∇f(x')·y / ‖∇f(x)‖²),   y = ∇f(x') - ∇f(x)    (Polak & Ribière, with +)
 *
 * and begins anew, with β = 0, where |∇f(x')·∇f(x)| ≥ ν‖∇f(x')‖² (Powell), where d is no direction of descent, and where nothing
 * lower is found. A step takes no more memory than a few vectors. Lengths begin with the one that would promise as much as the
 * last did, α φ'(0); the first step is of length 1, or of the gradient if that is shorter.
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, eq. 5.44, 5.45 and 5.52; lengths: section 3.5.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { conjugateGradients, minimize } from "thalweg/minimize"
 *
 * const { reason } = minimize((x: Tensor) => square(sub(x, 3)), { method: conjugateGradients() })(scalar(0, "f64"))
 * assert.strictEqual(reason, "converged")
 */
export const conjugateGradients: Recipe<
  typeof fields,
  (options?: ConjugateGradientsOptions) => Method<ConjugateGradientsMemory>
> = recipe("conjugateGradients", fields, {}, ({ restart, lineSearch }): Method<ConjugateGradientsMemory> => {
  const freshFor = ({ size, dtype }: Problem): ConjugateGradientsMemory => ({
    direction: zeros([size], dtype),
    promised: scalar(0, dtype)
  })
  return {
    name: "conjugateGradients",
    init: (problem, start) => beginAt(problem, start, freshFor(problem)),
    step: (problem, iterate) => {
      const { gradient, memory } = iterate
      const isFresh = eq(memory.promised, 0)
      const direction = where(isFresh, neg(gradient), memory.direction)
      const { scaled, unit } = inItsUnit(direction)
      return descend(problem, lineSearch, iterate, {
        direction,
        length: div(div(memory.promised, dot(gradient, scaled)), unit),
        isFresh,
        fresh: freshFor(problem),
        remember: (_, { direction: d, gradient: after, change, promised }) => ({
          direction: sub(mul(betaOf(gradient, after, change, restart), d), after),
          promised
        })
      })
    }
  }
})
