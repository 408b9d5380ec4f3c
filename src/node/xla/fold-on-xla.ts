import { readFile, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkFunction, checkTold } from "../../dataflow/check.js"
import { literal } from "../../dataflow/create.js"
import { describeValue, isRecord } from "../../dataflow/describe.js"
import { allocate, type DType } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import type { AsyncSteps } from "../../engine/index.js"
import { showType } from "../../dataflow/type.js"
import { codeField, fixed, functionField, type OptionsOf, type Resolved } from "../../options/fields.js"
import { positiveInteger } from "../../options/range.js"
import { recordField, resolve } from "../../options/resolve.js"
import { decodeTree, encodeTree } from "../../spec/checkpoint.js"
import { report } from "../../spec/report.js"
import { toUtf8 } from "../../spec/utf8.js"
import { Tree, type TreeLike } from "../../tree/index.js"
import type { Mesh, Placements } from "../../xla/placement.js"
import { writeTree } from "../trees.js"
import { writeProgram, type Step, type Written } from "./program.js"
import { startRunner, type Runner, type Said } from "./runner.js"

const isMesh = (value: unknown): value is Mesh =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every(size => Number.isSafeInteger(size) && (size as number) > 0)

const isPlacements = (value: unknown): value is Placements =>
  Array.isArray(value) &&
  value.every(
    rule =>
      Array.isArray(rule) &&
      rule.length === 2 &&
      typeof rule[0] === "string" &&
      Array.isArray(rule[1]) &&
      rule[1].every(axis => axis === null || typeof axis === "string")
  )

const isText = (given: unknown): given is string => typeof given === "string" && given !== ""

const checkpointFields = {
  /** So many steps lie between two checkpoints, a whole number from 1. */
  every: fixed(positiveInteger),
  /** The file, which is replaced each time. */
  path: codeField("a path", isText)
}

const fields = {
  /** The devices, by axes of a mesh: `{ data: 4, model: 2 }` are eight. Default one. */
  mesh: codeField<Mesh, Mesh>("a record of whole numbers from 1, such as { data: 8 }", isMesh, { data: 1 }),
  /** Where tensors are: see `Placements`. By default all of them are whole on every device. */
  place: codeField<Placements, Placements>('a list of rules such as ["batch/**", ["data"]]', isPlacements, []),
  /** The Python that has jax, a command. Default `"python3"`. */
  python: codeField<string, string>("a command", isText, "python3"),
  /** How many processes share the work, each with its own devices, on this machine. Default 1. */
  processes: fixed(positiveInteger, 1),
  /** How many virtual devices each process makes of the CPU. Default: the devices that there are. */
  devices: fixed(positiveInteger, "none"),
  /** A folder that keeps compiled programs, so that they are not compiled anew. */
  cache: codeField<string, "none">("a folder", isText, "none"),
  /** Writes the state to a file every so many steps, as `writeTree` does, with `{ step }`, how many were made. */
  checkpoint: recordField(checkpointFields),
  /** Told what XLA made of the step, once for each shape of batches. */
  onCompiled: functionField<(compiled: Compiled) => void, "none">("none")
}

/** What XLA made of a step. */
export interface Compiled {
  readonly seconds: number
  readonly devices: number
  /** How many of each kind of exchange between devices a step makes, by XLA's names, such as `"all-reduce"`. */
  readonly collectives: Readonly<Record<string, number>>
}

/** How steps are made on XLA. */
export interface XlaOptions extends OptionsOf<typeof fields> {}

type Batches<B> = Iterable<B> | AsyncIterable<B>

const iteratorOf = <B>(operation: string, batches: Batches<B>): Iterator<B> | AsyncIterator<B> => {
  const given = Object(batches) as Partial<Iterable<B> & AsyncIterable<B>>
  return (
    given[Symbol.asyncIterator]?.() ??
    given[Symbol.iterator]?.() ??
    fail("DataError", operation, "an iterable of batches, or an asynchronous one", describeValue(batches))
  )
}

/** What distinguishes the program for one batch from that for another. */
const signature = (tree: Tree): string =>
  Tree.leaves(tree)
    .map((leaf, i) => `${Tree.paths(tree)[i] ?? ""} ${showType(leaf)}`)
    .join("\n")

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
interface Session {
  readonly runner: Runner
  readonly known: Map<string, { readonly written: Written; readonly number: number }>
}

/** Steps that are made on XLA, by `stepsOnXla` and what is made of it. */
const stepsAs = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  operation: string,
  step: Step<S, B, M>,
  options: Resolved<typeof fields>
) => {
  checkFunction(operation, step)
  const { checkpoint, onCompiled } = options
  /** Waits for the next fold, so that what it has compiled is not compiled again. */
  let idle: Session | undefined
  const taken = async (): Promise<Session> => {
    const session = idle?.runner.works() === true ? idle : undefined
    idle = undefined
    if (session !== undefined) return session
    const runner = await startRunner(operation, options)
    await runner.next("ready")
    return { runner, known: new Map() }
  }

  /** The program for such a batch, which the runner uses from here on. */
  const use = async ({ runner, known }: Session, state: S, batch: B): Promise<Written> => {
    const name = `${signature(state)}\n\n${signature(batch)}`
    const found = known.get(name)
    if (found !== undefined) {
      await runner.send("U", toUtf8(String(found.number)))
      return found.written
    }
    const written = writeProgram(operation, step, options, state, batch)
    known.set(name, { written, number: known.size })
    await runner.send("P", toUtf8(JSON.stringify(written.program)))
    const { seconds, devices, collectives } = await runner.next("compiled")
    onCompiled?.({ seconds, devices, collectives } as Compiled)
    return written
  }

  const given = async ({ runner }: Session, like: S): Promise<S> =>
    inFolder(async folder => {
      const path = join(folder, "state.safetensors")
      await runner.send("G", toUtf8(path))
      await runner.next("state")
      const decoded = decodeTree(like)(await readFile(path))
      return decoded._tag === "Right"
        ? decoded.right.tree
        : fail("RunnerError", operation, "the state that the steps lead to", report(decoded.left).join("; "))
    })

  const save = async (session: Session, like: S, count: number): Promise<void> => {
    if (checkpoint === undefined || count % checkpoint.every !== 0) return
    const saved = await writeTree(checkpoint.path, await given(session, like), { step: count })()
    if (saved._tag === "Left") throw saved.left
  }

  return async function* (state: S, batches: Batches<B>): AsyncSteps<S, M> {
    const iterator = iteratorOf(operation, batches)
    let turn = await iterator.next()
    let session: Session | undefined
    let isWhole = false
    try {
      if (turn.done === true) return state
      session = await taken()
      const { runner } = session
      runner.hold(true)
      for (let count = 0; turn.done !== true; count++) {
        const { value: batch } = turn
        const written = await use(session, state, batch)
        if (count === 0) await runner.send("S", encodeTree(state))
        await runner.send("B", encodeTree(batch))
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

/**
 * Makes the steps of a fold over batches one at a time, on XLA, as `stepBatches` makes them here.
 */
export const stepsOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: XlaOptions = {}
): ((state: S, batches: Batches<B>) => AsyncSteps<S, M>) =>
  stepsAs("stepsOnXla", step, resolve("stepsOnXla", fields, options))

const foldFields = { ...fields, onStep: functionField<(yielded: never, index: number) => void, "none">("none") }

/** How a fold is made on XLA. */
export interface FoldOnXlaOptions<M> extends XlaOptions {
  /** Told what each step yielded, to log or to draw; it cannot change the fold. */
  readonly onStep?: ((yielded: M, index: number) => void) | undefined
}

/** Folds a state transition over batches on XLA. */
export const foldOnXla = <S extends TreeLike<S>, B extends TreeLike<B>, M extends TreeLike<M>>(
  step: Step<S, B, M>,
  options: FoldOnXlaOptions<M> = {}
): ((state: S, batches: Batches<B>) => Promise<readonly [state: S, yielded: readonly M[]]>) => {
  const { onStep, ...rest } = resolve("foldOnXla", foldFields, options)
  const steps = stepsAs("foldOnXla", step, rest)
  return async (state, batches) => {
    const yielded: M[] = []
    const running = steps(state, batches)
    try {
      let turn = await running.next()
      while (turn.done !== true) {
        ;(onStep as FoldOnXlaOptions<M>["onStep"])?.(turn.value, yielded.length)
        yielded.push(turn.value)
        turn = await running.next()
      }
      return [turn.value, yielded]
    } finally {
      await running.return(state) // closes the batches, where onStep throws
    }
  }
}
