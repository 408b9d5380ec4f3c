import { fail } from "../../dataflow/error.js"
import { isLiteral, valueIn } from "../../dataflow/literal.js"
import { topological } from "../../dataflow/order.js"
import { argsOf, isLoop, type Loop, type Op, type Tensor, type Vertex } from "../../dataflow/primitive.js"
import { typeOf } from "../../dataflow/type.js"
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

const scans = new WeakMap<Loop, Scan>()

/** A loop as a primitive; its body is lowered once. */
const scanOf = (loop: Loop): Scan => {
  const found = scans.get(loop)
  if (found !== undefined) return found
  const { inputs, outputs, captured, carried, length, reverse } = loop
  const body = lower(outputs, operands(outputs, new Set(inputs)), { inputs })
  const scan: Scan = { kind: "scan", body, captured, carried, length, reverse }
  scans.set(loop, scan)
  return scan
}

/** The primitive of a step, or nothing where the value is that of the first argument. */
export const opOf = (vertex: Vertex, operation = "evaluate"): ProgramOp | undefined =>
  isLoop(vertex) ? scanOf(vertex) : plainOf(operation, vertex.op)

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
  const steps: Step[] = []
  let next = inputs.length + consts.length
  let outs: Step["outs"] = []
  const refOf = (vertex: Vertex): Ref => refs.get(vertex)!
  for (const vertex of rest) {
    const op = opOf(vertex)
    if (op === undefined) {
      const { op } = vertex as Tensor
      refs.set(vertex, refOf(argsOf(vertex)[0]!) + (op.kind === "part" ? op.index : 0))
    } else {
      outs = !isLoop(vertex) && isOnly(outs, vertex) ? outs : outsOf(vertex)
      steps.push({ op, args: argsOf(vertex).map(refOf), outs })
      refs.set(vertex, next)
      next += outs.length
    }
  }
  return { inputs: inputs.map(typeOf), consts, steps, outputs: outputs.map(refOf) }
}

/** Whether these are the types of this node alone, as often those of the step before are. */
const isOnly = (outs: Step["outs"], { shape, dtype }: Tensor): boolean =>
  outs.length === 1 && outs[0]!.shape === shape && outs[0]!.dtype === dtype

/** The types of the results of a step. */
export const outsOf = (vertex: Vertex): Step["outs"] => (isLoop(vertex) ? vertex.parts.map(typeOf) : [typeOf(vertex)])
