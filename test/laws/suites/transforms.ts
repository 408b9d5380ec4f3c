import * as primitives from "thalweg/transform"
import {
  arbTransform,
  chainLaws,
  clipLaws,
  decayedWeightsLaws,
  primitiveLaws,
  scaleLaws,
  applyMomentumLaws,
  transformLawsOver
} from "thalweg/laws"
import { clipMutants } from "../mutants/combinator/clips.js"
import { primitiveMutants } from "../mutants/primitives.js"
import { chainMutants, transformMutants } from "../mutants/transform.js"
import { decayedWeightsMutants, scaleMutants, applyMomentumMutants } from "../mutants/transforms.js"
import type { Suite } from "./suite.js"

const { addDecayedWeights, applyMomentum, chain, clipByGlobalNorm, identity, scale } = primitives

export const transforms: readonly Suite[] = [
  ["any transform", transformLawsOver(arbTransform()), transformMutants],
  ["chain", chainLaws({ chain, identity }), chainMutants],
  ["scale", scaleLaws(scale), scaleMutants],
  ["applyMomentum", applyMomentumLaws(applyMomentum), applyMomentumMutants],
  ["clipByGlobalNorm", clipLaws(clipByGlobalNorm), clipMutants],
  ["addDecayedWeights", decayedWeightsLaws(addDecayedWeights), decayedWeightsMutants],
  ["primitives beside each other", primitiveLaws(primitives), primitiveMutants]
]
