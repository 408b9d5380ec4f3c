import { checkPair, checkFunction, checkOptions } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { compiled } from "./compile.js"

export interface FoldOptions<M> {
  /** Told what each step yielded, to log or to draw; it cannot change the fold. */
  readonly onStep?: (yielded: M, index: number) => void
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function"

/** `foldBatches` with another way to compile. */
export const foldOn =
  (compiling: typeof compiled) =>
  <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
    step: (state: S, batch: B) => readonly [state: S, yielded: M],
    options: FoldOptions<M>
  ): ((state: S, batches: Iterable<B>) => readonly [state: S, yielded: readonly M[]]) => {
    checkFunction("foldBatches", step)
    const { onStep } = checkOptions("foldBatches", options, ["onStep"])
    if (onStep !== undefined) checkFunction("foldBatches", onStep, "onStep to be a function")
    const run = compiling((state: S, batch: B) =>
      checkPair("foldBatches", "a step that returns [state, yielded]", step(state, batch))
    )
    return (state, batches) => {
      if (!isIterable(batches))
        return fail("DataError", "foldBatches", "an iterable of batches", describeValue(batches))
      const yielded: M[] = []
      let current = state
      // Of the carry, but the first, what nobody else holds: its memory may be used again.
      let spent: ReadonlySet<Tensor> = new Set()
      for (const batch of batches) {
        const { result, own } = run([current, batch], spent)
        const [next, value] = result
        onStep?.(value, yielded.length)
        yielded.push(value)
        spent = new Set(Tree.leaves(next).filter((_, i) => own[i]))
        current = next
      }
      return [current, yielded]
    }
  }

/**
 * Folds a state transition over batches: `[s₁, m₀] = step(s₀, b₀), …`; the last state and everything yielded. The step
 * is compiled, and reused when the returned function is called again.
 *
 * Law: equal to the plain fold of `evaluate ∘ step`. No batch: the state is returned as it came. Throws what `step`
 * throws.
 *
 * @example
 * import assert from "node:assert"
 * import { foldBatches, item, mul, scalar, square, sub, type Tensor } from "thalweg"
 *
 * const descend = (x: Tensor, target: Tensor) => {
 *   const error = sub(x, target)
 *   return [sub(x, mul(0.5, error)), square(error)] as const
 * }
 * const [x, losses] = foldBatches(descend)(scalar(0), [scalar(4), scalar(4), scalar(4)])
 * assert.strictEqual(item(x), 3.5)
 * assert.deepStrictEqual(losses.map(item), [16, 4, 1])
 */
export const foldBatches = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: (state: S, batch: B) => readonly [state: S, yielded: M],
  options: FoldOptions<M> = {}
): ((state: S, batches: Iterable<B>) => readonly [state: S, yielded: readonly M[]]) => foldOn(compiled)(step, options)
