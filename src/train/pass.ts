import { checkTold } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { arange } from "../dataflow/sequence.js"
import { item, toTyped, type AsyncSteps, type NonFinite, type Steps } from "../engine/index.js"
import { split } from "../random/index.js"
import type { Tree, TreeLike } from "../tree/index.js"
import { batches, exampleCount } from "./dataset.js"
import { readSummary, type Metrics, type Read } from "./metrics.js"
import type { CheckedOptions } from "./options.js"
import type { Outcome, Progress } from "./report.js"
import type { StepReport, TrainState } from "./step.js"
import type { SomeDataset } from "./task.js"

/** What a reader of steps and epochs may say to the next one. */
export type Told = "stop" | undefined

/** What every pass over the training set has in common. */
type Setting = Pick<
  CheckedOptions<object, object, object, string, SomeDataset | undefined>,
  "train" | "batchSize" | "remainder" | "epochs" | "divergence" | "signal" | "clock"
>

/** What has to be waited for: whoever iterates answers with what it came to, or throws why it did not. */
export interface Waiting {
  readonly _tag: "Waiting"
  readonly promise: Promise<unknown>
}

/** What is there, or will be. */
function* settled<A>(value: A | Promise<A>): Generator<Waiting, A, unknown> {
  // what comes in answer is what the promise came to
  return value instanceof Promise ? ((yield { _tag: "Waiting", promise: value }) as A) : value
}

type Summary<K extends string> = { readonly [name in K | "loss"]: Tree }

/** Steps that are there at once, or will be. */
type SomeSteps<S, M> = Steps<S, M> | AsyncSteps<S, M>

/** How steps are made over batches, and what is found of one that left something not finite. */
interface Stepping<P extends object, S extends object, O extends object, K extends string> {
  /** What is told of outputs: what the metrics come to, the loss among them. */
  readonly metrics: Metrics<K | "loss", never, never>
  readonly steps: (
    state: TrainState<P, S, O>,
    batches: Iterable<SomeDataset>
  ) => SomeSteps<TrainState<P, S, O>, StepReport<Summary<K>>>
  readonly locating: (at: { readonly state: TrainState<P, S, O>; readonly batch: SomeDataset }) => NonFinite | undefined
}

/** What a step came to, and how long it took in milliseconds. */
interface Made<K extends string> {
  readonly examples: number
  readonly loss: number
  readonly metrics: Read<K | "loss">
  readonly gradientNorm: number
  readonly parameterNorm: number
  readonly duration: number | undefined
}

/** What a pass came to; `ended` where it, or all of training, was ended by it. */
export interface Passed<P extends object, S extends object, O extends object, K extends string> {
  readonly state: TrainState<P, S, O>
  readonly made: readonly Made<K>[]
  /** Whether all of the training set was seen. */
  readonly whole: boolean
  readonly ended: Outcome<P, S, O, SomeDataset> | undefined
}

/** How many examples per second some steps were, of those over which a clock, if there is one, did not go back; nothing if it stood still. */
export const speedOf = (
  made: readonly Pick<Made<never>, "examples" | "duration">[]
): { readonly examplesPerSecond?: number } => {
  const [examples, milliseconds] = made.reduce(
    ([n, time], { examples, duration = NaN }) => (duration >= 0 ? [n + examples, time + duration] : [n, time]),
    [0, 0]
  )
  const examplesPerSecond = (1000 * examples) / milliseconds
  return Number.isFinite(examplesPerSecond) ? { examplesPerSecond } : {}
}

/** The batches of a pass: shuffled by a key that the state has for it, and that no step uses. */
const shuffled = <P extends object, S extends object, O extends object, D extends TreeLike<D>>(
  { key }: TrainState<P, S, O>,
  { batchSize, remainder }: Setting,
  data: D
): Iterable<D> => batches({ batchSize, remainder, key: split(key, 3)[2] })(data)

/** The state before a step, which the engine may have spent: the steps before it are made again, to the same bits. */
function* stateBefore<S, M>(again: SomeSteps<S, M>, start: S, step: number): Generator<Waiting, S, unknown> {
  if (step === 1) return start
  for (let made = 1; made < step; made++) yield* settled(again.next())
  const { done, value } = yield* settled(again.next("stop"))
  return done === true ? value : start
}

const nth = <A>(all: Iterable<A>, n: number): A => {
  let place = 0
  for (const one of all) if (place++ === n) return one
  throw new RangeError(`fewer than ${n + 1} batches`)
}

/**
 * Makes the steps of one epoch over the training set, which yield where training stands. It ends early when it is told
 * to, when its signal is aborted, or at a step that leaves something that is not finite.
 */
export const passing = <P extends object, S extends object, O extends object, K extends string>(
  operation: string,
  setting: Setting,
  { metrics, steps, locating }: Stepping<P, S, O, K>
) => {
  const { train, batchSize, remainder, epochs, divergence, signal } = setting
  const clock = (): number | undefined => {
    const time = setting.clock?.()
    return time === undefined || Number.isFinite(time)
      ? time
      : fail("DataError", operation, "a finite number of milliseconds", describeValue(time), "clock")
  }
  const examples = exampleCount(operation, train)
  if (remainder === "drop" && examples < batchSize)
    fail("DataError", operation, `${batchSize} examples at least, where a remainder is dropped`, `${examples}`, "train")
  const perPass = Math[remainder === "drop" ? "floor" : "ceil"](examples / batchSize)
  const look = (report: StepReport<Summary<K>>, i: number, start?: number): Made<K> => {
    const size = Math.min(batchSize, examples - i * batchSize)
    return {
      examples: size,
      loss: item(report.loss),
      metrics: readSummary(metrics, size, report.metrics),
      gradientNorm: item(report.gradientNorm),
      parameterNorm: item(report.parameterNorm),
      duration: start === undefined ? undefined : (clock() ?? NaN) - start
    }
  }
  const stepsOf = (start: TrainState<P, S, O>) => steps(start, shuffled(start, setting, train))
  const diverges = ({ loss, parameterNorm }: Made<K>): boolean =>
    divergence === "stop" && !(Number.isFinite(loss) && Number.isFinite(parameterNorm))
  /** The end of a pass whose last step diverged. */
  function* diverged(
    start: TrainState<P, S, O>,
    made: readonly Made<K>[],
    epoch: number,
    count: number
  ): Generator<Waiting, Passed<P, S, O, K>, unknown> {
    const before = yield* stateBefore(stepsOf(start), start, made.length)
    const numbered = shuffled(start, setting, { batch: train, rows: arange(examples) })
    const { batch, rows } = nth(numbered, made.length - 1)
    const cause = locating({ state: before, batch })
    const loss = made.at(-1)?.loss ?? NaN
    const ended = {
      _tag: "Diverged",
      epoch,
      step: count,
      loss,
      before,
      batch,
      rows: [...toTyped(rows)],
      ...(cause && { cause })
    } as const
    return { state: before, made, whole: false, ended }
  }
  /** The pass that is the n-th of this call. */
  return function* (
    start: TrainState<P, S, O>,
    epoch: number,
    n: number
  ): Generator<Progress | Waiting, Passed<P, S, O, K>, Told> {
    const running = stepsOf(start)
    const made: Made<K>[] = []
    let ended: Outcome<P, S, O, SomeDataset> | undefined
    try {
      for (;;) {
        const begun = clock()
        const turn = yield* settled(running.next(ended && "stop"))
        if (turn.done === true) return { state: turn.value, made, whole: made.length === perPass, ended }
        const now = look(turn.value, made.length, begun)
        made.push(now)
        const step = (n - 1) * perPass + made.length
        const reached: Progress = {
          _tag: "Step",
          epoch,
          step,
          steps: epochs * perPass,
          loss: now.loss,
          rate: item(turn.value.rate),
          gradientNorm: now.gradientNorm,
          parameterNorm: now.parameterNorm,
          ...speedOf([now])
        }
        const told = checkTold(operation, yield reached)
        if (diverges(now)) {
          yield* settled(running.next("stop")) // so that what made the steps is free to make them again
          return yield* diverged(start, made, epoch, step)
        }
        if (told === "stop") ended = { _tag: "Stopped" }
        else if (signal?.aborted === true) ended = { _tag: "Aborted" }
      }
    } finally {
      // where who iterates goes away, or something fails; nobody waits, so that nobody hears of a failure
      Promise.resolve(running.return(start)).catch(() => undefined)
    }
  }
}
