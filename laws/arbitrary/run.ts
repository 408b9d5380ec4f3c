import fc from "fast-check"
import type { FloatDType, Shape, Tree } from "thalweg"
import { arbShape, moderate, nonZero, pool, range } from "./numbers.js"
import { arbTensor, filledLike } from "./tensor.js"
import { arbTree } from "./tree.js"

/** Moderate numbers, of which every eighth is 0. */
const vanishing = fc.oneof({ weight: 7, arbitrary: moderate }, { weight: 1, arbitrary: fc.constant(0) })

/** Parameters, and the gradients of some steps. */
export interface Run {
  readonly params: Tree
  readonly gradients: readonly Tree[]
}

/** Which runs are made. */
export interface RunOptions {
  /** The dtypes of the leaves. Default both. */
  readonly dtypes?: readonly FloatDType[]
  /** The shapes of the leaves. Default up to three axes of sizes 0 to 3. */
  readonly shape?: fc.Arbitrary<Shape>
  /** What the parameters are filled with. Default numbers of either sign up to 3, and zeros. */
  readonly params?: fc.Arbitrary<number>
  /** What the gradients are filled with. Default numbers of either sign up to 3, and zeros. */
  readonly numbers?: fc.Arbitrary<number>
  /** The largest number of steps. Default 5. */
  readonly maxSteps?: number
}

/**
 * Makes runs of an optimizer: a tree of parameters and gradients like it, one for each of 1 to 5 steps, that vanish and
 * change sign. Shrinks to one step of one scalar.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { Tree } from "thalweg"
 * import { arbRun } from "thalweg/laws"
 *
 * const runs = fc.sample(arbRun(), { seed: 1, numRuns: 20 })
 * assert(runs.every(({ params, gradients }) => gradients.every(grads => Tree.sameStructure(params, grads))))
 */
export const arbRun = (options: RunOptions = {}): fc.Arbitrary<Run> => {
  const { dtypes = ["f32", "f64"], shape = arbShape(), numbers = vanishing, maxSteps = 5 } = options
  const trees = arbTree(arbTensor({ dtypes, floats: options.params ?? moderate, shape }))
  return fc.tuple(trees, pool(numbers), fc.integer({ min: 1, max: maxSteps })).map(([tree, filling, steps]) => ({
    params: tree,
    gradients: range(steps).map(step => filledLike(tree, filling, 3 * step))
  }))
}

/** Runs as they come. */
export const run = arbRun()
/** Runs in f64, where roundings are small. */
export const wide = arbRun({ dtypes: ["f64"] })
/** Gradients without zeros, whose squares neither over- nor underflow. */
export const moving = arbRun({ numbers: nonZero })
export const wideMoving = arbRun({ dtypes: ["f64"], numbers: nonZero })
