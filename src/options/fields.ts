import { checkList } from "../dataflow/check.js"
import { hasMethods, isRecord } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { ownMask } from "../tree/mask.js"
import { among, listOf, only, owned, refuse, within } from "./checks.js"
import { hyperparameter, quantityOf, type Hyperparameter } from "./hyperparameter.js"
import type {
  ChoiceField,
  CodeField,
  Field,
  FlagField,
  HyperField,
  LabelsField,
  MaskField,
  NumberField,
  NumbersField,
  OptimizerField,
  OptimizersField,
  QuantityField,
  ScheduleField,
  SchedulesField,
  SeedField,
  Stepping
} from "./kinds.js"
import { checkNumber, checkRange, natural, type Range } from "./range.js"

export type * from "./given.js"
export type * from "./kinds.js"
export * from "./structure-fields.js"

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
 * Describes an option that is one of some words. The default is one of them, but not "none": of all fields that says that an
 * option may be absent, and `undefined` would be seen in its place. Throws a `HyperparameterError` for another default.
 *
 * @example
 * import assert from "node:assert"
 * import { choice } from "thalweg/transform"
 *
 * assert.deepStrictEqual(choice(["hard", "smooth"], "hard").choices, ["hard", "smooth"])
 */
export const choice = <const V extends string>(
  choices: readonly V[],
  value: NoInfer<Exclude<V, "none">>
): ChoiceField<V> => {
  const words = [...checkList("choice", "a list of words", choices)]
  among(words.filter(word => word !== "none"))("choice", "the default", value)
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

/** The same field, of what may be changed later on: what becomes of it is a frozen copy. */
export const ownedField = <F extends Field | CodeField>(field: F): F => ({ ...field, check: owned(field.check) })

/** An option that is a function. */
export const functionField = <A extends (...args: never) => unknown, D extends A | "none" | undefined = undefined>(
  value?: D
): CodeField<A, D> => codeField("a function", (value): value is A => typeof value === "function", value)

/** A field that has a meaning only beside another that is there and not `false`, or that is one of some values. */
export const beside = <F extends Field>(other: string, field: F, ...when: readonly unknown[]): F => ({
  ...field,
  beside: other,
  ...(when.length > 0 && { when })
})
