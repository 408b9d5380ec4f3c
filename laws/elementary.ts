import fc from "fast-check"
import {
  add,
  div,
  type atan2,
  type cos,
  type erf,
  type erfInv,
  type exp,
  type expm1,
  le,
  type log,
  type log1p,
  mul,
  neg,
  onesLike,
  type pow,
  reciprocal,
  type sigmoid,
  type sin,
  sliceAxis,
  sqrt,
  square,
  type tanh,
  tensor,
  type Tensor
} from "thalweg"
import { anyFloat, moderate, pool, range } from "./arbitrary/numbers.js"
import { exact, relative, ulps } from "./equality.js"
import { law, type Law } from "./law.js"

/** The elementary functions that an engine approximates. */
export interface Elementary {
  readonly atan2: typeof atan2
  readonly cos: typeof cos
  readonly erf: typeof erf
  readonly erfInv: typeof erfInv
  readonly exp: typeof exp
  readonly expm1: typeof expm1
  readonly log: typeof log
  readonly log1p: typeof log1p
  readonly pow: typeof pow
  readonly sigmoid: typeof sigmoid
  readonly sin: typeof sin
  readonly tanh: typeof tanh
}

const wide = (numbers: fc.Arbitrary<number>): fc.Arbitrary<Tensor> =>
  pool(numbers).map(values => tensor(values, { dtype: "f64" }))

/** Numbers of either sign from `2ˡᵒʷ` to `2ʰⁱᵍʰ`, of which sizes are as likely as others. */
const sized = (low: number, high: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.integer({ min: low, max: high - 1 }), fc.constantFrom(1, -1))
    .map(([fraction, exponent, sign]) => sign * fraction * 2 ** exponent)

const positive = sized(-300, 300).map(Math.abs)
const anything = wide(anyFloat)

/** A number that is a product of small ones, and how often they are multiplied. */
const exactPowers = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: -20, max: 20 }), fc.nat(16))

const powers = ({ pow }: Elementary): readonly Law[] => [
  law("the power 1 changes nothing", exact, anything, x => [pow(x, 1), x]),
  law("anything to the power 0 is 1, and 1 to anything", exact, anything, x => [
    [pow(x, 0), pow(onesLike(x), x)],
    [onesLike(x), onesLike(x)]
  ]),
  law("a power that is a double comes out exactly", exact, exactPowers, ([n, exponent, times]) => {
    const base = tensor(n * 2 ** exponent, { dtype: "f64" })
    return [pow(base, times), range(times).reduce<Tensor>(product => mul(product, base), onesLike(base))]
  }),
  law("the powers 2, ½ and -1 are the square, the root and the reciprocal", ulps(1), wide(positive), x => [
    [pow(x, 2), pow(x, 0.5), pow(x, -1)],
    [square(x), sqrt(x), reciprocal(x)]
  ])
]

const inverses = ({ erf, erfInv, exp, expm1, log, log1p, sigmoid, tanh }: Elementary): readonly Law[] => [
  law("log undoes exp", ulps(2), wide(sized(0, 9)), x => [log(exp(x)), x]),
  law("expm1 undoes log1p", ulps(3), wide(sized(-1000, -1)), x => [expm1(log1p(x)), x]),
  law("erf undoes erfInv", ulps(3), wide(sized(-1000, 0)), x => [erf(erfInv(x)), x]),
  law(
    "sigmoid x is (1 + tanh(x/2)) / 2 for x > 0, and for -x it is e⁻ˣ times that",
    ulps(4),
    wide(sized(-1000, 9).map(Math.abs)),
    x => {
      const half = div(add(tanh(div(x, 2)), 1), 2)
      return [
        [sigmoid(x), sigmoid(neg(x))],
        [half, mul(exp(neg(x)), half)]
      ]
    }
  ),
  law("tanh x is E / (E + 2) with E = e²ˣ - 1", ulps(4), wide(sized(-1000, 4)), x => {
    const excess = expm1(mul(x, 2))
    return [tanh(x), div(excess, add(excess, 2))]
  })
]

const circular = ({ atan2, cos, erf, erfInv, sin, tanh }: Elementary): readonly Law[] => [
  law("sin, tanh, erf, erfInv and atan2 are odd, cos is even", exact, anything, x => [
    [...[sin, tanh, erf, erfInv].map(f => f(neg(x))), atan2(neg(x), 2), cos(neg(x))],
    [...[sin, tanh, erf, erfInv].map(f => neg(f(x))), neg(atan2(x, 2)), cos(x)]
  ]),
  law("sin² + cos² is 1", relative(1e-15), wide(sized(-1000, 1023)), x => [
    add(square(sin(x)), square(cos(x))),
    onesLike(x)
  ]),
  law("atan2 finds the angle of a point", relative(1e-15, 1), wide(moderate), x => [atan2(sin(x), cos(x)), x])
]

/** Sixteen neighbours among the floats of 32 bits, rising. */
const neighbours = sized(-30, 20).map(x => {
  const values = range(16).map(i => x * (1 + i * 2 ** -23))
  return tensor(x < 0 ? values.toReversed() : values)
})

const rises = (y: Tensor): Tensor => le(sliceAxis(y, 0, 0, 15), sliceAxis(y, 0, 1, 16))

const monotonic = ({ erf, exp, expm1, log, log1p, sigmoid, tanh }: Elementary): Law =>
  law("exp, expm1, log, log1p, tanh, sigmoid and erf never fall, in f32", exact, neighbours, x => {
    const found = [exp(x), expm1(x), tanh(x), sigmoid(x), erf(x), log(exp(x)), log1p(expm1(x))].map(rises)
    return [found, found.map(onesLike)]
  })

/**
 * Lists the laws of the elementary functions of an engine, in `f64`: what comes out exactly, what undoes what to some
 * units in the last place, and what is odd or even; and in `f32`, that what rises never falls.
 *
 * @example
 * import assert from "node:assert"
 * import * as thalweg from "thalweg"
 * import { checkAll, elementaryLaws } from "thalweg/laws"
 *
 * assert(checkAll(elementaryLaws(thalweg), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const elementaryLaws = (given: Elementary): readonly Law[] => [
  ...powers(given),
  ...inverses(given),
  ...circular(given),
  monotonic(given)
]
