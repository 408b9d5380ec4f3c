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
import { clipMutants } from "../mutants/combinator/clips.js"
import { chainMutants, transformMutants } from "../mutants/transform.js"
import { decayedWeightsMutants, scaleMutants, traceMutants } from "../mutants/transforms.js"
import type { Suite } from "./suite.js"

export const transforms: readonly Suite[] = [
  ["any transform", transformLawsOver(arbTransform()), transformMutants],
  ["chain", chainLaws({ chain, identity }), chainMutants],
  ["scale", scaleLaws(scale), scaleMutants],
  ["trace", traceLaws(trace), traceMutants],
  ["clipByGlobalNorm", clipLaws(clipByGlobalNorm), clipMutants],
  ["addDecayedWeights", decayedWeightsLaws(addDecayedWeights), decayedWeightsMutants]
]
