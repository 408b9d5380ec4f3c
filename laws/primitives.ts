import fc from "fast-check"
import { add, le, type Tree } from "thalweg"
import {
  globalNorm as knownNorm,
  scale,
  type globalNorm,
  type applyWhere,
  type centralize,
  type scaleByAdam,
  type scaleByLars,
  type scaleByLearningRate,
  type scaleByParameterRms,
  type scaleBySimplifiedAdemamix,
  type scaleByTrustRatio
} from "thalweg/transform"
import { fixed } from "./arbitrary/hyperparameter.js"
import { moderate, pool } from "./arbitrary/numbers.js"
import { run, type Run, wide } from "./arbitrary/run.js"
import { filledLike } from "./arbitrary/tensor.js"
import { arbTransform, type AnyTransform } from "./arbitrary/transform.js"
import { exact, rounded } from "./equality.js"
import { law, type Law } from "./law.js"
import { plus, streamOf, times, truth } from "./sides.js"
import type { FunctionOf } from "./callable.js"

/** Primitives that are what others are, or keep some structure of their updates. */
export interface Primitives {
  readonly applyWhere: FunctionOf<typeof applyWhere>
  readonly centralize: FunctionOf<typeof centralize>
  readonly globalNorm: typeof globalNorm
  readonly scaleByAdam: FunctionOf<typeof scaleByAdam>
  readonly scaleByLars: FunctionOf<typeof scaleByLars>
  readonly scaleByLearningRate: FunctionOf<typeof scaleByLearningRate>
  readonly scaleByParameterRms: FunctionOf<typeof scaleByParameterRms>
  readonly scaleBySign: AnyTransform
  readonly scaleBySimplifiedAdemamix: FunctionOf<typeof scaleBySimplifiedAdemamix>
  readonly scaleByTrustRatio: FunctionOf<typeof scaleByTrustRatio>
}

/** Other updates of the same shapes. */
const othersFor = (r: Run, numbers: readonly number[]): Run => ({
  ...r,
  gradients: r.gradients.map((grads, i) => filledLike(grads, numbers, i))
})

const mixed = (a: number, b: number, left: readonly Tree[], right: readonly Tree[]): readonly Tree[] =>
  left.map((tree, i) => plus(times(a)(tree), times(b)(right[i] ?? tree)))

/** The law that a transform, at parameters that stay, is linear in its updates. */
const isLinear = (name: string, transforms: fc.Arbitrary<AnyTransform>): Law =>
  law(
    `${name} is linear in the updates`,
    rounded,
    fc.tuple(transforms, moderate, moderate, pool(moderate), wide),
    ([transform, a, b, numbers, r]) => {
      const others = othersFor(r, numbers)
      return [
        streamOf(transform, { ...r, gradients: mixed(a, b, r.gradients, others.gradients) }),
        mixed(a, b, streamOf(transform, r), streamOf(transform, others))
      ]
    }
  )

const rate = fixed(1)

const others = (given: Primitives): readonly Law[] => {
  const { scaleByLearningRate, scaleByLars, scaleByTrustRatio, scaleBySimplifiedAdemamix, scaleByAdam } = given
  const ratios = fc.record({ trustCoefficient: rate, eps: rate })
  const roots = fc.record({ b2: fixed(0.95), eps: fixed(0.1, 0.01), epsRoot: fixed(0.1) })
  return [
    law("scaling by a learning rate is scaling by its negative", exact, fc.tuple(rate, run), ([eta, r]) => [
      streamOf(scaleByLearningRate(eta), r),
      streamOf(scale(-eta), r)
    ]),
    law(
      "scaleByLars without decay is scaleByTrustRatio",
      exact,
      fc.tuple(ratios, fc.constantFrom("separate", "joint"), run),
      ([o, ratio, r]) => [streamOf(scaleByLars({ ...o, ratio, weightDecay: 0 }), r), streamOf(scaleByTrustRatio(o), r)]
    ),
    law(
      "scaleBySimplifiedAdemamix of β₁ 0 is 1 + α times scaleByAdam of β₁ 0",
      rounded,
      fc.tuple(roots, fixed(8), wide),
      ([o, alpha, r]) => [
        streamOf(scaleBySimplifiedAdemamix({ ...o, b1: 0, alpha }), r),
        streamOf(scaleByAdam({ ...o, b1: 0 }), r).map(times(1 + alpha))
      ]
    )
  ]
}

const masking = ({ applyWhere }: Primitives): readonly Law[] => [
  law("applyWhere that is true everywhere is the transform", exact, fc.tuple(arbTransform(), run), ([inner, r]) => [
    streamOf(applyWhere(() => true)(inner), r),
    streamOf(inner, r)
  ]),
  law("applyWhere that is false everywhere is the identity", exact, fc.tuple(arbTransform(), run), ([inner, r]) => [
    streamOf(applyWhere(() => false)(inner), r),
    r.gradients
  ])
]

/** So far that squares, and squares of the inverse, are beyond f64. */
const farPower = fc.integer({ min: 600, max: 900 }).chain(n => fc.constantFrom(-n, n))

const norms = ({ globalNorm }: Primitives): readonly Law[] => [
  law("globalNorm scales with powers of two, however large", exact, fc.tuple(farPower, wide), ([n, { params }]) => [
    globalNorm(times(2 ** n)(params)),
    times(2 ** n)(globalNorm(params))
  ])
]

const structured = ({ centralize, scaleByParameterRms, scaleBySign }: Primitives): readonly Law[] => {
  const centred = fc.constantFrom<("last" | "first")[]>("last", "first").map(units => centralize({ units }))
  return [
    isLinear("centralize", centred),
    isLinear(
      "scaleByParameterRms",
      rate.map(eps => scaleByParameterRms(eps))
    ),
    law("centralize does not lengthen updates", exact, fc.tuple(centred, wide), ([transform, r]) => [
      streamOf(transform, r).map((updates, i) => le(knownNorm(updates), add(knownNorm(r.gradients[i] ?? []), 1e-12))),
      r.gradients.map(() => truth(true))
    ]),
    law("scaleBySign is idempotent", exact, run, r => {
      const signs = streamOf(scaleBySign, r)
      return [streamOf(scaleBySign, { ...r, gradients: signs }), signs]
    })
  ]
}

/**
 * Lists the laws of primitives that are others under some options (exactly, but for the closed form of AdEMAMix), that
 * apply a transform everywhere or nowhere (exactly), that scale with powers of two (exactly), and that are linear in their updates or never lengthen them.
 *
 * @example
 * import assert from "node:assert"
 * import * as transforms from "thalweg/transform"
 * import { checkAll, primitiveLaws } from "thalweg/laws"
 *
 * assert(checkAll(primitiveLaws(transforms), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const primitiveLaws = (given: Primitives): readonly Law[] => [
  ...others(given),
  ...masking(given),
  ...norms(given),
  ...structured(given)
]
