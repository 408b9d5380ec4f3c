import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { nonNegative } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { shortened, globalNorm, rms } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"

const fields = {
  /** N > 0: the largest norm of a leaf, in units of the updates. */
  maxNorm: hyper(nonNegative),
  /** "norm" (the default): `√Σx²`, as Keras's `clipnorm`; "rms": `√(Σx²/n)`, as optax's `clip_by_block_rms`. */
  measure: choice(["norm", "rms"], "norm")
}

/** How the size of a leaf is measured. */
export interface LeafClipOptions extends Omit<OptionsOf<typeof fields>, "maxNorm"> {}

/** How large a leaf is, an f64 scalar. */
const sizes: Readonly<Record<"norm" | "rms", (t: Tensor) => Tensor>> = { norm: globalNorm, rms }

/**
 * Shortens each leaf whose own norm exceeds `maxNorm`: `u' = u · N / max(‖u‖, N)`, leaf by leaf.
 *
 * `maxNorm`: N, a finite number ≥ 0, else a `HyperparameterError`. Where the norm of a leaf is NaN, all of that leaf
 * becomes NaN; where it is infinite, its infinite elements become NaN and its others 0. Other leaves do not notice.
 *
 * Laws: leaves within the norm pass unchanged, exactly; non-expansive; idempotent, to rounding; zero stays zero; equal
 * to `clipByGlobalNorm` for one leaf (`measure: "norm"`).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipLeaves, clockAt } from "thalweg/transform"
 *
 * const updates = { w: tensor([6, 8]), b: tensor([1]) }
 * const clip = clipLeaves(5)
 * const [{ w, b }] = clip.update(updates, clip.init(updates), updates, clockAt(0))
 * assert.deepStrictEqual([w, b].map(toArray), [[3, 4], [1]])
 */
export const clipLeaves: Recipe<
  typeof fields,
  (maxNorm: Hyperparameter, options?: LeafClipOptions) => Transform<StatelessF>
> = recipeOf("clipLeaves", "maxNorm", fields, {}, ({ maxNorm, measure }) => ({
  init: () => [],
  update: (updates, state, _, { step }) => {
    const most = maxNorm(step)
    return [Tree.map(u => shortened(u, sizes[measure](u), most))(updates), state]
  }
}))
