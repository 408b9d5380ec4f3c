import { add, minimum } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max } from "../dataflow/reduce.js"
import { range } from "../dataflow/shape.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { plusEps, quotient, rootOf, withKept } from "./common.js"
import { emaOf, squareFor, zeroSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β: decay of the average of scaled gradients, `0 ≤ β < 1`. Default 0.9. */
  momentum: hyper(decay, 0.9),
  /** ε ≥ 0, added under the root, in units of the squared gradient. Default 0; optax 1e-8. */
  eps: hyper(nonNegative, 0)
}

/** The options of SM3 but for its rate. */
export interface Sm3Scaling extends OptionsOf<typeof fields> {}

/** The average of scaled gradients (`mu`) and for each leaf, in the order of paths, an accumulator for each axis. */
export type Sm3State<P extends Tree> = {
  readonly mu: P
  readonly accumulators: readonly (readonly Tensor[])[]
}

/** An average for every parameter, and for a leaf of shape `[n₁, …, nₖ]` only `n₁ + … + nₖ` numbers more. */
export interface Sm3F extends StateFamily {
  readonly type: Sm3State<this["params"]>
}

/** Zeros for each axis, that broadcast along the others; a scalar has one. */
const noCover = ({ shape, dtype }: Tensor): readonly Tensor[] =>
  shape.length < 2
    ? [zeros(shape, dtype)]
    : shape.map((n, axis) =>
        zeros(
          range(shape.length).map(i => (i === axis ? n : 1)),
          dtype
        )
      )

/** The largest entry at each place of each axis; 0 where there is none, as no entry is below 0. */
const coverOf = (v: Tensor): readonly Tensor[] => {
  const axes = range(v.shape.length)
  if (v.shape.includes(0)) return noCover(v)
  return axes.length < 2 ? [v] : axes.map(axis => max(v, { axes: axes.filter(i => i !== axis), keepDims: true }))
}

/**
 * Divides by the root of a bound on the sum of squared gradients that is kept by rows and columns:
 * `v = minᵢ aᵢ + g²`, `aᵢ = max of v over all axes but i`, from 0, and `m = β·m + (1-β)·g/√(v + ε)`; gives `m`.
 *
 * A vector or scalar has one accumulator for every element. Looks across each leaf; `0/0` is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: the bound never falls and is at least AdaGrad's sum; for vectors and β = 0, `scaleByAdagrad`; does not see the
 * scale of the gradients (ε = 0); odd; commutes with permuting an axis, not with reshaping.
 * Source: Anil et al. 2019, arXiv 1901.11150, SM3-II, with the average of the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleBySm3 } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const sm3 = scaleBySm3({ momentum: 0 })
 * const [, s1] = sm3.update(tensor([[3, 0], [0, 0]]), sm3.init(p), p, clockAt(0)) // rows [9, 0], columns [9, 0]
 * const [u2] = sm3.update(tensor([[4, 4], [4, 0]]), s1, p, clockAt(1))
 * assert.deepStrictEqual(toArray(u2), [[Math.fround(0.8), 1], [1, 0]])
 */
export const scaleBySm3: Recipe<typeof fields, (options?: Sm3Scaling) => Transform<Sm3F>> = recipe(
  "scaleBySm3",
  fields,
  {},
  ({ momentum, eps }) => ({
    init: params => ({
      mu: Tree.zerosLike(params),
      accumulators: Tree.leaves(zeroSquares(eps)(params)).map(noCover)
    }),
    update: (updates, { mu, accumulators }, _, { step }) => {
      const [beta, e] = [momentum(step), eps(step)]
      const divided = withKept((g, axes: readonly Tensor[]) => {
        const known = axes.reduce(minimum)
        const bound = add(known, squareFor(known, g))
        return [quotient(g, rootOf(plusEps(bound, e)), e), coverOf(bound)]
      })
      const [scaled, covers] = divided(updates, accumulators)
      const after = emaOf(beta)(mu, scaled)
      return [after, { mu: after, accumulators: covers }]
    }
  })
)
