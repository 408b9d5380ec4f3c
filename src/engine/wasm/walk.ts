import { stridesOf } from "../../dataflow/shape.js"
import type { LoopGroup } from "./group.js"
import { constantIn, type Computed, type Node, type Reduction, type View } from "./node.js"

/** How a loop walks through a buffer: by these strides along its axes. */
export interface Access {
  readonly node: Node
  readonly offset: number
  readonly strides: readonly number[]
}

/** An axis of the nest, the outermost first. */
export interface Axis {
  readonly length: number
  readonly reduced: boolean
  /** Whether four elements along it are computed at once. */
  readonly lanes: boolean
  /** By access. */
  readonly strides: readonly number[]
}

/** How a loop goes over what it reads and writes. */
export interface Walk {
  readonly axes: readonly Axis[]
  /** What is read, and then what is written. */
  readonly accesses: readonly Access[]
  readonly readCount: number
  readonly reads: ReadonlyMap<View, number>
  readonly writes: ReadonlyMap<Computed, number>
  /** Whether a view reads what the loop has in a register. */
  readonly isInside: (view: View) => boolean
}

/** Strides of a view along the axes that are longer than 1. */
const stridesIn = ({ shape, strides }: View): readonly number[] => strides.filter((_, axis) => shape[axis] !== 1)

/** Buffers that a loop reads and writes, each way of walking through one once. */
class Accesses {
  readonly list: Access[] = []
  private readonly numbers = new Map<string, number>()
  of(node: Node, offset: number, strides: readonly number[]): number {
    const key = `${node.id} ${offset} ${strides.join()}`
    const number = this.numbers.get(key) ?? this.list.push({ node, offset, strides }) - 1
    this.numbers.set(key, number)
    return number
  }
}

/**
 * The axes of a nest. Kept axes come before reduced ones, so that what is reduced is in registers. Four elements are
 * computed at once along the last axis of all; if that is kept, its sums are four as well, and the reduced axes run
 * within. Neighbours that every access walks as one are one.
 */
const axesOf = ({ lengths, reduced }: LoopGroup, accesses: readonly Access[]): readonly Axis[] => {
  const last = lengths.length - 1
  const all = lengths.map((length, axis): Axis => ({
    length,
    reduced: reduced[axis]!,
    lanes: axis === last,
    strides: accesses.map(({ strides }) => strides[axis]!)
  }))
  const merged: Axis[] = []
  for (const axis of [...all.filter(a => !a.reduced), ...all.filter(a => a.reduced)]) {
    const before = merged.at(-1)
    const isOne =
      before !== undefined &&
      before.reduced === axis.reduced &&
      !before.lanes &&
      (!axis.reduced || !axis.lanes || axis.length % 4 === 0) && // or sums would have another order
      before.strides.every((stride, k) => stride === axis.strides[k]! * axis.length)
    if (isOne) merged[merged.length - 1] = { ...axis, length: before.length * axis.length }
    else merged.push(axis)
  }
  return merged
}

/** The result of a reduction along the axes of its argument: it stays where it is along those that are reduced. */
const resultOf = (node: Reduction, { lengths, reduced }: LoopGroup): Access => {
  const strides = stridesOf(lengths.map((length, axis) => (reduced[axis]! ? 1 : length)))
  return { node, offset: 0, strides: strides.map((stride, axis) => (reduced[axis]! ? 0 : stride)) }
}

const elementsOf = (place: View | undefined): Access | undefined =>
  place && { node: place.node, offset: place.offset, strides: stridesIn(place) }

/** Where a node is written, if others read it. */
export type PlaceOf = (node: Node) => View | undefined

export const walkOf = (group: LoopGroup, placeOf: PlaceOf): Walk => {
  const members = new Set<Node>(group.nodes)
  const isInside = (view: View): boolean => view.node.kind === "elementwise" && members.has(view.node)
  const accesses = new Accesses()
  const reads = new Map<View, number>()
  for (const { args } of group.nodes)
    for (const view of args)
      if (!isInside(view) && constantIn(view) === undefined)
        reads.set(view, accesses.of(view.node, view.offset, stridesIn(view)))
  const readCount = accesses.list.length
  const writes = new Map<Computed, number>()
  for (const node of group.nodes) {
    const written = node.kind === "reduction" ? resultOf(node, group) : elementsOf(placeOf(node))
    if (written !== undefined) writes.set(node, accesses.list.push(written) - 1)
  }
  return { axes: axesOf(group, accesses.list), accesses: accesses.list, readCount, reads, writes, isInside }
}
