import { mkdir, open } from "node:fs/promises"
import { join } from "node:path"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { checkFunction } from "../../dataflow/check.js"
import { fail } from "../../dataflow/error.js"
import { toUtf8 } from "../../spec/utf8.js"
import { encodeTree } from "../../spec/checkpoint.js"
import type { TreeLike } from "../../tree/index.js"
import { resolve } from "../../options/resolve.js"
import type { OptionsOf } from "../../options/fields.js"
import { attempt } from "../files.js"
import { every, placementFields } from "./options.js"
import { headOf, programsOf, type Frame, type Step } from "./program.js"
import { FRAMES } from "./runner.js"
import { iteratorOf, type Batches } from "./steps.js"

/** What a runner writes. */
const files = {
  state: "state.safetensors",
  checkpoint: "checkpoint.safetensors"
} as const

const runFields = {
  ...placementFields,
  /** So many steps lie between two checkpoints, a whole number from 1. Default: none are written. */
  checkpointEvery: { ...every, default: "none" as const }
}

/** How a run is written. */
export interface RunOptions extends OptionsOf<typeof placementFields>, OptionsOf<typeof runFields> {}

/**
 * Writes a fold of a step over batches to a folder, for `npx thalweg-run`.
 */
export const writeRun = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: RunOptions = {}
): ((folder: string, state: S, batches: Batches<B>) => TaskEither<Error, void>) => {
  checkFunction("writeRun", step)
  const { mesh, place, checkpointEvery } = resolve("writeRun", runFields, options)
  return (folder, state, batches) =>
    attempt(async () => {
      const iterator = iteratorOf("writeRun", batches)
      const program = programsOf<S, B, M>("writeRun", step, { mesh, place })
      await mkdir(folder, { recursive: true })
      const file = await open(join(folder, FRAMES), "w")
      const write = async (frame: Frame): Promise<void> => {
        await file.writeFile(headOf(frame))
        await file.writeFile(frame[1])
      }
      try {
        let turn = await iterator.next()
        if (turn.done === true) fail("DataError", "writeRun", "one batch at least", "none")
        for (let count = 1; turn.done !== true; count++) {
          await write(program(state, turn.value).frame)
          if (count === 1) await write(["S", encodeTree(state)])
          await write(["B", encodeTree(turn.value)])
          if (checkpointEvery !== undefined && count % checkpointEvery === 0)
            await write(["G", toUtf8(files.checkpoint)])
          turn = await iterator.next()
        }
        await write(["G", toUtf8(files.state)])
      } finally {
        await file.close()
        await iterator.return?.()
      }
    })
}
