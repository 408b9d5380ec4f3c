import { checkMethods, checkOptions } from "../dataflow/check.js"
import { checkNumber, positiveInteger } from "../options/range.js"
import { SingleBar, type GenericFormatter } from "cli-progress"

/** How far a training is; what `fit` reports at every step. */
export interface ProgressState {
  /** Steps done, from 1. */
  readonly step: number
  readonly steps: number
  readonly loss: number
  readonly rate: number
}

/** Where and how much to show. */
export interface ProgressOptions {
  /** Where to write. Default `process.stdout`. */
  readonly output?: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** At most how many lines are written over the whole when the output is not a terminal, from 1. Default 20. */
  readonly lines?: number
}

/** Draws progress; the pictures are effects, kept at the edge. */
export interface ProgressDisplay {
  readonly update: (state: ProgressState) => void
  /** Writes a line of text above the bar. */
  readonly log: (line: string) => void
  readonly stop: () => void
}

/** Figures as they are shown. */
type Shown = { readonly loss: string; readonly rate: string }

/** Four digits behind the point, or where these say nothing, or are many before it, with an exponent. */
const told = (loss: number): string => {
  const size = Math.abs(loss)
  return loss === 0 || (size >= 1e-3 && size < 1e5) ? loss.toFixed(4) : loss.toExponential(3)
}

const figures = ({ loss, rate }: ProgressState): Shown => ({
  loss: told(loss),
  rate: rate.toPrecision(3)
})

/** The widest bar. */
const BAR = 40

/** Whole seconds as hours and minutes, or minutes and seconds; not a number where nothing is known. */
const timeLeft = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "?"
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const two = (n: number): string => String(n).padStart(2, "0")
  if (hours > 0) return `${hours}h${two(minutes)}m`
  return minutes > 0 ? `${minutes}m${two(seconds % 60)}s` : `${seconds}s`
}

/** What is told of a step, from most to least: the widest that fits is shown. */
const tellings = ([percentage, steps, loss, rate, left]: readonly string[]): readonly string[] => [
  `${percentage} | step ${steps} | loss ${loss} | rate ${rate} | ${left} left`,
  `${percentage} | loss ${loss} | rate ${rate} | ${left} left`,
  `${percentage} loss ${loss} rate ${rate} ${left}`,
  `${percentage} loss ${loss} ${left}`,
  `${percentage} ${loss} ${left}`
]

/** A bar in what the figures leave of the width. */
const fitted: GenericFormatter = (_, { progress, value, total, eta, maxWidth }, { loss, rate }: Shown) => {
  const tellable = tellings([`${Math.floor(100 * progress)}%`, `${value}/${total}`, loss, rate, timeLeft(eta)])
  const text = tellable.find(({ length }) => length <= maxWidth) ?? tellable.at(-1) ?? ""
  const width = Math.min(BAR, maxWidth - text.length - 1)
  const full = Math.round(progress * Math.max(0, width))
  return width > 0 ? `${"█".repeat(full)}${"░".repeat(width - full)} ${text}` : text
}

/** The bar returns to the place that was saved last, which has to be below what was written. */
const SAVE_CURSOR = "\u001b7"

const bar = (output: NodeJS.WritableStream): ProgressDisplay => {
  const drawn = new SingleBar({
    format: fitted,
    stream: output,
    forceRedraw: true, // a line may have been written over it
    linewrap: true // cuts the bar at the width of the terminal, whose settings stay as they are
  })
  let started = false
  return {
    update: state => {
      if (!started) drawn.start(state.steps, state.step, figures(state)) // time counts from here
      started = true
      drawn.update(state.step, figures(state))
    },
    log: line => void output.write(started ? `\r\u001b[K${line}\n${SAVE_CURSOR}` : `${line}\n`),
    stop: () => drawn.stop()
  }
}

const plainLines = (output: NodeJS.WritableStream, lines: number): ProgressDisplay => {
  let untold: ProgressState | undefined
  const tell = (): void => {
    if (untold === undefined) return
    const { loss, rate } = figures(untold)
    output.write(`step ${untold.step}/${untold.steps}  loss ${loss}  rate ${rate}\n`)
    untold = undefined
  }
  return {
    update: state => {
      untold = state
      if (state.step % Math.max(1, Math.ceil(state.steps / lines)) === 0 || state.step === state.steps) tell()
    },
    log: line => void output.write(`${line}\n`),
    stop: tell
  }
}

/**
 * Makes a display of progress: a bar with loss, rate and time left on a terminal, as wide as these leave room for, and
 * fewer of them where it is narrow; some plain lines on anything else, the last step among them. `fit` takes its `update`
 * as `onStep`.
 *
 * @example
 * import assert from "node:assert"
 * import { PassThrough } from "node:stream"
 * import { progress } from "thalweg/node"
 *
 * const output = new PassThrough()
 * const display = progress({ output, lines: 2 })
 * for (const step of [1, 2, 3, 4]) display.update({ step, steps: 4, loss: 1 / step, rate: 0.1 })
 * display.stop()
 * assert.deepStrictEqual(String(output.read()).trimEnd().split("\n"), [
 *   "step 2/4  loss 0.5000  rate 0.100",
 *   "step 4/4  loss 0.2500  rate 0.100"
 * ])
 */
export const progress = (options: ProgressOptions = {}): ProgressDisplay => {
  const { output = process.stdout, lines = 20 } = checkOptions("progress", options, ["output", "lines"])
  checkNumber("progress", "lines", positiveInteger, lines)
  checkMethods("progress", "output to be a stream that can be written to", output, ["write"])
  return "isTTY" in output && output.isTTY ? bar(output) : plainLines(output, lines)
}
