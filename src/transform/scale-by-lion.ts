import { abs, sign } from "../dataflow/arithmetic.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { tanh } from "../dataflow/transcendental.js"
import { beside, choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { times } from "./common.js"
import { ema, emaOf, type FirstMomentF } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: how much of the average the update keeps, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the average, `0 ≤ β₂ < 1`. Default 0.99. */
  b2: hyper(decay, 0.99),
  /**
   * What is made of the mixture `x`: "hard", its sign, as in the paper (the default), or, as in optax, "smooth",
   * `tanh(β·x)`, or "refined", `x` itself where `|x| < 1` and else its sign.
   */
  mode: choice(["hard", "smooth", "refined"], "hard"),
  /** β > 0: the slope at 0 of the mode "smooth", per unit of the gradient. Default 1. */
  smoothBeta: beside("mode", hyper(positive, 1), "smooth")
}

/** The options of Lion but for its rate and its decay. */
export interface LionScaling extends OptionsOf<typeof fields> {}

/**
 * Takes the sign of a gradient mixed with the average of those before: `u = sign(β₁·m + (1-β₁)·g)`, and then
 * `m = β₂·m + (1-β₂)·g`, from `m = 0`.
 *
 * With other modes, `tanh(β·x)` or `clamp(x, -1, 1)` of the mixture `x` in place of its sign. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: no element exceeds 1; does not see the scale of the gradients ("hard"); odd; elementwise; β₁ = 0 is
 * `scaleBySign`, exactly.
 * Source: Chen et al. 2023, arXiv 2302.06675, Algorithm 2; the other modes as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByLion } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const lion = scaleByLion({ b1: 0.75, b2: 0.5 })
 * const [u1, s1] = lion.update(tensor([4]), lion.init(p), p, clockAt(0)) // m = 2
 * const [u2] = lion.update(tensor([-5]), s1, p, clockAt(1)) // 0.75·2 - 0.25·5
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [1]])
 */
export const scaleByLion: Recipe<typeof fields, (options?: LionScaling) => Transform<FirstMomentF>> = recipe(
  "scaleByLion",
  fields,
  {},
  ({ b1, b2, mode, smoothBeta }) => ({
    init: params => ({ mu: Tree.zerosLike(params) }),
    update: (updates, { mu }, _, { step }) => {
      const limited = {
        hard: sign,
        smooth: (x: Tensor) => tanh(times(x, smoothBeta(step))),
        refined: (x: Tensor) => where(lt(abs(x), 1), x, sign(x))
      }[mode]
      const mixed = Tree.zipWith((m: Tensor, g: Tensor) => limited(ema(b1(step), m, g)))
      return [mixed(mu, updates), { mu: emaOf(b2(step))(mu, updates) }]
    }
  })
)
