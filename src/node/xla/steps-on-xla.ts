import type { AsyncSteps } from "../../engine/index.js"
import { resolve } from "../../options/resolve.js"
import type { TreeLike } from "../../tree/index.js"
import { xlaFields, type XlaOptions } from "./options.js"
import type { Step } from "./program.js"
import { stepsAs, type Batches } from "./steps.js"

/**
 * Makes the steps of a fold over batches one at a time, on XLA, as `stepBatches` makes them here.
 */
export const stepsOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: XlaOptions = {}
): ((state: S, batches: Batches<B>) => AsyncSteps<S, M>) =>
  stepsAs("stepsOnXla", step, resolve("stepsOnXla", xlaFields, options))
