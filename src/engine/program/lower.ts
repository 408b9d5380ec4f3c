import { fail } from "../../dataflow/error.js"
import { isLiteral, valueIn } from "../../dataflow/literal.js"
import { failWithoutMax } from "../../dataflow/loop.js"
import { topological } from "../../dataflow/order.js"
import { argsOf, isLoop, type Loop, type Op, type Scope, type Tensor, type Vertex } from "../../dataflow/primitive.js"
import { typeOf, type Type } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"
import type { Program, ProgramOp, Ref, Scan, Step } from "./program.js"

/** What a graph is cut off at, and what takes its place. */
export interface Cut {
  /** Bound later, in this order. */
  readonly inputs: readonly Tensor[]
  /** The values of other nodes, as far as they are known. Literals need not be among them. */
  readonly known?: { get(vertex: Vertex): Value | undefined }
}

/** What a value is computed from: the other arguments of a `customVjp` serve its derivative only. */
export const operandsOf = (vertex: Vertex): readonly Vertex[] =>
  !isLoop(vertex) && vertex.op.kind === "customVjp" ? argsOf(vertex).slice(0, 1) : argsOf(vertex)

/** The nodes that values are computed from, arguments first; it does not go below nodes in `border`, which are listed. */
export const operands = (roots: readonly Tensor[], border: Pick<ReadonlySet<Vertex>, "has">): readonly Vertex[] =>
  topological(roots, border, undefined, operandsOf)

const scanOf = (loop: Loop, outputs: readonly Tensor[]): Scan => {
  const { inputs, captured, carried, length, reverse, counted, again } = loop
  if (loop.pullback !== undefined) return failWithoutMax()
  const roots = again === undefined ? outputs : [...outputs, again]
  const body = lower(roots, operands(roots, new Set(inputs)), { inputs })
  return { kind: "scan", body, captured, carried, length, reverse, counted, exits: again !== undefined }
}

const scans = new WeakMap<Loop, Scan>()

/** A loop as a primitive; its body is lowered once. */
const ownScanOf = (loop: Loop): Scan => {
  const scan = scans.get(loop) ?? scanOf(loop, loop.outputs)
  scans.set(loop, scan)
  return scan
}

/** The primitive of a step, or nothing where the value is that of the first argument. */
export const opOf = (vertex: Vertex, operation = "evaluate"): ProgramOp | undefined =>
  isLoop(vertex) ? ownScanOf(vertex) : plainOf(operation, vertex.op)

/** Loops that are run as one: what it gives, of which types, and the place of each. */
interface Joined {
  readonly loop: Loop
  readonly outputs: Tensor[]
  readonly outs: Type[]
  readonly places: Map<Tensor, number>
}

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i])

/** Whether two loops make the same carries, so that one of them can give what both give. */
const walkAlike = (a: Loop, b: Loop): boolean =>
  a.reverse === b.reverse &&
  a.length === b.length &&
  a.again === b.again &&
  sameList([a.captured, ...a.inputs, ...a.args], [b.captured, ...b.inputs, ...b.args]) &&
  sameList(a.outputs.slice(0, a.carried), b.outputs.slice(0, b.carried))

/**
 * Loops over one body that walk alike, such as one and what the derivative records of it, are one loop, which gives all
 * that they give.
 */
const joinedLoops = (order: readonly Vertex[]): ReadonlyMap<Loop, Joined> => {
  const known = new Map<Scope, Joined[]>()
  const all = new Map<Loop, Joined>()
  for (const vertex of order) {
    if (!isLoop(vertex)) continue
    const { bodyScope, outputs, carried, parts } = vertex
    const alike = known.get(bodyScope) ?? []
    const found = alike.find(({ loop }) => walkAlike(loop, vertex))
    const finals = parts.slice(0, carried).map(typeOf)
    const joined = found ?? { loop: vertex, outputs: outputs.slice(0, carried), outs: finals, places: new Map() }
    if (found === undefined) known.set(bodyScope, [...alike, joined])
    outputs.slice(carried).forEach((t, i) => {
      if (joined.places.has(t)) return
      joined.places.set(t, joined.outputs.push(t) - 1)
      joined.outs.push(typeOf(parts[carried + i]!))
    })
    all.set(vertex, joined)
  }
  return all
}

const placeOf = ({ places }: Joined, { outputs, carried }: Loop, index: number): number =>
  index < carried ? index : places.get(outputs[index]!)!

const plainOf = (operation: string, op: Op): Exclude<ProgramOp, Scan> | undefined => {
  switch (op.kind) {
    case "variable":
    case "stopGradient":
    case "customVjp":
    case "part":
    case "literal":
      return undefined
    case "input":
      return fail(
        "UnboundInputError",
        operation,
        "a value, which what is traced has not yet (choose by where, read after the call)",
        `the symbol "${op.name}" of a function that is being traced`
      )
    default:
      return op
  }
}

/**
 * Writes a graph down as a program, node by node. `order` lists what the `outputs` are computed from, arguments first
 * (see `operands`). Markers that only derivatives read are erased. Linear in the number of nodes; an input that is bound
 * nowhere is an `UnboundInputError`.
 */
export const lower = (outputs: readonly Tensor[], order: readonly Vertex[], { inputs, known }: Cut): Program => {
  const refs = new Map<Vertex, Ref>()
  inputs.forEach((t, i) => refs.set(t, i))
  const consts: Value[] = []
  const rest: Vertex[] = []
  for (const vertex of order) {
    if (refs.has(vertex)) continue
    const value = isLiteral(vertex) ? valueIn(vertex) : known?.get(vertex)
    if (value !== undefined) refs.set(vertex, inputs.length + consts.push(value) - 1)
    else rest.push(vertex)
  }
  const loops = joinedLoops(rest)
  const steps: Step[] = []
  let next = inputs.length + consts.length
  let outs: Step["outs"] = []
  const refOf = (vertex: Vertex): Ref => refs.get(vertex)!
  const add = (vertex: Vertex, op: ProgramOp): void => {
    steps.push({ op, args: argsOf(vertex).map(refOf), outs })
    refs.set(vertex, next)
    next += outs.length
  }
  for (const vertex of rest) {
    if (isLoop(vertex)) {
      const joined = loops.get(vertex)!
      const ref = refs.get(joined.loop)
      if (ref === undefined) {
        outs = joined.outs
        add(vertex, scanOf(vertex, joined.outputs))
      } else refs.set(vertex, ref)
      continue
    }
    const op = plainOf("evaluate", vertex.op)
    const [first] = argsOf(vertex) as [Vertex]
    if (op !== undefined) {
      outs = isOnly(outs, vertex) ? outs : [typeOf(vertex)]
      add(vertex, op)
    } else {
      const place = vertex.op.kind === "part" ? placeOf(loops.get(first as Loop)!, first as Loop, vertex.op.index) : 0
      refs.set(vertex, refOf(first) + place)
    }
  }
  return { inputs: inputs.map(typeOf), consts, steps, outputs: outputs.map(refOf) }
}

/** Whether these are the types of this node alone, as often those of the step before are. */
const isOnly = (outs: Step["outs"], { shape, dtype }: Tensor): boolean =>
  outs.length === 1 && outs[0]!.shape === shape && outs[0]!.dtype === dtype

/** The types of the results of a step. */
export const outsOf = (vertex: Vertex): Step["outs"] => (isLoop(vertex) ? vertex.parts.map(typeOf) : [typeOf(vertex)])
