import * as optimizers from "thalweg/optimizer"
import * as laws from "thalweg/laws"
import { accumulateMutants } from "../mutants/combinator/accumulate.js"
import { emaMutants, polyakAverageMutants } from "../mutants/combinator/averages.js"
import { cautiousMutants } from "../mutants/combinator/cautious.js"
import { byDepthMutants, depthMutants } from "../mutants/combinator/by-depth.js"
import {
  clipAdaptiveMutants,
  clipByLeafNormMutants,
  clipByNormMutants,
  clipByValueMutants
} from "../mutants/combinator/clips.js"
import { liftMutants, momentumMutants, weightDecayMutants } from "../mutants/combinator/momentum-decay.js"
import {
  centralizeMutants,
  l1Mutants,
  l2Mutants,
  noiseMutants,
  normalizeMutants
} from "../mutants/combinator/gradient.js"
import { ifFiniteMutants, maximizeMutants } from "../mutants/combinator/guards.js"
import { lookaheadMutants } from "../mutants/combinator/lookahead.js"
import {
  freezeMutants,
  maskedDecayMutants,
  maskedL2Mutants,
  maskedMutants,
  partitionMutants
} from "../mutants/combinator/masks.js"
import { mechanizeMutants } from "../mutants/combinator/mechanize.js"
import { nesterovMutants } from "../mutants/combinator/nesterov.js"
import { reduceOnPlateauMutants } from "../mutants/combinator/plateau.js"
import { asamMutants, samMutants } from "../mutants/combinator/sharpness.js"
import { polyakSgdMutants } from "../mutants/recipe/polyak-sgd.js"
import { projectionMutants, projectMutants } from "../mutants/combinator/project.js"
import { withScheduleMutants } from "../mutants/combinator/rate.js"
import type { Suite } from "./suite.js"

const { withL2, withWeightDecay } = optimizers

/** What looks at whole leaves, alone or around each other. */
const acrossLeaves = laws.arbOptimizer({
  optimizers: ["muon", "lamb", "lars", "adafactor", "novograd", "sm3", "fromage", "shampoo", "adahessian"],
  combinators: ["clipByLeafNorm", "clipAdaptive", "centralizeGradients", "withMomentum"],
  maxCombinators: 2
})

export const combinators: readonly Suite[] = [
  ["withMomentum", laws.momentumLaws(optimizers.withMomentum), momentumMutants],
  ["withNesterov", laws.nesterovLaws(optimizers.withNesterov), nesterovMutants],
  ["cautious", laws.cautiousLaws(optimizers.cautious), cautiousMutants],
  ["withWeightDecay", laws.weightDecayLaws(withWeightDecay), weightDecayMutants],
  ["withWeightDecay under a mask", laws.maskedDecayLaws(withWeightDecay), maskedDecayMutants],
  ["withL1", laws.l1Laws(optimizers.withL1), l1Mutants],
  ["withL2", laws.l2Laws(withL2), l2Mutants],
  ["withL2 under a mask", laws.maskedDecayLaws(withL2), maskedL2Mutants],
  ["clipByNorm", laws.clipByNormLaws(optimizers.clipByNorm), clipByNormMutants],
  ["clipByLeafNorm", laws.clipByLeafNormLaws(optimizers.clipByLeafNorm), clipByLeafNormMutants],
  ["clipByValue", laws.clipByValueLaws(optimizers.clipByValue), clipByValueMutants],
  ["clipAdaptive", laws.clipAdaptiveLaws(optimizers.clipAdaptive), clipAdaptiveMutants],
  ["centralizeGradients", laws.centralizeLaws(optimizers.centralizeGradients), centralizeMutants],
  ["normalizeGradients", laws.normalizeLaws(optimizers.normalizeGradients), normalizeMutants],
  ["sam", laws.samLaws(optimizers.sam), samMutants],
  ["asam", laws.asamLaws(optimizers), asamMutants],
  ["onGradient and onDisplacement", laws.liftLaws(optimizers), liftMutants],
  ["lookahead", laws.lookaheadLaws(optimizers.lookahead), lookaheadMutants],
  ["mechanize", laws.mechanizeLaws(optimizers.mechanize), mechanizeMutants],
  ["withEma", laws.emaLaws(optimizers.withEma), emaMutants],
  ["withPolyakAverage", laws.polyakAverageLaws(optimizers.withPolyakAverage), polyakAverageMutants],
  ["accumulate", laws.accumulateLaws(optimizers.accumulate), accumulateMutants],
  ["ifFinite", laws.ifFiniteLaws(optimizers.ifFinite), ifFiniteMutants],
  ["maximize", laws.maximizeLaws(optimizers.maximize), maximizeMutants],
  ["masked", laws.maskedLaws(optimizers.masked), maskedMutants],
  ["freeze", laws.freezeLaws(optimizers.freeze), freezeMutants],
  ["partition", laws.partitionLaws(optimizers.partition), partitionMutants],
  ["projections", laws.projectionLaws(optimizers), projectionMutants],
  ["project", laws.projectLaws(optimizers.project), projectMutants],
  ["withSchedule", laws.withScheduleLaws(optimizers.withSchedule), withScheduleMutants],
  ["reduceOnPlateau", laws.reduceOnPlateauLaws(optimizers.reduceOnPlateau), reduceOnPlateauMutants],
  ["byDepth", laws.byDepthLaws(optimizers.byDepth), byDepthMutants],
  ["what looks across leaves, by depth", laws.depthLawsOver(acrossLeaves), depthMutants],
  ["polyakSgd", laws.polyakSgdLaws(optimizers.polyakSgd), polyakSgdMutants]
]

/** Noise is drawn element by element, from a generator that costs more than what it is added to. */
export const noise: Suite = ["addNoise", laws.noiseLaws(optimizers.addNoise), noiseMutants]
