import { functionField } from "../../options/fields.js"
import { resolve } from "../../options/resolve.js"
import type { TreeLike } from "../../tree/index.js"
import { xlaFields, type XlaOptions } from "./options.js"
import type { Step } from "./program.js"
import type { Batches } from "./batches.js"
import { stepsAs } from "./steps.js"

const foldFields = { ...xlaFields, onStep: functionField<(yielded: never, index: number) => void, "none">("none") }

/** How a fold is made on XLA. */
export interface FoldOnXlaOptions<M> extends XlaOptions {
  /** Told what each step yielded, to log or to draw; it cannot change the fold. */
  readonly onStep?: ((yielded: M, index: number) => void) | undefined
}

/**
 * Folds a state transition over batches on XLA, as `foldBatches` does here: the last state and everything yielded. See `stepsOnXla`,
 * whose fold it is, for options, errors and what is the same.
 *
 * @example
 * import assert from "node:assert"
 * import { add, item, sum, tensor, zeros, type Tensor } from "thalweg"
 * import { foldOnXla } from "thalweg/node"
 *
 * const total = (state: Tensor, batch: Tensor) => [add(state, sum(batch)), sum(batch)] as const
 * const options = { devices: 2, mesh: { data: 2 }, place: [["batch", ["data"]]] } as const // each device gets half of a batch
 * const python = process.env["PYTHON"] // one that has jax
 * if (python !== undefined) {
 *   const fold = foldOnXla(total, { ...options, python })
 *   const [state, yielded] = await fold(zeros([]), [tensor([1, 2]), tensor([3, 4])])
 *   assert.deepStrictEqual([item(state), yielded.map(item)], [10, [3, 7]])
 * }
 * const missing = foldOnXla(total, { python: "no-such-python" })(zeros([]), [tensor([1])])
 * await assert.rejects(missing, /pip install "jax>=0.7.2"/)
 */
export const foldOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: FoldOnXlaOptions<M> = {}
): ((state: S, batches: Batches<B>, before?: number) => Promise<readonly [state: S, yielded: readonly M[]]>) => {
  const { onStep, ...rest } = resolve("foldOnXla", foldFields, options)
  const steps = stepsAs("foldOnXla", step, rest)
  return async (state, batches, before) => {
    const yielded: M[] = []
    const running = steps(state, batches, before)
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
