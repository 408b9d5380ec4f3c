import type { Tensor } from "thalweg"
import {
  combinators,
  optimizers,
  type AnyOptimizer,
  type CombinatorRecipe,
  type Field,
  type Fields,
  type HyperField,
  type OptimizerRecipe,
  type Range
} from "thalweg/optimizer"
import { exponential, type Hyperparameter } from "thalweg/schedule"
import { entries } from "../variants/index.js"
import type { Name, Options, Sampling } from "../variants/variant.js"

/** A hyperparameter, a value in the middle of its range, how an optimizer is made with it, and another value. */
export interface HyperRow {
  readonly name: string
  readonly value: number
  readonly other: number
  readonly range: Range
  readonly build: (value: Hyperparameter) => AnyOptimizer
  /** Whether something has to be set beside it. */
  readonly special: boolean
  /** Why the derivative by it is 0 almost everywhere. */
  readonly flat: string | undefined
  /** Whether only its value at step 0 counts. */
  readonly atStart: boolean
}

/** Hyperparameters of one optimizer, each with a value, and how it is made with them. */
export interface Together {
  readonly name: string
  readonly values: Readonly<Record<string, number>>
  /** The hyperparameters that matter as they are, by which no derivative is 0. */
  readonly sloping: readonly string[]
  readonly build: (values: Readonly<Record<string, Tensor>>) => AnyOptimizer
}

/** A row of a catalogue as an optimizer, and what tests have to know of it. */
interface Row {
  readonly name: string
  readonly fields: Fields
  readonly sampling: Sampling
  readonly make: (options: Options) => AnyOptimizer
}

/** Its rate falls, so that what weighs steps by their rates shows. */
const inner = optimizers.sgd({ learningRate: exponential({ start: 0.15, rate: 0.9 }), momentum: 0.5 })

const samplingOf = (name: string): Sampling => (entries[name as Name].sampling as Sampling | undefined) ?? {}

/** Options without those that have no meaning beside the others. */
const meant = (fields: Fields, options: Options): Options =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => {
      const { beside: other, when } = fields[name] as Field
      return other === undefined || when === undefined || when.includes(options[other] ?? fields[other]?.default)
    })
  )

/** Every row as an optimizer: combinators around descent with momentum. */
const catalogue: readonly Row[] = [
  ...Object.entries<OptimizerRecipe>(optimizers).map(([name, { fields, make }]) => ({
    ...{ name, fields, sampling: samplingOf(name) },
    make
  })),
  ...Object.entries<CombinatorRecipe>(combinators).map(([name, { fields, make }]) => ({
    ...{ name, fields, sampling: samplingOf(name) },
    make: (options: Options) => make(options)(inner)
  }))
]

const holds = (field: Field, value: number): boolean => "range" in field && field.range.holds(value)
const inside = (field: Field, value: number): boolean => holds(field, 0.95 * value) && holds(field, 1.05 * value)
const isNumber = (value: unknown): value is number => typeof value === "number"

/** The default, if it is neither tiny nor near an end of the range; else a value that is typical of such a range. */
const middle = (field: Field): number => {
  const ofDecays = holds(field, 0.99) && !holds(field, 1) ? [0.8] : []
  const own = [field.default].filter(isNumber).filter(v => v >= 0.05 && v <= (ofDecays[0] ? 0.95 : 10))
  return [...own, ...ofDecays, 0.1, 1.2].find(value => inside(field, value)) ?? NaN
}

const another = (field: Field, value: number): number => [value / 2, 2 * value].find(v => holds(field, v)) ?? NaN

const hyperparametersOf = (fields: Fields): readonly (readonly [option: string, field: HyperField])[] =>
  Object.entries(fields).flatMap(([option, field]) => (field.kind === "hyperparameter" ? [[option, field]] : []))

const plain: Partial<Record<Field["kind"], (field: Field) => unknown>> = {
  hyperparameter: middle,
  number: field => [1, 0].find(value => holds(field, value)),
  mask: () => "**",
  seed: () => 1
}

const hasDefault = ({ default: value }: Field): boolean => value !== undefined && value !== "none"

/** What has no default, and a rate that moves parameters within few steps. */
const leastOf = ({ fields, sampling }: Row): Options => {
  const said = Object.entries(fields).filter(([option, f]) => !hasDefault(f) || option === "learningRate")
  const values = said.map(([option, field]) => [option, plain[field.kind]?.(field)] as const)
  return { ...Object.fromEntries(values), ...sampling.always }
}

const titleOf = (set: Options, option: string): readonly string[] =>
  Object.entries(set).flatMap(([key, value]) =>
    key === option ? [] : [`${key} ${typeof value === "function" ? "scheduled" : String(value)}`]
  )

const rowsOf = (row: Row, option: string, field: HyperField): readonly HyperRow[] => {
  const { beside, flat, atStart } = row.sampling
  return [beside?.[option] ?? {}].flat().map((set: Options): HyperRow => {
    const options = { ...leastOf(row), ...set }
    const value = isNumber(options[option]) ? options[option] : middle(field)
    return {
      name: [`${row.name} ${option}`, ...titleOf(set, option)].join(", "),
      value,
      other: another(field, value),
      range: field.range,
      build: v => row.make(meant(row.fields, { ...options, [option]: v })),
      special: beside?.[option] !== undefined,
      flat: titleOf(set, option).length === 0 ? flat?.[option] : undefined,
      atStart: atStart?.includes(option) ?? false
    }
  })
}

/** Every hyperparameter of the catalogue. */
export const hyperRows: readonly HyperRow[] = catalogue.flatMap(row =>
  hyperparametersOf(row.fields).flatMap(([option, field]) => rowsOf(row, option, field))
)

const othersOf = (option: string, field: Field): readonly Options[] => {
  if (field.kind === "flag") return [{ [option]: !field.default }]
  if (field.kind !== "choice") return []
  const partner = field.beside !== undefined && field.when ? { [field.beside]: field.when[0] } : {}
  return field.choices.filter(choice => choice !== field.default).map(choice => ({ ...partner, [option]: choice }))
}

/** Every row under every word and flag, all hyperparameters in the middle of their ranges. */
export const choiceRows: readonly Together[] = catalogue.flatMap(row => {
  const { name, fields, sampling, make } = row
  const least = leastOf(row)
  const values = Object.fromEntries(
    hyperparametersOf(fields).map(([option, f]) => [option, isNumber(least[option]) ? least[option] : middle(f)])
  )
  const sets = [{}, ...Object.entries(fields).flatMap(([option, field]) => othersOf(option, field))]
  if (Object.keys(values).length === 0) return []
  const sloping = Object.keys(values).filter(option => !(option in { ...sampling.beside, ...sampling.flat }))
  return sets.map((set): Together => {
    const own = Object.keys(meant(fields, { ...least, ...set, ...values }))
    return {
      name: [name, ...titleOf(set, "")].join(", "),
      values: Object.fromEntries(Object.entries(values).filter(([option]) => own.includes(option))),
      sloping: Object.keys(set).length === 0 ? sloping : [],
      build: v => make({ ...least, ...set, ...v })
    }
  })
})

const TINY = 0.01

/** Every row with defaults, those that are tiny being 0 where they may be, and the others. */
export const edgeRows: readonly Together[] = catalogue.flatMap(row => {
  const { name, fields, make } = row
  const least = leastOf(row)
  const all = hyperparametersOf(fields)
  const isTiny = (field: Field): boolean => isNumber(field.default) && field.default < TINY
  const zeros = Object.fromEntries(
    all.flatMap(([option, f]) => (isTiny(f) && holds(f, 0) && least[option] === undefined ? [[option, 0]] : []))
  )
  const values = Object.fromEntries(
    all.flatMap(([option, f]) => {
      const value = least[option] ?? f.default
      return isNumber(value) && value >= TINY && inside(f, value) ? [[option, value]] : []
    })
  )
  if (Object.keys(values).length === 0) return []
  return [{ name, values, sloping: [], build: v => make(meant(fields, { ...least, ...zeros, ...v })) }]
})
