import * as optimizers from "thalweg/optimizer"
import * as laws from "thalweg/laws"
import { describe, expect, test } from "vitest"
import { hasTeeth, holds } from "./hold.js"
import { accumulateMutants } from "./mutants/combinator/accumulate.js"
import { emaMutants, polyakAverageMutants } from "./mutants/combinator/averages.js"
import { clipAdaptiveMutants, clipByLeafNormMutants, clipByValueMutants } from "./mutants/combinator/clips.js"
import {
  clipByNormMutants,
  liftMutants,
  momentumMutants,
  weightDecayMutants
} from "./mutants/combinator/momentum-decay.js"
import { centralizeMutants, l2Mutants, noiseMutants, normalizeMutants } from "./mutants/combinator/gradient.js"
import { ifFiniteMutants, maximizeMutants } from "./mutants/combinator/guards.js"
import { lookaheadMutants } from "./mutants/combinator/lookahead.js"
import {
  freezeMutants,
  maskedDecayMutants,
  maskedL2Mutants,
  maskedMutants,
  partitionMutants
} from "./mutants/combinator/masks.js"
import { nesterovMutants } from "./mutants/combinator/nesterov.js"
import { reduceOnPlateauMutants } from "./mutants/combinator/plateau.js"
import { polyakSgdMutants } from "./mutants/recipe/polyak-sgd.js"
import { projectionMutants, projectMutants } from "./mutants/combinator/project.js"
import { withScheduleMutants } from "./mutants/combinator/rate.js"

const { withL2, withWeightDecay } = optimizers

const suites = [
  ["withMomentum", laws.momentumLaws(optimizers.withMomentum), momentumMutants],
  ["withNesterov", laws.nesterovLaws(optimizers.withNesterov), nesterovMutants],
  ["withWeightDecay", laws.weightDecayLaws(withWeightDecay), weightDecayMutants],
  ["withWeightDecay under a mask", laws.maskedDecayLaws(withWeightDecay), maskedDecayMutants],
  ["withL2", laws.l2Laws(withL2), l2Mutants],
  ["withL2 under a mask", laws.maskedDecayLaws(withL2), maskedL2Mutants],
  ["clipByNorm", laws.clipByNormLaws(optimizers.clipByNorm), clipByNormMutants],
  ["clipByLeafNorm", laws.clipByLeafNormLaws(optimizers.clipByLeafNorm), clipByLeafNormMutants],
  ["clipByValue", laws.clipByValueLaws(optimizers.clipByValue), clipByValueMutants],
  ["clipAdaptive", laws.clipAdaptiveLaws(optimizers.clipAdaptive), clipAdaptiveMutants],
  ["centralizeGradients", laws.centralizeLaws(optimizers.centralizeGradients), centralizeMutants],
  ["normalizeGradients", laws.normalizeLaws(optimizers.normalizeGradients), normalizeMutants],
  ["onGradient and onDisplacement", laws.liftLaws(optimizers), liftMutants],
  ["lookahead", laws.lookaheadLaws(optimizers.lookahead), lookaheadMutants],
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
  ["polyakSgd", laws.polyakSgdLaws(optimizers.polyakSgd), polyakSgdMutants]
] as const

describe.each(suites)("%s", (_, suite, mutants) => {
  holds(suite, { numRuns: 40 })
  hasTeeth(suite, mutants)
})

/** Noise is drawn element by element, from a generator that costs more than what it is added to. */
describe("addNoise", () => {
  const suite = laws.noiseLaws(optimizers.addNoise)
  holds(suite, { numRuns: 30 })
  hasTeeth(suite, noiseMutants)
})

/** What no spec describes is not among the random optimizers that the laws of all are checked with. */
const { adam, freeze, masked, ontoL2Ball, partition, project, sgd } = optimizers
const every2nd = (path: string): boolean => path.length % 2 === 0
const [adaptive, heavy] = [adam({ learningRate: 0.1 }), sgd({ learningRate: 0.1, momentum: 0.9 })]
const unspoken = [
  ["masked", laws.optimizerLaws(masked(every2nd)(adaptive))],
  ["freeze", laws.optimizerLaws(freeze(every2nd)(adaptive))],
  ["partition", laws.optimizerLaws(partition({ adaptive, heavy }, path => (every2nd(path) ? "adaptive" : "heavy")))],
  ["project", laws.optimizerLaws(project(ontoL2Ball(2))(adaptive))]
] as const

describe.each(unspoken)("%s is an optimizer", (_, suite) => {
  holds(suite, { numRuns: 30 })
})

describe("what is false", () => {
  test.each(laws.counterLaws.map(claim => [claim.name, claim] as const))("%s", (_, claim) => {
    expect(laws.check(claim)).toMatchObject({ holds: false, law: claim.name })
  })
})
