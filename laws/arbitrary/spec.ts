import fc from "fast-check"
import { add, cast, mul, scalar, square, sum, Tree, type Tensor } from "thalweg"
import { combinators, optimizers, type AnyOptimizer as Needing, type Trait } from "thalweg/optimizer"
import {
  encodeOptimizer,
  fromSpec,
  optimizerSpec,
  type CombinatorSpec,
  type OptimizerSpec,
  type OptionSpec,
  type OptionSpecs,
  type ScheduleSpec
} from "thalweg/spec"
import type { AnyOptimizer } from "./optimizer.js"
import { printed } from "./transform.js"

/** The name of an optimizer of the catalogue. */
export type OptimizerName = keyof typeof optimizers
/** The name of a combinator of the catalogue. */
export type CombinatorName = keyof typeof combinators

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
  readonly fallback?: unknown
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

const optionOf = ({ kind, range, choices = [] }: Field): fc.Arbitrary<OptionSpec> => {
  if (kind === "flag") return fc.boolean()
  if (kind === "choice") return fc.constantFrom(...choices)
  const numbers = fc.constantFrom(...candidates.filter(value => range?.holds(value)))
  if (kind !== "hyperparameter") return numbers
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: numbers },
    { weight: 1, arbitrary: scheduleOf(numbers) }
  )
}

/** Options in range, of which some are set. What has a default may be left out. */
const optionsOf = ({ fields }: Row, set: OptionSpecs): fc.Arbitrary<OptionSpecs> =>
  fc
    .record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, optionOf(field)])), {
      requiredKeys: Object.keys(fields).filter(name => !("fallback" in (fields[name] ?? {})))
    })
    .map(drawn => ({ ...drawn, ...set }))

/** The options under which a row has some traits; `undefined` where it lacks one. */
const conditionsOf = ({ traits }: Row, wanted: readonly Trait[]): OptionSpecs | undefined =>
  wanted.every(trait => traits[trait] !== undefined)
    ? wanted.reduce((options, trait) => ({ ...options, ...traits[trait] }), {})
    : undefined

interface Drawn<N> {
  readonly name: N
  readonly options: OptionSpecs
}

/** One of some rows that have the traits, with options. */
const drawn = <N extends string>(
  rows: Readonly<Record<N, object>>,
  names: readonly N[],
  traits: readonly Trait[]
): readonly fc.Arbitrary<Drawn<N>>[] =>
  names.flatMap(name => {
    const row = rows[name] as Row
    const conditions = conditionsOf(row, traits)
    return conditions === undefined ? [] : [optionsOf(row, conditions).map(options => ({ name, options }))]
  })

/** Whether options that are each in range fit each other too. */
const fits = (spec: OptimizerSpec): boolean => optimizerSpec.is(spec)

/**
 * Makes specs of random optimizers: any row of the catalogue, under random options in their ranges (numbers and schedules),
 * within up to three random combinators. Shrinks to fewer combinators and fewer options.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbSpec } from "thalweg/laws"
 * import { encodeOptimizer, decodeOptimizer } from "thalweg/spec"
 *
 * fc.assert(fc.property(arbSpec(), spec => decodeOptimizer(encodeOptimizer(spec))._tag === "Right"), { numRuns: 20 })
 */
export const arbSpec = (choice: SpecChoice = {}): fc.Arbitrary<OptimizerSpec> => {
  const { traits = [], minCombinators: minLength = 0, maxCombinators: maxLength = 3 } = choice
  const { optimizers: inner = Object.keys(optimizers) as OptimizerName[] } = choice
  const { combinators: around = Object.keys(combinators) as CombinatorName[] } = choice
  const base = fc.oneof({ withCrossShrink: true }, ...drawn(optimizers, inner, traits))
  const wraps = drawn(combinators, around, traits)
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

/** Half the sum of the squares of a gradient: the loss of a bowl around 0. */
const bowl = (grads: Tree): Tensor =>
  mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, g) => add(total, sum(square(cast(g, "f64")))))(grads), 0.5)

/**
 * Gives an optimizer that may need the loss one that depends on the gradient alone, `½·‖g‖²`, so that it can stand among
 * others.
 */
export const fed = (optimizer: Needing): AnyOptimizer => ({
  ...optimizer,
  update: (grads, state, params) => optimizer.update(grads, state, params, { loss: bowl(grads) }),
  step: (params, state, grads) => optimizer.step(params, state, grads, { loss: bowl(grads) })
})

/** The optimizer that a spec describes. Prints as the spec's JSON. */
export const described = (spec: OptimizerSpec): AnyOptimizer =>
  printed({ value: fed(fromSpec(spec)), text: JSON.stringify(encodeOptimizer(spec)) })
