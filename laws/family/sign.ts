import fc from "fast-check"
import { withWeightDecay, type lion, type signSgd, type signum } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moving, run, wide } from "../arbitrary/run.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { allTrue, beta, filled, movesOf, rate, samePath, sizes, within } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Descent that takes the signs of gradients, or of averages of them. */
export interface SignFamily {
  readonly signSgd: FunctionOf<typeof signSgd>
  readonly signum: FunctionOf<typeof signum>
  readonly lion: FunctionOf<typeof lion>
}

/**
 * Lists the laws of descent by signs: Lion is Signum where its betas are equal, and both are `signSgd` without
 * momentum; steps have length η, or at most that. All exact, but for the decay of Lion, which rounds in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { lion, signSgd, signum } from "thalweg/optimizer"
 * import { checkAll, signLaws } from "thalweg/laws"
 *
 * assert(checkAll(signLaws({ signSgd, signum, lion }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const signLaws = ({ signSgd, signum, lion }: SignFamily): readonly Law[] => [
  law("signum of β 0 is signSgd", exact, fc.tuple(rate, run), ([learningRate, r]) =>
    samePath(r, signum({ learningRate, b1: 0 }), signSgd({ learningRate }))
  ),
  law("lion of β₁ 0 is signSgd", exact, fc.tuple(rate, beta, run), ([learningRate, b2, r]) =>
    samePath(r, lion({ learningRate, b1: 0, b2 }), signSgd({ learningRate }))
  ),
  law("lion of equal betas is signum", exact, fc.tuple(rate, beta, run), ([learningRate, b, r]) =>
    samePath(r, lion({ learningRate, b1: b, b2: b }), signum({ learningRate, b1: b }))
  ),
  law(
    "lion with decay is weight decay over lion",
    rounded,
    fc.tuple(rate, fixed(1), wide),
    ([learningRate, weightDecay, r]) =>
      samePath(r, lion({ learningRate, weightDecay }), withWeightDecay(weightDecay)(lion({ learningRate })))
  ),
  law("smooth lion is lion as its slope grows", exact, fc.tuple(rate, beta, wide), ([learningRate, b1, r]) =>
    samePath(r, lion({ learningRate, b1, mode: "smooth", smoothBeta: 1e200 }), lion({ learningRate, b1 }))
  ),
  law("every step of signSgd has length η", exact, fc.tuple(rate, moving), ([learningRate, r]) => [
    movesOf(signSgd({ learningRate }), r).map(sizes),
    r.gradients.map(filled(learningRate))
  ]),
  law(
    "no step of lion is longer than η",
    exact,
    fc.tuple(rate, beta, fc.constantFrom("hard", "smooth", "refined"), wide),
    ([learningRate, b1, mode, r]) =>
      allTrue(movesOf(lion({ learningRate, b1, mode }), r).map(step => within(sizes(step), filled(learningRate)(step))))
  )
]
