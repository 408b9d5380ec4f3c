import { createHash } from "node:crypto"
import { join } from "node:path"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { checkFunction } from "../../dataflow/check.js"
import { fail } from "../../dataflow/error.js"
import { toUtf8 } from "../../spec/utf8.js"
import { encodeTree } from "../../spec/checkpoint.js"
import type { TreeLike } from "../../tree/index.js"
import { resolve } from "../../options/resolve.js"
import { positiveInteger } from "../../options/range.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { attempt } from "../files.js"
import { replaceFile } from "../trees.js"
import { placementFields, type PlacementOptions } from "./options.js"
import { programsOf, type Step } from "./program.js"
import { checkBatches, encodedState, type Batches } from "./batches.js"
import { headOf, numbering, type Frame } from "./frames.js"
import { endOf, FRAMES, RESULTS, VERSION } from "./run-file.js"

const runFields = {
  ...placementFields,
  /** So many steps lie between two checkpoints, a whole number from 1. Default: none are written. */
  checkpointEvery: fixed(positiveInteger, "none")
}

/** How a run is written. */
export interface RunOptions extends PlacementOptions, OptionsOf<typeof runFields> {}

/**
 * Writes a fold of a step over batches to a folder, from which `npx thalweg-run` makes it by XLA, on one host or on many: the programs,
 * the state and the batches. All of it is in the folder, which each host has; what is closed over is written as constants.
 *
 * ```sh
 * npx thalweg-run FOLDER --coordinator host0:9876 --processes 2 --process 0 # on host0; --process 1 on the other
 * ```
 *
 * The first process prints a line of JSON for each step, and writes `state.safetensors` at the end and `checkpoint.safetensors` every
 * `checkpointEvery` steps, whole whatever happens: `readTree(state)` reads them (`metadata.step` is how many steps were made), and training
 * goes on from them, here or by another `writeRun`. The same command again goes on from the checkpoint, if there is one, and makes nothing
 * where the run is over; what is of another run, or not whole, is refused and never written over. Where a process dies the others end at once,
 * with exit code 1, and say which; one that hangs is missed after ten seconds or so. A process that is asked to end (SIGTERM, SIGINT or SIGHUP)
 * ends at once.
 *
 * Options: see `RunOptions`. Nothing is written before the task is run. It never rejects: a `Left` says why the folder could not be
 * written, what of step, placement or batches does not fit (as `stepsOnXla` says it), or that there is no batch. What was written before
 * stays then; a process that is killed leaves a file behind whose name is a dot, a UUID and `.tmp`.
 *
 * @example
 * import assert from "node:assert"
 * import { mkdtemp, readdir, rm } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { add, sum, tensor, zeros, type Tensor } from "thalweg"
 * import { writeRun } from "thalweg/node"
 *
 * const total = (state: Tensor, batch: Tensor) => [add(state, sum(batch)), sum(batch)] as const
 * const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
 * const written = writeRun(total, { mesh: { data: 2 }, place: [["batch", ["data"]]] })(folder, zeros([]), [tensor([1, 2])])
 * assert.strictEqual((await written())._tag, "Right")
 * assert.deepStrictEqual(await readdir(folder), ["frames.bin"])
 * await rm(folder, { recursive: true })
 */
export const writeRun = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: RunOptions = {}
): ((folder: string, state: S, batches: Batches<B>) => TaskEither<Error, void>) => {
  checkFunction("writeRun", step)
  const { mesh, place, checkpointEvery } = resolve("writeRun", runFields, options)
  return (folder, state, batches) =>
    attempt(async () => {
      if (folder === "") fail("DataError", "writeRun", "a folder", '""')
      checkBatches("writeRun", batches)
      const program = programsOf<S, B, M>("writeRun", step, { mesh, place })(state)
      const numbers = numbering()
      await replaceFile(join(folder, FRAMES), async file => {
        const hash = createHash("sha256")
        const write = async (frame: Frame): Promise<void> => {
          for (const bytes of [headOf(frame), frame[1]]) {
            hash.update(bytes)
            await file.writeFile(bytes)
          }
        }
        let made = 0
        for await (const batch of batches) {
          if (made === 0) await write(VERSION)
          await write(numbers.frameOf(program(batch).text).frame)
          if (made === 0) await write(["S", encodedState("writeRun", state)])
          await write(["B", encodeTree(batch)])
          made++
          if (checkpointEvery !== undefined && made % checkpointEvery === 0)
            await write(["G", toUtf8(RESULTS.checkpoint)])
        }
        if (made === 0) fail("DataError", "writeRun", "one batch at least", "none")
        await write(["G", toUtf8(RESULTS.state)])
        await write(endOf(hash.copy()))
      })
    })
}
