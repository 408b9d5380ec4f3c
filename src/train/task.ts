import { hasMethods } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Layer } from "../nn/layer.js"
import { codeField, functionField, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import type { AnyOptimizer, Optimizer } from "../optimizer/optimizer.js"
import type { StateFamily } from "../transform/transform.js"
import type { Tree } from "../tree/index.js"
import type { Metric } from "./metrics.js"

/** Examples and what is wanted of them; the leading axis of both counts examples. */
export type Dataset = { readonly x: Tensor; readonly y: Tensor }

/** A scalar to make small, given a model's output and what was wanted. */
export type Loss = Metric

/** What is trained, by what, for what. */
export interface Task<P extends object, S extends object, F extends StateFamily> {
  readonly model: Layer<P, S>
  readonly loss: Loss
  readonly optimizer: Optimizer<F>
}

const untrained = {
  model: codeField("a layer, such as dense(1)", (value): value is Layer<Tree, Tree> =>
    hasMethods(value, ["init", "apply"])
  ),
  optimizer: codeField("an optimizer, such as adam()", (value): value is AnyOptimizer =>
    hasMethods(value, ["init", "step"])
  )
}

const fields = { ...untrained, loss: functionField<Loss>() }
const partFields = { ...untrained, loss: functionField<Loss, "none">("none") }

/** A task as it came, or a `HyperparameterError` that names what is missing, wrong or unknown in it. */
export const checkTask = <T>(operation: string, task: T): T => {
  resolve(operation, fields, task as OptionsOf<typeof fields>)
  return task
}

/** The same, where it does not matter for what it is trained. */
export const checkUntrained = <T>(operation: string, task: T): T => {
  resolve(operation, partFields, task as OptionsOf<typeof partFields>)
  return task
}
