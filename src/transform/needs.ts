import { checkOptions, checkRecord } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Tree } from "../tree/index.js"
import type { Clock, Need, Needs, NeedsOf, Now, StateFamily } from "./transform.js"

const names: readonly Need[] = ["loss", "objective", "exampleGradients"]

/** What becomes of each thing that a step was given; what is not named stays as it is. */
export interface NeedChanges<P, Q> {
  readonly loss?: (loss: Tensor) => Tensor
  readonly objective?: (objective: Needs<P>["objective"]) => Needs<Q>["objective"]
  /** Each leaf has a leading axis of examples. */
  readonly exampleGradients?: (gradients: P) => Q
}

/**
 * Changes what a step was given before it is handed to something inside, of the family `F`: what is there, each thing by
 * its own function. `maximize` negates all of it so.
 *
 * @example
 * import assert from "node:assert"
 * import { item, neg, scalar, type Tensor } from "thalweg"
 * import { changeNeeds, clockAt, type AnyF } from "thalweg/transform"
 *
 * const { loss, objective } = changeNeeds<AnyF, Tensor>({ ...clockAt(0), loss: scalar(3) }, { loss: neg })
 * assert.strictEqual(loss && item(loss), -3)
 * assert.strictEqual(objective, undefined) // was not given
 */
export const changeNeeds = <F extends StateFamily, P extends Tree, Q extends Tree = P>(
  now: Clock & NeedsOf<F, P>,
  change: NeedChanges<P, Q>
): Now<F, Q> => {
  checkRecord("changeNeeds", now)
  checkOptions("changeNeeds", change, names)
  const given: Clock & Partial<Needs<P>> = now
  const changes: { readonly [K in Need]?: (value: never) => unknown } = change
  const changed = names.flatMap(name => {
    const [value, by] = [given[name], changes[name]]
    // of the same name, so that the one takes the other
    return value === undefined || by === undefined ? [] : [[name, by(value as never)] as const]
  })
  return { ...now, ...Object.fromEntries(changed) }
}
