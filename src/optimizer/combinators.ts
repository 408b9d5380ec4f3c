import type { Fields, Traits } from "../options/types.js"
import { accumulate } from "./combinator/accumulate.js"
import { addNoise } from "./combinator/add-noise.js"
import { centralizeGradients } from "./combinator/centralize-gradients.js"
import { clipAdaptive } from "./combinator/clip-adaptive.js"
import { clipByLeafNorm } from "./combinator/clip-by-leaf-norm.js"
import { clipByNorm } from "./combinator/clip-by-norm.js"
import { clipByValue } from "./combinator/clip-by-value.js"
import { ifFinite } from "./combinator/if-finite.js"
import { lookahead } from "./combinator/lookahead.js"
import { freeze, masked } from "./combinator/masked.js"
import { maximize } from "./combinator/maximize.js"
import { normalizeGradients } from "./combinator/normalize-gradients.js"
import {
  projectOntoBox,
  projectOntoL1Ball,
  projectOntoL2Ball,
  projectOntoLInfBall,
  projectOntoNonNegative,
  projectOntoSimplex
} from "./combinator/project.js"
import { reduceOnPlateau } from "./combinator/reduce-on-plateau.js"
import { scheduleFree } from "./combinator/schedule-free.js"
import { withEma } from "./combinator/with-ema.js"
import { withL2 } from "./combinator/with-l2.js"
import { withMomentum } from "./combinator/with-momentum.js"
import { withNesterov } from "./combinator/with-nesterov.js"
import { withPolyakAverage } from "./combinator/with-polyak-average.js"
import { withSchedule } from "./combinator/with-schedule.js"
import { withWeightDecay } from "./combinator/with-weight-decay.js"
import type { AnyOptimizer } from "./optimizer.js"

/** What all recipes of combinators have in common, for code that goes through the catalogue. */
export interface CombinatorRecipe {
  readonly title: string
  readonly fields: Fields
  readonly traits: Traits
  /** Makes the combinator; options are checked when it runs. */
  make(this: void, options: object): (inner: AnyOptimizer) => AnyOptimizer
}

/**
 * Lists every combinator by name. Each is the function itself: it carries what its options may be (`fields`), what stays
 * true under it (`traits`), and how it is made of one record of options (`make`), of which those that the function takes
 * one by one are part.
 *
 * In place of `project` stand rows for each set, such as `ontoL2Ball`. A `mask` is data if it is a pattern of paths or
 * several; functions and trees are taken, too. `reduceOnPlateau` makes an optimizer that needs the loss.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { combinators, optimizers } from "thalweg/optimizer"
 *
 * const clipped = pipe(optimizers.sgd.make({ learningRate: 1 }), combinators.clipByNorm.make({ maxNorm: 5 }))
 * const params = { w: tensor([0, 0]) }
 * const [{ w }] = clipped.step(params, clipped.init(params), { w: tensor([6, 8]) })
 * assert.deepStrictEqual(toArray(w), [-3, -4])
 */
export const combinators = {
  withMomentum,
  withNesterov,
  withWeightDecay,
  withL2,
  masked,
  freeze,
  withSchedule,
  reduceOnPlateau,
  withEma,
  withPolyakAverage,
  scheduleFree,
  lookahead,
  accumulate,
  ifFinite,
  maximize,
  clipByNorm,
  clipByLeafNorm,
  clipByValue,
  clipAdaptive,
  normalizeGradients,
  centralizeGradients,
  ontoSimplex: projectOntoSimplex,
  ontoL1Ball: projectOntoL1Ball,
  ontoL2Ball: projectOntoL2Ball,
  ontoLInfBall: projectOntoLInfBall,
  ontoBox: projectOntoBox,
  ontoNonNegative: projectOntoNonNegative,
  addNoise
} as const satisfies Readonly<Record<string, CombinatorRecipe>>
