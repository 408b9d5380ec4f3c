import type { optimizers } from "../optimizer/catalogue.js"
import type { combinators } from "../optimizer/combinators.js"
import type { madeActivations } from "../nn/activation/catalogue.js"
import type { layers } from "../nn/catalogue.js"
import type { madeInitializers } from "../nn/initializer.js"
import type { schedules } from "../schedule/catalogue.js"

/** A schedule as data: its name and its options. */
export interface ScheduleSpec {
  readonly schedule: keyof typeof schedules
  readonly options: OptionSpecs
}

/** A combinator as data: its name and its options. */
export interface CombinatorSpec {
  readonly combinator: keyof typeof combinators
  readonly options: OptionSpecs
}

/** An optimizer as data: its name, its options, and the combinators around it, in the order of a `pipe`. */
export interface OptimizerSpec {
  readonly optimizer: keyof typeof optimizers
  readonly options: OptionSpecs
  readonly pipe: readonly CombinatorSpec[]
}

/** The names of the layers of the catalogue. */
export type LayerName = keyof typeof layers

/** A layer as data: its name and its options. */
export interface ModelSpec<N extends string = LayerName> {
  readonly layer: N
  readonly options: OptionSpecs
}

/** An initializer that was made of options, as data: the name of its recipe, and these. */
export interface InitializerSpec {
  readonly initializer: keyof typeof madeInitializers
  readonly options: OptionSpecs
}

/** An activation that was made of options, as data: the name of its recipe, and these. */
export interface ActivationSpec {
  readonly activation: keyof typeof madeActivations
  readonly options: OptionSpecs
}

/** A pattern of paths, and the label of the parameters that match it. */
export type LabelSpec = readonly [pattern: string, label: string]

/** An option as data; the field of the option says which of these it is. */
export type OptionSpec =
  | number
  | boolean
  | string
  | readonly number[]
  | readonly string[]
  | ScheduleSpec
  | readonly ScheduleSpec[]
  | readonly LabelSpec[]
  | OptimizerSpec
  | { readonly [label: string]: OptimizerSpec }
  | readonly (readonly number[])[]
  | InitializerSpec
  | ActivationSpec
  | ModelSpec<string>
  | readonly ModelSpec<string>[]
  | { readonly [name: string]: ModelSpec<string> }

/** Options as data, by name; those left out have their defaults. */
export interface OptionSpecs {
  readonly [option: string]: OptionSpec
}
