import fc from "fast-check"
import { add, isNaN, le, mul, onesLike, pow, scalar, sub, tensor, Tree, type Tensor } from "thalweg"
import {
  chain,
  globalNorm,
  type addDecayedWeights,
  type clipByGlobalNorm,
  type scale,
  type trace,
  type Transform,
  type StateFamily
} from "thalweg/transform"
import { fixed } from "./arbitrary/hyperparameter.js"
import { moderate, pool } from "./arbitrary/numbers.js"
import { arbRun, type Run } from "./arbitrary/run.js"
import { filledLike } from "./arbitrary/tensor.js"
import { anyTransform } from "./arbitrary/transform.js"
import { exact, relative, ulps } from "./equality.js"
import { law, type Law } from "./law.js"
import { streamOf, truth } from "./observe.js"

const run = arbRun()
const wide = arbRun({ dtypes: ["f64"] })

/** Zeros of either sign among the gradients. */
const signedZeros = arbRun({ numbers: fc.oneof({ weight: 3, arbitrary: moderate }, fc.constant(-0)) })

/** The same numbers, whatever the sign of a zero: `0·b + (-0)` is `+0`. */
const sameNumbers = ulps(0)

/** Some roundings of sums over all leaves in f64. */
const rounded = relative(1e-12, 1)

const stream = <F extends StateFamily>(transform: Transform<F>, r: Run): readonly Tree[] =>
  streamOf(anyTransform(transform), r)

const times = (factor: number | Tensor): (<T extends Tree>(tree: T) => T) => Tree.map(t => mul(t, factor))

const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))

/**
 * Lists the laws of multiplying updates: factors multiply (exactly for powers of two, which round nothing), 1 is the unit, a
 * schedule is read at the count before it is incremented.
 *
 * @example
 * import assert from "node:assert"
 * import { scale } from "thalweg/transform"
 * import { checkAll, scaleLaws } from "thalweg/laws"
 *
 * assert(checkAll(scaleLaws(scale), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const scaleLaws = (scaled: typeof scale): readonly Law[] => {
  const power = fc.tuple(fc.integer({ min: -8, max: 8 }), fc.constantFrom(1, -1)).map(([n, sign]) => sign * 2 ** n)
  const both = (a: number, b: number, r: Run): readonly [readonly Tree[], readonly Tree[]] => [
    stream(chain(scaled(a), scaled(b)), r),
    stream(scaled(a * b), r)
  ]
  return [
    law("scale by 1 is the identity", exact, run, r => [stream(scaled(1), r), r.gradients]),
    law("scales by powers of two multiply", exact, fc.tuple(power, power, run), ([a, b, r]) => both(a, b, r)),
    law("scales multiply", relative(1e-15), fc.tuple(moderate, moderate, wide), ([a, b, r]) => both(a, b, r)),
    law("scale reads a schedule from step 0", exact, fc.tuple(fixed(1), wide), ([a, r]) => [
      stream(
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
 * Lists the laws of accumulating updates into a velocity: decay 0 is the identity (but for the sign of a zero), the velocity
 * is linear in the updates (within the rounding of another order), dampening scales, constant updates add up to a
 * geometric series.
 *
 * @example
 * import assert from "node:assert"
 * import { trace } from "thalweg/transform"
 * import { checkAll, traceLaws } from "thalweg/laws"
 *
 * assert(checkAll(traceLaws(trace), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const traceLaws = (traced: typeof trace): readonly Law[] => {
  const decay = fixed(0.95)
  return [
    law("trace of decay 0 is the identity", sameNumbers, fc.tuple(fc.boolean(), signedZeros), ([nesterov, r]) => [
      stream(traced({ decay: 0, nesterov }), r),
      r.gradients
    ]),
    law(
      "trace is linear",
      rounded,
      fc.tuple(decay, fc.boolean(), moderate, moderate, pool(moderate), wide),
      ([mu, nesterov, a, b, numbers, r]) => {
        const velocity = traced({ decay: mu, nesterov })
        const others = r.gradients.map((grads, i) => filledLike(grads, numbers, i))
        const mixed = r.gradients.map((grads, i) => plus(times(a)(grads), times(b)(others[i] ?? grads)))
        return [
          stream(velocity, { ...r, gradients: mixed }),
          plus<Tree>(times(a)(stream(velocity, r)), times(b)(stream(velocity, { ...r, gradients: others })))
        ]
      }
    ),
    law("dampening scales what trace accumulates", rounded, fc.tuple(decay, fixed(1), wide), ([mu, dampening, r]) => [
      stream(traced({ decay: mu, dampening }), r),
      times(1 - dampening)(stream(traced({ decay: mu }), r))
    ]),
    law(
      "trace can leave the first update undamped",
      sameNumbers,
      fc.tuple(decay, fixed(1), run),
      ([mu, dampening, r]) => [
        stream(traced({ decay: mu, dampening, dampenFirst: false }), r).slice(0, 1),
        r.gradients.slice(0, 1)
      ]
    ),
    law("trace of constant updates is a geometric series", rounded, fc.tuple(decay, wide), ([mu, r]) => {
      const [first = []] = r.gradients
      const constant = r.gradients.map(() => first)
      return [
        stream(traced({ decay: mu }), { ...r, gradients: constant }),
        constant.map((grads, i) => times(geometric(mu, i + 1))(grads))
      ]
    })
  ]
}

/** More than the norm of every gradient of a run. */
const bound = ({ gradients }: Run): Tensor => gradients.map(globalNorm).reduce(add, scalar(1, "f64"))

/**
 * Lists the laws of clipping by the norm over all leaves, a projection onto a ball: idempotent, non-expansive, the identity
 * within the ball (exactly: the factor is 1), never longer than the radius, keeping the direction. What compares norms is
 * granted the rounding of a sum in f64.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByGlobalNorm } from "thalweg/transform"
 * import { checkAll, clipLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipLaws(clipByGlobalNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipLaws = (clipped: typeof clipByGlobalNorm): readonly Law[] => {
  const limit = fixed(4, 0.1)
  const clip = (most: number | Tensor, r: Run): readonly Tree[] => stream(clipped(most), r)
  const ones = (r: Run): readonly Tensor[] => r.gradients.map(() => truth(true))
  return [
    law("clipping is idempotent", rounded, fc.tuple(limit, wide), ([most, r]) => [
      clip(most, { ...r, gradients: clip(most, r) }),
      clip(most, r)
    ]),
    law("clipping does not expand distances", exact, fc.tuple(limit, pool(moderate), wide), ([most, numbers, r]) => {
      const others = r.gradients.map((grads, i) => filledLike(grads, numbers, i))
      const distance = (a: readonly Tree[], b: readonly Tree[]): readonly Tensor[] =>
        a.map((tree, i) => globalNorm(Tree.zipWith((x: Tensor, y: Tensor) => sub(x, y))<Tree>(tree, b[i] ?? tree)))
      const after = distance(clip(most, r), clip(most, { ...r, gradients: others }))
      const before = distance(r.gradients, others)
      return [after.map((d, i) => le(d, add(before[i] ?? d, 1e-12))), ones(r)]
    }),
    law("clipping keeps zeros", exact, fc.tuple(limit, run), ([most, r]) => {
      const zeros = r.gradients.map(Tree.zerosLike)
      return [clip(most, { ...r, gradients: zeros }), zeros]
    }),
    law("clipping keeps what is within the norm", exact, run, r => [clip(bound(r), r), r.gradients]),
    law("nothing clipped is longer than the norm", exact, fc.tuple(limit, wide), ([most, r]) => [
      clip(most, r).map(updates => le(globalNorm(updates), most * (1 + 1e-12))),
      ones(r)
    ]),
    law("clipping keeps the direction", rounded, fc.tuple(limit, wide), ([most, r]) => {
      const after = clip(most, r)
      return [
        after.map((updates, i) => times(globalNorm(r.gradients[i] ?? updates))(updates)),
        after.map((updates, i) => times(globalNorm(updates))(r.gradients[i] ?? updates))
      ]
    }),
    law("clipping twice is clipping to the smaller norm", rounded, fc.tuple(limit, limit, wide), ([a, b, r]) => [
      stream(chain(clipped(a), clipped(b)), r),
      clip(Math.min(a, b), r)
    ]),
    law("clipping makes a NaN visible everywhere", exact, fc.tuple(limit, run), ([most, { params, gradients }]) => {
      const bad = tensor([NaN])
      const updates = clip(most, { params: [bad, params], gradients: gradients.map(grads => [bad, grads]) })
      return [Tree.map(isNaN)(updates), Tree.map(t => onesLike(isNaN(t)))(updates)]
    })
  ]
}

/**
 * Lists the laws of adding a multiple of the parameters to updates: none for 0 (but for the sign of a zero), that multiple
 * alone where the updates are zeros.
 *
 * @example
 * import assert from "node:assert"
 * import { addDecayedWeights } from "thalweg/transform"
 * import { checkAll, decayedWeightsLaws } from "thalweg/laws"
 *
 * assert(checkAll(decayedWeightsLaws(addDecayedWeights), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const decayedWeightsLaws = (decayed: typeof addDecayedWeights): readonly Law[] => [
  law("a decay of 0 is the identity", sameNumbers, signedZeros, r => [stream(decayed(0), r), r.gradients]),
  law("zero updates become the decay alone", sameNumbers, fc.tuple(fixed(1), run), ([decay, r]) => [
    stream(decayed(decay), { ...r, gradients: r.gradients.map(Tree.zerosLike) }),
    r.gradients.map(() => times(decay)(r.params))
  ])
]
