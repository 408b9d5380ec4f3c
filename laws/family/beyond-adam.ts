import fc from "fast-check"
import { add, all, eq, mul, square, sub, Tree, type Tensor } from "thalweg"
import type {
  acprop,
  adabelief,
  adam,
  adamw,
  adan,
  ademamix,
  adopt,
  amsgrad,
  optimisticAdam,
  sgd,
  simplifiedAdemamix,
  yogi
} from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moving, run, wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf, times } from "../sides.js"
import {
  allTrue,
  atConstantGradient,
  beta,
  eps,
  filled,
  firstOf,
  kept,
  movesOf,
  powerOfTwo,
  rate,
  samePath,
  seesNoScale,
  signs,
  sizes,
  someBeta,
  within
} from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Later kin of Adam, and what they come from. */
export interface BeyondAdam {
  readonly adabelief: FunctionOf<typeof adabelief>
  readonly acprop: FunctionOf<typeof acprop>
  readonly yogi: FunctionOf<typeof yogi>
  readonly adan: FunctionOf<typeof adan>
  readonly ademamix: FunctionOf<typeof ademamix>
  readonly simplifiedAdemamix: FunctionOf<typeof simplifiedAdemamix>
  readonly adopt: FunctionOf<typeof adopt>
  readonly optimisticAdam: FunctionOf<typeof optimisticAdam>
  readonly adam: FunctionOf<typeof adam>
  readonly adamw: FunctionOf<typeof adamw>
  readonly amsgrad: FunctionOf<typeof amsgrad>
  readonly sgd: FunctionOf<typeof sgd>
}

const lambda = fixed(1)
const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps, epsRoot: fixed(0.1) })

const surprised = ({ adabelief, acprop, sgd }: BeyondAdam): readonly Law[] => [
  seesNoScale(
    "adabelief",
    fc.record({ learningRate: rate, b1: someBeta, b2: someBeta }).map(o => adabelief({ ...o, eps: 0, epsRoot: 0 }))
  ),
  law(
    "adabelief of β₁ 0, never surprised, is sgd at the rate η/ε",
    exact,
    fc.tuple(rate, beta, run),
    ([learningRate, b2, r]) =>
      samePath(r, adabelief({ learningRate, b1: 0, b2, eps: 0.5, epsRoot: 0 }), sgd({ learningRate: 2 * learningRate }))
  ),
  law(
    "the first step of adabelief has length η/β₁",
    rounded,
    fc.tuple(rate, someBeta, beta, wideMoving),
    ([eta, b1, b2, r]) => [
      movesOf(adabelief({ learningRate: eta, b1, b2, eps: 0, epsRoot: 0 }), firstOf(r)),
      firstOf(r).gradients.map(signs(-eta / b1))
    ]
  ),
  law("the first step of acprop is sgd's", exact, fc.tuple(rate, beta, beta, run), ([learningRate, b1, b2, r]) =>
    samePath(firstOf(r), acprop({ learningRate, b1, b2, eps: 0 }), sgd({ learningRate }))
  ),
  law(
    "acprop, after its first step, does not see the scale of gradients",
    exact,
    fc.tuple(fc.record({ learningRate: rate, b1: someBeta, b2: beta }), powerOfTwo, moving),
    ([o, factor, r]) => {
      const optimizer = acprop({ ...o, eps: 0, epsRoot: 0 })
      const scaled = { ...r, gradients: r.gradients.map(times(factor)) }
      return [movesOf(optimizer, scaled).slice(1), movesOf(optimizer, r).slice(1)]
    }
  )
]

const slow = ({ yogi, amsgrad, adam }: BeyondAdam): readonly Law[] => {
  const fromNothing = fc.record({ learningRate: rate, b1: beta, b2: beta, eps })
  return [
    law(
      "the second moment of yogi moves by at most (1-β₂)·g²",
      exact,
      fc.tuple(beta, fixed(4), wide),
      ([b2, v0, r]) => {
        const optimizer = yogi({ b2, initialAccumulator: v0 })
        const states = [optimizer.init(r.params), ...stepsOf(optimizer, r).map(([, state]) => state)]
        const [before, after] = [states.slice(0, -1), states.slice(1)].map(list => list.map(kept("nu")))
        const moved = after?.map((now, t) => now.map((v, i) => sizes(sub(v, before?.[t]?.[i] ?? v)))) ?? []
        const most = r.gradients.map(grads => Tree.leaves(grads).map(g => add(mul(square(g), 1 - b2), 1e-12)))
        return allTrue(moved.map((step, t) => within<Tree>(step, most[t] ?? step)))
      }
    ),
    law("yogi begins from nothing as amsgrad does", exact, fc.tuple(fromNothing, run), ([o, r]) =>
      samePath(firstOf(r), yogi({ ...o, initialAccumulator: 0 }), amsgrad(o))
    ),
    law("yogi, debiased, begins from nothing as adam does", exact, fc.tuple(fromNothing, run), ([o, r]) =>
      samePath(firstOf(r), yogi({ ...o, initialAccumulator: 0, form: "debiased" }), adam(o))
    )
  ]
}

const led = ({ adan, adam }: BeyondAdam): readonly Law[] => [
  law("adan of β₂ 0 is adam", exact, fc.tuple(adams, run), ([{ b2, ...o }, r]) =>
    samePath(r, adan({ ...o, b2: 0, b3: b2 }), adam({ ...o, b2 }))
  ),
  law("adan at a constant gradient steps by η", rounded, fc.tuple(adams, beta, wideMoving), ([o, b3, r]) => {
    const constant = atConstantGradient(r)
    return [movesOf(adan({ ...o, b3, eps: 0, epsRoot: 0 }), constant), constant.gradients.map(signs(-o.learningRate))]
  }),
  law(
    "the decay of adan is proximal: a step ends at (p + Δ)/(1 + ηλ)",
    rounded,
    fc.tuple(adams, lambda, wide),
    ([o, weightDecay, r]) => {
      const shrink = times(1 / (1 + o.learningRate * weightDecay))
      const ended = Tree.zipWith((p: Tensor, step: Tensor) => add(p, step))
      const expected = movesOf(adan(o), r).reduce<readonly Tree[]>(
        (made, step) => [...made, shrink(ended<Tree>(made.at(-1) ?? r.params, step))],
        []
      )
      return [pathOf(adan({ ...o, weightDecay }), r), expected]
    }
  )
]

const mixed = ({ ademamix, simplifiedAdemamix, adam, adamw }: BeyondAdam): readonly Law[] => [
  law(
    "ademamix without its slow average is adamw",
    exact,
    fc.tuple(adams, beta, lambda, run),
    ([o, b3, weightDecay, r]) =>
      samePath(r, ademamix({ ...o, b3, alpha: 0, weightDecay }), adamw({ ...o, weightDecay }))
  ),
  law(
    "ademamix of two equal averages is adam, 1 + α(1-β₁ᵗ) times as far",
    amplified,
    fc.tuple(adams, fixed(8), wide),
    ([o, alpha, r]) => [
      movesOf(ademamix({ ...o, b3: o.b1, alpha }), r),
      movesOf(adam(o), r).map((step, i) => times(1 + alpha * (1 - o.b1 ** (i + 1)))(step))
    ]
  ),
  law(
    "the warm-up of ademamix ends at its α and β₃",
    exact,
    fc.tuple(adams, fixed(0.95, 0.9), fixed(8), run),
    ([o, b3, alpha, r]) =>
      samePath(r, ademamix({ ...o, b1: 0.5, b3, alpha, warmupSteps: 1 }), ademamix({ ...o, b1: 0.5, b3, alpha }))
  ),
  law("simplifiedAdemamix of β₁ 0 is adamw of β₁ 0", exact, fc.tuple(adams, lambda, run), ([o, weightDecay, r]) =>
    samePath(r, simplifiedAdemamix({ ...o, b1: 0, weightDecay }), adamw({ ...o, b1: 0, weightDecay }))
  ),
  law("simplifiedAdemamix is adam, (1-β₁ᵗ)/(1-β₁) times as far", amplified, fc.tuple(adams, wide), ([o, r]) => [
    movesOf(simplifiedAdemamix(o), r),
    movesOf(adam(o), r).map((step, i) => times((1 - o.b1 ** (i + 1)) / (1 - o.b1))(step))
  ])
]

const optimistic = ({ optimisticAdam, adam }: BeyondAdam): readonly Law[] => [
  law("optimisticAdam that does not look at changes is adam", exact, fc.tuple(adams, run), ([o, r]) =>
    samePath(r, optimisticAdam({ ...o, alpha: 1, beta: 0 }), adam(o))
  ),
  law(
    "the first step of optimisticAdam is adam's, and with a last update of 0 twice that",
    rounded,
    fc.tuple(adams, wide),
    ([o, r]) => [
      [...movesOf(optimisticAdam({ ...o, start: "own" }), firstOf(r)), ...movesOf(optimisticAdam(o), firstOf(r))],
      movesOf(adam(o), firstOf(r)).flatMap(step => [step, times(2)(step)])
    ]
  )
]

const adopted = ({ adopt }: BeyondAdam): readonly Law[] => [
  law("the first step of adopt moves nothing", exact, run, r => {
    const first = firstOf(r)
    return [pathOf(adopt(), first), first.gradients.map(() => r.params)]
  }),
  law(
    "no step of adopt after n others is longer than η·n^κ",
    exact,
    fc.tuple(rate, beta, rate, wide),
    ([learningRate, b1, kappa, r]) =>
      allTrue(
        movesOf(adopt({ learningRate, b1, eps: 0, clipExponent: kappa }), r).map((step, n) =>
          n === 0 ? Tree.map(u => all(eq(u, 0)))(step) : within(sizes(step), filled(learningRate * n ** kappa)(step))
        )
      )
  ),
  law(
    "adopt at a constant gradient steps by η·(1-β₁ⁿ) after n others",
    rounded,
    fc.tuple(rate, beta, beta, wideMoving),
    ([eta, b1, b2, r]) => {
      const constant = atConstantGradient(r)
      return [
        movesOf(adopt({ learningRate: eta, b1, b2, eps: 0 }), constant),
        constant.gradients.map((grads, n) => signs(-eta * (1 - b1 ** n))(grads))
      ]
    }
  )
]

/**
 * Lists the laws that relate AdaBelief, ACProp, Yogi, Adan, AdEMAMix (also simplified), ADOPT and optimistic Adam to
 * what they come from, and say how far their steps lead. Exact where the operations are the same; closed forms within
 * 1e-12 or 1e-9 in f64.
 *
 * @example
 * import assert from "node:assert"
 * import * as recipes from "thalweg/optimizer"
 * import { beyondAdamLaws, checkAll } from "thalweg/laws"
 *
 * const suite = beyondAdamLaws(recipes)
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const beyondAdamLaws = (family: BeyondAdam): readonly Law[] => [
  ...surprised(family),
  ...slow(family),
  ...led(family),
  ...mixed(family),
  ...adopted(family),
  ...optimistic(family)
]
