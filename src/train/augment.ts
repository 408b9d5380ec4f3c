import { checkFunction } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import { split } from "../random/index.js"
import type { Augmentation } from "./images.js"

/**
 * Makes one augmentation of several, done one after the other, each with a key of its own. As the first layer of a model, or
 * by the option `augment` of `fit`, `(key, { x, y }) => ({ x: both(key, x), y })`, it changes the images of every batch of a
 * training anew, and none afterwards.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray, zeros, type Tensor } from "thalweg"
 * import { dense, flatten, sequential, stateless } from "thalweg/nn"
 * import { key } from "thalweg/random"
 * import { augment, randomFlip, randomShift } from "thalweg/train"
 *
 * const both = augment(randomShift({ by: 2 }), randomFlip())
 * assert.deepStrictEqual(both(key(0), zeros([2, 8, 8, 1])).shape, [2, 8, 8, 1])
 *
 * const varied = stateless("varied", (x: Tensor, mode) => (mode.training ? both(mode.key, x) : x))
 * const model = sequential(varied, flatten(), dense({ units: 10 }))
 * assert.deepStrictEqual(model.init(key(1), zeros([1, 8, 8, 1])).params[2].kernel.shape, [64, 10])
 * assert.deepStrictEqual(toArray(varied.apply([], [], ones([1, 1, 1, 1]), { training: false })[0]), [[[[1]]]])
 */
export const augment = (...parts: readonly Augmentation[]): Augmentation => {
  for (const part of parts) checkFunction("augment", part, "augmentations, such as randomFlip()")
  return (key, x) => {
    const keys = split(key, parts.length)
    return parts.reduce((images, part, i) => part(keys[i] as Tensor, images), x)
  }
}
