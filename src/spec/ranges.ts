import * as t from "io-ts"
import { freezeAll } from "../options/freeze.js"
import {
  decay,
  finite,
  fraction,
  natural,
  nonNegative,
  positive,
  positiveInteger,
  type Range
} from "../options/range.js"

type Brand<N extends string> = { readonly [K in N]: symbol }

/** A codec of numbers within a range, which are branded with its name. */
const within = <N extends string>(name: N, { holds }: Range): t.BrandC<t.NumberC, Brand<N>> =>
  t.brand<t.NumberC, N, Brand<N>>(t.number, (value): value is t.Branded<number, Brand<N>> => holds(value), name)

/**
 * Lists the ranges of hyperparameters as io-ts codecs of branded numbers: `finite`, `nonNegative` (finite, ≥ 0),
 * `positive` (finite, > 0), `decay` (`0 ≤ β < 1`), `fraction` (from 0 to 1), `count` (whole, ≥ 1) and `natural` (whole,
 * ≥ 0). What they decode is a `Right` within the range, else a `Left`; nothing is coerced.
 *
 * @example
 * import assert from "node:assert"
 * import * as t from "io-ts"
 * import { ranges, report } from "thalweg/spec"
 *
 * const settings = t.strict({ b1: ranges.decay, epochs: ranges.count })
 * assert.ok(settings.decode({ b1: 0.9, epochs: 3 })._tag === "Right")
 * const wrong = settings.decode({ b1: 1, epochs: "3" })
 * assert.ok(wrong._tag === "Left")
 * assert.strictEqual(report(wrong.left).length, 2)
 */
export const ranges = /* @__PURE__ */ freezeAll({
  finite: within("Finite", finite),
  nonNegative: within("NonNegative", nonNegative),
  positive: within("Positive", positive),
  decay: within("Decay", decay),
  fraction: within("Fraction", fraction),
  count: within("Count", positiveInteger),
  natural: within("Natural", natural)
})
