import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item, type AsyncSteps } from "../engine/index.js"
import type { TreeLike } from "../tree/index.js"

/**
 * Makes of a step the steps over batches, for which one waits, as `stepsOnXla` of `thalweg/node` does. It is told how many steps
 * the state has behind it.
 */
export type StepsFold = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: (state: S, batch: B) => readonly [state: S, yielded: M]
) => (state: S, batches: Iterable<B>, before: number) => AsyncSteps<S, M>

/** A state of training, of whose optimizer every step is counted. */
type Counted = { readonly optimizer: { readonly count: Tensor } }

/** Steps that a fold of the user's makes. */
export const foldedBy = <S extends TreeLike<S> & Counted, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  fold: StepsFold,
  step: (state: S, batch: B) => readonly [state: S, yielded: M]
): ((state: S, batches: Iterable<B>) => AsyncSteps<S, M>) => {
  const expected = "fold to make steps, as step => stepsOnXla(step) does"
  const refuse = (given: unknown): never => fail("HyperparameterError", operation, expected, describeValue(given))
  const folding = fold(step) as ReturnType<typeof fold<S, B, M>> | undefined
  if (typeof folding !== "function") return refuse(folding)
  return (state, batches) => {
    const steps = folding(state, batches, item(state.optimizer.count)) as Partial<AsyncSteps<S, M>> | undefined
    return typeof steps?.next === "function" && typeof steps.return === "function"
      ? (steps as AsyncSteps<S, M>)
      : refuse(steps)
  }
}
