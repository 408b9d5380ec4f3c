import { checkFunction } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import { split } from "../random/index.js"
import type { Augmentation } from "./images.js"

/**
 * Makes one augmentation of several, done one after the other, each with a key of its own.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { augment, randomFlip, randomShift } from "thalweg/train"
 *
 * const both = augment(randomShift({ by: 2 }), randomFlip())
 * assert.deepStrictEqual(both(key(0), zeros([2, 8, 8, 1])).shape, [2, 8, 8, 1])
 */
export const augment = (...parts: readonly Augmentation[]): Augmentation => {
  for (const part of parts) checkFunction("augment", part, "augmentations, such as randomFlip()")
  return (key, x) => {
    const keys = split(key, parts.length)
    return parts.reduce((images, part, i) => part(keys[i] as Tensor, images), x)
  }
}
