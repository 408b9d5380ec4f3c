export {
  check,
  checkAll,
  law,
  render,
  type CheckOptions,
  type Fails,
  type Holds,
  type Law,
  type Sides,
  type Verdict
} from "./law.js"
export { difference, exact, relative, ulps, type Equality } from "./equality.js"

export { arbShape, type ShapeOptions } from "./arbitrary/numbers.js"
export { arbTensor, type TensorChoice } from "./arbitrary/tensor.js"
export { arbTree } from "./arbitrary/tree.js"
export { arbProgram, arbSmoothProgram, lossOf, type Program } from "./arbitrary/program.js"
export { arbRun, type Run, type RunOptions } from "./arbitrary/run.js"
export { anyTransform, arbTransform, type AnyTransform } from "./arbitrary/transform.js"
export { anyOptimizer, arbOptimizer, type AnyOptimizer } from "./arbitrary/optimizer.js"
export { arbSpec, type SpecChoice } from "./arbitrary/spec.js"
export { arbSchedule, arbScheduleSpec, type ScheduleCatalogue, type ScheduleChoice } from "./arbitrary/schedule.js"

export { treeLaws, type TreeFunctions } from "./tree.js"
export { dataflowLaws, type Dataflow } from "./dataflow.js"
export { autodiffLaws, type Autodiff } from "./autodiff.js"
export { chainLaws, transformLaws, transformLawsOver, type Chaining } from "./transform.js"
export { decayedWeightsLaws, scaleLaws, traceLaws } from "./transforms.js"
export { clipByNormLaws, clipLaws } from "./combinator/clip-by-norm.js"
export { optimizerLaws, optimizerLawsOver } from "./optimizer.js"
export { sgdLaws } from "./recipe/sgd.js"
export { adamLaws } from "./recipe/adam.js"
export { momentumLaws, weightDecayLaws } from "./combinator/momentum-decay.js"
export { liftLaws, type Lifting } from "./combinator/lift.js"
export { lookaheadLaws } from "./combinator/lookahead.js"
export { specLaws, type SpecFunctions } from "./spec.js"
export { traitLaws, traitLawsOver } from "./traits.js"
export { scheduleLaws, warmupLaws } from "./schedule/schedule.js"
export { nesterovLaws } from "./combinator/nesterov.js"
export { accumulateLaws } from "./combinator/accumulate.js"
export { emaLaws, polyakAverageLaws } from "./combinator/averages.js"
export { ifFiniteLaws, maximizeLaws } from "./combinator/guards.js"
export { freezeLaws, maskedDecayLaws, maskedLaws, partitionLaws, type Decaying } from "./combinator/masks.js"
export { clipAdaptiveLaws, clipByLeafNormLaws, clipByValueLaws } from "./combinator/clips.js"
export { centralizeLaws, l2Laws, noiseLaws, normalizeLaws } from "./combinator/gradient.js"
export { projectionLaws, projectLaws, type Projections } from "./combinator/project.js"
export { withScheduleLaws } from "./combinator/rate.js"
export { reduceOnPlateauLaws } from "./combinator/plateau.js"
export { polyakSgdLaws } from "./recipe/polyak-sgd.js"
export { momentumFamilyLaws, type MomentumFamily } from "./family/momentum.js"
export { adaptiveLaws, type AdaptiveFamily } from "./family/adaptive.js"
export { adamFamilyLaws, type AdamFamily } from "./family/adam.js"
export { boundedAdamLaws, type BoundedAdams } from "./family/bounded.js"
export { beyondAdamLaws, type BeyondAdam } from "./family/beyond-adam.js"
export { signLaws, type SignFamily } from "./family/sign.js"
export { layerwiseLaws, type LayerwiseFamily } from "./family/layerwise.js"
export { matrixLaws, type MatrixFamily } from "./family/matrix.js"
export { rateFreeLaws, type RateFreeFamily } from "./family/rate-free.js"
export { momoLaws, type MomoFamily } from "./family/momo.js"
export { scheduleFreeLaws, type ScheduleFreeFamily } from "./family/schedule-free.js"
export { counterLaws } from "./counter.js"
