import { functionField } from "../../options/fields.js"
import { resolve } from "../../options/resolve.js"
import type { TreeLike } from "../../tree/index.js"
import { xlaFields, type XlaOptions } from "./options.js"
import type { Step } from "./program.js"
import { stepsAs, type Batches } from "./steps.js"

const foldFields = { ...xlaFields, onStep: functionField<(yielded: never, index: number) => void, "none">("none") }

/** How a fold is made on XLA. */
export interface FoldOnXlaOptions<M> extends XlaOptions {
  /** Told what each step yielded, to log or to draw; it cannot change the fold. */
  readonly onStep?: ((yielded: M, index: number) => void) | undefined
}

/** Folds a state transition over batches on XLA. */
export const foldOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: FoldOnXlaOptions<M> = {}
): ((state: S, batches: Batches<B>) => Promise<readonly [state: S, yielded: readonly M[]]>) => {
  const { onStep, ...rest } = resolve("foldOnXla", foldFields, options)
  const steps = stepsAs("foldOnXla", step, rest)
  return async (state, batches) => {
    const yielded: M[] = []
    const running = steps(state, batches)
    try {
      let turn = await running.next()
      while (turn.done !== true) {
        ;(onStep as FoldOnXlaOptions<M>["onStep"])?.(turn.value, yielded.length)
        yielded.push(turn.value)
        turn = await running.next()
      }
      return [turn.value, yielded]
    } finally {
      await running.return(state) // closes the batches, where onStep throws
    }
  }
}
