import { checkFunction } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { foldIn } from "../random/index.js"
import type { Tree } from "../tree/index.js"
import { checkDataset, exampleCount } from "./dataset.js"
import type { Dataset, SomeDataset } from "./task.js"

/** A change of a batch by a key: of examples, and of what is wanted of them. */
export type BatchAugmentation<D extends SomeDataset = Dataset> = (key: Tensor, batch: D) => D

const countOf = ({ x, y }: Dataset<Tree, Tree>): number => exampleCount("augment", { x, y })

/** What a batch became, or a `DataError` for what is no batch of as many examples. */
const augmented = <D extends SomeDataset>(augment: BatchAugmentation<D>, key: Tensor, batch: D): D => {
  const after = checkDataset("augment", augment(key, batch))
  const [before, now] = [countOf(batch), countOf(after)]
  return before === now ? after : fail("DataError", "augment", `${before} examples, as before`, `${now}`)
}

/**
 * Makes a training step of another one, over batches that are changed by a key, anew at each step: `fit` and `epochs` do so
 * with their option `augment`. Examples and what is wanted of them change together, as `mixup()` does; one of images is
 * `(key, { x, y }) => ({ x: randomFlip()(key, x), y })`.
 *
 * The key is one of the state's (`foldIn(state.key, 3)`), which the step itself does not use, so that the same state and
 * batch give the same bits. The change is part of the step, and compiled with it. Throws a `DataError` for what is no batch
 * `{ x, y }` of as many examples, and what `augment` throws.
 *
 * Law: with `(_, batch) => batch` it is the step.
 *
 * @example
 * import assert from "node:assert"
 * import { foldBatches, oneHot, tensor, zeros } from "thalweg"
 * import { crossEntropy, dense } from "thalweg/nn"
 * import { adam } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { augmentedStep, initTraining, mixup, trainStep } from "thalweg/train"
 *
 * const task = { model: dense({ units: 2 }), loss: crossEntropy, optimizer: adam() }
 * const batch = { x: tensor([[0], [4]]), y: oneHot(tensor([0, 1], { dtype: "i32" }), 2) }
 * const step = augmentedStep(trainStep(task), mixup({ alpha: 0.4 }))
 * const [state, metrics] = foldBatches(step)(initTraining(task)(key(0), zeros([1, 1])), [batch, batch])
 * assert.deepStrictEqual([state.params.kernel.shape, metrics.length], [[1, 2], 2])
 */
export const augmentedStep = <S extends { readonly key: Tensor }, I extends object, T extends object, M>(
  step: (state: S, batch: Dataset<I, T>) => readonly [state: S, metrics: M],
  augment: BatchAugmentation<Dataset<NoInfer<I>, NoInfer<T>>>
): ((state: S, batch: Dataset<I, T>) => readonly [state: S, metrics: M]) => {
  checkFunction("augmentedStep", step, "a step, such as trainStep(task)")
  checkFunction("augmentedStep", augment, "a function of a key and a batch, such as mixup()")
  return (state, batch) => step(state, augmented<Dataset<I, T>>(augment, foldIn(state.key, 3), batch))
}
