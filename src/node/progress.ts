import { SingleBar } from "cli-progress"

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

const figures = ({ loss, rate }: ProgressState): { readonly loss: string; readonly rate: string } => ({
  loss: loss.toFixed(4),
  rate: rate.toPrecision(3)
})

/** The bar returns to the place that was saved last, which has to be below what was written. */
const SAVE_CURSOR = "\u001b7"

const bar = (output: NodeJS.WritableStream): ProgressDisplay => {
  const drawn = new SingleBar({
    format: "{bar} {percentage}% | step {value}/{total} | loss {loss} | rate {rate} | {eta_formatted} left",
    stream: output,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    forceRedraw: true, // a line may have been written over it
    linewrap: true // cuts the bar at the width of the terminal, whose settings stay as they are
  })
  let started = false
  return {
    update: state => {
      if (!started) drawn.start(state.steps, 0, figures(state))
      started = true
      drawn.update(state.step, figures(state))
    },
    log: line => output.write(started ? `\r\u001b[K${line}\n${SAVE_CURSOR}` : `${line}\n`),
    stop: () => drawn.stop()
  }
}

const plainLines = (output: NodeJS.WritableStream, lines: number): ProgressDisplay => ({
  update: state => {
    const every = Math.max(1, Math.ceil(state.steps / lines))
    if (state.step % every !== 0 && state.step !== state.steps) return
    const { loss, rate } = figures(state)
    output.write(`step ${state.step}/${state.steps}  loss ${loss}  rate ${rate}\n`)
  },
  log: line => output.write(`${line}\n`),
  stop: () => undefined
})

/**
 * Makes a display of progress: a bar with loss and rate on a terminal, some plain lines on anything else, the last step
 * among them. `fit` takes its `update` as `onStep`.
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
export const progress = ({ output = process.stdout, lines = 20 }: ProgressOptions = {}): ProgressDisplay =>
  "isTTY" in output && output.isTTY ? bar(output) : plainLines(output, lines)
