import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { checkFunction, checkTold } from "../../dataflow/check.js"
import { literal } from "../../dataflow/create.js"
import { allocate, type DType } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import type { AsyncSteps } from "../../engine/index.js"
import type { Resolved } from "../../options/fields.js"
import { checkNumber, natural } from "../../options/range.js"
import { encodeTree } from "../../spec/checkpoint.js"
import { toUtf8 } from "../../spec/utf8.js"
import { Tree, type TreeLike } from "../../tree/index.js"
import { attempt } from "../files.js"
import { checkReplaceable, readTree, writeTree } from "../trees.js"
import { encodedState, iteratorOf, type Batches } from "./batches.js"
import type { CheckpointOptions, CompiledStep, xlaFields } from "./options.js"
import { programsOf, type Step, type Written } from "./program.js"
import { startRunner, type Runner, type RunnerOptions, type Said } from "./runner.js"

const dataOf = (dtype: DType, numbers: readonly number[]) => {
  const data = allocate(dtype, numbers.length)
  data.set(numbers)
  return data
}

/** What a step yielded, of which a line of the runner tells each tensor by its path; numbers that JSON has not are text. */
const yieldedOf = <M>({ metrics: leaves, yielded }: Written, { metrics }: Said): M => {
  const told = metrics as Readonly<Record<string, unknown>>
  const found = leaves.map(({ path, dtype, shape }) =>
    literal(dataOf(dtype, [told[path]].flat().map(Number)), shape, dtype)
  )
  return Tree.unflatten<M & Tree>(yielded)(found)
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

/** Runners that wait for the next fold, with what they have compiled, by how they were started. */
const idle = new Map<string, Runner>()

/** A runner that has more programs than this is not kept. */
const CAPACITY = 32

const taken = async (operation: string, options: RunnerOptions, name: string): Promise<Runner> => {
  const waiting = idle.get(name)
  idle.delete(name)
  waiting?.by(operation)
  if ((await waiting?.works()) === true) return waiting as Runner
  waiting?.end()
  for (const other of idle.values()) other.end() // an accelerator belongs to one process
  idle.clear()
  return startRunner(operation, options)
}

const laidAside = (runner: Runner, name: string): void => {
  if (idle.has(name) || runner.programs.count() > CAPACITY) runner.end()
  else idle.set(name, runner)
}

/** Steps that are made on XLA, by `stepsOnXla` and what is made of it. */
export const stepsAs = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  step: Step<S, B, M>,
  options: Resolved<typeof xlaFields>
) => {
  checkFunction(operation, step)
  const { checkpoint, onCompiled, python, processes, devices, cache } = options
  const name = JSON.stringify([python, processes, devices, cache])
  const programs = programsOf(operation, step, options)

  /** Where the fold stands. */
  const reached = async (runner: Runner, like: S): Promise<S> =>
    inFolder(async folder => {
      const path = join(folder, "state.safetensors")
      await runner.send(["G", toUtf8(path)])
      await runner.next("state")
      const read = await readTree(like)(path)()
      return read._tag === "Right"
        ? read.right.tree
        : fail("RunnerError", operation, "the state that the steps lead to", read.left.message)
    })

  const saving = async ({ path }: CheckpointOptions, task: TaskEither<Error, void>): Promise<void> => {
    const saved = await task()
    if (saved._tag === "Left") fail("DataError", operation, `a checkpoint in ${path}`, saved.left.message)
  }

  const save = async (runner: Runner, like: S, count: number): Promise<void> => {
    if (checkpoint === undefined || count % checkpoint.every !== 0) return
    await saving(checkpoint, writeTree(checkpoint.path, await reached(runner, like), { step: count }))
  }

  return async function* (state: S, batches: Batches<B>, before = 0): AsyncSteps<S, M> {
    checkNumber(operation, "before", natural, before)
    const iterator = iteratorOf(operation, batches)
    /** Whether there may be more batches, of which whoever makes them is told that they are not needed. */
    let isOpen = false as boolean // which `ask` changes
    const ask = async (): Promise<IteratorResult<B, unknown>> => {
      isOpen = false
      const turn = await iterator.next()
      isOpen = turn.done !== true
      return turn
    }
    if (checkpoint !== undefined)
      await saving(
        checkpoint,
        attempt(() => checkReplaceable(checkpoint.path))
      )
    let turn = await ask()
    let runner: Runner | undefined
    let isWhole = false
    try {
      if (turn.done === true) return state
      const program = programs(state)
      program(turn.value) // what does not fit is told before anything is started
      const start = encodedState(operation, state)
      runner = await taken(operation, options, name)
      for (let count = 0; turn.done !== true; count++) {
        const { value: batch } = turn
        const written = program(batch)
        const { frame, isNew } = runner.programs.frameOf(written.text)
        await runner.send(frame)
        if (isNew) {
          const { seconds, devices: used, collectives } = await runner.next("compiled")
          onCompiled?.({ seconds, devices: used, collectives } as CompiledStep)
        }
        if (count === 0) await runner.send(["S", start])
        await runner.send(["B", encodeTree(batch)])
        const made = runner.next("step")
        made.catch(() => undefined) // it is awaited after the next batch, which may fail first
        turn = await ask()
        const yielded = yieldedOf<M>(written, await made)
        if (checkTold(operation, yield yielded) === "stop") break // a state that was seen to be of no use is not saved
        await save(runner, state, before + count + 1)
      }
      const after = await reached(runner, state)
      await runner.send(["E", new Uint8Array()])
      isWhole = true
      return after
    } finally {
      if (runner !== undefined)
        if (isWhole) laidAside(runner, name)
        else runner.end()
      if (isOpen) await iterator.return?.()
    }
  }
}
