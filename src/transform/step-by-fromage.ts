import { add, div, maximum, mul, neg, square, sub } from "../dataflow/arithmetic.js"
import { eq, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { times } from "./common.js"
import { timesRatio, globalNorm } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"

const fields = {
  /** η ≥ 0, without a unit: the length of a step in every leaf, as a part of the length of its parameters. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** The least norm that parameters and gradients count with, at least 0. Default 0; optax 1e-6. */
  minNorm: hyper(nonNegative, 0)
}

/** The options of Fromage. */
export interface FromageOptions extends OptionsOf<typeof fields> {}

/**
 * Steps by a part of the length of each leaf and shrinks it by as much as that would lengthen it: the displacement to
 * `(p - η·(‖p‖/‖g‖)·g) / √(1 + η²)`, norms leaf by leaf, each at least `minNorm`; the ratio is 1 where either is 0.
 *
 * Looks across each leaf; norms are taken in f64. What it gives is a displacement already; its `rate` is η.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of any leaf (p ≠ 0); a gradient at right angles to its leaf keeps the norm
 * of that; zero gradients shrink `p` to `p/√(1 + η²)`, as in the paper; not elementwise; depends on the parameters.
 * Source: Bernstein et al. 2020, arXiv 2002.03432, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByFromage } from "thalweg/transform"
 *
 * const p = tensor([5, 0])
 * const fromage = stepByFromage({ learningRate: 0.75 }) // √(1 + η²) = 1.25
 * const [d] = fromage.update(tensor([0, -8]), fromage.init(p), p, clockAt(0))
 * assert.deepStrictEqual(toArray(d), [-1, 3]) // to [4, 3], 5 long as before
 */
export const stepByFromage: Recipe<typeof fields, (options?: FromageOptions) => Transform<StatelessF>> = recipe(
  "stepByFromage",
  fields,
  {},
  ({ learningRate, minNorm }) => ({
    init: () => [],
    update: (updates, state, params, { step }) => {
      const [eta, least] = [learningRate(step), minNorm(step)]
      const longer = sqrt(add(1, square(eta)))
      const [length, loss] = [div(eta, longer), div(square(eta), mul(longer, add(1, longer)))] // loss = 1 - 1/longer
      const displacement = Tree.zipWith((g: Tensor, p: Tensor) => {
        const [above, below] = [maximum(globalNorm(p), least), maximum(globalNorm(g), least)]
        const absent = or(eq(above, 0), eq(below, 0))
        const [top, bottom] = [where(absent, 1, above), where(absent, 1, below)]
        return sub(timesRatio(g, neg(mul(length, top)), bottom), times(p, loss))
      })(updates, params)
      return [displacement, state]
    },
    rate: (_, { step }) => learningRate(step)
  })
)
