import { add, mul, sub } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, flushedSquare, times, zero } from "./common.js"
import { debias, emaOf, momentQuotient, zeroSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"
import { axesOfUnit, meanOver, shapeWithout, type Units } from "./units.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moments, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /**
   * What has one second moment: a unit (neuron, channel, token) along the "last" axis (the default, that of our kernels `[in,
   * out]`) or along the "first" (that of an embedding), or a whole "leaf".
   */
  blocks: choice(["last", "first", "leaf"], "last")
}

/** The options of Adam-mini but for its rate and its decay. */
export interface AdamMiniScaling extends OptionsOf<typeof fields> {}

/** The averages of gradients (`mu`), and those of the mean squares of blocks (`blocks`), not debiased. */
export type AdamMiniState<P extends Tree> = { readonly mu: P; readonly blocks: P }

/** A moment for every parameter, and a second one for every block, in its dtype; in f64 where ε is below 2⁻⁵⁰. */
export interface AdamMiniF extends StateFamily {
  readonly type: AdamMiniState<this["params"]>
}

/** The axes within a block. */
const axesOf = (blocks: Units | "leaf", leaf: Tensor): readonly number[] =>
  blocks === "leaf" ? range(leaf.shape.length) : axesOfUnit(blocks, leaf)

/**
 * Divides the mean gradient by the root of the mean square of its block: with `m = β₁·m + (1-β₁)·g` and for each block
 * `v = β₂·v + (1-β₂)·mean(g²)`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(v/c₂) + ε)`.
 *
 * A vector or scalar is one block. The moments start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); odd; leaves apart; where all gradients of a block have one size, Adam.
 * Source: Zhang et al. 2024, arXiv 2406.16793, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdamMini } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const mini = scaleByAdamMini()
 * const [u, { blocks }] = mini.update(tensor([[7, 5], [1, 5]]), mini.init(p), p, clockAt(0)) // root mean squares 5 and 5
 * assert.deepStrictEqual([blocks.shape, toArray(round(u))], [[1, 2], [[1, 1], [0, 1]]])
 */
export const scaleByAdamMini: Recipe<typeof fields, (options?: AdamMiniScaling) => Transform<AdamMiniF>> = recipe(
  "scaleByAdamMini",
  fields,
  {},
  ({ b1, b2, eps, blocks }) => ({
    init: params => ({
      mu: Tree.zerosLike(params),
      blocks: Tree.map(t => zeros(shapeWithout(axesOf(blocks, t), t), t.dtype))(zeroSquares(eps)(params))
    }),
    update: (updates, before, _, { step }) => {
      const [beta1, beta2] = [b1(step), b2(step)]
      const divided = momentQuotient("debiased", [debias(beta1, step), debias(beta2, step)], [eps(step), zero])
      const mu = emaOf(beta1)(before.mu, updates)
      const after = Tree.zipWith((v: Tensor, g: Tensor) => {
        const x = castLike(g, v)
        const fresh = meanOver(axesOf(blocks, g), mul(times(x, sub(1, beta2)), x))
        return flushedSquare(add(times(v, beta2), fresh))
      })(before.blocks, updates)
      return [Tree.zipWith(divided)(mu, after), { mu, blocks: after }]
    }
  })
)
