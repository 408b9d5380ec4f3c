import { hasMethods } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Closed, Layer } from "../nn/layer.js"
import { codeField, functionField, isLayer, ownLayer, type Check, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import type { AnyOptimizer, Optimizer } from "../optimizer/optimizer.js"
import type { StateFamily } from "../transform/transform.js"
import type { Tree } from "../tree/index.js"
import type { Metric } from "./metrics.js"

/** Examples and what is wanted of them, tensors or trees of them; the leading axis of every leaf counts examples. */
export type Dataset<I extends object = Tensor, T extends object = Tensor> = { readonly x: I; readonly y: T }

/** A data set whatever its examples are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- functions of examples are contravariant in them
export type SomeDataset = Dataset<any, any>

/** A scalar to make small, given a model's output and what was wanted. */
export type Loss<O extends object = Tensor, T extends object = Tensor> = Metric<O, T>

/** What is trained, by what, for what. `C` is what the model looks at besides, all of which may be left out. */
export interface Task<
  P extends object,
  S extends object,
  F extends StateFamily,
  I extends object = Tensor,
  O extends object = Tensor,
  T extends object = Tensor,
  C extends object = object
> {
  readonly model: Layer<P, S, I, O, C> & Closed<C>
  readonly loss: Loss<O, T>
  readonly optimizer: Optimizer<F>
}

const model = codeField("a layer, such as dense({ units: 1 })", (value): value is Layer<Tree, Tree> => isLayer(value))

const untrained = {
  model: { ...model, check: (...given: Parameters<Check>) => ownLayer(model.check(...given) as Layer<Tree, Tree>) },
  optimizer: codeField("an optimizer, such as adam()", (value): value is AnyOptimizer =>
    hasMethods(value, ["init", "step"])
  )
}

const fields = { ...untrained, loss: functionField<Loss<never, never>>() }
const partFields = { ...untrained, loss: functionField<Loss<never, never>, "none">("none") }

/** A task that nobody can change, or a `HyperparameterError` that names what is missing, wrong or unknown in it. */
export const checkTask = <T>(operation: string, task: T): T =>
  resolve(operation, fields, task as OptionsOf<typeof fields>) as T

/** The same, where it does not matter for what it is trained. */
export const checkUntrained = <T>(operation: string, task: T): T =>
  resolve(operation, partFields, task as OptionsOf<typeof partFields>) as T
