import fc from "fast-check"
import { combinators, optimizers, type Trait } from "thalweg/optimizer"
import {
  optimizerSpec,
  type CombinatorSpec,
  type OptimizerSpec,
  type OptionSpec,
  type OptionSpecs,
  type ScheduleSpec
} from "thalweg/spec"
import { meant } from "./meant.js"

/** The name of an optimizer of the catalogue. */
export type OptimizerName = keyof typeof optimizers
/** The name of a combinator of the catalogue. */
export type CombinatorName = keyof typeof combinators

/** Which specs are made. */
export interface SpecChoice {
  /** What has to be true of the optimizers, as the catalogue says it is. Default nothing. */
  readonly traits?: readonly Trait[]
  /** The optimizers to choose from. Default all. */
  readonly optimizers?: readonly OptimizerName[]
  /** The combinators to choose from. Default all. */
  readonly combinators?: readonly CombinatorName[]
  /** How many combinators there are around an optimizer at least. Default 0. */
  readonly minCombinators?: number
  /** How many there are at most. Default 3. */
  readonly maxCombinators?: number
}

/** What the catalogue says of an option, as far as options are drawn from it. */
interface Field {
  readonly kind: string
  readonly range?: { readonly holds: (value: number) => boolean }
  readonly choices?: readonly string[]
  readonly default: unknown
  readonly beside?: string
  readonly when?: readonly unknown[]
}

/** A row of the catalogue, when the types of its options do not matter. */
interface Row {
  readonly fields: Readonly<Record<string, Field>>
  readonly traits: Readonly<Partial<Record<Trait, OptionSpecs>>>
}

/** Of these some lie in any range. */
const candidates = [0.5, 0.25, 0, 1, 0.9, 0.1, 2, 3, 0.001, 7]

/** Schedules whose values lie where numbers do. */
const scheduleOf = (numbers: fc.Arbitrary<number>): fc.Arbitrary<ScheduleSpec> => {
  const constant = numbers.map((value): ScheduleSpec => ({ schedule: "constant", options: { value } }))
  const linear = fc
    .record({ start: numbers, end: numbers, steps: fc.integer({ min: 1, max: 4 }) })
    .map((options): ScheduleSpec => ({ schedule: "linear", options }))
  const joined = fc
    .tuple(constant, linear)
    .map((schedules): ScheduleSpec => ({ schedule: "join", options: { schedules, boundaries: [2] } }))
  return fc.oneof({ withCrossShrink: true }, constant, linear, joined)
}

/** Two labels, so that an optimizer may be left without parameters. */
const labels = ["a", "b"] as const

/** Options that fit whatever the parameters are, of the kinds that say all about them. */
const byKind: Readonly<Record<string, fc.Arbitrary<OptionSpec>>> = {
  flag: fc.boolean(),
  seed: fc.nat(9),
  // no other pattern matches every tree, be it empty or a leaf
  mask: fc.constantFrom("**", ["**"]),
  labels: fc.constantFrom(...labels).map(label => [["**", label]] as const)
}

/** Options that are made of optimizers. */
const madeOf = (inner: fc.Arbitrary<OptimizerSpec>): Readonly<Record<string, fc.Arbitrary<OptionSpec>>> => ({
  optimizer: inner,
  optimizers: fc.record(Object.fromEntries(labels.map(label => [label, inner])))
})

const isList = (value: unknown): value is readonly number[] => Array.isArray(value)

const optionOf = ({ kind, range, choices = [], default: preset }: Field): fc.Arbitrary<OptionSpec> => {
  const known = byKind[kind]
  if (known !== undefined) return known
  if (kind === "choice") return fc.constantFrom(...choices)
  // a list of another length does not fit, and larger numbers soon overflow
  if (isList(preset)) return fc.constantFrom(1, 0.25).map(factor => preset.map(value => value * factor))
  const numbers = fc.constantFrom(...candidates.filter(value => range?.holds(value)))
  if (kind !== "hyperparameter") return numbers
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: numbers },
    { weight: 1, arbitrary: scheduleOf(numbers) }
  )
}

/** What optimizers are made of that are made of others; without it, they are not drawn, nor are options that say so. */
type Inner = fc.Arbitrary<OptimizerSpec> | undefined

const isMadeOfOthers = ({ kind }: Field): boolean => kind === "optimizer" || kind === "optimizers"

/** What options are drawn from, but for those that are made of others: made once for all rows, since it is large. */
const drawnFrom: ReadonlyMap<Field, fc.Arbitrary<OptionSpec>> = new Map(
  [...Object.values(optimizers), ...Object.values(combinators)]
    .flatMap(row => Object.values((row as Row).fields))
    .flatMap(field => (isMadeOfOthers(field) ? [] : [[field, optionOf(field)] as const]))
)

const isDrawn = ({ fields }: Row, inner: Inner): boolean =>
  inner !== undefined || Object.values(fields).every(field => !isMadeOfOthers(field) || field.default !== undefined)

/** Options in range, of which some are set. What has a default may be left out. */
const optionsOf = ({ fields }: Row, set: OptionSpecs, inner: Inner): fc.Arbitrary<OptionSpecs> => {
  const others = inner === undefined ? {} : madeOf(inner)
  const entries = Object.entries(fields).filter(([, field]) => inner !== undefined || !isMadeOfOthers(field))
  return fc
    .record(
      Object.fromEntries(
        entries.map(([name, field]) => [name, others[field.kind] ?? drawnFrom.get(field) ?? optionOf(field)])
      ),
      {
        requiredKeys: entries.flatMap(([name, field]) => (field.default === undefined ? [name] : []))
      }
    )
    .map(drawn => meant(fields, { ...drawn, ...set }))
}

/** The options under which a row has some traits; `undefined` where it lacks one. */
const conditionsOf = ({ traits }: Row, wanted: readonly Trait[]): OptionSpecs | undefined =>
  wanted.every(trait => traits[trait] !== undefined)
    ? wanted.reduce((options, trait) => ({ ...options, ...traits[trait] }), {})
    : undefined

interface Drawn<N> {
  readonly name: N
  readonly options: OptionSpecs
}

/** Those of some rows that have the traits, with options. */
const drawn = <N extends string>(
  rows: Readonly<Record<N, object>>,
  names: readonly N[],
  traits: readonly Trait[],
  inner: Inner
): readonly fc.Arbitrary<Drawn<N>>[] =>
  names.flatMap(name => {
    const row = rows[name] as Row
    const conditions = conditionsOf(row, traits)
    return conditions === undefined || !isDrawn(row, inner)
      ? []
      : [optionsOf(row, conditions, inner).map(options => ({ name, options }))]
  })

/** Whether options that are each in range fit each other too. */
const fits = (spec: OptimizerSpec): boolean => optimizerSpec.is(spec)

/** The first is the one to which others shrink. The rest by name: the catalogue promises no order. */
const allOptimizers: readonly OptimizerName[] = [
  "sgd",
  ...(Object.keys(optimizers) as OptimizerName[]).filter(name => name !== "sgd").sort()
]
const allCombinators = (Object.keys(combinators) as CombinatorName[]).sort()

const specs = (choice: SpecChoice, inner: Inner): fc.Arbitrary<OptimizerSpec> => {
  const { traits = [], minCombinators: minLength = 0, maxCombinators: maxLength = 3 } = choice
  const base = fc.oneof(
    { withCrossShrink: true },
    ...drawn(optimizers, choice.optimizers ?? allOptimizers, traits, inner)
  )
  const wraps = drawn(combinators, choice.combinators ?? allCombinators, traits, inner)
  const wrap = wraps.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...wraps), { minLength, maxLength })
  return fc
    .tuple(base, wrap)
    .map(([{ name, options }, pipe]): OptimizerSpec => ({
      optimizer: name,
      options,
      pipe: pipe.map((around): CombinatorSpec => ({ combinator: around.name, options: around.options }))
    }))
    .filter(fits)
}

/** What optimizers are made of: of those to choose from all that can, if there are some, within one combinator at most. */
const within = ({ traits = [], maxCombinators = 3, ...choice }: SpecChoice): fc.Arbitrary<OptimizerSpec> => {
  const some = choice.optimizers?.filter(name => drawn(optimizers, [name], traits, undefined).length > 0) ?? []
  const names = some.length > 0 ? some : allOptimizers
  return specs(
    { ...choice, traits, optimizers: names, minCombinators: 0, maxCombinators: Math.min(1, maxCombinators) },
    undefined
  )
}

/**
 * Makes specs of random optimizers: any row of the catalogue, under random options in their ranges (numbers and
 * schedules), within up to three random combinators. What is made of other optimizers is made of random ones that are
 * not. Masks and labels are those of all parameters. Shrinks to fewer combinators and fewer options.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbSpec } from "thalweg/laws"
 * import { encodeOptimizer, decodeOptimizer } from "thalweg/spec"
 *
 * fc.assert(fc.property(arbSpec(), spec => decodeOptimizer(encodeOptimizer(spec))._tag === "Right"), { numRuns: 20 })
 */
export const arbSpec = (choice: SpecChoice = {}): fc.Arbitrary<OptimizerSpec> => specs(choice, within(choice))
