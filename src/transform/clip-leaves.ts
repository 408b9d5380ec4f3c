import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, times, zeroCount, type CountF } from "./common.js"
import { globalNorm, rms, shortening } from "./norm.js"
import type { Transform } from "./transform.js"

/** How the size of a leaf is measured. */
export interface LeafClipOptions {
  /** `norm` (the default): `√Σx²`, as Keras's `clipnorm`. `rms`: `√(Σx²/n)`, as optax's `clip_by_block_rms`. */
  readonly measure?: "norm" | "rms"
}

export interface LeafClipping extends LeafClipOptions {
  readonly maxNorm: Hyperparameter
}

/** What the options of clipping leaf by leaf may be. */
export const leafClippingFields: Fields<LeafClipping> = {
  maxNorm: hyper(positive),
  measure: choice(["norm", "rms"], "norm")
}

/** How large a leaf is, an f64 scalar. */
const sizes: Readonly<Record<"norm" | "rms", (t: Tensor) => Tensor>> = {
  norm: globalNorm,
  rms: rms
}

/**
 * Shortens each leaf whose own norm exceeds `maxNorm`: `u' = u · N / max(‖u‖, N)`, leaf by leaf.
 *
 * `maxNorm`: N, a finite number > 0, else a `HyperparameterError`. Where the norm of a leaf is NaN, all of that leaf
 * becomes NaN; where it is infinite, its infinite elements become NaN and its others 0. Other leaves do not notice.
 *
 * Laws: leaves within the norm pass unchanged, exactly; non-expansive; idempotent, to rounding; zero stays zero; equal
 * to `clipByGlobalNorm` for one leaf (`measure: "norm"`).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipLeaves } from "thalweg/transform"
 *
 * const updates = { w: tensor([6, 8]), b: tensor([1]) }
 * const clip = clipLeaves(5)
 * const [{ w, b }] = clip.update(updates, clip.init(updates), updates)
 * assert.deepStrictEqual([w, b].map(toArray), [[3, 4], [1]])
 */
export const clipLeaves = (maxNorm: Hyperparameter, options: LeafClipOptions = {}): Transform<CountF> => {
  const { maxNorm: limit, measure } = resolve("clipLeaves", leafClippingFields, { ...options, maxNorm })
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const most = limit(count)
      const clipped = Tree.map(u => times(u, shortening(sizes[measure](u), most)))(updates)
      return [clipped, { count: next(count) }]
    }
  }
}
