import fc from "fast-check"
import { add, pow, scalar, Tree, type Tensor } from "thalweg"
import { chain, type addDecayedWeights, type applyMomentum, type scale } from "thalweg/transform"
import { fixed } from "./arbitrary/hyperparameter.js"
import { moderate, pool } from "./arbitrary/numbers.js"
import { arbRun, run, type Run, wide } from "./arbitrary/run.js"
import { filledLike } from "./arbitrary/tensor.js"
import { exact, relative, rounded, ulps } from "./equality.js"
import { law, type Law } from "./law.js"
import { plus, streamOf, times } from "./sides.js"
import type { FunctionOf } from "./callable.js"

/** Zeros of either sign among the gradients. */
const signedZeros = arbRun({ numbers: fc.oneof({ weight: 3, arbitrary: moderate }, fc.constant(-0)) })

/** The same numbers, whatever the sign of a zero: `0·b + (-0)` is `+0`. */
const sameNumbers = ulps(0)

/**
 * Lists the laws of multiplying updates: factors multiply (exactly for powers of two, which round nothing), 1 is the
 * unit, a schedule is read at the number of steps made before.
 *
 * @example
 * import assert from "node:assert"
 * import { scale } from "thalweg/transform"
 * import { checkAll, scaleLaws } from "thalweg/laws"
 *
 * assert(checkAll(scaleLaws(scale), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const scaleLaws = (scaled: FunctionOf<typeof scale>): readonly Law[] => {
  const power = fc.tuple(fc.integer({ min: -8, max: 8 }), fc.constantFrom(1, -1)).map(([n, sign]) => sign * 2 ** n)
  const both = (a: number, b: number, r: Run): readonly [readonly Tree[], readonly Tree[]] => [
    streamOf(chain(scaled(a), scaled(b)), r),
    streamOf(scaled(a * b), r)
  ]
  return [
    law("scale by 1 is the identity", exact, run, r => [streamOf(scaled(1), r), r.gradients]),
    law("scales by powers of two multiply", exact, fc.tuple(power, power, run), ([a, b, r]) => both(a, b, r)),
    law("scales multiply", relative(1e-15), fc.tuple(moderate, moderate, wide), ([a, b, r]) => both(a, b, r)),
    law("scale reads a schedule from step 0", exact, fc.tuple(fixed(1), wide), ([a, r]) => [
      streamOf(
        scaled(step => add(step, a)),
        r
      ),
      r.gradients.map((grads, step) => times(step + a)(grads))
    ])
  ]
}

const geometric = (mu: number, terms: number): Tensor =>
  Array.from({ length: terms }, (_, i) => pow(scalar(mu, "f64"), i)).reduce(add)

/**
 * Lists the laws of accumulating updates into a velocity: decay 0 is the identity (but for the sign of a zero), the
 * velocity is linear in the updates (within the rounding of another order), dampening scales, constant updates add up
 * to a geometric series.
 *
 * @example
 * import assert from "node:assert"
 * import { applyMomentum } from "thalweg/transform"
 * import { applyMomentumLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(applyMomentumLaws(applyMomentum), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const applyMomentumLaws = (applied: FunctionOf<typeof applyMomentum>): readonly Law[] => {
  const decay = fixed(0.95)
  return [
    law(
      "applyMomentum of decay 0 is the identity",
      sameNumbers,
      fc.tuple(fc.boolean(), signedZeros),
      ([nesterov, r]) => [streamOf(applied({ decay: 0, nesterov }), r), r.gradients]
    ),
    law(
      "applyMomentum is linear",
      rounded,
      fc.tuple(decay, fc.boolean(), moderate, moderate, pool(moderate), wide),
      ([mu, nesterov, a, b, numbers, r]) => {
        const velocity = applied({ decay: mu, nesterov })
        const others = r.gradients.map((grads, i) => filledLike(grads, numbers, i))
        const mixed = r.gradients.map((grads, i) => plus(times(a)(grads), times(b)(others[i] ?? grads)))
        return [
          streamOf(velocity, { ...r, gradients: mixed }),
          plus<Tree>(times(a)(streamOf(velocity, r)), times(b)(streamOf(velocity, { ...r, gradients: others })))
        ]
      }
    ),
    law(
      "dampening scales what applyMomentum accumulates",
      rounded,
      fc.tuple(decay, fixed(1), wide),
      ([mu, dampening, r]) => [
        streamOf(applied({ decay: mu, dampening }), r),
        times(1 - dampening)(streamOf(applied({ decay: mu }), r))
      ]
    ),
    law(
      "applyMomentum can leave the first update undamped",
      sameNumbers,
      fc.tuple(decay, fixed(1), run),
      ([mu, dampening, r]) => [
        streamOf(applied({ decay: mu, dampening, dampenFirst: false }), r).slice(0, 1),
        r.gradients.slice(0, 1)
      ]
    ),
    law("applyMomentum of constant updates is a geometric series", rounded, fc.tuple(decay, wide), ([mu, r]) => {
      const [first = []] = r.gradients
      const constant = r.gradients.map(() => first)
      return [
        streamOf(applied({ decay: mu }), { ...r, gradients: constant }),
        constant.map((grads, i) => times(geometric(mu, i + 1))(grads))
      ]
    })
  ]
}

/**
 * Lists the laws of adding a multiple of the parameters to updates: none for 0 (but for the sign of a zero), that
 * multiple alone where the updates are zeros; linear in updates and parameters together (within rounding).
 *
 * @example
 * import assert from "node:assert"
 * import { addDecayedWeights } from "thalweg/transform"
 * import { checkAll, decayedWeightsLaws } from "thalweg/laws"
 *
 * assert(checkAll(decayedWeightsLaws(addDecayedWeights), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const decayedWeightsLaws = (decayed: FunctionOf<typeof addDecayedWeights>): readonly Law[] => [
  law("a decay of 0 is the identity", sameNumbers, signedZeros, r => [streamOf(decayed(0), r), r.gradients]),
  law("zero updates become the decay alone", sameNumbers, fc.tuple(fixed(1), run), ([decay, r]) => [
    streamOf(decayed(decay), { ...r, gradients: r.gradients.map(Tree.zerosLike) }),
    r.gradients.map(() => times(decay)(r.params))
  ]),
  law(
    "decay is linear in updates and parameters together",
    rounded,
    fc.tuple(fixed(1), moderate, moderate, pool(moderate), wide),
    ([decay, a, b, numbers, r]) => {
      const mixed = (x: Tree, y: Tree): Tree => plus(times(a)(x), times(b)(y))
      const other = {
        params: filledLike(r.params, numbers, 0),
        gradients: r.gradients.map(g => filledLike(g, numbers, 1))
      }
      const both = {
        params: mixed(r.params, other.params),
        gradients: r.gradients.map((grads, i) => mixed(grads, other.gradients[i] ?? grads))
      }
      const apart = streamOf(decayed(decay), other)
      return [streamOf(decayed(decay), both), streamOf(decayed(decay), r).map((u, i) => mixed(u, apart[i] ?? u))]
    }
  )
]
