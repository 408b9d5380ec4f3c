import type { Data } from "../../dataflow/dtype.js"
import { sizeOf } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf, valueWhenRead, type Value } from "../../dataflow/value.js"
import { bytesOf } from "./elements.js"
import type { Heap } from "./heap.js"

/** Where in the memory of the engine a value is, or was. */
export interface Cell {
  readonly type: Type
  readonly size: number
  readonly bytes: number
  address: number | undefined
  /** Whether others hold the value as well, so that its memory is never spent. */
  isShared: boolean
  /** Its elements, where they had to be copied out before anybody read the value. */
  moved: Data | undefined
}

/** Bytes that values may hold which nobody has read yet; and those that are here although their elements are outside. */
const MOST = 2 ** 27

/** Values of so few elements are outside only: it is not worth to hold them. */
export const FEW = 16

/** Some cells, the oldest first, and the bytes that they take. */
class Cells {
  bytes = 0
  private readonly all = new Set<Cell>()
  add(cell: Cell): void {
    this.all.add(cell)
    this.bytes += cell.bytes
  }
  delete(cell: Cell): void {
    if (this.all.delete(cell)) this.bytes -= cell.bytes
  }
  [Symbol.iterator](): Iterator<Cell> {
    return this.all.values()
  }
}

/**
 * Values in a heap. One that nobody has read is only here: its memory is free when it is collected. The host tells of that
 * when a job ends, which may be late; so, where such values hold too much, the next have their elements outside from the
 * start, which the host collects at once, and what of them is here is a copy that is let go of at need. Of a value that is
 * given once more a copy stays here as well.
 */
export const holdingIn = (heap: Heap) => {
  const known = new WeakMap<Value, Cell>()
  const unread = new Cells()
  const copies = new Cells()
  const forget = (cell: Cell): void => {
    collected.unregister(cell)
    unread.delete(cell)
    copies.delete(cell)
    cell.address = undefined
    cell.moved = undefined
  }
  const release = (cell: Cell): void => {
    if (cell.address !== undefined) heap.give(cell.address, cell.bytes)
    forget(cell)
  }
  const collected = new FinalizationRegistry<Cell>(release)
  const copied = ({ type, address, size }: Cell): Data => heap.read(type.dtype, address!, size)
  /** Lets go of copies, the oldest first, until they take at most so many bytes. */
  const letGo = (most: number): void => {
    for (const cell of copies) {
      if (copies.bytes <= most) return
      release(cell)
    }
  }
  const keepCopy = (cell: Cell): void => {
    unread.delete(cell)
    if (cell.address !== undefined) copies.add(cell)
  }
  const newCell = (type: Type, address?: number): Cell => {
    const size = sizeOf(type.shape)
    return { type, size, bytes: bytesOf({ size, dtype: type.dtype }), address, isShared: false, moved: undefined }
  }
  const bringIn = (cell: Cell, value: Value): void => {
    const data = value.read()
    cell.address = heap.take(cell.bytes)
    heap.write(cell.type.dtype, cell.address, data)
    collected.register(value, cell, cell)
    copies.add(cell)
  }
  const valueIn = (cell: Cell): Value => {
    if (unread.bytes + cell.bytes > MOST) {
      const value = valueOf(cell.type, copied(cell))
      keepCopy(cell)
      return value
    }
    unread.add(cell)
    let data: Data | undefined
    const value = valueWhenRead(cell.type, () => {
      if (data !== undefined) return data
      data = cell.moved ?? copied(cell)
      cell.moved = undefined
      keepCopy(cell)
      return data
    })
    collected.register(value, cell, cell)
    return value
  }
  return {
    /** A value at an address, which is its own from now on. */
    hold: (type: Type, address: number): Value => {
      const cell = newCell(type, address)
      const value = valueIn(cell)
      known.set(value, cell)
      return value
    },
    /** The cell of a value that is in this engine, or comes into it since it is given once more. */
    cellOf: (value: Value): Cell | undefined => {
      const cell = known.get(value)
      if (cell !== undefined) {
        if (cell.address === undefined) bringIn(cell, value)
        return cell
      }
      const first = newCell(value.type)
      if (first.size > FEW) known.set(value, first)
      return undefined
    },
    /** Lets go of copies that are too many. */
    trim: (): void => {
      letGo(MOST)
    },
    /** Notes that others hold the value as well. */
    share: (value: Value): void => {
      const cell = known.get(value)
      if (cell !== undefined) cell.isShared = true
    },
    /** Takes the memory of a value away from it. Nobody looks at the value again. */
    spend: (cell: Cell): number => {
      const address = cell.address!
      forget(cell)
      return address
    },
    /** Copies all values out. */
    moveOut: (): void => {
      letGo(0)
      for (const cell of unread) {
        if (cell.address === undefined) continue
        cell.moved = copied(cell)
        heap.give(cell.address, cell.bytes)
        cell.address = undefined
      }
    }
  }
}

export type Holding = ReturnType<typeof holdingIn>

/** Takes memory; where there is too little, once more, after values were copied out. */
export const makingRoom = <A>({ moveOut }: Pick<Holding, "moveOut">, take: () => A): A => {
  try {
    return take()
  } catch {
    moveOut()
    return take()
  }
}
