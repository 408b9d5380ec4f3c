/** Axes as data: a domain, and where its ticks go and what they say. Done here and not in Vega, so that layout can know the labels. */

import { fontSize, textWidth } from "./style.js"

export type ScaleType = "linear" | "log"
export type Interval = readonly [low: number, high: number]

export interface Axis {
  readonly title: string
  readonly scale: ScaleType
  readonly domain: Interval
  readonly ticks: readonly Tick[]
  readonly minor: readonly number[]
}

export interface Tick {
  readonly value: number
  readonly label: string
}

const round = (x: number): number => Number(x.toPrecision(12))
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

const superscript = (k: number): string =>
  String(k).replace(/[-\d]/g, c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".charAt("-0123456789".indexOf(c)))

const power = (k: number): string => `10${superscript(k)}`

/** A number as a person writes it: 0.25, 12,000, −3, 2×10⁻⁷. */
const label = (x: number): string => {
  const size = Math.abs(x)
  if (size === 0 || (size >= 1e-4 && size < 1e6))
    return x.toLocaleString("en-US", { maximumFractionDigits: 12 }).replace("-", "−")
  const [mantissa = "", exponent] = round(x).toExponential().replace(/^-/, "−").split("e")
  return `${mantissa}×${power(Number(exponent))}`
}

/** The step 1, 2 or 5 times a power of ten that cuts the interval into about five. */
const step = ([low, high]: Interval): number => {
  const rough = (high - low) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  return round(unit * ([1, 2, 5].find(m => m * unit >= rough * 0.75) ?? 10))
}

const linearTicks = ([low, high]: Interval, by: number): readonly number[] =>
  range(Math.ceil(low / by - 1e-9), Math.floor(high / by + 1e-9)).map(i => round(i * by))

/** A linear axis over the interval; whole numbers only if the data are whole (epochs, steps). */
export const linearAxis = (title: string, domain: Interval, whole = false): Axis => {
  const values = linearTicks(domain, whole ? Math.max(1, step(domain)) : step(domain))
  return { title, scale: "linear", domain, ticks: values.map(value => ({ value, label: label(value) })), minor: [] }
}

/** The linear axis whose ends are ticks. */
export const niceLinearAxis = (title: string, [low, high]: Interval): Axis => {
  const by = step([low, high])
  return linearAxis(title, [round(Math.floor(low / by + 1e-9) * by), round(Math.ceil(high / by - 1e-9) * by)])
}

/** A log axis: powers of ten (every n-th if there are many), or 1, 2, 5 when it spans less than two of them. */
export const logAxis = (title: string, domain: Interval): Axis => {
  const [low, high] = domain
  const inside = (x: number) => x >= low && x <= high
  const decades = range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)))
  const multiples = (ms: readonly number[]) => decades.flatMap(k => ms.map(m => round(m * 10 ** k))).filter(inside)
  const powers = decades.filter(k => inside(10 ** k))
  if (powers.length < 2) {
    const fine = multiples([1, 2, 5])
    const values = fine.length < 2 ? linearTicks(domain, step(domain)) : fine
    return { title, scale: "log", domain, ticks: values.map(value => ({ value, label: label(value) })), minor: [] }
  }
  const stride = Math.ceil(powers.length / 7)
  const shown = powers.filter(k => k % stride === 0)
  const plain = shown.every(k => k >= -3 && k <= 4)
  const ticks = shown.map(k => ({ value: 10 ** k, label: plain ? label(10 ** k) : power(k) }))
  return { title, scale: "log", domain, ticks, minor: stride > 1 ? [] : multiples([2, 3, 4, 5, 6, 7, 8, 9]) }
}

/** Width in px of the widest label. */
export const labelWidth = ({ ticks }: Axis): number =>
  Math.max(0, ...ticks.map(tick => textWidth(tick.label, fontSize.label)))
