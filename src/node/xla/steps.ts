import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkFunction, checkTold } from "../../dataflow/check.js"
import { literal } from "../../dataflow/create.js"
import { describeValue } from "../../dataflow/describe.js"
import { allocate, type DType } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import type { AsyncSteps } from "../../engine/index.js"
import type { Resolved } from "../../options/fields.js"
import { decodeTree, encodeTree } from "../../spec/checkpoint.js"
import { report } from "../../spec/report.js"
import { toUtf8 } from "../../spec/utf8.js"
import { Tree, type TreeLike } from "../../tree/index.js"
import { writeTree } from "../trees.js"
import type { Compiled, xlaFields } from "./options.js"
import { programsOf, type Step, type Written } from "./program.js"
import { startRunner, type Runner, type Said } from "./runner.js"

/** Batches, at once or by and by. */
export type Batches<B> = Iterable<B> | AsyncIterable<B>

/** Who makes the batches, or a `DataError`. */
export const iteratorOf = <B>(operation: string, batches: Batches<B>): Iterator<B> | AsyncIterator<B> => {
  const given = Object(batches) as Partial<Iterable<B> & AsyncIterable<B>>
  return (
    given[Symbol.asyncIterator]?.() ??
    given[Symbol.iterator]?.() ??
    fail("DataError", operation, "an iterable of batches, or an asynchronous one", describeValue(batches))
  )
}

const dataOf = (dtype: DType, numbers: readonly number[]) => {
  const data = allocate(dtype, numbers.length)
  data.set(numbers)
  return data
}

/** What a step yielded, of which a line of the runner tells the elements of each tensor; numbers that JSON has not are text. */
const yieldedOf = <M>({ program, yielded }: Written, { metrics }: Said): M => {
  const told = metrics as readonly (readonly unknown[])[]
  const leaves = program.metrics.map(({ dtype, shape }, i) =>
    literal(dataOf(dtype, told[i]?.map(Number) ?? []), shape, dtype)
  )
  return Tree.unflatten<M & Tree>(yielded)(leaves)
}

/** A folder for what the runner hands over by files, while something is done. */
const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "thalweg-"))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A runner, and which programs it has. */
interface Session<S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>> {
  readonly runner: Runner
  readonly program: ReturnType<typeof programsOf<S, B, M>>
}

/** Steps that are made on XLA, by `stepsOnXla` and what is made of it. */
export const stepsAs = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  step: Step<S, B, M>,
  options: Resolved<typeof xlaFields>
) => {
  checkFunction(operation, step)
  const { checkpoint, onCompiled } = options
  /** Waits for the next fold, so that what it has compiled is not compiled again. */
  let idle: Session<S, B, M> | undefined
  const taken = async (): Promise<Session<S, B, M>> => {
    const session = idle?.runner.works() === true ? idle : undefined
    idle = undefined
    if (session !== undefined) return session
    const runner = await startRunner(operation, options)
    await runner.next("ready")
    return { runner, program: programsOf(operation, step, options) }
  }

  /** The program for such a batch, which the runner uses from here on. */
  const use = async ({ runner, program }: Session<S, B, M>, state: S, batch: B): Promise<Written> => {
    const { written, frame, isNew } = program(state, batch)
    await runner.send(frame)
    if (isNew) {
      const { seconds, devices, collectives } = await runner.next("compiled")
      onCompiled?.({ seconds, devices, collectives } as Compiled)
    }
    return written
  }

  const given = async ({ runner }: Session<S, B, M>, like: S): Promise<S> =>
    inFolder(async folder => {
      const path = join(folder, "state.safetensors")
      await runner.send(["G", toUtf8(path)])
      await runner.next("state")
      const decoded = decodeTree(like)(await readFile(path))
      return decoded._tag === "Right"
        ? decoded.right.tree
        : fail("RunnerError", operation, "the state that the steps lead to", report(decoded.left).join("; "))
    })

  const save = async (session: Session<S, B, M>, like: S, count: number): Promise<void> => {
    if (checkpoint === undefined || count % checkpoint.every !== 0) return
    const saved = await writeTree(checkpoint.path, await given(session, like), { step: count })()
    if (saved._tag === "Left") throw saved.left
  }

  return async function* (state: S, batches: Batches<B>): AsyncSteps<S, M> {
    const iterator = iteratorOf(operation, batches)
    let turn = await iterator.next()
    let session: Session<S, B, M> | undefined
    let isWhole = false
    try {
      if (turn.done === true) return state
      session = await taken()
      const { runner } = session
      runner.hold(true)
      for (let count = 0; turn.done !== true; count++) {
        const { value: batch } = turn
        const written = await use(session, state, batch)
        if (count === 0) await runner.send(["S", encodeTree(state)])
        await runner.send(["B", encodeTree(batch)])
        const made = runner.next("step")
        made.catch(() => undefined) // it is awaited after the next batch, which may fail first
        turn = await iterator.next()
        const yielded = yieldedOf<M>(written, await made)
        await save(session, state, count + 1)
        if (checkTold(operation, yield yielded) === "stop") break
      }
      const after = await given(session, state)
      isWhole = true
      return after
    } finally {
      session?.runner.hold(false)
      if (isWhole && idle === undefined) idle = session
      else session?.runner.end()
      if (turn.done !== true) await iterator.return?.()
    }
  }
}
