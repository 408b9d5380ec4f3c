import type { Tensor } from "../dataflow/primitive.js"
import type { PaddingMode, PerAxis } from "../dataflow/window.js"
import type { Mask } from "../tree/mask.js"
import type { Hyperparameter, Schedule } from "./hyperparameter.js"
import type {
  AnyFields,
  Applying,
  ChoiceField,
  CodeField,
  HyperField,
  NamedField,
  OptimizerField,
  OptimizersField,
  QuantityField,
  RecordField
} from "./kinds.js"

type LabelRules = readonly (readonly [pattern: string, label: string])[]

/** What may be given for an option of a kind. */
interface GivenByKind {
  readonly hyperparameter: Hyperparameter
  readonly number: number
  readonly quantity: number | Tensor
  readonly flag: boolean
  readonly numbers: readonly number[]
  readonly schedule: Schedule
  readonly schedules: readonly Schedule[]
  readonly mask: Mask
  readonly labels: LabelRules
  readonly seed: number | Tensor
  readonly perAxis: PerAxis
  readonly padding: PaddingMode
  readonly layer: Applying
  readonly layers: Readonly<Record<string, Applying>> | readonly Applying[]
}

/** What may be given for an option. */
export type GivenOf<F> = F extends { readonly kind: infer K extends keyof GivenByKind }
  ? GivenByKind[K]
  : F extends ChoiceField<infer V>
    ? V
    : F extends OptimizerField<infer A>
      ? A
      : F extends OptimizersField<infer A>
        ? Readonly<Record<string, A>>
        : F extends RecordField<infer Fs>
          ? OptionsOf<Fs>
          : F extends CodeField<infer A> | NamedField<infer A>
            ? A
            : never

/** What becomes of an option: hyperparameters are schedules, quantities f64 scalars, records are complete. */
type CheckedOf<F> = F extends HyperField
  ? Schedule
  : F extends QuantityField
    ? Tensor
    : F extends RecordField<infer Fs>
      ? Resolved<Fs>
      : GivenOf<F>

type RequiredKeys<Fs extends AnyFields> = {
  [K in keyof Fs]: Fs[K]["default"] extends undefined ? K : never
}[keyof Fs]

type Given<Fs> = { readonly [K in keyof Fs]: GivenOf<Fs[K]> }
type MayBeGiven<Fs> = { readonly [K in keyof Fs]?: GivenOf<Fs[K]> | undefined }

/** The options that fields describe; what has a default, or may be absent, may be left out. */
export type OptionsOf<Fs extends AnyFields> = Given<Pick<Fs, RequiredKeys<Fs>>> & MayBeGiven<Omit<Fs, RequiredKeys<Fs>>>

/** Options with their defaults filled in, hyperparameters as schedules. */
export type Resolved<Fs extends AnyFields> = {
  readonly [K in keyof Fs]: Fs[K]["default"] extends "none" ? CheckedOf<Fs[K]> | undefined : CheckedOf<Fs[K]>
}
