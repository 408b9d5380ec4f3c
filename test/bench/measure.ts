/** Something to measure: one run of it, in milliseconds, without what it has to prepare. */
export type Run = () => number | Promise<number>

/** The milliseconds of one step, when so many are made. */
export type Steps = (count: number) => number | Promise<number>

/** The time of a call. */
export const timed =
  (action: () => unknown): (() => number) =>
  () => {
    const start = performance.now()
    action()
    return performance.now() - start
  }

/** Steps that are calls. */
export const called =
  (step: () => unknown): Steps =>
  count => {
    const start = performance.now()
    for (let i = 0; i < count; i++) step()
    return (performance.now() - start) / count
  }

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** Milliseconds that a run of steps takes at least, so that the clock can tell. */
const LEAST = 10

/** A run of as many steps as the clock needs. What takes a second is not called again to find out. */
export const runOf = async (steps: Steps): Promise<Run> => {
  if ((await steps(1)) > 1000) return () => steps(1)
  let count = 1
  while ((await steps(count)) * count < LEAST) count *= 4
  return () => steps(count)
}

/** Maps one after the other, so that nothing disturbs what is being measured. */
export const inTurn = async <A, B>(
  items: Iterable<A>,
  f: (item: A, index: number) => B | Promise<B>
): Promise<readonly B[]> => {
  const results: B[] = []
  for (const item of items) results.push(await f(item, results.length))
  return results
}

/** Lets the event loop turn, in which the host tells of the values that it has collected. */
const turned = (): Promise<unknown> => new Promise(resolve => setImmediate(resolve))

const WARM_UP = 3

/** Milliseconds after which a run has no more turns. */
const PATIENCE = 5000

/**
 * Median milliseconds of each run, in rounds in which each has its turn: a machine that drifts drifts for all of them,
 * so that their ratios hold.
 */
export const medians = async (runs: readonly Run[], rounds: number): Promise<readonly number[]> => {
  const results = runs.map(run => ({ run, times: [] as number[], spent: 0 }))
  for (let i = 0; i < WARM_UP + rounds; i++)
    for (const result of results) {
      if (result.spent > PATIENCE) continue
      await turned()
      const start = performance.now()
      result.times.push(await result.run())
      result.spent += performance.now() - start
    }
  return results.map(({ times }) => median(times.slice(Math.min(WARM_UP, times.length - 1))))
}
