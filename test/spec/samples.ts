import * as E from "fp-ts/lib/Either.js"
import { combinators, optimizers } from "thalweg/optimizer"
import { decodeOptimizer, report, type Json, type OptimizerSpec } from "thalweg/spec"

/** A field, as far as samples need to know it. */
interface AnyField {
  readonly kind: string
  readonly default: unknown
  readonly range?: { readonly holds: (value: number) => boolean }
}
type AnyFields = Readonly<Record<string, AnyField>>

export const optimizerNames = Object.keys(optimizers) as readonly (keyof typeof optimizers)[]
export const combinatorNames = Object.keys(combinators) as readonly (keyof typeof combinators)[]

/** Numbers of which some lie in any range that there is. */
const candidates = [0.5, 0.25, 0, 1, 0.9, 2, 3, 7, 1e-3, 10]

/** What has to be said where no number will do; of one row they fit each other. */
const least: Readonly<Record<string, Json>> = {
  mask: "**",
  labels: [["**", "all"]],
  seed: 0,
  optimizers: { all: { optimizer: "adam" } }
}

/** The least that must be said: JSON for every option that has no default. */
export const leastOptions = (fields: AnyFields): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => field.default === undefined)
      .map(([name, { kind, range }]) => [
        name,
        least[kind] ?? candidates.find(value => range?.holds(value)) ?? "a value for each kind"
      ])
  )

/** The lines of a refusal; none if there was none. */
export const problems = (json: unknown): readonly string[] => {
  const decoded = decodeOptimizer(json)
  return E.isLeft(decoded) ? report(decoded.left) : []
}

/** What is decoded, which has to be right. */
export const specOf = (json: unknown): OptimizerSpec => {
  const decoded = decodeOptimizer(json)
  if (E.isLeft(decoded)) throw new Error(report(decoded.left).join("\n"))
  return decoded.right
}

/** A combinator around plain descent. */
export const around = (combinator: Json): Json => ({ optimizer: "sgd", learningRate: 0.5, pipe: [combinator] })
/** Decayed Adam for some parameters, Lion for the others. */
export const twoParts = {
  optimizer: "partition",
  optimizers: {
    weights: { optimizer: "adam", learningRate: 0.5, pipe: [{ combinator: "withWeightDecay", weightDecay: 0.25 }] },
    rest: { optimizer: "lion", learningRate: { schedule: "constant", value: 0.25 } }
  },
  labels: [
    ["dense/*", "weights"],
    ["**", "rest"]
  ]
}
