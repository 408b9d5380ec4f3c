import { valueAndGradWithAux } from "../autodiff/index.js"
import { vmap } from "../batching/index.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean } from "../dataflow/reduce.js"
import { expandDims, reshape } from "../dataflow/structure.js"
import { splitAll } from "../random/key.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { exampleCount } from "./dataset.js"
import type { Dataset } from "./task.js"

type Examples = Dataset<Tree, Tree>

/** The loss on a batch, the model's state after it, and the outputs from which the loss is. */
export type LossAt<P, S> = (
  params: P,
  state: S,
  batch: Examples,
  key: Tensor
) => readonly [loss: Tensor, rest: { readonly after: S; readonly output: Tree }]

/** What examples came to, each on its own. */
interface EachExample<P> {
  /** The means over examples. */
  readonly loss: Tensor
  readonly grads: P
  /** The gradient of each, along a leading axis of every leaf. */
  readonly exampleGradients: P
  /** As of the batch. */
  readonly output: Tree
  /** The mean of the losses, as a function of the parameters. */
  readonly objective: (params: P) => Tensor
}

/** A batch of one. */
const alone = Tree.map((t: Tensor) => expandDims(t, 0))

const meanOf = Tree.map((t: Tensor) => mean(t, { axes: 0 }))

/** The outputs of batches of one, which stand along a new axis, as those of a batch. */
const together = Tree.map((t: Tensor, path) => {
  const [examples = 0, own, ...rest] = t.shape
  return own === undefined
    ? fail("ShapeError", "trainStep", "outputs with a leading axis of examples", "a scalar", path || undefined)
    : reshape(t, [examples * own, ...rest])
})

/** What a model's state may not do: that of one example would be seen by the next. */
const checkKept = <S extends TreeLike<S>>(name: string, before: S, after: S): void => {
  const leaves = Tree.leaves(before)
  const changed = Tree.leaves(after).findIndex((t, i) => t !== leaves[i])
  if (changed >= 0 || Tree.leaves(after).length !== leaves.length)
    fail(
      "HyperparameterError",
      "trainStep",
      "a model whose state stays as it is, since the optimizer needs the gradient of each example, and a state is what examples share",
      `${name}, whose state changes`,
      Tree.paths(before)[changed] || undefined
    )
}

/**
 * Takes the gradient of each example: as a batch of one, with a key of its own, all in one pass. The model, which errors name, may have a
 * state, but not change it.
 */
export const eachExample =
  <P extends TreeLike<P>, S extends TreeLike<S>>(name: string, lossAt: LossAt<P, S>) =>
  (point: P, state: S, batch: Examples, key: Tensor): EachExample<P> => {
    const keys = splitAll(key, exampleCount("trainStep", batch))
    // of the whole batch, since of one example it may have no meaning; nothing of it is computed
    if (Tree.leaves(state).length > 0) checkKept(name, state, lossAt(point, state, batch, key)[1].after)
    const lossOf = (params: P, example: Examples, own: Tensor): readonly [loss: Tensor, output: Tree] => {
      const [loss, { output }] = lossAt(params, state, alone(example), own)
      return [loss, output]
    }
    const gradientOf = valueAndGradWithAux(lossOf)
    const ofEach = vmap((example: Examples, own: Tensor) => gradientOf(point, example, own))
    const [[losses, outputs], exampleGradients] = ofEach(batch, keys)
    return {
      loss: mean(losses),
      grads: meanOf(exampleGradients),
      exampleGradients,
      output: together(outputs),
      objective: params => mean(vmap((example: Examples, own: Tensor) => lossOf(params, example, own)[0])(batch, keys))
    }
  }
