import { checkList } from "../dataflow/check.js"
import { describeValue, hasMethods, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { arePairs } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import type { PaddingMode, PerAxis } from "../dataflow/window.js"
import { ownMask, type Mask } from "../tree/mask.js"
import { hyperparameter, quantityOf, type Hyperparameter, type Schedule } from "./hyperparameter.js"
import { checkNumber, checkRange, natural, type Range } from "./range.js"

/**
 * What an option may be. `default` is what it is when it is left out: a value, "none" for an option that may be absent,
 * or `undefined` for one that must be given.
 */
interface Option<D> {
  readonly default: D
  /** Another option without which this one has no meaning. */
  readonly beside?: string
  /** What becomes of a value that may be given, else a `HyperparameterError`, which names the function and the option. */
  readonly check: Check
}

type Check = (operation: string, name: string, value: unknown) => unknown

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

/** A function: in code any, as data its name in a catalogue; or `false`, where there may be none. */
export interface NamedField<A = unknown, D = unknown> extends Option<D> {
  readonly kind: "named"
  readonly names: Readonly<Record<string, unknown>>
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

const refuse = (operation: string, name: string, expected: string, value: unknown): never =>
  fail("HyperparameterError", operation, `${name} to be ${expected}`, describeValue(value))

/** Accepts what is as expected, as it is. */
const only =
  (expected: string, is: (value: unknown) => boolean): Check =>
  (operation, name, value) =>
    is(value) ? value : refuse(operation, name, expected, value)

const among = (allowed: readonly unknown[]): Check => only(allowed.map(String).join(" or "), v => allowed.includes(v))

/** A list of which each element is checked, as a copy. */
const listOf =
  (check: Check): Check =>
  (operation, name, value) =>
    Array.isArray(value)
      ? Array.from(value, (element, i) => check(operation, `${name}[${i}]`, element)) // a hole is undefined
      : refuse(operation, name, "a list", value)

const within =
  (range: Range): Check =>
  (operation, name, value) =>
    checkNumber(operation, name, range, value)

/**
 * Describes an option that may be a number within a range, a tensor or a schedule. Without a default it has to be given;
 * with the default "none" it may be absent.
 *
 * @example
 * import assert from "node:assert"
 * import { hyper, range } from "thalweg/transform"
 *
 * assert.strictEqual(hyper(range.decay, 0.9).default, 0.9)
 */
export const hyper = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): HyperField<D> => ({
  kind: "hyperparameter",
  range: checkRange("hyper", range),
  default: value as D,
  check: (operation, name, given) => hyperparameter(operation, name, range, given as Hyperparameter)
})

/**
 * Describes an option that is a plain number within a range.
 *
 * @example
 * import assert from "node:assert"
 * import { fixed, range } from "thalweg/transform"
 *
 * assert.strictEqual(fixed(range.positiveInteger, 5).range.holds(0.5), false)
 */
export const fixed = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): NumberField<D> => ({ kind: "number", range: checkRange("fixed", range), default: value as D, check: within(range) })

/** An option that is a number within a range, or a tensor, so that it can be differentiated by. */
export const quantity = <const D extends number | undefined = undefined>(
  range: Range,
  value?: D
): QuantityField<D> => ({
  kind: "quantity",
  range,
  default: value as D,
  check: (operation, name, given) => quantityOf(operation, name, range, given as number | Tensor)
})

/**
 * Describes an option that is on or off.
 *
 * @example
 * import assert from "node:assert"
 * import { flag } from "thalweg/transform"
 *
 * assert.strictEqual(flag(false).default, false)
 */
export const flag = (value: boolean): FlagField => ({ kind: "flag", default: value, check: among([true, false]) })

/**
 * Describes an option that is one of some words.
 *
 * @example
 * import assert from "node:assert"
 * import { choice } from "thalweg/transform"
 *
 * assert.deepStrictEqual(choice(["hard", "smooth"], "hard").choices, ["hard", "smooth"])
 */
export const choice = <const V extends string>(choices: readonly V[], value: NoInfer<V>): ChoiceField<V> => {
  const words = [...checkList("choice", "a list of words", choices)]
  return { kind: "choice", choices: words, default: value, check: among(words) }
}

/** An option that is a list of plain numbers. */
export const numbers = <const D extends readonly number[] | "none" | undefined = undefined>(
  range: Range,
  value?: D
): NumbersField<D> => ({ kind: "numbers", range, default: value as D, check: listOf(within(range)) })

const schedule = /* @__PURE__ */ only("a schedule", value => typeof value === "function")

/** An option that is a schedule. */
export const scheduleField: ScheduleField = { kind: "schedule", default: undefined, check: schedule }

/** An option that is a list of schedules. */
export const schedulesField: SchedulesField = {
  kind: "schedules",
  default: undefined,
  check: /* @__PURE__ */ listOf(schedule)
}

/** An option that says which parameters are meant. */
export const maskField = <const D extends string | undefined = undefined>(value?: D): MaskField<D> => ({
  kind: "mask",
  default: value as D,
  check: (operation, _name, mask) => ownMask(operation, mask)
})

const label = /* @__PURE__ */ only(
  "a pattern and a label",
  value => Array.isArray(value) && value.length === 2 && value.every(text => typeof text === "string")
)

/** An option that gives labels to parameters. */
export const labelsField: LabelsField = { kind: "labels", default: undefined, check: /* @__PURE__ */ listOf(label) }

/** An option that randomness is drawn from. */
export const seedField: SeedField = {
  kind: "seed",
  default: undefined,
  check: (operation, name, value) => (isTensor(value) ? value : checkNumber(operation, name, natural, value))
}

const stepping = /* @__PURE__ */ only("an optimizer", value => hasMethods(value, ["init", "step"]))

/** An option that is an optimizer. */
export const optimizerField = <A extends Stepping>(value: A): OptimizerField<A> => ({
  kind: "optimizer",
  default: value,
  check: stepping
})

/** An option that is a record of optimizers. */
export const optimizersField = <A extends Stepping>(): OptimizersField<A> => ({
  kind: "optimizers",
  default: undefined,
  check: (operation, name, value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, stepping(operation, `${name}.${k}`, v)]))
      : refuse(operation, name, "a record of optimizers", value)
})

/** An option that is no data; `expected` says in errors what it has to be. */
export const codeField = <A, D extends A | "none" | undefined = undefined>(
  expected: string,
  is: (value: unknown) => value is A,
  value?: D
): CodeField<A, D> => ({ kind: "code", default: value as D, check: only(expected, is) })

/** An option that is a function. */
export const functionField = <A extends (...args: never) => unknown, D extends A | "none" | undefined = undefined>(
  value?: D
): CodeField<A, D> => codeField("a function", (value): value is A => typeof value === "function", value)

/** Describes an option that is one plain number for every spatial axis, or one for each. */
export const perAxis = <const D extends number | "none" | undefined = undefined>(
  range: Range,
  value?: D
): PerAxisField<D> => {
  const one = within(range)
  return {
    kind: "perAxis",
    range,
    default: value as D,
    check: (operation, name, given) =>
      Array.isArray(given) && given.length > 0 ? listOf(one)(operation, name, given) : one(operation, name, given)
  }
}

/** Describes an option that says how much is added at the ends of spatial axes. */
export const paddingField = (value: PaddingMode): PaddingField => ({
  kind: "padding",
  default: value,
  check: only(
    '"valid", "same" or a pair of whole numbers for each spatial axis',
    given => given === "valid" || given === "same" || (Array.isArray(given) && arePairs(given, given.length))
  )
})

/** Describes an option that is a function, which has a name as data if it is in the catalogue. */
export const named = <A extends (...args: never) => unknown, D extends A>(
  names: Readonly<Record<string, A>>,
  value: D
): NamedField<A, D> => ({
  kind: "named",
  names,
  optional: false,
  default: value,
  check: only("a function", given => typeof given === "function")
})

/** The same, where there may be none. */
export const namedOrNone = <A extends (...args: never) => unknown, D extends A>(
  names: Readonly<Record<string, A>>,
  value: D
): NamedField<A | false, D> => ({
  ...named(names, value),
  optional: true,
  check: only("a function, or false for none", given => typeof given === "function" || given === false)
})

/** Whether it is a layer, as far as can be seen. */
export const isLayer = (value: unknown): boolean => hasMethods(value, ["init", "apply"])

/** An option that is a layer. */
export const layerField: LayerField = {
  kind: "layer",
  default: undefined,
  check: /* @__PURE__ */ only("a layer", isLayer)
}

/** An option that is layers, by name or in a list. */
export const layersField: LayersField = {
  kind: "layers",
  default: undefined,
  check: /* @__PURE__ */ only(
    "layers by name, or a list of them",
    value => (Array.isArray(value) || isRecord(value)) && Object.values(value).every(isLayer)
  )
}

/** A field that has a meaning beside another only. */
export const beside = <F extends Field>(other: string, field: F): F => ({ ...field, beside: other })
