import { addDecayedWeights, chain, clipByGlobalNorm, identity, scale, trace } from "thalweg/transform"
import {
  arbTransform,
  chainLaws,
  clipLaws,
  decayedWeightsLaws,
  scaleLaws,
  traceLaws,
  transformLawsOver
} from "thalweg/laws"
import { describe } from "vitest"
import { hasTeeth, holds } from "./hold.js"
import { chainMutants, transformMutants } from "./mutants/transform.js"
import { clipMutants, decayedWeightsMutants, scaleMutants, traceMutants } from "./mutants/transforms.js"

const suites = [
  ["any transform", transformLawsOver(arbTransform()), transformMutants],
  ["chain", chainLaws({ chain, identity }), chainMutants],
  ["scale", scaleLaws(scale), scaleMutants],
  ["trace", traceLaws(trace), traceMutants],
  ["clipByGlobalNorm", clipLaws(clipByGlobalNorm), clipMutants],
  ["addDecayedWeights", decayedWeightsLaws(addDecayedWeights), decayedWeightsMutants]
] as const

describe.each(suites)("%s", (_, suite, mutants) => {
  holds(suite)
  hasTeeth(suite, mutants)
})
