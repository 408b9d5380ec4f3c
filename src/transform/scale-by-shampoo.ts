import { add, mul, rem } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { zeros } from "../dataflow/create.js"
import { transposed } from "../dataflow/factor.js"
import { eq } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, hyper, type OptionsOf } from "../options/fields.js"
import { positive, positiveI32, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { along, unfolded } from "./along-axis.js"
import { castLike, withKept } from "./common.js"
import { inverseRoot } from "./inverse-root.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** ε > 0, in units of the squared gradient: the statistics begin with ε times the identity. Default 1e-6. */
  eps: hyper(positive, 1e-6),
  /** A whole number from 1: in every so many steps, from the first, the roots are computed. Default 1. */
  every: fixed(positiveI32, 1),
  /** A whole number from 1: a longer axis is left alone, since its matrix would be too large. Default 1024. */
  maxSize: fixed(positiveInteger, 1024)
}

/** The options of Shampoo but for its rate. */
export interface ShampooScaling extends OptionsOf<typeof fields> {}

/** Of an axis of n elements, `[n, n]`: the sum of products of gradients, and its inverse root; of one that is left alone, `[0, 0]`. */
export type ShampooAxis = { readonly statistics: Tensor; readonly root: Tensor }

/** For each leaf, in the order of paths, what is kept for each of its axes. */
export interface ShampooF extends StateFamily {
  readonly type: readonly (readonly ShampooAxis[])[]
}

/**
 * Multiplies the updates along each of their k axes by the inverse `2k`-th root of the sum of their products, `u' = u ×ᵢ
 * Hᵢ^(-1/2k)`, `Hᵢ = ε·I + Σ U₍ᵢ₎·U₍ᵢ₎ᵀ`, where `U₍ᵢ₎` is the update as a matrix whose rows are the elements of axis i. Of a
 * matrix: `L = ε·I + Σ U·Uᵀ`, `R = ε·I + Σ Uᵀ·U`, `u' = L^(-1/4)·u·R^(-1/4)`.
 *
 * The roots are made of eigenvalues, in every `every`-th step, and kept between. An axis longer than `maxSize` is left alone; of a
 * scalar nothing changes. The state holds two matrices for each axis. Looks across each leaf. Throws a `HyperparameterError` for
 * options out of range.
 *
 * Laws: odd; turning the axes of a leaf turns its updates; a vector is divided by the root of the sum of its squares, where
 * gradients are all along one direction (ε → 0); not elementwise.
 * Source: Gupta, Koren & Singer 2018, arXiv 1802.09568, Algorithms 1 and 2. Their diagonal form for long axes is not offered.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByShampoo } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const { init, update } = scaleByShampoo({ eps: 1e-9 })
 * const [u] = update(tensor([[100, 0], [0, -4]]), init(p), p, clockAt(0))
 * assert.deepStrictEqual((toArray(u) as number[][]).map(row => row.map(Math.round)), [[1, 0], [0, -1]])
 */
export const scaleByShampoo: Recipe<typeof fields, (options?: ShampooScaling) => Transform<ShampooF>> = recipe(
  "scaleByShampoo",
  fields,
  {},
  ({ eps, every, maxSize }) => {
    const isTaken = (n: number): boolean => n > 0 && n <= maxSize
    return {
      init: params =>
        Tree.leaves(params).map(({ shape, dtype }) =>
          shape.map((n): ShampooAxis => {
            const size = isTaken(n) ? n : 0
            return { statistics: zeros([size, size], dtype), root: eye(size, size, dtype) }
          })
        ),
      update: (updates, state, _, { step }) => {
        const isDue = eq(rem(step, every), 0)
        return withKept<readonly ShampooAxis[]>((g, axes) => {
          const rank = g.shape.length
          const next = axes.map(({ statistics, root }, axis): ShampooAxis => {
            const n = g.shape[axis] as number
            if (!isTaken(n)) return { statistics, root }
            const rows = unfolded(g, axis)
            const after = add(statistics, matmul(rows, transposed(rows)))
            const fresh = (sum: Tensor, least: Tensor): Tensor =>
              inverseRoot(2 * rank)(add(sum, mul(eye(n, n, g.dtype), least)), least)
            const kept = (_: Tensor, __: Tensor, before: Tensor): Tensor => before
            return { statistics: after, root: cond(isDue, fresh, kept, after, castLike(eps(step), g), root) }
          })
          const scaled = next.reduce(
            (u, { root }, axis) => (isTaken(g.shape[axis] as number) ? along(u, axis, root) : u),
            g
          )
          return [scaled, next]
        })(updates, state)
      }
    }
  }
)
