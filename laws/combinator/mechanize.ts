import fc from "fast-check"
import { add, mul, Tree, type Tensor } from "thalweg"
import { sgd, type mechanize, type MechanizeOptions } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { blind } from "../arbitrary/optimizer.js"
import { run, wide, type Run } from "../arbitrary/run.js"
import type { FunctionOf, Wrap } from "../callable.js"
import { amplified, exact, rounded } from "../equality.js"
import { firstOf, rate } from "../family/agree.js"
import { law, type Law } from "../law.js"
import { displacementsOf, pathOf, stepsOf, times, type AnyState } from "../sides.js"
import { innerOf } from "./probe.js"

type Kept = { readonly tuned: readonly { readonly s: Tensor }[] }

const scaleOf = ({ inner }: AnyState): Tensor => (inner as Kept).tuned.map(({ s }) => s).reduce((a, b) => add(a, b))

/**
 * Lists the laws of scales that are learnt: the first step is the inner one times the scale at first; the parameters are the
 * start and the scale times the sum of the inner displacements; recovered or carried, that is the same while ε is small; a
 * scale of 0 at first stays; the rate is the inner one times the scale.
 *
 * @example
 * import assert from "node:assert"
 * import { mechanize } from "thalweg/optimizer"
 * import { checkAll, mechanizeLaws } from "thalweg/laws"
 *
 * assert(checkAll(mechanizeLaws(mechanize), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const mechanizeLaws = (learning: FunctionOf<typeof mechanize>): readonly Law[] => {
  const wrap =
    (options: MechanizeOptions): Wrap =>
    optimizer =>
      learning(options)(optimizer)
  const sInit = fixed(0.5, 0.01)
  const away = Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))
  return [
    law(
      "the first step of mechanize is the inner one times s₀",
      rounded,
      fc.tuple(sInit, blind, wide),
      ([s, inner, r]) => [
        displacementsOf(wrap({ sInit: s })(inner), firstOf(r)).map(([d]) => d),
        displacementsOf(inner, firstOf(r)).map(([d]) => times(s)(d))
      ]
    ),
    law(
      "parameters are the start and the scale times the sum",
      amplified,
      fc.tuple(sInit, rate, wide),
      ([s, eta, r]) => {
        const steps = stepsOf(wrap({ sInit: s })(sgd({ learningRate: eta })), r)
        const gone = (state: AnyState, t: number): Tree => {
          const total = r.gradients
            .slice(0, t + 1)
            .reduce<Tree>((a, g) => away<Tree>(a, times(-eta)(g)), Tree.zerosLike(r.params))
          return away<Tree>(r.params, Tree.map((x: Tensor) => mul(x, scaleOf(state)))(total))
        }
        return [steps.map(([params]) => params), steps.map(([, state], t) => gone(state, t))]
      }
    ),
    law("mechanize recovers what it carries", amplified, fc.tuple(sInit, rate, wide), ([s, eta, r]) => {
      const path = (how: "carried" | "recovered", of: Run): readonly Tree[] =>
        pathOf(wrap({ sInit: s, eps: 1e-30, sum: how })(sgd({ learningRate: eta })), of)
      return [path("carried", r), path("recovered", r)]
    }),
    law("mechanize without a scale at first stays", exact, fc.tuple(blind, run), ([inner, r]) => [
      pathOf(wrap({ sInit: 0 })(inner), r),
      r.gradients.map(() => r.params)
    ]),
    law(
      "the rate of mechanize is the inner one times the scale, s₀ at first",
      rounded,
      fc.tuple(sInit, blind, run),
      ([s, inner, r]) => {
        const wrapped = wrap({ sInit: s })(inner)
        const states = stepsOf(wrapped, r).map(([, state]) => state)
        return [
          [wrapped.init(r.params), ...states].map(state => wrapped.rate(state)),
          [
            mul(inner.rate(inner.init(r.params)), s),
            ...states.map(state => mul(inner.rate(innerOf(state)), scaleOf(state)))
          ]
        ]
      }
    )
  ]
}
