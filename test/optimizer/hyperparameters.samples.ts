import { add, cast, mul, scalar, square, sum, Tree, type Tensor } from "thalweg"
import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { exponential, type Hyperparameter } from "thalweg/schedule"
import { common, settings, type Options } from "./hyperparameters.settings.js"

interface Field {
  readonly kind: string
  readonly range?: { readonly holds: (value: number) => boolean }
  readonly choices?: readonly string[]
  readonly fallback?: unknown
}
type Fields = Readonly<Record<string, Field>>

/** A row of the catalogue, when the types of its options do not matter. */
interface Row<A> {
  readonly fields: Fields
  readonly make: (options: Options) => A
}

/** A hyperparameter, a value in the middle of its range, how an optimizer is made with it, and another value. */
export type HyperRow = readonly [
  name: string,
  value: number,
  build: (value: Hyperparameter) => AnyOptimizer,
  other: number
]

/** Hyperparameters of one optimizer, each with a value, and how it is made with them. */
export type Together = readonly [
  name: string,
  values: Readonly<Record<string, number>>,
  build: (values: Readonly<Record<string, Tensor>>) => AnyOptimizer
]

/** Its rate falls, so that what weighs steps by their rates shows. */
const inner = optimizers.sgd.make({ learningRate: exponential({ start: 0.15, rate: 0.9 }), momentum: 0.5 })

const namesOf = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[]

/** Every row as an optimizer: combinators around descent with momentum. */
const catalogue: readonly (readonly [name: string, row: Row<AnyOptimizer>])[] = [
  ...namesOf(optimizers).map(name => [name, optimizers[name] as Row<AnyOptimizer>] as const),
  ...namesOf(combinators).map(name => {
    const { fields, make } = combinators[name] as Row<(inner: AnyOptimizer) => AnyOptimizer>
    return [name, { fields, make: (options: Options) => make(options)(inner) }] as const
  })
]

const holds = ({ range }: Field, value: number): boolean => range?.holds(value) ?? false
const inside = (field: Field, value: number): boolean => holds(field, 0.95 * value) && holds(field, 1.05 * value)
const isNumber = (value: unknown): value is number => typeof value === "number"

/** The default, if it is neither tiny nor near an end of the range; else a value that is typical of such a range. */
const middle = (field: Field): number => {
  const ofDecays = holds(field, 0.99) && !holds(field, 1) ? [0.8] : []
  const own = [field.fallback].filter(isNumber).filter(v => v >= 0.05 && v <= (ofDecays[0] ? 0.95 : 10))
  return [...own, ...ofDecays, 0.1, 1.2].find(value => inside(field, value)) ?? NaN
}

const another = (field: Field, value: number): number => [value / 2, 2 * value].find(v => holds(field, v)) ?? NaN

const hyperparametersOf = (fields: Fields): readonly (readonly [option: string, field: Field])[] =>
  Object.entries(fields).filter(([, { kind }]) => kind === "hyperparameter")

const plain: Readonly<Record<string, (field: Field) => unknown>> = {
  hyperparameter: middle,
  number: field => [1, 0].find(value => holds(field, value)),
  patterns: () => "**"
}

/** What must be said, and a rate that moves parameters within few steps. */
const leastOf = (name: string, fields: Fields): Options => {
  const said = Object.entries(fields).filter(([option, f]) => !("fallback" in f) || option === "learningRate")
  const values = said.map(([option, field]) => [option, plain[field.kind]?.(field)] as const)
  return { ...Object.fromEntries(values), ...(common as Readonly<Record<string, Options>>)[name] }
}

/** Half the sum of the squares. */
const bowl = (tree: Tree): Tensor =>
  mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, t) => add(total, sum(square(cast(t, "f64")))))(tree), 0.5)

/** An optimizer that takes the loss to be that of a bowl around 0, where it is not told. */
const told = (optimizer: AnyOptimizer): AnyOptimizer => ({
  ...optimizer,
  step: (params, state, grads, ...[atLoss = { loss: bowl(grads) }]) => optimizer.step(params, state, grads, atLoss)
})

type Settings = Readonly<Record<string, Readonly<Record<string, Options | readonly Options[]>>>>

const titleOf = (set: Options, option: string): readonly string[] =>
  Object.entries(set).flatMap(([key, value]) =>
    key === option ? [] : [`${key} ${typeof value === "function" ? "scheduled" : String(value)}`]
  )

const rowsOf = (name: string, { fields, make }: Row<AnyOptimizer>, option: string, field: Field): readonly HyperRow[] =>
  [(settings as Settings)[name]?.[option] ?? {}].flat().map((set: Options) => {
    const options = { ...leastOf(name, fields), ...set }
    const value = isNumber(options[option]) ? options[option] : middle(field)
    const build = (v: Hyperparameter): AnyOptimizer => told(make({ ...options, [option]: v }))
    return [[`${name} ${option}`, ...titleOf(set, option)].join(", "), value, build, another(field, value)]
  })

/** Every hyperparameter of the catalogue. */
export const hyperRows: readonly HyperRow[] = catalogue.flatMap(([name, row]) =>
  hyperparametersOf(row.fields).flatMap(([option, field]) => rowsOf(name, row, option, field))
)

const othersOf = (option: string, { kind, choices = [], fallback }: Field): readonly Options[] =>
  kind === "flag"
    ? [{ [option]: fallback !== true }]
    : choices.filter(choice => choice !== fallback).map(choice => ({ [option]: choice }))

/** Every row under every word and flag, all hyperparameters in the middle of their ranges. */
export const choiceRows: readonly Together[] = catalogue.flatMap(([name, { fields, make }]) => {
  const least = leastOf(name, fields)
  const values = Object.fromEntries(
    hyperparametersOf(fields).map(([option, f]) => [option, isNumber(least[option]) ? least[option] : middle(f)])
  )
  const sets = [{}, ...Object.entries(fields).flatMap(([option, field]) => othersOf(option, field))]
  if (Object.keys(values).length === 0) return []
  return sets.map((set): Together => [
    [name, ...titleOf(set, "")].join(", "),
    values,
    v => told(make({ ...least, ...set, ...v }))
  ])
})

const TINY = 0.01

/** Every row with defaults, those that are tiny being 0 where they may be, and the others. */
export const edgeRows: readonly Together[] = catalogue.flatMap(([name, { fields, make }]) => {
  const least = leastOf(name, fields)
  const all = hyperparametersOf(fields)
  const isTiny = ({ fallback }: Field): boolean => isNumber(fallback) && fallback < TINY
  const zeros = Object.fromEntries(
    all.flatMap(([option, f]) => (isTiny(f) && holds(f, 0) && least[option] === undefined ? [[option, 0]] : []))
  )
  const values = Object.fromEntries(
    all.flatMap(([option, f]) => {
      const value = least[option] ?? f.fallback
      return isNumber(value) && value >= TINY && inside(f, value) ? [[option, value]] : []
    })
  )
  if (Object.keys(values).length === 0) return []
  return [[name, values, v => told(make({ ...least, ...zeros, ...v }))]]
})
