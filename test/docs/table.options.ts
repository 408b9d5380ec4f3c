import { optimizers, type AnyOptimizer, type Field, type Fields, type OptimizerRecipe } from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { equations } from "thalweg/show"

export type Options = Readonly<Record<string, unknown>>

/** Of these some lie in any range. */
const candidates = [0.5, 0.25, 1, 2, 0]

const numberIn = ({ range }: { readonly range: { readonly holds: (value: number) => boolean } }): number =>
  candidates.find(range.holds) ?? NaN

const inner = optimizers.sgd({ learningRate: 0.5 })

type Examples = { readonly [K in Field["kind"]]: (field: Extract<Field, { readonly kind: K }>) => unknown }

/** A value for each kind of option; those of one row fit each other. */
const examples: Examples = {
  hyperparameter: numberIn,
  number: numberIn,
  quantity: numberIn,
  flag: field => !field.default,
  choice: field => field.choices.find(word => word !== field.default) ?? field.default,
  numbers: field => [numberIn(field)],
  schedule: () => constant(0.5),
  schedules: () => [constant(0.5)],
  mask: () => "**",
  labels: () => [["**", "all"]],
  seed: () => 1,
  optimizer: () => inner,
  optimizers: () => ({ all: inner })
}

/** A value for an option, other than its default. */
const exampleOf = (field: Field): unknown => (examples[field.kind] as (field: Field) => unknown)(field)

/** The least that must be said: a value for every option without a default. */
export const leastOptions = (fields: Fields): Options =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      field.default === undefined ? [[name, exampleOf(field)] as const] : []
    )
  )

/** Whether what is made is nothing but the optimizers that its options name. */
export const isMadeOfOthers = (fields: Fields): boolean =>
  Object.values(fields).some(({ kind }) => kind === "optimizers")

/** For every option with a default, another value. */
export const otherOptions = (fields: Fields): readonly Options[] =>
  Object.entries(fields).flatMap(([name, field]) => (field.default === undefined ? [] : [{ [name]: exampleOf(field) }]))

/** The row that steps as an optimizer does, if it needs no options. */
const nameOf = (optimizer: AnyOptimizer): string => {
  const wanted = equations(optimizer)
  const found = Object.entries<OptimizerRecipe>(optimizers).find(
    ([, { fields, make }]) => Object.keys(leastOptions(fields)).length === 0 && equations(make({})) === wanted
  )
  return found === undefined ? "…" : `${found[0]}()`
}

/** What stands for the absence of an option. */
const none = "none"

const showNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value)

const showValue = (value: unknown): string =>
  typeof value === "object" && value !== null && "step" in value
    ? nameOf(value as AnyOptimizer)
    : typeof value === "number"
      ? showNumber(value)
      : Array.isArray(value)
        ? `[${value.map(showValue).join(", ")}]`
        : value === none
          ? none
          : JSON.stringify(value)

const code = (text: string): string => `\`${text}\``

/** Values of options, as `name = value`. */
export const showValues = (options: Options): string =>
  Object.entries(options)
    .map(([name, value]) => code(`${name} = ${showValue(value)}`))
    .join(", ")

/** The options that there are, with their defaults; first those that must be given. */
export const showFields = (fields: Fields): string => {
  const all = Object.entries(fields).map(([name, field]) => ({ name, value: field.default }))
  const given = all.filter(({ value }) => value === undefined).map(({ name }) => code(name))
  const rest = all.filter(({ value }) => value !== undefined)
  return [
    ...given,
    ...(rest.length === 0 ? [] : [showValues(Object.fromEntries(rest.map(o => [o.name, o.value])))])
  ].join(", ")
}
