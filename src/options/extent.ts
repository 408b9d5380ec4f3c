import type { Schedule } from "./hyperparameter.js"

/** Bounds of all values of a schedule: none is below `least` or above `most`. */
export interface Extent {
  readonly least: number
  readonly most: number
}

/** What is known of schedules; of a user's own function nothing is. */
const extents = new WeakMap<Schedule, Extent>()

/** The bounds of a schedule's values, where they are known. */
export const extentOf = (schedule: Schedule): Extent | undefined => extents.get(schedule)

/** The same schedule, of whose values bounds are known from now on. */
export const within = (extent: Extent | undefined, schedule: Schedule): Schedule => {
  if (extent !== undefined) extents.set(schedule, extent)
  return schedule
}

/** The least extent that has the given numbers. */
export const hull = (...values: readonly number[]): Extent => ({
  least: Math.min(...values),
  most: Math.max(...values)
})

/** Whether a schedule is known to be 0 at every step. */
export const isZero = (schedule: Schedule): boolean => {
  const { least, most } = extentOf(schedule) ?? hull(NaN)
  return least === 0 && most === 0
}
