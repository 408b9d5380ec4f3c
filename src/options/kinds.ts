import type { PaddingMode } from "../dataflow/window.js"
import type { Range } from "./range.js"

/**
 * What an option may be. `default` is what it is when it is left out: a value, "none" for an option that may be absent,
 * or `undefined` for one that must be given.
 */
export interface Option<D> {
  readonly default: D
  /** Another option without which this one has no meaning: where that is absent or `false`. */
  readonly beside?: string
  /** The values of the other with which it has one, where not all do. */
  readonly when?: readonly unknown[]
  /** What becomes of a value that may be given, else a `HyperparameterError`, which names the function and the option. */
  readonly check: Check
}

/** A check of a value, by which operation and under which name it was given. */
export type Check = (operation: string, name: string, value: unknown) => unknown

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

/** A number or a tensor, the same at every step. */
export interface QuantityField<D = unknown> extends Option<D> {
  readonly kind: "quantity"
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
  /** Only a type: what it is. */
  readonly given?: A
}

/** Options of its own, in a record. */
export interface RecordField<Fs extends AnyFields = AnyFields, D = unknown> extends Option<D> {
  readonly kind: "record"
  readonly fields: Fs
}

/** A plain number for every spatial axis, or one for each. */
export interface PerAxisField<D = unknown> extends Option<D> {
  readonly kind: "perAxis"
  /** Of each number. */
  readonly range: Range
}

/** How much is added at the ends of spatial axes: a word, or a pair of numbers for each axis. */
export interface PaddingField extends Option<PaddingMode> {
  readonly kind: "padding"
}

/** What functions are data by: their names, and where recipes made them, those of the recipes, under a key, with their options. */
export interface NameTable {
  readonly names: Readonly<Record<string, unknown>>
  readonly tag: string
  readonly recipes: Readonly<Record<string, FunctionMaker>>
}

/** As much as is known here of a recipe of functions. */
export interface FunctionMaker {
  readonly title: string
  readonly fields: Readonly<Record<string, NumberField | ChoiceField>>
  make(options: never): unknown
}

/** A function: in code any, as data its name in a catalogue, or its recipe with options; or `false`, where there may be none. */
export interface NamedField<A = unknown, D = unknown> extends Option<D> {
  readonly kind: "named"
  readonly table: NameTable
  readonly optional: boolean
  /** Only a type: what it is. */
  readonly given?: A
}

/** As much as is known here of a layer, which lies above. */
export interface Applying {
  init(...args: never): unknown
  apply(...args: never): unknown
}

/** A layer, such as one that another is made of. */
export interface LayerField extends Option<undefined> {
  readonly kind: "layer"
}

/** Layers by name, or in a list. */
export interface LayersField extends Option<undefined> {
  readonly kind: "layers"
}

/** What an option of a layer may be, besides. */
export type StructureField = PerAxisField | PaddingField | NamedField | LayerField | LayersField

/** What an option that can be data may be. */
export type Field =
  | HyperField
  | NumberField
  | QuantityField
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

/** What the options of a function may be, where some may be no data. */
export type AnyFields = { readonly [name: string]: Field | StructureField | CodeField | RecordField }
