import { dataOf, isLiteral } from "../dataflow/literal.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"

/** What a hyperparameter is made of: see `Schedule`. */
type Schedule = (step: Tensor) => Tensor

/** What is known of the values of a schedule: what made it, and that none is below `least` or above `most`. */
export interface Extent {
  readonly title: string
  readonly least: number
  readonly most: number
  /** Whether it is one number, which was given as such: it does not depend on what was computed when. */
  readonly isNumber?: boolean
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

/** The number that a scalar is, where it is known. */
export const knownIn = (x: number | Tensor | undefined): number | undefined => {
  if (!isTensor(x)) return x
  return isLiteral(x) ? Number(dataOf(x)[0]) : undefined
}

type Known<V extends readonly unknown[]> = { readonly [K in keyof V]: number }

/** What is made of numbers, where all of them are known. */
export const whereKnown = <const V extends readonly (number | Tensor | undefined)[], A>(
  values: V,
  make: (...known: Known<V>) => A
): A | undefined => {
  const known = values.map(knownIn)
  return known.includes(undefined) ? undefined : make(...(known as unknown as Known<V>))
}

/** The least extent that holds some numbers, where all of them are known. */
export const hull = (title: string, values: readonly (number | Tensor | undefined)[]): Extent | undefined => {
  const known = values.map(knownIn).filter(value => value !== undefined)
  if (known.length < values.length) return undefined
  const among = (pick: (a: number, b: number) => number, none: number): number =>
    known.reduce((a, b) => pick(a, b), none)
  return { title, least: among(Math.min, Infinity), most: among(Math.max, -Infinity) }
}

/** The hull of numbers that are made of the extents of other schedules, where all of them are known. */
export const hullBy = (
  title: string,
  schedules: readonly Schedule[],
  values: (known: readonly Extent[]) => readonly (number | Tensor | undefined)[]
): Extent | undefined => {
  const known = schedules.map(extentOf).filter(extent => extent !== undefined)
  return known.length === schedules.length ? hull(title, values(known)) : undefined
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

/** Whether a schedule was given as a number below a bound. */
export const isNumberBelow = (schedule: Schedule, bound: number): boolean => {
  const extent = extentOf(schedule)
  return extent?.isNumber === true && extent.least < bound
}
