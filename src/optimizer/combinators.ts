import type { Fields, Traits } from "../options/types.js"
import {
  projectOntoBox,
  projectOntoL1Ball,
  projectOntoL2Ball,
  projectOntoLInfBall,
  projectOntoNonNegative,
  projectOntoSimplex
} from "./combinator/project.js"
import * as named from "./combinator/index.js"
import type { AnyOptimizer } from "./optimizer.js"

/** What all recipes of combinators have in common, for code that goes through the catalogue. */
export interface CombinatorRecipe {
  readonly title: string
  readonly fields: Fields
  readonly traits: Traits
  /** Makes the combinator; options are checked when it runs. */
  make(this: void, options: object): (inner: AnyOptimizer) => AnyOptimizer
}

/** Every combinator by name. */
export type CombinatorCatalogue = typeof named & typeof projecting

const projecting = {
  ontoSimplex: projectOntoSimplex,
  ontoL1Ball: projectOntoL1Ball,
  ontoL2Ball: projectOntoL2Ball,
  ontoLInfBall: projectOntoLInfBall,
  ontoBox: projectOntoBox,
  ontoNonNegative: projectOntoNonNegative
}

/**
 * Lists every combinator by name. Each is the function itself: it carries what its options may be (`fields`), what stays
 * true under it (`traits`), and how it is made of one record of options (`make`), of which those that the function takes
 * one by one are part.
 *
 * In place of `project` stand rows for each set, such as `ontoL2Ball`. A `mask` is data if it is a pattern of paths or
 * several; functions and trees are taken, too. `reduceOnPlateau` makes an optimizer that needs the loss, `sam` and `asam` one that
 * needs the objective, `withDifferentialPrivacy` one that needs the gradient of each example.
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
export const combinators: CombinatorCatalogue = Object.freeze({
  ...named,
  ...projecting
} satisfies Readonly<Record<string, CombinatorRecipe>>)
