import fc from "fast-check"
import { le, type Tree } from "thalweg"
import type { adam, momo, momoAdam, polyakSgd, AnyOptimizer } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { truth } from "../sides.js"
import { updatesAt } from "../combinator/probe.js"
import { beta, eps, joined, movesOf, rate } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Polyak's step for momentum and for Adam, and what it comes from. */
export interface MomoFamily {
  readonly momo: FunctionOf<typeof momo>
  readonly momoAdam: FunctionOf<typeof momoAdam>
  readonly polyakSgd: FunctionOf<typeof polyakSgd>
  readonly adam: FunctionOf<typeof adam>
}

type Stepping = Parameters<typeof updatesAt>

const losses = fc.array(fixed(4), { minLength: 5, maxLength: 5 })
const moves = (...given: Stepping): readonly Tree[] => updatesAt(...given).map(([move]) => move)

const undivided = (name: string, optimizer: Stepping[0]): Law =>
  law(
    `${name} does not see how parameters are divided into leaves`,
    amplified,
    fc.tuple(losses, wideMoving),
    ([at, r]) => [
      moves(optimizer, { params: joined(r.params), gradients: r.gradients.map(joined) }, at),
      moves(optimizer, r, at).map(joined)
    ]
  )

/**
 * Lists the laws of MoMo: without momentum it is Polyak's step; its rate is bounded; over Adam, it is Adam as long as
 * losses are far from the least. Within 1e-9 in f64, for sums round in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, momo, momoAdam, polyakSgd } from "thalweg/optimizer"
 * import { checkAll, momoLaws } from "thalweg/laws"
 *
 * assert(checkAll(momoLaws({ momo, momoAdam, polyakSgd, adam }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const momoLaws = ({ momo, momoAdam, polyakSgd, adam }: MomoFamily): readonly Law[] => [
  law("momo of β 0 is polyakSgd", amplified, fc.tuple(rate, fixed(4), losses, wideMoving), ([eta, fMin, at, r]) => [
    moves(momo({ learningRate: eta, b1: 0, fMin }), r, at),
    moves(polyakSgd({ maxLearningRate: eta, fMin }), r, at)
  ]),
  law("the rate of momo is from 0 to η", exact, fc.tuple(rate, beta, losses, wide), ([learningRate, b1, at, r]) => {
    const optimizer: AnyOptimizer = momo({ learningRate, b1 })
    const rates = updatesAt(optimizer, r, at).map(([, state]) => optimizer.rate(state))
    return [rates.map(tau => [le(0, tau), le(tau, learningRate)]), rates.map(() => [truth(true), truth(true)])]
  }),
  law(
    "the rate of momoAdam is from 0 to η/(1-β₁ᵗ)",
    exact,
    fc.tuple(fc.record({ learningRate: rate, b1: beta, b2: beta, eps }), losses, wide),
    ([o, at, r]) => {
      const optimizer: AnyOptimizer = momoAdam(o)
      const rates = updatesAt(optimizer, r, at).map(([, state]) => optimizer.rate(state))
      const most = (t: number): number => (o.learningRate / (1 - o.b1 ** (t + 1))) * (1 + 1e-12)
      return [rates.map((tau, t) => [le(0, tau), le(tau, most(t))]), rates.map(() => [truth(true), truth(true)])]
    }
  ),
  law(
    "momoAdam is adam while losses are far above the least",
    amplified,
    fc.tuple(fc.record({ learningRate: rate, b1: beta, b2: beta, eps }), losses, wideMoving),
    ([o, at, r]) => [moves(momoAdam({ ...o, fMin: -1e9 }), r, at), movesOf(adam(o), r)]
  ),
  undivided("momo", momo({ learningRate: 0.5, b1: 0.5 })),
  undivided("momoAdam", momoAdam({ learningRate: 0.5, b1: 0.5, b2: 0.5 }))
]
