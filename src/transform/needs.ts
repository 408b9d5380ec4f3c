import { checkOptions, checkRecord } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Tree } from "../tree/index.js"
import type { Clock, Needs, NeedsOf, Now, StateFamily } from "./transform.js"

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
  checkOptions("changeNeeds", change, ["loss", "objective", "exampleGradients"])
  const { loss, objective, exampleGradients }: Clock & Partial<Needs<P>> = now
  return {
    ...now,
    ...(loss === undefined || change.loss === undefined ? {} : { loss: change.loss(loss) }),
    ...(objective === undefined || change.objective === undefined ? {} : { objective: change.objective(objective) }),
    ...(exampleGradients === undefined || change.exampleGradients === undefined
      ? {}
      : { exampleGradients: change.exampleGradients(exampleGradients) })
  }
}
