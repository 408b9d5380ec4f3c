import type { Tensor } from "../dataflow/primitive.js"
import type { Mask } from "../tree/mask.js"
import type { Hyperparameter, Schedule } from "./hyperparameter.js"
import type { Range } from "./range.js"

/**
 * What an option may be. `default` is what it is when it is left out: a value, "none" for an option that may be absent,
 * or `undefined` for one that must be given.
 */
interface Option<D> {
  readonly default: D
  /** Another option without which this one has no meaning. */
  readonly beside?: string
}

/** A number, a tensor or a schedule. */
export interface HyperField<D = unknown> extends Option<D> {
  readonly kind: "hyperparameter"
  readonly range: Range
}

/** A plain number, since the structure of the computation depends on it. */
export interface NumberField<D = unknown> extends Option<D> {
  readonly kind: "number"
  readonly range: Range
}

/** On or off. */
export interface FlagField extends Option<boolean> {
  readonly kind: "flag"
}

/** One of some words. */
export interface ChoiceField<V extends string = string> extends Option<V> {
  readonly kind: "choice"
  readonly choices: readonly V[]
}

/** A list of plain numbers. */
export interface NumbersField<D = unknown> extends Option<D> {
  readonly kind: "numbers"
  /** Of each number. */
  readonly range: Range
}

/** A schedule, such as the one that another is made of. */
export interface ScheduleField extends Option<undefined> {
  readonly kind: "schedule"
}

/** A list of schedules. */
export interface SchedulesField extends Option<undefined> {
  readonly kind: "schedules"
}

/** Which parameters are meant: in code any mask, as data a pattern of paths, or several. */
export interface MaskField<D = unknown> extends Option<D> {
  readonly kind: "mask"
}

/** Labels for parameters: patterns of paths, each with a label, of which the first that matches counts. */
export interface LabelsField extends Option<undefined> {
  readonly kind: "labels"
}

/** What randomness is drawn from: in code a key or the number that makes one, as data the number. */
export interface SeedField extends Option<undefined> {
  readonly kind: "seed"
}

/** As much as is known here of an optimizer, which lies above. */
export interface Stepping {
  init(...args: never): unknown
  step(...args: never): unknown
}

/** An optimizer, such as one that another is made of. */
export interface OptimizerField<A extends Stepping = Stepping> extends Option<A> {
  readonly kind: "optimizer"
}

/** A record of optimizers, by label. */
export interface OptimizersField<A extends Stepping = Stepping> extends Option<undefined> {
  readonly kind: "optimizers"
  /** Only a type: what the optimizers are. */
  readonly optimizers?: A
}

/** Anything else that only code can give, such as a function, a key or a data set. */
export interface CodeField<A = unknown, D = unknown> extends Option<D> {
  readonly kind: "code"
  readonly expected: string
  readonly is: (value: unknown) => value is A
}

/** What an option that can be data may be. */
export type Field =
  | HyperField
  | NumberField
  | FlagField
  | ChoiceField
  | NumbersField
  | ScheduleField
  | SchedulesField
  | MaskField
  | LabelsField
  | SeedField
  | OptimizerField
  | OptimizersField

/** What the options of a function may be, by name: one description for types, checks, defaults, codecs and tables. */
export type Fields = Readonly<Record<string, Field>>

/** The same, where some options may be no data. */
export type AnyFields = Readonly<Record<string, Field | CodeField>>

type LabelRules = readonly (readonly [pattern: string, label: string])[]

/** What may be given for an option. */
export type GivenOf<F> = F extends HyperField
  ? Hyperparameter
  : F extends NumberField
    ? number
    : F extends FlagField
      ? boolean
      : F extends ChoiceField<infer V>
        ? V
        : F extends NumbersField
          ? readonly number[]
          : F extends ScheduleField
            ? Schedule
            : F extends SchedulesField
              ? readonly Schedule[]
              : F extends MaskField
                ? Mask
                : F extends LabelsField
                  ? LabelRules
                  : F extends SeedField
                    ? number | Tensor
                    : F extends OptimizerField<infer A>
                      ? A
                      : F extends OptimizersField<infer A>
                        ? Readonly<Record<string, A>>
                        : F extends CodeField<infer A>
                          ? A
                          : never

/** What becomes of an option: hyperparameters are schedules. */
type CheckedOf<F> = F extends HyperField ? Schedule : GivenOf<F>

type Required<Fs extends AnyFields> = {
  [K in keyof Fs]: Fs[K]["default"] extends undefined ? K : never
}[keyof Fs]

type Given<Fs> = { readonly [K in keyof Fs]: GivenOf<Fs[K]> }
type MayBeGiven<Fs> = { readonly [K in keyof Fs]?: GivenOf<Fs[K]> }

/** The options that fields describe; what has a default, or may be absent, may be left out. */
export type OptionsOf<Fs extends AnyFields> = Given<Pick<Fs, Required<Fs>>> & MayBeGiven<Omit<Fs, Required<Fs>>>

/** Options with their defaults filled in, hyperparameters as schedules. */
export type Resolved<Fs extends AnyFields> = {
  readonly [K in keyof Fs]: Fs[K]["default"] extends "none" ? CheckedOf<Fs[K]> | undefined : CheckedOf<Fs[K]>
}

/** An option that may be a number, a tensor or a schedule. */
export const hyper = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): HyperField<D> => ({ kind: "hyperparameter", range, default: value as D })

/** An option that is a plain number. */
export const fixed = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): NumberField<D> => ({ kind: "number", range, default: value as D })

/** An option that is on or off. */
export const flag = (value: boolean): FlagField => ({ kind: "flag", default: value })

/** An option that is one of some words. */
export const choice = <const V extends string>(choices: readonly V[], value: NoInfer<V>): ChoiceField<V> => ({
  kind: "choice",
  choices,
  default: value
})

/** An option that is a list of plain numbers. */
export const numbers = <const D extends readonly number[] | undefined = undefined>(
  range: Range,
  value?: D
): NumbersField<D> => ({ kind: "numbers", range, default: value as D })

/** An option that is a schedule. */
export const scheduleField: ScheduleField = { kind: "schedule", default: undefined }

/** An option that is a list of schedules. */
export const schedulesField: SchedulesField = { kind: "schedules", default: undefined }

/** An option that says which parameters are meant. */
export const maskField = <const D extends string | undefined = undefined>(value?: D): MaskField<D> => ({
  kind: "mask",
  default: value as D
})

/** An option that gives labels to parameters. */
export const labelsField: LabelsField = { kind: "labels", default: undefined }

/** An option that randomness is drawn from. */
export const seedField: SeedField = { kind: "seed", default: undefined }

/** An option that is an optimizer. */
export const optimizerField = <A extends Stepping>(value: A): OptimizerField<A> => ({
  kind: "optimizer",
  default: value
})

/** An option that is a record of optimizers. */
export const optimizersField = <A extends Stepping>(): OptimizersField<A> => ({
  kind: "optimizers",
  default: undefined
})

/** An option that is no data; `expected` says in errors what it has to be. */
export const codeField = <A, D extends A | "none" | undefined = undefined>(
  expected: string,
  is: (value: unknown) => value is A,
  value?: D
): CodeField<A, D> => ({ kind: "code", expected, is, default: value as D })

/** An option that is a function. */
export const functionField = <A extends (...args: never) => unknown, D extends A | "none" | undefined = undefined>(
  value?: D
): CodeField<A, D> => codeField("a function", (value): value is A => typeof value === "function", value)

/** A field that has a meaning beside another only. */
export const beside = <F extends Field>(other: string, field: F): F => ({ ...field, beside: other })
