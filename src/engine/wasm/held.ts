import type { Data } from "../../dataflow/dtype.js"
import { sizeOf } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueWhenRead, type Value } from "../../dataflow/value.js"
import type { Heap } from "./heap.js"
import { bytesOf } from "./place.js"

/** Where a value is: in memory of the engine, in a buffer of its own, or in both. */
export interface Cell {
  readonly type: Type
  readonly size: number
  address: number | undefined
  data: Data | undefined
}

/** Values that live in the engine. */
export interface Holding {
  /** A value at an address, which is its own from now on. */
  hold(type: Type, address: number): Value
  /** The cell of a value that lives in this engine, and is there still. */
  cellOf(value: Value): Cell | undefined
  /** Takes the memory of a value away from it. Nobody looks at the value again. */
  spend(cell: Cell): number
  /** Copies values out, the oldest first, until they hold at most so many bytes. */
  moveOut(most: number): void
}

/** Bytes that values may hold before the oldest of them are copied out. */
const MOST = 2 ** 27

/** Values in a heap: their memory is free when they are collected, or moved out when there is too much of it. */
export const holdingIn = (heap: Heap): Holding => {
  const cells = new Set<Cell>()
  const known = new WeakMap<Value, Cell>()
  let bytes = 0
  const release = (cell: Cell): void => {
    if (cell.address === undefined) return
    heap.give(cell.address, bytesOf({ size: cell.size, dtype: cell.type.dtype }))
    forget(cell)
  }
  const forget = (cell: Cell): void => {
    cells.delete(cell)
    bytes -= bytesOf({ size: cell.size, dtype: cell.type.dtype })
    cell.address = undefined
  }
  const collected = new FinalizationRegistry<Cell>(release)
  const copied = (cell: Cell): Data => heap.read(cell.type.dtype, cell.address!, cell.size)
  const moveOut = (most: number): void => {
    for (const cell of cells) {
      if (bytes <= most) return
      cell.data ??= copied(cell)
      release(cell)
    }
  }
  return {
    hold: (type, address) => {
      const cell: Cell = { type, size: sizeOf(type.shape), address, data: undefined }
      cells.add(cell)
      bytes += bytesOf({ size: cell.size, dtype: type.dtype })
      if (bytes > MOST) moveOut(MOST)
      const value = valueWhenRead(type, () => (cell.data ??= copied(cell)))
      known.set(value, cell)
      collected.register(value, cell, cell)
      return value
    },
    cellOf: value => {
      const cell = known.get(value)
      return cell !== undefined && cells.has(cell) ? cell : undefined
    },
    spend: cell => {
      const address = cell.address!
      collected.unregister(cell)
      forget(cell)
      return address
    },
    moveOut
  }
}

/** Takes memory; where there is too little, once more, after values were copied out. */
export const makingRoom = <A>({ moveOut }: Pick<Holding, "moveOut">, take: () => A): A => {
  try {
    return take()
  } catch {
    moveOut(0)
    return take()
  }
}
