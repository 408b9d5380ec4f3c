import { allocate, highestOf, lowestOf, type Data } from "../../dataflow/dtype.js"
import type { OpOf, ReduceFn } from "../../dataflow/primitive.js"
import { removeAxes, sizeOf, stridesOf } from "../../dataflow/shape.js"
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

/** Where the groups that are reduced begin, and where their members lie within a group. */
const groups = (x: Type, axes: readonly number[]): readonly [starts: Int32Array, members: Int32Array] => {
  const strides = stridesOf(x.shape)
  const kept = removeAxes(
    x.shape.map((_, axis) => axis),
    axes
  )
  const pick = (list: readonly number[], from: readonly number[]): readonly number[] =>
    list.map(axis => from[axis] ?? 0)
  return [offsets(pick(kept, x.shape), pick(kept, strides)), offsets(pick(axes, x.shape), pick(axes, strides))]
}

const sumFloats = (out: Data, a: Data, starts: Int32Array, members: Int32Array): void => {
  for (let i = 0; i < out.length; i++) {
    const start = starts[i]!
    let total = 0
    for (let j = 0; j < members.length; j++) total += a[start + members[j]!]!
    out[i] = total
  }
}

const foldGroups = (fn: FoldFn, out: Data, a: Data, starts: Int32Array, members: Int32Array, from: number): void => {
  const step = stepOf(fn, out)
  for (let i = 0; i < out.length; i++) {
    const start = starts[i]!
    let value = from
    for (let j = 0; j < members.length; j++) value = step(value, a[start + members[j]!]!)
    out[i] = value
  }
}

const sumGroups = (out: Data, a: Data, starts: Int32Array, members: Int32Array): void => {
  if (isInteger(out)) foldGroups("sum", out, a, starts, members, 0)
  else sumFloats(out, a, starts, members)
}

const meanGroups = (out: Data, a: Data, starts: Int32Array, members: Int32Array): void => {
  const n = members.length
  for (let i = 0; i < out.length; i++) {
    const start = starts[i]!
    let total = 0
    for (let j = 0; j < n; j++) total += a[start + members[j]!]!
    if (!Number.isFinite(total)) {
      total = 0 // perhaps too large only before it is divided
      for (let j = 0; j < n; j++) total += a[start + members[j]!]! / n
      out[i] = total
    } else out[i] = total / n
  }
}

const squares = (a: Data, start: number, members: Int32Array, scale: number): number => {
  let total = 0
  for (let j = 0; j < members.length; j++) {
    const x = a[start + members[j]!]! * scale
    total += x * x
  }
  return total
}

/** Squares between these bounds lose nothing. An f32 is never beyond. */
const [LEAST, MOST] = [2 ** -960, Infinity]

const normGroups = (out: Data, a: Data, starts: Int32Array, members: Int32Array): void => {
  for (let i = 0; i < out.length; i++) {
    const start = starts[i]!
    const total = squares(a, start, members, 1)
    out[i] = total >= LEAST && total < MOST ? Math.sqrt(total) : scaledNorm(a, start, members)
  }
}

/** Of what is very large, very small, 0 or not finite. */
const scaledNorm = (a: Data, start: number, members: Int32Array): number => {
  let top = 0
  for (let j = 0; j < members.length; j++) top = Math.max(top, Math.abs(a[start + members[j]!]!))
  if (top === 0 || !Number.isFinite(top)) return top
  const scale = top > 1 ? 2 ** -600 : 2 ** 600
  return Math.sqrt(squares(a, start, members, scale)) / scale
}

/** Accumulates in f64, in row-major order. */
export const reduce = ({ fn, axes }: OpOf<"reduce">, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  const [starts, members] = groups(call.args[0]!, axes)
  if (fn === "sum") sumGroups(out, a, starts, members)
  else if (fn === "mean") meanGroups(out, a, starts, members)
  else if (fn === "norm") normGroups(out, a, starts, members)
  else foldGroups(fn, out, a, starts, members, identity(fn, call))
  return out
}

export const argReduce = ({ fn, axis }: OpOf<"argReduce">, call: Call, a: Data): Data => {
  const out = allocate("i32", sizeOf(call.shape))
  const [starts, members] = groups(call.args[0]!, [axis])
  const beats = fn === "argMax" ? (x: number, best: number) => x > best : (x: number, best: number) => x < best
  for (let i = 0; i < out.length; i++) {
    let found = 0
    let best = a[starts[i]!]!
    for (let j = 1; j < members.length && !Number.isNaN(best); j++) {
      const x = a[starts[i]! + members[j]!]!
      if (beats(x, best) || Number.isNaN(x)) [found, best] = [j, x]
    }
    out[i] = found
  }
  return out
}

const ascending = (x: number, y: number): number =>
  Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : Number.isNaN(y) ? -1 : x - y || 0

export const argSort = ({ axis }: OpOf<"argSort">, call: Call, a: Data): Data => {
  const out = allocate("i32", a.length)
  const [starts, members] = groups(call, [axis])
  for (const start of starts) {
    const order = Array.from(members.keys()).sort((i, j) => ascending(a[start + members[i]!]!, a[start + members[j]!]!))
    order.forEach((place, j) => (out[start + members[j]!] = place))
  }
  return out
}

export const cumSum = ({ axis, reverse }: OpOf<"cumSum">, call: Call, a: Data): Data => {
  const out = allocate(call.dtype, a.length)
  const [starts, members] = groups(call, [axis])
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

export const windowReduce = (op: OpOf<"windowReduce">, call: Call, a: Data): Data => {
  const x = call.args[0]!
  const strides = stridesOf(x.shape)
  const places = offsets(
    call.shape,
    strides.map((stride, axis) => stride * (op.strides[op.axes.indexOf(axis)] ?? 1))
  )
  const taps = offsets(
    op.sizes,
    op.axes.map((axis, i) => (strides[axis] ?? 0) * (op.dilations[i] ?? 1))
  )
  const out = allocate(call.dtype, places.length)
  if (op.fn === "sum") sumGroups(out, a, places, taps)
  else foldGroups("max", out, a, places, taps, lowestOf(call.dtype))
  return out
}
