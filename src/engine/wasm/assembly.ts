import type { OpOf } from "../../dataflow/primitive.js"
import { sizeOf, type Shape } from "../../dataflow/shape.js"
import type { Step } from "../program/program.js"
import type { Place, View } from "./node.js"
import { reshaped, sliced, spread } from "./view.js"

/** Views side by side along an axis. They are not put together before somebody reads them as one. */
export interface Joined {
  readonly parts: readonly View[]
  readonly axis: number
  readonly shape: Shape
}

/** What a step reads. */
export type Reading = View | Joined

export const isJoined = (reading: Reading): reading is Joined => "parts" in reading

/** A view that is copied to its place. */
export interface Part extends Place {
  readonly view: View
}

/** Places of an axis: `count` of them, `step` apart from `start`; `first` says how many were left out before. */
interface Run {
  readonly start: number
  readonly step: number
  readonly count: number
  readonly first: number
}

/** Those that are on an axis of some size. */
const clipped = (start: number, step: number, count: number, size: number): Run => {
  const first = Math.max(0, Math.ceil(-start / step))
  const end = Math.min(count, Math.ceil((size - start) / step))
  return { start: start + first * step, step, count: Math.max(0, end - first), first }
}

const replaced = <A>(list: readonly A[], index: number, by: A): readonly A[] =>
  list.map((x, i) => (i === index ? by : x))

/** Puts what has elements side by side. */
export const joined = (views: readonly View[], axis: number, shape: Shape): Reading | undefined => {
  const parts = views.filter(view => sizeOf(view.shape) > 0)
  return parts.length < 2 ? parts[0] : { parts, axis, shape }
}

/** Every `steps`-th place from `starts`. */
const cut = (reading: Reading, shape: Shape, place: Place): Reading | undefined => {
  if (!isJoined(reading)) return sliced(reading, shape, place)
  const { starts, steps } = place
  const { parts, axis } = reading
  let before = 0
  const cuts = parts.flatMap(part => {
    const { start, count } = clipped(starts[axis]! - before, steps[axis]!, shape[axis]!, part.shape[axis]!)
    before += part.shape[axis]!
    return count === 0
      ? []
      : sliced(part, replaced(shape, axis, count), { starts: replaced(starts, axis, start), steps })
  })
  return joined(cuts, axis, shape)
}

/** One of the elements of what has a single axis. */
export const elementOf = (reading: Reading, index: number): View =>
  reshaped(cut(reading, [1], { starts: [index], steps: [1] }) as View, [])!

/** Under another shape, which has the axis as well. */
const renamed = ({ parts, axis, shape }: Joined, to: Shape): Joined | undefined => {
  const before = sizeOf(shape.slice(0, axis))
  const found = to.findIndex((n, i) => n === shape[axis] && sizeOf(to.slice(0, i)) === before)
  if (found < 0) return undefined
  const views = parts.flatMap(part => reshaped(part, replaced(to, found, part.shape[axis]!)) ?? [])
  return views.length < parts.length ? undefined : { parts: views, axis: found, shape: to }
}

/** What of a step is only another way to read what stands side by side. */
export const readingOf = ({ op, outs }: Step, [reading]: readonly Reading[]): Reading | undefined => {
  const { shape } = outs[0]!
  if (reading === undefined || !isJoined(reading)) return undefined
  if (op.kind === "slice") return cut(reading, shape, op)
  return op.kind === "reshape" ? renamed(reading, shape) : undefined
}

/** What is side by side, as copies. */
export const partsOf = ({ parts, axis, shape }: Joined): readonly Part[] => {
  let before = 0
  return parts.map(view => {
    const starts = shape.map((_, i) => (i === axis ? before : 0))
    before += view.shape[axis]!
    return { view, starts, steps: shape.map(() => 1) }
  })
}

/** The places on an axis that padding fills: those before and after the elements, and those between. */
const gapsOf = (n: number, size: number, low: number, high: number, interior: number): readonly Run[] => {
  const end = low + n + (n - 1) * interior
  const between = Array.from({ length: interior }, (_, i) => clipped(low + 1 + i, interior + 1, n - 1, size))
  return [clipped(0, 1, low, size), clipped(end, 1, high, size), ...between]
}

/** The elements at their places, and the value everywhere else: along each axis where those before it have elements. */
export const paddedParts = (op: OpOf<"pad">, view: View, value: View, shape: Shape): readonly Part[] => {
  const { padding, interior } = op
  const own = view.shape.map((n, axis) => clipped(padding[axis]![0], interior[axis]! + 1, n, shape[axis]!))
  const at = (runs: readonly Run[], from: (counts: Shape) => View): Part => ({
    view: from(runs.map(({ count }) => count)),
    starts: runs.map(({ start }) => start),
    steps: runs.map(({ step }) => step)
  })
  const fills = view.shape.flatMap((n, axis) =>
    gapsOf(n, shape[axis]!, ...padding[axis]!, interior[axis]!).map(gap => {
      const after = shape.slice(axis + 1).map(size => clipped(0, 1, size, size))
      return at([...own.slice(0, axis), gap, ...after], counts => spread(value, counts))
    })
  )
  const place = { starts: own.map(({ first }) => first), steps: shape.map(() => 1) }
  const kept = at(own, counts => sliced(view, counts, place))
  return [kept, ...fills].filter(part => sizeOf(part.view.shape) > 0)
}
