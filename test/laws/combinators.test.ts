import { clipByNorm, lookahead, onDisplacement, onGradient, withMomentum, withWeightDecay } from "thalweg/optimizer"
import {
  check,
  clipByNormLaws,
  counterLaws,
  liftLaws,
  lookaheadLaws,
  momentumLaws,
  weightDecayLaws
} from "thalweg/laws"
import { describe, expect, test } from "vitest"
import { hasTeeth, holds } from "./hold.js"
import { clipByNormMutants, liftMutants, momentumMutants, weightDecayMutants } from "./mutants/combinators.js"
import { lookaheadMutants } from "./mutants/lookahead.js"

const suites = [
  ["withMomentum", momentumLaws(withMomentum), momentumMutants],
  ["withWeightDecay", weightDecayLaws(withWeightDecay), weightDecayMutants],
  ["clipByNorm", clipByNormLaws(clipByNorm), clipByNormMutants],
  ["onGradient and onDisplacement", liftLaws({ onDisplacement, onGradient }), liftMutants],
  ["lookahead", lookaheadLaws(lookahead), lookaheadMutants]
] as const

describe.each(suites)("%s", (_, suite, mutants) => {
  holds(suite)
  hasTeeth(suite, mutants)
})

describe("what is false", () => {
  test.each(counterLaws.map(claim => [claim.name, claim] as const))("%s", (_, claim) => {
    expect(check(claim)).toMatchObject({ holds: false, law: claim.name })
  })
})
