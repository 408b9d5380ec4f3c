import { allocate, highestOf, lowestOf, type Data } from "../../dataflow/dtype.js"
import type { OpOf, ReduceFn, Windows } from "../../dataflow/primitive.js"
import { range, removeAxes, sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"
import { offsets } from "./strided.js"
import type { Type } from "../../dataflow/type.js"
import type { Call } from "./call.js"

/** Those that fold one element after the other. */
type FoldFn = Exclude<ReduceFn, "mean" | "norm">

const steps: Record<FoldFn, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min
}

/** 32-bit integers are folded modulo 2³², of which f64 accumulation would lose the lowest bits. */
const integerSteps: typeof steps = { ...steps, sum: (a, b) => (a + b) | 0, prod: Math.imul }

const isInteger = (out: Data): boolean => out instanceof Int32Array || out instanceof Uint32Array

const stepOf = (fn: FoldFn, out: Data): ((a: number, b: number) => number) =>
  (isInteger(out) ? integerSteps : steps)[fn]

const identity = (fn: FoldFn, call: Call): number =>
  fn === "sum" ? 0 : fn === "prod" ? 1 : fn === "max" ? lowestOf(call.dtype) : highestOf(call.dtype)

/** What is reduced: where groups begin, where their members lie within one, and how they are added up. */
interface Groups {
  readonly starts: Int32Array
  readonly members: Int32Array
  /** How many members are added up four at a time, before the rest of them goes to the first of the four sums. */
  readonly run: number
}

/**
 * Sums have a fixed order, which is that of four lanes: where the last axis (longer than 1) is reduced, its elements go in
 * turn to one of four sums, those that are left over to the first, and in the end `(s₀ + s₂) + (s₁ + s₃)`. Otherwise one
 * follows the other.
 */
const groups = (x: Type, axes: readonly number[]): Groups => {
  const strides = stridesOf(x.shape)
  const every = range(x.shape.length)
  const kept = removeAxes(every, axes)
  const pick = (list: readonly number[], from: readonly number[]): readonly number[] =>
    list.map(axis => from[axis] ?? 0)
  const last = every.findLast(axis => x.shape[axis] !== 1)
  return {
    starts: offsets(pick(kept, x.shape), pick(kept, strides)),
    members: offsets(pick(axes, x.shape), pick(axes, strides)),
    run: last !== undefined && axes.includes(last) ? x.shape[last]! : 0
  }
}

type Term = (x: number) => number

const plain: Term = x => x

/** Folds the terms of a group in the order of sums. */
const folded = (
  step: (a: number, b: number) => number,
  from: number,
  term: Term,
  a: Data,
  start: number,
  { members, run }: Groups
): number => {
  if (run < 4) {
    let total = from
    for (let j = 0; j < members.length; j++) total = step(total, term(a[start + members[j]!]!))
    return total
  }
  let [s0, s1, s2, s3] = [from, from, from, from]
  for (let row = 0; row < members.length; row += run) {
    const end = row + run
    let j = row
    for (; j + 4 <= end; j += 4) {
      s0 = step(s0, term(a[start + members[j]!]!))
      s1 = step(s1, term(a[start + members[j + 1]!]!))
      s2 = step(s2, term(a[start + members[j + 2]!]!))
      s3 = step(s3, term(a[start + members[j + 3]!]!))
    }
    for (; j < end; j++) s0 = step(s0, term(a[start + members[j]!]!))
  }
  return step(step(s0, s2), step(s1, s3))
}

/** The same for sums, which are most of all. */
const summed = (a: Data, start: number, { members, run }: Groups): number => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  if (run < 4) {
    for (let j = 0; j < members.length; j++) s0 += a[start + members[j]!]!
    return s0
  }
  for (let row = 0; row < members.length; row += run) {
    const end = row + run
    let j = row
    for (; j + 4 <= end; j += 4) {
      s0 += a[start + members[j]!]!
      s1 += a[start + members[j + 1]!]!
      s2 += a[start + members[j + 2]!]!
      s3 += a[start + members[j + 3]!]!
    }
    for (; j < end; j++) s0 += a[start + members[j]!]!
  }
  return s0 + s2 + (s1 + s3)
}

const foldGroups = (fn: FoldFn, out: Data, a: Data, all: Groups, from: number): void => {
  const step = stepOf(fn, out)
  for (let i = 0; i < out.length; i++) out[i] = folded(step, from, plain, a, all.starts[i]!, all)
}

const sumGroups = (out: Data, a: Data, all: Groups): void => {
  if (isInteger(out)) foldGroups("sum", out, a, all, 0)
  else for (let i = 0; i < out.length; i++) out[i] = summed(a, all.starts[i]!, all)
}

const add = (a: number, b: number): number => a + b

const meanGroups = (out: Data, a: Data, all: Groups): void => {
  const n = all.members.length
  for (let i = 0; i < out.length; i++) {
    const start = all.starts[i]!
    const total = summed(a, start, all)
    // perhaps too large only before it is divided
    out[i] = Number.isFinite(total) ? total / n : folded(add, 0, x => x / n, a, start, all)
  }
}

const squares = (a: Data, start: number, all: Groups, scale: number): number =>
  folded(add, 0, x => x * scale * (x * scale), a, start, all)

/** Squares between these bounds lose nothing. An f32 is never beyond. */
const [LEAST, MOST] = [2 ** -960, Infinity]

const normGroups = (out: Data, a: Data, all: Groups): void => {
  for (let i = 0; i < out.length; i++) {
    const start = all.starts[i]!
    const total = squares(a, start, all, 1)
    out[i] = total >= LEAST && total < MOST ? Math.sqrt(total) : scaledNorm(a, start, all)
  }
}

/** Of what is very large, very small, 0 or not finite. */
const scaledNorm = (a: Data, start: number, all: Groups): number => {
  let top = 0
  for (const member of all.members) top = Math.max(top, Math.abs(a[start + member]!))
  if (top === 0 || !Number.isFinite(top)) return top
  const scale = top > 1 ? 2 ** -600 : 2 ** 600
  return Math.sqrt(squares(a, start, all, scale)) / scale
}

/** Accumulates in f64. */
export const reduce = ({ fn, axes }: OpOf<"reduce">, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const all = groups(call.args[0]!, axes)
  if (fn === "sum") sumGroups(out, a, all)
  else if (fn === "mean") meanGroups(out, a, all)
  else if (fn === "norm") normGroups(out, a, all)
  else foldGroups(fn, out, a, all, identity(fn, call))
  return out
}

type Beats = (x: number, best: number) => boolean

const isAbove: Beats = (x, best) => x > best
const isBelow: Beats = (x, best) => x < best

/** Which member of a group is the first that none beats; a NaN beats all others. */
const firstBest = (a: Data, start: number, members: Int32Array, beats: Beats): number => {
  let found = 0
  let best = a[start + members[0]!]!
  for (let j = 1; j < members.length && !Number.isNaN(best); j++) {
    const x = a[start + members[j]!]!
    if (beats(x, best) || Number.isNaN(x)) [found, best] = [j, x]
  }
  return found
}

export const argReduce = ({ fn, axis }: OpOf<"argReduce">, call: Call, a: Data): Data => {
  const out = allocate("i32", sizeOf(call.shape))
  const { starts, members } = groups(call.args[0]!, [axis])
  for (let i = 0; i < out.length; i++) out[i] = firstBest(a, starts[i]!, members, fn === "argMax" ? isAbove : isBelow)
  return out
}

const ascending = (x: number, y: number): number =>
  Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : Number.isNaN(y) ? -1 : x - y || 0

export const argSort = ({ axis }: OpOf<"argSort">, call: Call, a: Data): Data => {
  const out = allocate("i32", a.length)
  const { starts, members } = groups(call, [axis])
  for (const start of starts) {
    const order = Array.from(members.keys()).sort((i, j) => ascending(a[start + members[i]!]!, a[start + members[j]!]!))
    order.forEach((place, j) => (out[start + members[j]!] = place))
  }
  return out
}

export const cumSum = ({ axis, reverse }: OpOf<"cumSum">, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, a.length)
  const { starts, members } = groups(call, [axis])
  const walk = reverse ? members.toReversed() : members
  const step = stepOf("sum", out)
  for (const start of starts) {
    let total = 0
    for (const member of walk) {
      total = step(total, a[start + member]!)
      out[start + member] = total
    }
  }
  return out
}

/** The windows of a tensor, one for each place. */
const windowGroups = ({ axes, sizes, strides, dilations }: Windows, x: Type, places: Shape): Groups => {
  const steps = stridesOf(x.shape)
  return {
    starts: offsets(
      places,
      steps.map((step, axis) => step * (strides[axes.indexOf(axis)] ?? 1))
    ),
    members: offsets(
      sizes,
      axes.map((axis, i) => (steps[axis] ?? 0) * (dilations[i] ?? 1))
    ),
    run: 0
  }
}

export const windowReduce = (op: OpOf<"windowReduce">, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const all = windowGroups(op, call.args[0]!, call.shape)
  if (op.fn === "sum") sumGroups(out, a, all)
  else foldGroups("max", out, a, all, lowestOf(call.dtype))
  return out
}

/** The first of the largest of a window gets its cotangent; those of windows that overlap are summed in f64, in order. */
export const maxPoolPullback = (
  op: OpOf<"maxPoolPullback">,
  call: Call,
  [x, cotangents]: readonly [Data, Data]
): Data => {
  const { starts, members } = windowGroups(op, call, call.args[1]!.shape)
  const wide = new Float64Array(x.length)
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]!
    wide[start + members[firstBest(x, start, members, isAbove)]!]! += cotangents[i]!
  }
  return call.dtype === "f64" ? wide : Float32Array.from(wide)
}

/** Adds every element where it lies in the result, in f64, one after the other. */
export const fold = ({ axis, strides, dilations }: OpOf<"fold">, call: Call, a: Data): Data => {
  const [rank, steps] = [strides.length, stridesOf(call.shape)]
  const along = steps.slice(axis, axis + rank)
  const places = along.map((step, i) => step * strides[i]!)
  const taps = along.map((step, i) => step * dilations[i]!)
  const targets = offsets(call.args[0]!.shape, steps.toSpliced(axis, rank, ...places, ...taps))
  const wide = new Float64Array(sizeOf(call.shape))
  for (let i = 0; i < a.length; i++) wide[targets[i]!]! += a[i]!
  return call.dtype === "f64" ? wide : Float32Array.from(wide)
}
