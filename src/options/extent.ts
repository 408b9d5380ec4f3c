import { dataOf, isLiteral } from "../dataflow/literal.js"
import type { Tensor } from "../dataflow/primitive.js"

/** What a hyperparameter is made of: see `Schedule`. */
type Schedule = (step: Tensor) => Tensor

/** What is known of the values of a schedule: what made it, and that none is below `least` or above `most`. */
export interface Extent {
  readonly title: string
  readonly least: number
  readonly most: number
}

/** What is known of schedules; of a user's own function nothing is. */
const extents = new WeakMap<Schedule, Extent>()

/** The extent of a schedule, where it is known. */
export const extentOf = (schedule: Schedule): Extent | undefined => extents.get(schedule)

/** The same schedule, of which an extent is known from now on. */
export const within = (extent: Extent | undefined, schedule: Schedule): Schedule => {
  if (extent !== undefined) extents.set(schedule, extent)
  return schedule
}

/** The least extent that holds some numbers, where all of them are known. */
export const hull = (title: string, ...values: readonly (number | undefined)[]): Extent | undefined => {
  const known = values.filter(value => value !== undefined)
  if (known.length < values.length) return undefined
  return { title, least: known.reduce((a, b) => Math.min(a, b)), most: known.reduce((a, b) => Math.max(a, b)) }
}

/** The number that a scalar is, where it is known. */
export const knownIn = (scalar: Tensor): number | undefined =>
  isLiteral(scalar) ? Number(dataOf(scalar)[0]) : undefined

/** What is made of numbers, where they are known. */
export const whereKnown = (
  numbers: readonly (number | undefined)[],
  make: (...known: readonly number[]) => number
): number | undefined => {
  const known = numbers.filter(value => value !== undefined)
  return known.length < numbers.length ? undefined : make(...known)
}

/** The hull of numbers that are made of the extents of other schedules, where all of them are known. */
export const hullBy = (
  title: string,
  schedules: readonly Schedule[],
  values: (known: readonly Extent[]) => readonly (number | undefined)[]
): Extent | undefined => {
  const known = schedules.map(extentOf).filter(extent => extent !== undefined)
  return known.length === schedules.length ? hull(title, ...values(known)) : undefined
}

/** The end of what falls towards 0 for ever, from the side of a number: it is not reached. */
export const towardsZero = (from: number): number => Math.sign(from) * Number.MIN_VALUE

/** The end of what grows for ever, to the side of a number: it stays finite. */
export const towardsInfinity = (to: number): number => Math.sign(to) * Number.MAX_VALUE

/** A product of ends; two numbers that are not 0 do not make 0, nor two that are finite infinity. */
export const timesEnd = (a: number, b: number): number => {
  const end = a * b || towardsZero(Math.sign(a) * Math.sign(b))
  return Number.isFinite(end) ? end : towardsInfinity(end)
}

/** Whether a schedule is known to be 0 at every step. */
export const isZero = (schedule: Schedule): boolean => {
  const extent = extentOf(schedule)
  return extent?.least === 0 && extent.most === 0
}
