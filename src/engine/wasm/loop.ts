import { range, sizeOf } from "../../dataflow/shape.js"
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
  sub,
  tee,
  when,
  type Code,
  type Func
} from "./code.js"
import { loadLanes, loadSplat, storeFirst, storeLanes, WIDTH } from "./elements.js"
import { begun, finished, gatheredIn, taken, type Gathered } from "./gather.js"
import type { LoopGroup } from "./group.js"
import { assigned, computed, freshLanes, splat, valuesIn, type FunctionOf, type Lanes, type Vectors } from "./lanes.js"
import { constantIn, type Computed, type Elementwise, type Node, type View } from "./node.js"
import { walkOf, type Access, type Axis, type PlaceOf, type Walk } from "./walk.js"

/** A loop as a function, and what it is called with. */
export interface Emitted {
  readonly func: Func
  /** The parameters, given the code of the address of a node. */
  readonly args: (addressOf: AddressOf) => readonly Code[]
  readonly axes: readonly number[]
  readonly accesses: number
  /** Bytes that are read and written, and operations on numbers. */
  readonly bytes: number
  readonly operations: number
}

/** A parameter that is added to the pointer of an access. */
interface Jump {
  readonly access: number
  readonly local: number
}

type AddressOf = (node: Node) => Code

/** More parameters than this are not passed but set by the function itself, which is then no other loop's. */
const MANY_ACCESSES = 100

/** Emits the loop of a group; `functionOf` says which functions of four there are. */
export const emitLoop = (group: LoopGroup, placeOf: PlaceOf, functionOf: FunctionOf): Emitted =>
  new Loop(group, walkOf(group, placeOf), functionOf).emit()

class Loop {
  private readonly axes: readonly Axis[]
  private readonly accesses: readonly Access[]
  private readonly locals: Locals
  /** What parameters are given. */
  private readonly args: ((addressOf: AddressOf) => Code)[] = []
  private readonly lengths: readonly number[]
  private readonly pointers: readonly number[]
  /** After so many elements along each axis. */
  private readonly jumps: readonly ReadonlyMap<number, readonly Jump[]>[]
  private readonly setup: Code[] = []
  private readonly values = new Map<Computed, Lanes>()
  private readonly constants = new Map<string, Lanes>()
  private readonly loaded: readonly Lanes[]
  private readonly gathered: readonly Gathered[]
  private readonly counters: readonly number[]
  private readonly lane: number
  /** Whether four elements lie along the innermost axis. */
  private readonly isAcross: boolean

  constructor(
    private readonly group: LoopGroup,
    private readonly walk: Walk,
    private readonly functionOf: FunctionOf
  ) {
    const { axes, accesses, readCount, writes } = walk
    this.axes = axes
    this.accesses = accesses
    this.lane = axes.findIndex(axis => axis.lanes)
    this.isAcross = this.lane === axes.length - 1
    this.lengths = axes.map(({ length }) => this.parameter(() => i32(length)))
    this.pointers = accesses.map(({ node, offset }) =>
      this.parameter(addressOf =>
        offset === 0 ? addressOf(node) : add(addressOf(node), i32(offset * WIDTH[node.dtype]))
      )
    )
    this.jumps = axes.map((_, level) => {
      const steps = level === this.lane ? [4, 1] : [1]
      return new Map(steps.map(elements => [elements, this.jumpsAfter(level, elements)]))
    })
    this.locals = new Locals(this.args.length)
    this.counters = axes.map(() => this.locals.fresh(I32))
    this.loaded = accesses.slice(0, readCount).map(({ node }) => freshLanes(node.dtype, this.locals))
    for (const node of group.nodes)
      if (node.kind === "elementwise") this.values.set(node, freshLanes(node.dtype, this.locals))
    for (const { args } of group.nodes) for (const view of args) this.splatConstant(view)
    this.gathered = group.nodes.flatMap(node =>
      node.kind === "reduction" ? [gatheredIn(node, writes.get(node)!, this.locals)] : []
    )
  }

  private parameter(value: (addressOf: AddressOf) => Code): number {
    return this.args.push(value) - 1
  }

  /** Along the innermost axis strides are part of the code. */
  private jumpsAfter(level: number, elements: number): readonly Jump[] {
    const [axis, inner] = [this.axes[level]!, this.axes[level + 1]]
    if (inner === undefined) return []
    return this.accesses.flatMap(({ node }, access) => {
      const inside = inner.strides[access]! * inner.length
      const bytes = (axis.strides[access]! * elements - inside) * WIDTH[node.dtype]
      return bytes === 0 ? [] : { access, local: this.parameter(() => i32(bytes)) }
    })
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

  private valueOf(view: View): Vectors {
    const x = constantIn(view)
    if (x !== undefined) return valuesIn(this.constants.get(this.constantKey(view, x))!)
    const { isInside, reads } = this.walk
    return valuesIn(isInside(view) ? this.values.get(view.node as Elementwise)! : this.loaded[reads.get(view)!]!)
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
    return this.eachRead(k => (this.isAcross && !this.isFixed(k) && this.stride(k) === 0 ? this.splatRead(k) : []))
  }

  private splatRead(k: number): Code {
    return loadSplat(this.accesses[k]!.node.dtype, this.pointers[k]!, this.loaded[k]!)
  }

  private eachRead(code: (access: number) => Code): Code {
    return range(this.walk.readCount).map(code)
  }

  /** Four elements, or one. */
  private body(lanes: number): Code {
    const loads = this.eachRead(k => {
      if (this.isFixed(k)) return []
      const stride = this.stride(k)
      if (stride === 0 && this.isAcross) return []
      return stride === 0 || lanes === 1
        ? this.splatRead(k)
        : assigned(this.loaded[k]!, loadLanes(this.accesses[k]!.node.dtype, this.pointers[k]!, stride))
    })
    const steps = this.group.nodes.map((node): Code => {
      if (node.kind === "reduction") return []
      const args = node.args.map(view => this.valueOf(view))
      return computed(node.fn, node.args, args, node.dtype, this.values.get(node)!, lanes, this.functionOf)
    })
    const stores = this.group.nodes.map((node): Code => {
      const access = this.walk.writes.get(node)
      if (node.kind === "reduction" || access === undefined) return []
      const [pointer, value] = [this.pointers[access]!, valuesIn(this.values.get(node)!)]
      return lanes === 1
        ? storeFirst(node.dtype, pointer, value)
        : storeLanes(node.dtype, pointer, value, this.stride(access))
    })
    const isAlone = lanes === 1 && this.isAcross
    const takes = this.gathered.map(gathered => taken(gathered, this.valueOf(gathered.node.args[0]!), isAlone))
    return [loads, steps, stores, takes]
  }

  /** Writes down what was gathered. */
  private finish(lanes: number): Code {
    const count = this.axes.reduce((n, axis) => (axis.reduced ? n * axis.length : n), 1)
    return this.gathered.map(gathered =>
      finished(gathered, this.pointers[gathered.access]!, count, this.isAcross, lanes)
    )
  }

  /** After a turn along the innermost axis. */
  private advance(lanes: number): Code {
    return this.accesses.map(({ node }, k) => {
      const bytes = lanes * this.axes.at(-1)!.strides[k]! * WIDTH[node.dtype]
      return bytes === 0 ? [] : advance(this.pointers[k]!, i32(bytes))
    })
  }

  private jump(level: number, lanes: number): Code {
    const elements = level === this.lane ? lanes : 1
    if (level === this.axes.length - 1) return this.advance(elements)
    return this.jumps[level]!.get(elements)!.map(({ access, local }) => advance(this.pointers[access]!, get(local)))
  }

  /** Whether four elements may be taken where fewer are left, since all buffers have room for it. */
  private overruns(): boolean {
    const [axis, ...more] = this.axes
    const fills = ({ node, offset }: Access, k: number): boolean =>
      axis!.strides[k] === 1 && offset === 0 && node.size === axis!.length
    return (
      more.length === 0 &&
      this.gathered.length === 0 &&
      this.accesses.every((access, k) => this.isFixed(k) || fills(access, k))
    )
  }

  private nest(level: number, lanes: number): Code {
    const axis = this.axes[level]
    if (axis === undefined) return this.body(lanes)
    const isFirstReduced = axis.reduced && this.axes[level - 1]?.reduced !== true
    const turns = level === this.lane ? this.laneTurns(level) : this.turns(level, lanes, 1, this.counters[level]!)
    const hoisted = level === this.axes.length - 1 ? this.hoisted() : []
    const counted: Code = [hoisted, set(this.counters[level]!, get(this.lengths[level]!)), turns]
    return isFirstReduced ? [this.gathered.map(begun), counted, this.finish(lanes)] : counted
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
    return {
      func: { params: this.args.map(() => I32), locals: this.locals.types, code },
      args: addressOf => this.args.map(arg => arg(addressOf)),
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
