import { mul, neg } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { eq } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { backtracking } from "./backtracking.js"
import { descend } from "./descend.js"
import { lineSearchField } from "./line-search.js"
import { beginAt, type Method } from "./method.js"
import { atLeastOne } from "./ranges.js"

const fields = {
  /** ≥ 1: how many times the length of a step the next one begins with. Default 2. */
  growth: fixed(atLeastOne, 2),
  /** How it finds the length of a step. Default `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ backtracking())
}

/** The options of gradient descent. */
export interface GradientDescentOptions extends OptionsOf<typeof fields> {}

/** What gradient descent remembers: the length of the last step, in units of the gradient; 0 before the first. */
export interface GradientDescentMemory extends Readonly<Record<string, Tensor>> {
  readonly length: Tensor
}

/**
 * Makes gradient descent: `x' = x - α ∇f(x)`. A line search for α begins with `growth` times the last one; the first
 * step is of length 1, or of the gradient if that is shorter. It is slow in narrow valleys, and forgives everything. With bounds the
 * step that is tried first is projected, and the line search goes along it.
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone. Cauchy, 1847; Nocedal & Wright, 2006,
 * section 3.1.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { gradientDescent, minimize } from "thalweg/minimize"
 *
 * const { history } = minimize((x: Tensor) => square(sub(x, 3)), { method: gradientDescent() })(scalar(0, "f64"))
 * assert.ok(history.values.every((value, i, all) => i === 0 || value <= (all[i - 1] ?? 0)))
 */
export const gradientDescent: Recipe<
  typeof fields,
  (options?: GradientDescentOptions) => Method<GradientDescentMemory>
> = recipe("gradientDescent", fields, {}, ({ growth, lineSearch }): Method<GradientDescentMemory> => ({
  name: "gradientDescent",
  takesBounds: true,
  init: (problem, start) => beginAt(problem, start, { length: scalar(0, problem.dtype) }),
  step: (problem, iterate) =>
    descend(problem, lineSearch, iterate, {
      direction: neg(iterate.gradient),
      length: mul(growth, iterate.memory.length),
      isFresh: eq(iterate.memory.length, 0),
      fresh: { length: scalar(0, problem.dtype) },
      remember: (_, { length }) => ({ length })
    })
}))
