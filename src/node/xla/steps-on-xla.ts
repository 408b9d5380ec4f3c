import type { AsyncSteps } from "../../engine/index.js"
import { resolve } from "../../options/resolve.js"
import type { TreeLike } from "../../tree/index.js"
import { xlaFields, type XlaOptions } from "./options.js"
import type { Step } from "./program.js"
import type { Batches } from "./batches.js"
import { stepsAs } from "./steps.js"

/**
 * Makes the steps of a fold over batches one at a time, on XLA, as `stepBatches` makes them here: on CPUs, GPUs or TPUs, on several
 * devices, by several processes. `fit` and `epochs` take it as their `fold`.
 *
 * The step is written as StableHLO (`toStableHlo`), which Python runs by jax (`pip install "jax>=0.7.2"`). Batches may be made by
 * and by; the next one is asked for while a step is made, and no more. States between stay on the devices. After a step `next("stop")`
 * ends the fold and returns the state that it has reached. `before` is how many steps were made before, from which those of checkpoints
 * count on: `fit` tells it; 0 by default. Processes stay, with what they have compiled, for the next fold
 * with the same `python`, `processes`, `devices` and `cache`, until there is one with others, and end with the host, which they do not keep from ending. A fold that is left or fails
 * ends its own; where one is gone before the next fold, all are started anew.
 *
 * Options: see `XlaOptions`; others are a `HyperparameterError`. A placement that does not fit is a `TreeError` (no tensor matches) or an
 * `AxisError` (no such axis of the mesh; one that does not divide a dimension), with the path; a state of another structure, shape or
 * dtype after a step a `TreeError`, `ShapeError` or `DTypeError`; a state or a batch with the key `"__metadata__"`, which files of
 * tensors keep for themselves, a `TreeError`; a checkpoint that cannot be written is a `DataError`, before the first step; what the processes do not do, from a Python that is not there to one
 * that is killed, is a `RunnerError` with their last words. Throws what `step` and the batches throw.
 *
 * Law: `stepBatches`, but for what XLA computes otherwise (src/xla/README.md). The same placement gives the same bits.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mul, scalar, square, sub, type Tensor } from "thalweg"
 * import { stepsOnXla } from "thalweg/node"
 *
 * const descend = (x: Tensor, target: Tensor) => {
 *   const error = sub(x, target)
 *   return [sub(x, mul(0.5, error)), square(error)] as const
 * }
 * const python = process.env["PYTHON"] // one that has jax
 * if (python !== undefined) {
 *   const steps = stepsOnXla(descend, { python })(scalar(0), [scalar(4), scalar(4), scalar(4)])
 *   const losses = [await steps.next(), await steps.next()].map(({ value }) => item(value))
 *   const { value: x } = await steps.next("stop")
 *   assert.deepStrictEqual([losses, item(x as Tensor)], [[16, 4], 3])
 * }
 */
export const stepsOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: XlaOptions = {}
): ((state: S, batches: Batches<B>, before?: number) => AsyncSteps<S, M>) =>
  stepsAs("stepsOnXla", step, resolve("stepsOnXla", xlaFields, options))
