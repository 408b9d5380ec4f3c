import fc from "fast-check"
import type { Tree } from "thalweg"
import { combinators, optimizers } from "thalweg/optimizer"
import type {
  decodeOptimizer,
  encodeOptimizer,
  fromSpec,
  toSpec,
  OptimizerSpec,
  OptionSpec,
  OptionSpecs
} from "thalweg/spec"
import { printed } from "./arbitrary/transform.js"
import { run } from "./arbitrary/run.js"
import { arbSpec } from "./arbitrary/spec.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { outline, pathOf, spelled, stepsOf, stepOf } from "./sides.js"

/** Optimizers as data: how they are read, written and made. */
export interface SpecFunctions {
  readonly decode: typeof decodeOptimizer
  readonly encode: typeof encodeOptimizer
  readonly fromSpec: typeof fromSpec
  readonly toSpec: typeof toSpec
}

/** Specs that print as their JSON. */
const specs = (encode: typeof encodeOptimizer): fc.Arbitrary<OptimizerSpec> =>
  arbSpec().map(spec => printed({ value: spec, text: JSON.stringify(encode(spec)) }))

/** Any value as text in which the order of keys does not show. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  )

const reversed = (options: OptionSpecs): OptionSpecs => Object.fromEntries(Object.entries(options).reverse())

const writing = ({ decode, encode }: SpecFunctions): readonly Law[] => {
  const again = (spec: OptimizerSpec): unknown => {
    const decoded = decode(JSON.parse(JSON.stringify(encode(spec))))
    return decoded._tag === "Right" ? decoded.right : decoded.left.length
  }
  return [
    law("decoding undoes encoding", exact, specs(encode), spec => [
      spelled([textOf(again(spec))]),
      spelled([textOf({ optimizer: spec.optimizer, options: spec.options, pipe: spec.pipe })])
    ]),
    law("the order of options is not written", exact, specs(encode), spec => [
      spelled([JSON.stringify(encode({ ...spec, options: reversed(spec.options) }))]),
      spelled([JSON.stringify(encode(spec))])
    ])
  ]
}

interface Field {
  readonly kind: string
  readonly range?: { readonly holds: (value: number) => boolean }
}
type Fields = Readonly<Record<string, Field>>
type Other = (value: number, field: Field) => OptionSpec

/** Not of a number below 2⁻⁵⁰: an ε of that size keeps squares in f64, which only a number can say beforehand. */
const constantly: Other = value => (value < 2 ** -50 ? value : { schedule: "constant", options: { value } })
const halved: Other = (value, { range }) => (range?.holds(value / 2) ? value / 2 : value)

/** Options of which every hyperparameter that is a number is another. */
const varied =
  (other: Other) =>
  (fields: Fields, options: OptionSpecs): OptionSpecs => {
    const changed = Object.entries(fields).flatMap(([name, field]) => {
      const value = options[name]
      const finite = typeof value === "number" && Number.isFinite(value)
      return field.kind === "hyperparameter" && finite ? [[name, other(value, field)] as const] : []
    })
    return { ...options, ...Object.fromEntries(changed) }
  }

/** A spec and all that is around it with other hyperparameters. */
const withOthers = (other: Other, { optimizer, options, pipe }: OptimizerSpec): OptimizerSpec => {
  const vary = varied(other)
  return {
    optimizer,
    options: vary(optimizers[optimizer].fields, options),
    pipe: pipe.map(around => ({
      combinator: around.combinator,
      options: vary(combinators[around.combinator].fields, around.options)
    }))
  }
}

const making = ({ encode, fromSpec: make, toSpec: back }: SpecFunctions): readonly Law[] => {
  const sample = fc.tuple(specs(encode), run)
  return [
    law("an optimizer carries the spec it was made of", exact, specs(encode), spec => [
      spelled([textOf(back(make(spec)))]),
      spelled([textOf(spec)])
    ]),
    law("a constant schedule is the number", exact, sample, ([spec, r]) => {
      const scheduled = withOthers(constantly, spec)
      return [pathOf(make(scheduled), r), pathOf(make(spec), r)]
    }),
    law("a state goes on under other hyperparameters", exact, sample, ([spec, r]) => {
      const changed = make(withOthers(halved, spec))
      const optimizer = make(spec)
      const [params, state] = stepsOf(optimizer, r).at(-1) ?? [r.params, optimizer.init(r.params)]
      const onwards: readonly Tree[] = stepOf(changed)(params, state, r.params)
      return [onwards.map(outline), [outline(r.params), outline(optimizer.init(r.params))]]
    })
  ]
}

/**
 * Lists the laws of optimizers as data, over random specs: decoding undoes encoding, in which the order of options does
 * not show; what is made carries its spec, steps alike for a number and for a schedule that is constant, and its state
 * goes on under other hyperparameters. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, specLaws } from "thalweg/laws"
 * import { decodeOptimizer, encodeOptimizer, fromSpec, toSpec } from "thalweg/spec"
 *
 * const suite = specLaws({ decode: decodeOptimizer, encode: encodeOptimizer, fromSpec, toSpec })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const specLaws = (functions: SpecFunctions): readonly Law[] => [...writing(functions), ...making(functions)]
