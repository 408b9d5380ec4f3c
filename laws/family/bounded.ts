import fc from "fast-check"
import { div, mul, neg, Tree, type Tensor } from "thalweg"
import type { adabound, adam, amsbound, amsgrad, AmsgradOptions, radam, rmsprop, sgd } from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero } from "../arbitrary/numbers.js"
import { arbRun, run, wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { times } from "../sides.js"
import { allTrue, beta, eps, movesOf, neverFalls, rate, rising, samePath, sameUpdates, sizes, within } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Adam whose rates are held down, until they are known or for ever, and what it is held to. */
export interface BoundedAdams {
  readonly amsgrad: FunctionOf<typeof amsgrad>
  readonly adabound: FunctionOf<typeof adabound>
  readonly amsbound: FunctionOf<typeof amsbound>
  readonly radam: FunctionOf<typeof radam>
  readonly adam: FunctionOf<typeof adam>
  readonly rmsprop: FunctionOf<typeof rmsprop>
  readonly sgd: FunctionOf<typeof sgd>
}

const adams = fc.record({ learningRate: rate, b1: beta, b2: beta, eps })
const growing = rising(wideMoving)

/** `m·U/g`: what divides the gradient divides the average. */
const inPlaceOf = Tree.zipWith((u: Tensor, m: Tensor, g: Tensor) => div(mul(u, m), g))

const largest = ({ amsgrad, adam, rmsprop, sgd }: BoundedAdams): readonly Law[] => [
  ...(["debiasedAfter", "debiasedBefore"] as const).map(form =>
    law(`amsgrad, ${form}, is adam while gradients grow`, amplified, fc.tuple(adams, growing), ([o, r]) =>
      sameUpdates(r, amsgrad({ ...o, form }), adam(o))
    )
  ),
  law("amsgrad is rmsprop of the average while gradients grow", amplified, fc.tuple(adams, growing), ([o, r]) => {
    const scaled = movesOf(rmsprop({ learningRate: o.learningRate, decay: o.b2, eps: o.eps, epsPlace: "outside" }), r)
    const averages = movesOf(sgd({ learningRate: 1, momentum: o.b1, dampening: o.b1 }), r).map(Tree.map(neg))
    return [movesOf(amsgrad(o), r), inPlaceOf<Tree>(scaled, averages, r.gradients)]
  }),
  law("no step of amsgrad, debiasedAfter, is longer than adam's", exact, fc.tuple(adams, wide), ([o, r]) => {
    const longer = movesOf(adam(o), r)
    return allTrue(
      movesOf(amsgrad({ ...o, form: "debiasedAfter" }), r).map((step, i) =>
        within(sizes(step), sizes(longer[i] ?? step))
      )
    )
  }),
  law(
    "without ε the forms of amsgrad that debias the maximum are equal",
    amplified,
    fc.tuple(adams, wideMoving),
    ([o, r]) => {
      const form = (name: AmsgradOptions["form"] & string) => amsgrad({ ...o, eps: 0, form: name })
      return sameUpdates(r, form("epsilonHat"), form("debiasedAfter"))
    }
  ),
  law("the maximum of amsgrad never falls", exact, fc.tuple(adams, run), ([o, r]) => neverFalls("nuMax", amsgrad(o), r))
]

const tight = 1e300
const bounds = fc.record({ learningRate: fixed(1, 0.01), b1: beta, b2: beta, eps, finalRate: fixed(1, 0.01) })

const between = ({ adabound, amsbound, adam, sgd }: BoundedAdams): readonly Law[] => {
  const average = (b1: number, learningRate: number) => sgd({ learningRate, momentum: b1, dampening: b1 })
  return [
    law("adabound for γ → ∞ is sgd on the average at the final rate", exact, fc.tuple(bounds, run), ([o, r]) =>
      samePath(r, adabound({ ...o, gamma: tight }), average(o.b1, o.finalRate))
    ),
    law("amsbound for γ → ∞ is sgd on the average at the final rate", exact, fc.tuple(bounds, run), ([o, r]) =>
      samePath(r, amsbound({ ...o, gamma: tight }), average(o.b1, o.finalRate))
    ),
    law(
      "a schedule moves the bounds of adabound by the base rate",
      exact,
      fc.tuple(bounds, fixed(1, 0.1), run),
      ([o, base, r]) => {
        const schedule = exponential({ start: o.learningRate, rate: 0.5 })
        const scheduled = { ...o, learningRate: schedule, baseRate: base, gamma: tight }
        const { b1: momentum, finalRate } = o
        const falling = sgd({
          learningRate: t => mul(finalRate, div(schedule(t), base)),
          momentum,
          dampening: momentum
        })
        return samePath(r, adabound(scheduled), falling)
      }
    ),
    law("adabound for γ → 0 is adam, ε at the raw root", amplified, fc.tuple(bounds, wide), ([o, r]) => {
      const { finalRate: _, ...scaling } = o
      return sameUpdates(r, adabound({ ...o, gamma: 1 / tight }), adam({ ...scaling, form: "epsilonHat" }))
    }),
    law("amsbound is adabound while gradients grow", amplified, fc.tuple(bounds, growing), ([o, r]) =>
      sameUpdates(r, amsbound({ ...o, gamma: 1 }), adabound({ ...o, gamma: 1 }))
    ),
    law("the maximum of amsbound never falls", exact, fc.tuple(bounds, run), ([o, r]) =>
      neverFalls("nuMax", amsbound(o), r)
    )
  ]
}

/** ρ at step `t`: never above `t`, nor above its limit. */
const lengthAt = (b2: number, t: number): number => 2 / (1 - b2) - 1 - (2 * t * b2 ** t) / (1 - b2 ** t)
const variance = (rho: number): number => ((rho - 4) * (rho - 2)) / rho
const factorAt = (b2: number, t: number): number => Math.sqrt(variance(lengthAt(b2, t)) / variance(2 / (1 - b2) - 1))

const rectified = ({ radam, adam, sgd }: BoundedAdams): readonly Law[] => {
  const debiased = (learningRate: number, b1: number, r: Parameters<typeof movesOf>[1]): readonly Tree[] =>
    movesOf(sgd({ learningRate, momentum: b1, dampening: b1 }), r).map((m, i) => times(1 / (1 - b1 ** (i + 1)))(m))
  const b2s = fc.oneof(fixed(0.6), fixed(0.99, 0.9))
  return [
    law(
      "radam, before it rectifies, is sgd on the debiased average",
      amplified,
      fc.tuple(rate, beta, b2s, wide),
      ([eta, b1, b2, r]) => [movesOf(radam({ learningRate: eta, b1, b2 }), r), debiased(eta, b1, r)]
    ),
    law(
      "radam, once it rectifies, is adam times a factor that grows to 1",
      amplified,
      fc.tuple(adams, fixed(0.95, 0.7), arbRun({ dtypes: ["f64"], numbers: nonZero, maxSteps: 9 })),
      ([{ b2: _, ...o }, b2, r]) => {
        const [scaled, before] = [movesOf(adam({ ...o, b2 }), r), debiased(o.learningRate, o.b1, r)]
        const expected = scaled.map((step, i) =>
          lengthAt(b2, i + 1) > 4 ? times(factorAt(b2, i + 1))(step) : (before[i] ?? step)
        )
        return [movesOf(radam({ ...o, b2, threshold: 4 }), r), expected]
      }
    )
  ]
}

/**
 * Lists the laws of Adams that are held down: AMSGrad and AMSBound keep a maximum that never falls and are what they
 * would be without while gradients grow; AdaBound is SGD at one end of its bounds (exactly) and Adam at the other;
 * RAdam is SGD on the debiased average before it rectifies, then Adam times a factor. Within 1e-9 in f64, where sides
 * round in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { adabound, adam, amsbound, amsgrad, radam, rmsprop, sgd } from "thalweg/optimizer"
 * import { boundedAdamLaws, checkAll } from "thalweg/laws"
 *
 * const suite = boundedAdamLaws({ amsgrad, adabound, amsbound, radam, adam, rmsprop, sgd })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const boundedAdamLaws = (family: BoundedAdams): readonly Law[] => [
  ...largest(family),
  ...between(family),
  ...rectified(family)
]
