/** Something to measure: one run of it, in milliseconds, without what it has to prepare. */
export type Run = () => number

/** The time of a call. */
export const timed =
  (action: () => unknown): Run =>
  () => {
    const start = performance.now()
    action()
    return performance.now() - start
  }

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

const WARM_UP = 3

/**
 * Median milliseconds of each run, in rounds in which each has its turn: a machine that drifts drifts for all of them,
 * so that their ratios hold.
 */
export const medians = (runs: readonly Run[], rounds: number): readonly number[] => {
  for (let i = 0; i < WARM_UP; i++) for (const run of runs) run()
  const times = Array.from({ length: rounds }, () => runs.map(run => run()))
  return runs.map((_, i) => median(times.map(round => round[i] ?? NaN)))
}
