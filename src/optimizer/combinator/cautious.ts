import { add, div, maximum, mul, sign } from "../../dataflow/arithmetic.js"
import { cast } from "../../dataflow/elementwise.js"
import { lt } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { sizeOf } from "../../dataflow/shape.js"
import { beside, choice, hyper, type OptionsOf } from "../../options/fields.js"
import { fraction, nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { one, quotient, times } from "../../transform/common.js"
import { checkGoesByGradient, type StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { moveBy } from "../motion.js"
import { altered, type Optimizer } from "../optimizer.js"
import { byGradient } from "../traits.js"

const fields = {
  /**
   * What makes up for what is held back, of `d` elements of which `n` go on: "counted" (the default) `d / (n + ξ)`, "bounded"
   * `1 / max(n/d, least)`, "none" 1.
   */
  scale: choice(["counted", "bounded", "none"], "counted"),
  /** ξ ≥ 0, of "counted": what is added to the number of elements that go on. Default 1. */
  xi: beside("scale", hyper(nonNegative, 1), "counted"),
  /** The least share, from 0 to 1, that "bounded" divides by. Default 1e-3. */
  least: beside("scale", hyper(fraction, 1e-3), "bounded")
}

/** How what is held back is made up for. */
export interface CautiousOptions extends OptionsOf<typeof fields> {}

type Share = (goesOn: Tensor, xi: Tensor, least: Tensor) => Tensor

const countOf = (goesOn: Tensor): Tensor => sum(cast(goesOn, "f64"))

/** What displacements are divided by. */
const shares: Readonly<Record<"counted" | "bounded" | "none", Share>> = {
  counted: (goesOn, xi) => div(add(countOf(goesOn), xi), sizeOf(goesOn.shape)),
  bounded: (goesOn, _, least) => maximum(div(countOf(goesOn), sizeOf(goesOn.shape)), least),
  none: () => one
}

/**
 * Holds back what would go up the gradient: `Δ' = s·φ·Δ` with `φ = 1` where `Δ·g < 0`, else 0, and in each leaf of `d`
 * elements, of which `n` go on, `s = d / (n + ξ)`.
 *
 * Acts on the displacement, by the signs of the gradient that the inner optimizer sees. In a `pipe`, a `withWeightDecay` after
 * it is not held back; what stands before it is. Elements whose gradient is 0 stay. What `accumulate` within holds back until
 * the end is not looked at. Looks across each leaf; its rate is that of the optimizer within. Throws a `HyperparameterError`
 * for options out of range.
 *
 * Laws: no displacement goes up the gradient; what goes on is that of the inner optimizer times one number for each leaf;
 * over `sgd` nothing is held back.
 * Source: Liang et al. 2024, arXiv 2411.16085, Algorithm 1, with ξ 1; `scale: "bounded"` is the authors' later code, whose
 * share is at least 1e-3.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { cautious, momentum } from "thalweg/optimizer"
 *
 * const opt = pipe(momentum({ learningRate: 1, momentum: 0.5 }), cautious({ scale: "none" }))
 * const p0 = { w: tensor([0, 0]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([8, 8]) })
 * const [p2] = opt.step(p1, s1, { w: tensor([-1, 1]) }) // the velocity, -3, would go up the first
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[-8, -8], [-8, -13]])
 */
export const cautious: Recipe<
  typeof fields,
  (options?: CautiousOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<F>
> = combinator(
  "cautious",
  fields,
  { additive: {}, leafwise: {}, ...byGradient, scaleFree: {} },
  ({ scale, xi, least }) =>
    inner =>
      altered(checkGoesByGradient("cautious", inner), {
        move: (grads, state, params, now) => {
          const [{ by }, after] = inner.motion.move(grads, state, params, now)
          const held = Tree.zipWith((delta: Tensor, g: Tensor) => {
            const goesOn = cast(lt(mul(sign(delta), sign(g)), 0), delta.dtype)
            return times(mul(delta, goesOn), quotient(one, shares[scale](goesOn, xi(now.step), least(now.step))))
          })
          return [moveBy(params, held(by, grads)), after]
        }
      })
)
