import { highestOf, lowestOf, type DType } from "../../dataflow/dtype.js"
import type { ReduceFn } from "../../dataflow/primitive.js"
import { sizeOf } from "../../dataflow/shape.js"
import {
  add,
  advance,
  get,
  i32,
  I32,
  isAtLeast,
  Locals,
  plain,
  repeatWhile,
  set,
  shuffle,
  simd,
  sub,
  tee,
  when,
  type Code,
  type Func
} from "./code.js"
import { loadLanes, loadSplat, storeFirst, storeLanes, WIDTH } from "./elements.js"
import { constantIn, type Computed, type Elementwise, type Node, type Reduction } from "./node.js"
import type { LoopGroup } from "./group.js"
import { combining, computed, demoted, freshLanes, promoted, splat, type FunctionOf, type Lanes } from "./lanes.js"
import type { View } from "./node.js"

/** How a loop walks through a buffer: by these strides along its axes. */
interface Access {
  readonly node: Node
  readonly offset: number
  readonly strides: readonly number[]
}

/** An axis of the nest, the outermost first. */
interface Axis {
  readonly length: number
  readonly reduced: boolean
  /** Whether four elements along it are computed at once. */
  readonly lanes: boolean
  /** By access. */
  readonly strides: readonly number[]
}

/** A loop as a function, and what it is called with. */
export interface Emitted {
  readonly func: Func
  /** The parameters, given the code of the address of a node. */
  readonly args: (address: (node: Node) => Code) => readonly Code[]
  readonly axes: readonly number[]
  readonly accesses: number
  /** Bytes that are read and written, and operations on numbers. */
  readonly bytes: number
  readonly operations: number
}

/** Strides of a view along the axes that are longer than 1. */
const walk = ({ shape, strides }: View): readonly number[] => strides.filter((_, axis) => shape[axis] !== 1)

/** Strides of the result of a reduction along the axes of its argument: 0 where it is reduced. */
const resultWalk = (lengths: readonly number[], reduced: readonly boolean[]): readonly number[] => {
  let stride = 1
  const strides = lengths.map(() => 0)
  for (let axis = lengths.length - 1; axis >= 0; axis--)
    if (reduced[axis] !== true) {
      strides[axis] = stride
      stride *= lengths[axis]!
    }
  return strides
}

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

/** In what a reduction is summed up: f32 in f64. */
const sumType = ({ fn, args }: Reduction): DType => {
  const { dtype } = args[0]!.node
  return dtype === "f32" && fn !== "max" && fn !== "min" ? "f64" : dtype
}

const foldOf = (fn: ReduceFn): "sum" | "prod" | "max" | "min" => (fn === "mean" || fn === "norm" ? "sum" : fn)

const identityOf = (node: Reduction): number => {
  const [fn, dtype] = [foldOf(node.fn), sumType(node)]
  return fn === "sum" ? 0 : fn === "prod" ? 1 : fn === "max" ? lowestOf(dtype) : highestOf(dtype)
}

/** Registers in which a reduction gathers. */
interface Gathered {
  readonly node: Reduction
  readonly sums: Lanes
  /** Room for one more value of the sums' type. */
  readonly value: Lanes
  readonly access: number
}

/** A parameter or local that is added to a pointer after each turn of an axis. */
interface Jump {
  readonly access: number
  readonly local: number
  readonly bytes: number
}

/** More parameters than this are not passed but set by the function itself, which is then no other loop's. */
const MANY_ACCESSES = 100

/** Where a node is written, if others read it. */
export type PlaceOf = (node: Node) => View | undefined

/** Emits the loop of a group; `functionOf` says which functions of four there are. */
export const emitLoop = (group: LoopGroup, placeOf: PlaceOf, functionOf: FunctionOf): Emitted => {
  const members = new Set<Node>(group.nodes)
  const isInside = (view: View): boolean => view.node.kind === "elementwise" && members.has(view.node)
  const accesses = new Accesses()
  const reads = new Map<View, number>()
  for (const { args } of group.nodes)
    for (const view of args)
      if (!isInside(view) && constantIn(view) === undefined)
        reads.set(view, accesses.of(view.node, view.offset, walk(view)))
  const readCount = accesses.list.length
  const writes = new Map<Computed, number>()
  for (const node of group.nodes) {
    const written = node.kind === "reduction" ? resultOf(node, group) : elementsOf(placeOf(node))
    if (written !== undefined) writes.set(node, accesses.list.push(written) - 1)
  }
  return new Loop(group, accesses.list, readCount, reads, writes, isInside, functionOf).emit()
}

const resultOf = (node: Reduction, { lengths, reduced }: LoopGroup): Access => ({
  node,
  offset: 0,
  strides: resultWalk(lengths, reduced)
})

const elementsOf = (place: View | undefined): Access | undefined =>
  place && { node: place.node, offset: place.offset, strides: walk(place) }

class Loop {
  private readonly axes: readonly Axis[]
  private readonly locals: Locals
  private readonly paramCount: number
  private readonly jumps: Jump[][] = []
  private readonly setup: Code[] = []
  private readonly values = new Map<Computed, Lanes>()
  private readonly constants = new Map<string, Lanes>()
  private readonly loaded: readonly Lanes[]
  private readonly gathered: readonly Gathered[]
  private readonly counters: readonly number[]
  private readonly lane: number

  constructor(
    private readonly group: LoopGroup,
    private readonly accesses: readonly Access[],
    private readonly readCount: number,
    private readonly reads: ReadonlyMap<View, number>,
    private readonly writes: ReadonlyMap<Computed, number>,
    private readonly isInside: (view: View) => boolean,
    private readonly functionOf: FunctionOf
  ) {
    this.axes = axesOf(group, accesses)
    this.lane = this.axes.findIndex(axis => axis.lanes)
    const depth = this.axes.length
    let next = depth + accesses.length
    const jump = (access: number, bytes: number): Jump => ({ access, local: next++, bytes })
    this.axes.forEach((axis, level) => {
      for (const lanes of level === this.lane ? [4, 1] : [1]) {
        const inner = this.axes[level + 1]
        const jumps: Jump[] = []
        accesses.forEach(({ node }, k) => {
          const inside = inner === undefined ? 0 : inner.strides[k]! * inner.length
          const bytes = (axis.strides[k]! * lanes - inside) * WIDTH[node.dtype]
          // Along the innermost axis strides are part of the code.
          if (inner !== undefined && bytes !== 0) jumps.push(jump(k, bytes))
        })
        this.jumps.push(jumps)
      }
    })
    this.paramCount = next
    this.locals = new Locals(this.paramCount)
    this.counters = this.axes.map(() => this.locals.fresh(I32))
    this.loaded = accesses.slice(0, readCount).map(({ node }) => freshLanes(node.dtype, this.locals))
    for (const node of group.nodes)
      if (node.kind === "elementwise") this.values.set(node, freshLanes(node.dtype, this.locals))
    for (const { args } of group.nodes) for (const view of args) this.splatConstant(view)
    this.gathered = group.nodes.flatMap(node =>
      node.kind === "reduction"
        ? [
            {
              node,
              sums: freshLanes(sumType(node), this.locals),
              value: freshLanes(sumType(node), this.locals),
              access: writes.get(node)!
            }
          ]
        : []
    )
  }

  /** The local of the pointer of an access. */
  private pointer(access: number): number {
    return this.axes.length + access
  }

  private constantKey(view: View, x: number): string {
    return `${view.node.dtype} ${Object.is(x, -0) ? "-0" : x}`
  }

  private splatConstant(view: View): void {
    const x = constantIn(view)
    if (x === undefined || this.constants.has(this.constantKey(view, x))) return
    const lanes = freshLanes(view.node.dtype, this.locals)
    this.constants.set(this.constantKey(view, x), lanes)
    for (const local of lanes) this.setup.push(set(local, splat(view.node.dtype, x)))
  }

  private valueOf(view: View): Lanes {
    const x = constantIn(view)
    if (x !== undefined) return this.constants.get(this.constantKey(view, x))!
    return this.isInside(view) ? this.values.get(view.node as Elementwise)! : this.loaded[this.reads.get(view)!]!
  }

  private stride(access: number): number {
    return this.axes[this.lane]!.strides[access]!
  }

  /** Whether an access is at one place all the time. */
  private isFixed(access: number): boolean {
    return this.axes.every(({ strides }) => strides[access] === 0)
  }

  /** Reads of one element for a whole turn of the innermost axis. */
  private hoisted(): Code {
    const isInnermost = this.lane === this.axes.length - 1
    return this.eachRead(k => (isInnermost && !this.isFixed(k) && this.stride(k) === 0 ? this.splatRead(k) : []))
  }

  private splatRead(k: number): Code {
    return loadSplat(this.accesses[k]!.node.dtype, this.pointer(k), this.loaded[k]!)
  }

  private eachRead(code: (access: number) => Code): Code {
    return Array.from({ length: this.readCount }, (_, k) => code(k))
  }

  /** Four elements, or one. */
  private body(lanes: number): Code {
    const isInnermost = this.lane === this.axes.length - 1
    const loads = this.eachRead(k => {
      if (this.isFixed(k)) return []
      const stride = this.stride(k)
      if (stride === 0 && isInnermost) return []
      return stride === 0 || lanes === 1
        ? this.splatRead(k)
        : loadLanes(this.accesses[k]!.node.dtype, this.pointer(k), stride, this.loaded[k]!)
    })
    const steps = this.group.nodes.map((node): Code => {
      if (node.kind === "reduction") return []
      const args = node.args.map(view => this.valueOf(view))
      return computed(node.fn, node.args, args, node.dtype, this.values.get(node)!, lanes, this.functionOf)
    })
    const stores = this.group.nodes.map((node): Code => {
      const access = this.writes.get(node)
      if (node.kind === "reduction" || access === undefined) return []
      const [pointer, value] = [this.pointer(access), this.values.get(node)!]
      return lanes === 1
        ? storeFirst(node.dtype, pointer, value)
        : storeLanes(node.dtype, pointer, value, this.stride(access))
    })
    return [loads, steps, stores, this.gathered.map(gathered => this.gather(gathered, lanes))]
  }

  /** Takes one more value, or four, into a reduction. */
  private gather({ node, sums, value }: Gathered, lanes: number): Code {
    const view = node.args[0]!
    const [from, type, fold] = [view.node.dtype, sumType(node), foldOf(node.fn)]
    const given = this.valueOf(view)
    const x = from === type ? given : value
    const widen = from === type ? [] : promoted(get(given[0]!), value)
    const opcode = combining(fold, type)
    const isOne = lanes === 1 && this.lane === this.axes.length - 1 && fold !== "max" && fold !== "min"
    const take = sums.map((sum, i): Code => {
      if (isOne && i > 0) return []
      const v = get(x[i]!)
      const term = node.fn === "norm" ? simd(combining("prod", type), v, v) : v
      return set(sum, simd(opcode, get(sum), isOne ? this.alone(node, type, term) : term))
    })
    return [widen, take]
  }

  /** A value in the first lane; in others what changes nothing. */
  private alone(node: Reduction, type: DType, term: Code): Code {
    const identity = splat(type, identityOf(node))
    const width = type === "f64" ? 8 : 4
    const mask: Code = [0xfd, 0x0c, Array.from({ length: 16 }, (_, i) => (i < width ? 0xff : 0))]
    return simd(0x52, term, identity, mask)
  }

  private begin(): Code {
    return this.gathered.map(({ node, sums }) => sums.map(sum => set(sum, splat(sumType(node), identityOf(node)))))
  }

  /** One value of four lanes, in the first. */
  private combined({ node, sums }: Gathered): Code {
    const [type, fold] = [sumType(node), foldOf(node.fn)]
    const [a, b] = sums
    const opcode = combining(fold, type)
    const fold2 = (lanes: readonly number[]): Code => set(a!, simd(opcode, get(a!), shuffle(lanes, get(a!), get(a!))))
    if (b !== undefined) return [set(a!, simd(opcode, get(a!), get(b))), fold2([2, 3, 0, 1])]
    return [fold2([2, 3, 0, 1]), fold2([1, 0, 3, 2])]
  }

  /** Writes down what was gathered. */
  private finish(lanes: number): Code {
    const isAcross = this.lane === this.axes.length - 1
    return this.gathered.map((gathered): Code => {
      const { node, sums, access } = gathered
      const type = sumType(node)
      const count = this.axes.reduce((n, axis) => (axis.reduced ? n * axis.length : n), 1)
      const [divide, root] = [0xf3, 0xef]
      const last = sums.map((sum): Code => {
        if (node.fn === "mean") return set(sum, simd(divide, get(sum), splat("f64", count)))
        return node.fn === "norm" ? set(sum, simd(root, get(sum))) : []
      })
      const narrow = node.dtype === type ? [] : set(sums[0]!, demoted(sums))
      const written = node.dtype === type ? sums : sums.slice(0, 1)
      const store = isAcross || lanes === 1 ? storeFirst : storeLanes
      return [isAcross ? this.combined(gathered) : [], last, narrow, store(node.dtype, this.pointer(access), written)]
    })
  }

  /** After a turn along the innermost axis. */
  private advance(lanes: number): Code {
    return this.accesses.map(({ node }, k) => {
      const bytes = lanes * this.axes.at(-1)!.strides[k]! * WIDTH[node.dtype]
      return bytes === 0 ? [] : advance(this.pointer(k), i32(bytes))
    })
  }

  private jump(level: number, lanes: number): Code {
    if (level === this.axes.length - 1) return this.advance(level === this.lane ? lanes : 1)
    const jumps = this.jumps[level + (level > this.lane || (level === this.lane && lanes === 1) ? 1 : 0)]!
    return jumps.map(({ access, local }) => advance(this.pointer(access), get(local)))
  }

  /** Whether four elements may be taken where fewer are left, since all buffers have room for it. */
  private overruns(): boolean {
    const [axis, ...more] = this.axes
    return (
      more.length === 0 &&
      this.gathered.length === 0 &&
      this.accesses.every(
        ({ node, offset }, k) =>
          this.isFixed(k) || (axis!.strides[k] === 1 && offset === 0 && node.size === axis!.length)
      )
    )
  }

  private nest(level: number, lanes: number): Code {
    const axis = this.axes[level]
    if (axis === undefined) return this.body(lanes)
    const isFirstReduced = axis.reduced && this.axes[level - 1]?.reduced !== true
    const turns = level === this.lane ? this.laneTurns(level) : this.turns(level, lanes, 1, this.counters[level]!)
    const hoisted = level === this.axes.length - 1 ? this.hoisted() : []
    const counted: Code = [hoisted, set(this.counters[level]!, get(level)), turns]
    return isFirstReduced ? [this.begin(), counted, this.finish(lanes)] : counted
  }

  /** Turns of an axis while enough elements are left. */
  private turns(level: number, lanes: number, step: number, counter: number): Code {
    const left = tee(counter, sub(get(counter), i32(step)))
    const isMore = step === 1 ? left : isAtLeast(left, i32(step))
    return repeatWhile([this.nest(level + 1, lanes), this.jump(level, lanes)], isMore)
  }

  private laneTurns(level: number): Code {
    const counter = this.counters[level]!
    if (this.overruns()) {
      const left = tee(counter, sub(get(counter), i32(4)))
      return repeatWhile([this.nest(level + 1, 4), this.jump(level, 4)], plain(0x4a, left, i32(0)))
    }
    return [
      when(isAtLeast(get(counter), i32(4)), this.turns(level, 4, 4, counter)),
      when(get(counter), this.turns(level, 1, 1, counter))
    ]
  }

  emit(): Emitted {
    const fixed = this.eachRead(k => (this.isFixed(k) ? this.splatRead(k) : []))
    const lanes = this.axes.length === 0 ? 1 : 4
    const code: Code = [this.setup, fixed, this.nest(0, lanes)]
    const jumps = this.jumps.flat()
    const args = (address: (node: Node) => Code): readonly Code[] => [
      ...this.axes.map(({ length }) => i32(length)),
      ...this.accesses.map(({ node, offset }) =>
        offset === 0 ? address(node) : add(address(node), i32(offset * WIDTH[node.dtype]))
      ),
      ...jumps.map(({ bytes }) => i32(bytes))
    ]
    return {
      func: { params: Array.from({ length: this.paramCount }, () => I32), locals: this.locals.types, code },
      args,
      axes: this.axes.map(({ length }) => length),
      accesses: this.accesses.length,
      bytes: this.accesses.reduce((n, access) => n + this.turnsOf(access) * WIDTH[access.node.dtype], 0),
      operations: this.group.nodes.filter(isOperation).length * sizeOf(this.group.lengths)
    }
  }

  /** How many elements of a buffer are looked at. */
  private turnsOf({ strides }: Access): number {
    return this.group.lengths.reduce((n, length, axis) => (strides[axis] === 0 ? n : n * length), 1)
  }
}

const isOperation = ({ fn }: Computed): boolean => fn !== "copy" && fn !== "cast" && fn !== "select"

/** Whether a loop has so many buffers that it sets its pointers itself. */
export const isWide = ({ func }: Emitted): boolean => func.params.length > MANY_ACCESSES
