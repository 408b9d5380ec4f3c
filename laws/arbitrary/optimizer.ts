import type fc from "fast-check"
import { altered, type AnyOptimizer } from "thalweg/optimizer"
import { encodeOptimizer, fromSpec } from "thalweg/spec"
import { needsAt } from "./bowl.js"
import { arbSpec, type SpecChoice } from "./spec.js"
import { printed } from "./transform.js"

/**
 * An optimizer that needs nothing: the loss is half the sum of the squares of the gradients that it sees, and examples have these
 * for their mean, so that it can stand among others.
 */
const onItsOwn = (optimizer: AnyOptimizer): AnyOptimizer =>
  altered(optimizer, {
    needs: [],
    move: (grads, state, params, now) => optimizer.motion.move(grads, state, params, { ...now, ...needsAt(grads) })
  })

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
  arbSpec(choice).map(spec => printed({ value: onItsOwn(fromSpec(spec)), text: JSON.stringify(encodeOptimizer(spec)) }))

/** Any optimizer, for a combinator to stand around. */
export const inner = arbOptimizer()
/** One that adds its displacements (`p + (p' - p)` rounds). */
export const additive = arbOptimizer({ traits: ["additive"] })
/** One whose displacements do not depend on where it is. */
export const blind = arbOptimizer({ traits: ["blind"] })
/** One that treats leaves apart. */
export const leafwise = arbOptimizer({ traits: ["leafwise"] })
