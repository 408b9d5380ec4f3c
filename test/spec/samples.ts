import fc from "fast-check"
import { combinators, optimizers } from "thalweg/optimizer"
import type { CombinatorSpec, OptimizerSpec, OptionSpec, OptionSpecs, ScheduleSpec } from "thalweg/spec"

/** A field, as far as samples need to know it. */
export interface AnyField {
  readonly kind: string
  readonly range?: { readonly holds: (value: number) => boolean }
  readonly choices?: readonly string[]
  readonly fallback?: unknown
}
export type AnyFields = Readonly<Record<string, AnyField>>

/** Numbers of which some lie in any range that there is. */
const candidates = [0.5, 0.25, 0, 1, 0.9, 2, 3, 7, 1e-3, 10]

/** The smallest of the plain schedules that a hyperparameter can be. */
const constantSpec = (value: number): ScheduleSpec => ({ schedule: "constant", options: { value } })

const schedule: fc.Arbitrary<ScheduleSpec> = fc.letrec<{ spec: ScheduleSpec }>(tie => ({
  spec: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0.25, 0.5).map(constantSpec),
    fc
      .record({ start: fc.constantFrom(0.5, 0.1), steps: fc.integer({ min: 1, max: 9 }) })
      .map((options): ScheduleSpec => ({ schedule: "cosine", options })),
    tie("spec").map((inner): ScheduleSpec => ({ schedule: "scale", options: { factor: 0.5, schedule: inner } })),
    tie("spec").map((inner): ScheduleSpec => ({ schedule: "warmup", options: { steps: 3, schedule: inner } })),
    fc
      .tuple(tie("spec"), tie("spec"))
      .map(([a, b]): ScheduleSpec => ({ schedule: "join", options: { schedules: [a, b], boundaries: [2] } }))
  )
})).spec

const option = (field: AnyField): fc.Arbitrary<OptionSpec> => {
  if (field.kind === "flag") return fc.boolean()
  if (field.kind === "choice") return fc.constantFrom(...(field.choices ?? []))
  const numbers = fc.constantFrom(...candidates.filter(value => field.range?.holds(value)))
  return field.kind === "hyperparameter" ? fc.oneof(numbers, schedule) : numbers
}

const optionsOf = (fields: AnyFields): fc.Arbitrary<OptionSpecs> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, option(field)])), {
    requiredKeys: Object.keys(fields).filter(name => !("fallback" in (fields[name] ?? {})))
  })

export const optimizerNames = Object.keys(optimizers) as readonly (keyof typeof optimizers)[]
export const combinatorNames = Object.keys(combinators) as readonly (keyof typeof combinators)[]

const combinatorSpec: fc.Arbitrary<CombinatorSpec> = fc
  .constantFrom(...combinatorNames)
  .chain(combinator => optionsOf(combinators[combinator].fields).map(options => ({ combinator, options })))

/** Specs whose options are in range; some do not fit each other. */
export const anySpec: fc.Arbitrary<OptimizerSpec> = fc
  .constantFrom(...optimizerNames)
  .chain(optimizer =>
    fc
      .tuple(optionsOf(optimizers[optimizer].fields), fc.array(combinatorSpec, { maxLength: 3 }))
      .map(([options, pipe]) => ({ optimizer, options, pipe }))
  )

/** The least that must be said: a value for every option that has no default. */
export const leastOptions = (fields: AnyFields): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => !("fallback" in field))
      .map(([name, { range }]) => [name, candidates.find(value => range?.holds(value)) ?? NaN])
  )
