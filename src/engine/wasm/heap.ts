import { allocate, type Data, type DType } from "../../dataflow/dtype.js"
import { fail } from "../../dataflow/error.js"
import { BLOCK, roundedUp, WIDTH } from "./elements.js"
import type { Memory } from "./host.js"
import { addTo } from "./lists.js"

const PAGE = 65536

/** So few elements are sooner copied one by one. */
const FEW = 16

/** All of a memory, as elements of each dtype. */
const viewsOf = (buffer: ArrayBuffer): Record<DType, Data> => ({
  f32: new Float32Array(buffer),
  f64: new Float64Array(buffer),
  i32: new Int32Array(buffer),
  u32: new Uint32Array(buffer),
  bool: new Uint8Array(buffer)
})

const rounded = (bytes: number): number => Math.max(BLOCK, roundedUp(bytes))

/** Free blocks next to each other become one. */
const merged = (free: ReadonlyMap<number, readonly number[]>): Map<number, number[]> => {
  const blocks = [...free].flatMap(([bytes, addresses]) => addresses.map(at => [at, bytes] as const))
  blocks.sort(([a], [b]) => a - b)
  const joined: [at: number, bytes: number][] = []
  for (const [at, bytes] of blocks) {
    const last = joined.at(-1)
    if (last !== undefined && last[0] + last[1] === at) last[1] += bytes
    else joined.push([at, bytes])
  }
  const bySize = new Map<number, number[]>()
  for (const [at, bytes] of joined) addTo(bySize, bytes, at)
  return bySize
}

/** A heap in a memory, which all programs share. */
export const heapIn = (memory: Memory) => {
  let free = new Map<number, number[]>()
  let top = BLOCK // nothing is at address 0
  let freeBytes = 0
  let views = viewsOf(memory.buffer)
  const all = (dtype: DType): Data => {
    // When memory grows its buffer is another, and views of the old one are empty.
    if (views.f32.length === 0) views = viewsOf(memory.buffer)
    return views[dtype]
  }
  /** Gives back so many bytes at an address. */
  const give = (address: number, bytes: number): void => {
    const length = rounded(bytes)
    addTo(free, length, address)
    freeBytes += length
  }
  const exact = (bytes: number): number | undefined => {
    const address = free.get(bytes)?.pop()
    if (address !== undefined) freeBytes -= bytes
    return address
  }
  /** The smallest free block that is large enough; what is left of it stays free. */
  const fitting = (bytes: number): number | undefined => {
    let best = Infinity
    for (const [length, addresses] of free) if (length >= bytes && length < best && addresses.length > 0) best = length
    if (best === Infinity) return undefined
    const address = exact(best)!
    if (best > bytes) give(address + bytes, best - bytes)
    return address
  }
  const grows = (bytes: number): boolean => {
    try {
      memory.grow(Math.ceil(bytes / PAGE))
      return true
    } catch {
      return false
    }
  }
  const grown = (bytes: number): number | undefined => {
    // One block stays free at the end, so that four elements may be read where fewer are left.
    const missing = top + bytes + BLOCK - memory.buffer.byteLength
    if (missing > 0 && !grows(Math.max(missing, memory.buffer.byteLength / 4)) && !grows(missing)) return undefined
    top += bytes
    return top - bytes
  }
  const found = (bytes: number): number | undefined => {
    const address = exact(bytes) ?? (freeBytes < bytes ? undefined : fitting(bytes))
    if (address !== undefined || freeBytes < bytes) return address
    free = merged(free)
    return fitting(bytes)
  }
  const refused = (bytes: number): never =>
    fail("MemoryError", "compile", `${bytes} bytes more of memory`, `a host that gives ${memory.buffer.byteLength}`)
  return {
    memory,
    give,
    /** An address with so many bytes; a `MemoryError` if the host gives no more. */
    take: (bytes: number): number => {
      const length = rounded(bytes)
      return found(length) ?? grown(length) ?? refused(length)
    },
    /** The elements at an address; good until memory grows. */
    view: (dtype: DType, address: number, size: number): Data => {
      const first = address / WIDTH[dtype]
      return all(dtype).subarray(first, first + size)
    },
    /** A copy of the elements at an address. */
    read: (dtype: DType, address: number, size: number): Data => {
      const first = address / WIDTH[dtype]
      const [data, out] = [all(dtype), allocate(dtype, size)]
      if (size > FEW) out.set(data.subarray(first, first + size))
      else for (let i = 0; i < size; i++) out[i] = data[first + i]!
      return out
    },
    write: (dtype: DType, address: number, data: ArrayLike<number>): void => {
      all(dtype).set(data, address / WIDTH[dtype])
    }
  }
}

export type Heap = ReturnType<typeof heapIn>

/** Memory that was taken, or handed over. What is not kept is given back. */
export class Owned {
  private readonly blocks = new Map<number, number>()
  constructor(private readonly heap: Heap) {}
  add(address: number, bytes: number): number {
    this.blocks.set(address, bytes)
    return address
  }
  take(bytes: number): number {
    return this.add(this.heap.take(bytes), bytes)
  }
  keep(address: number): void {
    this.blocks.delete(address)
  }
  giveBack(): void {
    for (const [address, bytes] of this.blocks) this.heap.give(address, bytes)
  }
}

/** Takes some memory; if a part of it is not to be had, none. */
export const takeAll = <A>(heap: Heap, take: (owned: Owned) => A): A => {
  const owned = new Owned(heap)
  try {
    return take(owned)
  } catch (error) {
    owned.giveBack()
    throw error
  }
}
