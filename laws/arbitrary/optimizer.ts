import type fc from "fast-check"
import type { Optimizer } from "thalweg/optimizer"
import { encodeOptimizer, fromSpec } from "thalweg/spec"
import type { StateFamily } from "thalweg/transform"
import { arbSpec, fed, type SpecChoice } from "./spec.js"
import { printed } from "./transform.js"

/** An optimizer of whose state nothing is known but that it is a tree. */
export type AnyOptimizer = Optimizer<StateFamily>

/**
 * Forgets what an optimizer's state looks like, so that optimizers of different states can stand in one list.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, sgd } from "thalweg/optimizer"
 * import { anyOptimizer } from "thalweg/laws"
 *
 * const optimizers = [anyOptimizer(sgd({ learningRate: 0.1 })), anyOptimizer(adam())]
 * assert.strictEqual(optimizers.length, 2)
 */
// Sound as long as states are only passed back to the optimizer that made them, which is all that a law does.
export const anyOptimizer = <F extends StateFamily>(optimizer: Optimizer<F>): AnyOptimizer => optimizer

/**
 * Makes random optimizers: those that random specs describe, of which the choice may ask for traits. One that needs the
 * loss gets half the sum of the squares of its gradients. Prints as the JSON of its spec; shrinks as specs do.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbOptimizer } from "thalweg/laws"
 *
 * const [optimizer] = fc.sample(arbOptimizer({ optimizers: ["sgd"], combinators: [] }), { seed: 3, numRuns: 1 })
 * assert.match(String(optimizer), /^{"optimizer":"sgd","learningRate":/)
 */
export const arbOptimizer = (choice: SpecChoice = {}): fc.Arbitrary<AnyOptimizer> =>
  arbSpec(choice).map(spec => printed({ value: fed(fromSpec(spec)), text: JSON.stringify(encodeOptimizer(spec)) }))

/** Any optimizer, for a combinator to stand around. */
export const inner = arbOptimizer()
/** One that adds its displacements (`p + (p' - p)` rounds). */
export const additive = arbOptimizer({ traits: ["additive"] })
/** One whose displacements do not depend on where it is. */
export const blind = arbOptimizer({ traits: ["blind"] })
