import { add, mul, sub } from "../dataflow/arithmetic.js"
import { ones } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { reshape } from "../dataflow/structure.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { beta, permutation, split } from "../random/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { checkDataset, exampleCount } from "./dataset.js"
import type { Dataset } from "./task.js"

const fields = {
  /** Of the distribution `Beta(alpha, alpha)` of shares, a finite number ≥ 0; at 0 nothing is mixed. Default 0.2. */
  alpha: fixed(nonNegative, 0.2)
}

/** How much examples are mixed. */
export interface MixupOptions extends OptionsOf<typeof fields> {}

/**
 * Mixes each example of a batch with another one of it, what is wanted as well: `x' = λ·x + (1-λ)·x[π]`, and the same of `y`,
 * with a `λ` from `Beta(α, α)` for each example and a permutation `π`.
 *
 * Shapes: a batch `{ x, y }` of trees of f32 or f64, `[batch, …]`; labels must be encoded first (`oneHot`), integers are a
 * `DTypeError`. Laws: `alpha: 0` changes nothing; where `y` is the identity matrix, `x' ≡ y'·x`.
 *
 * `fit` mixes batches by its option `augment`, a step of one's own by `augmentedStep`.
 *
 * Source: Zhang et al. 2018, "mixup: beyond empirical risk minimization", whose code has one `λ` for a batch.
 *
 * @example
 * import assert from "node:assert"
 * import { oneHot, sum, tensor, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { mixup } from "thalweg/train"
 *
 * const batch = { x: tensor([[0], [4]]), y: oneHot(tensor([0, 1], { dtype: "i32" }), 2) }
 * assert.deepStrictEqual(toArray(sum(mixup({ alpha: 1 })(key(0), batch).y, { axes: -1 })), [1, 1])
 */
export const mixup: Recipe<
  typeof fields,
  (
    options?: MixupOptions
  ) => <I extends TreeLike<I>, T extends TreeLike<T>>(key: Tensor, batch: Dataset<I, T>) => Dataset<I, T>
> = recipe(
  "mixup",
  fields,
  {},
  ({ alpha }) =>
    <I extends TreeLike<I>, T extends TreeLike<T>>(key: Tensor, batch: Dataset<I, T>): Dataset<I, T> => {
      const n = exampleCount("mixup", checkDataset("mixup", batch))
      const [own, others] = split(key)
      const share = alpha === 0 ? ones([n], "f64") : beta(own, alpha, alpha, [n], { dtype: "f64" })
      const order = permutation(others, n)
      const mix = (t: Tensor): Tensor => {
        if (!isFloat(t.dtype)) fail("DTypeError", "mixup", "f32 or f64 (encode labels by oneHot)", t.dtype)
        const part = reshape(cast(share, t.dtype), [n, ...t.shape.slice(1).map(() => 1)])
        return add(mul(part, t), mul(sub(1, part), take(t, order)))
      }
      return Tree.map(mix)({ x: batch.x, y: batch.y })
    }
)
