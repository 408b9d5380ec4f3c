import { checkFunction, checkPair, checkTold } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { compiled } from "./compile.js"
import { checkEngineOptions, type EngineOptions } from "./engine.js"

/** What is done besides folding. */
export interface FoldOptions<M> extends EngineOptions {
  /** Told what each step yielded, to log or to draw; it cannot change the fold. */
  readonly onStep?: (yielded: M, index: number) => void
}

/** The steps of a fold as they are made; told `"stop"`, it makes no more and returns the state that it has reached. */
export type Steps<S, M> = Generator<M, S, "stop" | undefined>

/** The same, for which one waits. */
export type AsyncSteps<S, M> = AsyncGenerator<M, S, "stop" | undefined>

type Step<S extends Tree, B extends Tree, M extends Tree> = (state: S, batch: B) => readonly [state: S, yielded: M]

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function"

/** `stepBatches` with another way to compile. */
const stepsOn =
  (compiling: typeof compiled) =>
  <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
    operation: string,
    step: Step<S, B, M>,
    options: EngineOptions
  ) => {
    checkFunction(operation, step)
    const run = compiling(
      (state: S, batch: B) => checkPair(operation, "a step that returns [state, yielded]", step(state, batch)),
      options
    )
    return function* (state: S, batches: Iterable<B>): Steps<S, M> {
      if (!isIterable(batches)) fail("DataError", operation, "an iterable of batches", describeValue(batches))
      let current = state
      // Of the carry, but the first, what nobody else holds: its memory may be used again.
      let spent: ReadonlySet<Tensor> = new Set()
      for (const batch of batches) {
        const { result, own } = run([current, batch], spent)
        const [next, value] = result
        spent = new Set(Tree.leaves(next).filter((_, i) => own[i]))
        current = next
        if (checkTold(operation, yield value) === "stop") break
      }
      return current
    }
  }

/** `foldBatches` with another way to compile. */
export const foldOn =
  (compiling: typeof compiled) =>
  <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
    step: Step<S, B, M>,
    options: FoldOptions<M>
  ): ((state: S, batches: Iterable<B>) => readonly [state: S, yielded: readonly M[]]) => {
    const { onStep } = checkEngineOptions("foldBatches", options, ["onStep"])
    if (onStep !== undefined) checkFunction("foldBatches", onStep, "onStep to be a function")
    const steps = stepsOn(compiling)("foldBatches", step, options)
    return (state, batches) => {
      const yielded: M[] = []
      const running = steps(state, batches)
      try {
        let turn = running.next()
        while (turn.done !== true) {
          onStep?.(turn.value, yielded.length)
          yielded.push(turn.value)
          turn = running.next()
        }
        return [turn.value, yielded]
      } finally {
        running.return(state) // closes the batches, where onStep throws
      }
    }
  }

/**
 * Makes the steps of a fold over batches one at a time, as they are asked for: `[s₁, m₀] = step(s₀, b₀), …`, where each
 * step yields its `m`, and the last state is returned. What is done between two steps is up to whoever asks.
 *
 * States between stay inside; after a step `next("stop")` ends the fold and returns the one it has reached. The step is compiled, and
 * reused when the returned function is called again. Throws what `step` throws.
 *
 * Law: `foldBatches` is its fold.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mul, scalar, square, stepBatches, sub, type Tensor } from "thalweg"
 *
 * const descend = (x: Tensor, target: Tensor) => {
 *   const error = sub(x, target)
 *   return [sub(x, mul(0.5, error)), square(error)] as const
 * }
 * const steps = stepBatches(descend)(scalar(0), [scalar(4), scalar(4), scalar(4)])
 * const [first, second] = [steps.next(), steps.next()]
 * assert.deepStrictEqual([first, second].map(({ value }) => item(value)), [16, 4])
 * const { done, value: x } = steps.next("stop")
 * assert.ok(done && item(x) === 3)
 */
export const stepBatches = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: (state: S, batch: B) => readonly [state: S, yielded: M],
  options: EngineOptions = {}
): ((state: S, batches: Iterable<B>) => Steps<S, M>) =>
  stepsOn(compiled)("stepBatches", step, checkEngineOptions("stepBatches", options))

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
