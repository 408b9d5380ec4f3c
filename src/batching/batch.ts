import { topological } from "../dataflow/order.js"
import {
  argsOf,
  callOf,
  isLoop,
  type Loop,
  type OpOf,
  type Pullback,
  type Scope,
  type Tensor,
  type Vertex
} from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { inputLike } from "../dataflow/symbol.js"
import { apply } from "../dataflow/tensor.js"
import { forEach, type Batched, type Batching } from "./batched.js"
import { harmless } from "./idle.js"
import { batchLoop } from "./loop.js"
import { rules, type Batchable, type BatchingRule } from "./rules.js"

const lookUp = ({ known, outer }: Batching, vertex: Vertex): Batched | readonly Batched[] | undefined =>
  known.get(vertex) ?? (outer && lookUp(outer, vertex))

const batchedOf = (batching: Batching, t: Vertex): Batched =>
  (lookUp(batching, t) as Batched | undefined) ?? { value: t as Tensor, mapped: false }

/** Runs while all scopes are open, so that what is built is in those on whose symbols it depends. */
const within = <A>(scopes: readonly Scope[], body: () => A): A =>
  scopes.reduceRight<() => A>((run, scope) => () => scope.trace(run), body)()

/** A derivative written by hand, for all examples: what it makes for one example is batched as everything is. */
const batchedPullback =
  (batching: Batching, node: Tensor, pullback: Pullback, own: readonly Batched[], mapped: boolean): Pullback =>
  ct => {
    const symbol = inputLike(batching.scopes[0] as Scope, "cotangent", node)
    const inside = { ...batching, known: new Map<Vertex, Batched>([[symbol, { value: ct, mapped }]]), outer: batching }
    const found = within(batching.scopes, () => pullback(symbol))
    const wanted = found.flatMap(t => t ?? [])
    const cts = batchAll(inside, wanted)[Symbol.iterator]()
    return found.map((t, i) => {
      if (t === undefined) return undefined
      const batched = cts.next().value as Batched
      if (!mapped) return batched.value
      const each = forEach(batching.size, batched)
      return own[i]?.mapped === true ? each : sum(each, { axes: [0] })
    })
  }

/** A node of arguments of the same types as before, and so of the same type. */
const rebuilt = (node: Tensor, args: readonly Tensor[]): Tensor => {
  const [, said] = callOf(node)
  return apply({ type: () => node, says: () => said }, node.op, args)
}

const batchNode = (batching: Batching, node: Tensor, args: readonly Batched[]): Batched => {
  const { op } = node
  const mapped = args.some(a => a.mapped)
  const values = args.map(a => a.value)
  if (op.kind === "customVjp") {
    const [value, ...own] = args as readonly [Batched, ...Batched[]]
    const pullback = batchedPullback(batching, node, op.pullback, own, mapped)
    const result = mapped ? forEach(batching.size, value) : value.value
    return { value: apply(shapes.customVjp, { ...op, pullback }, [result, ...values.slice(1)]), mapped }
  }
  if (!mapped) return { value: rebuilt(node, values), mapped }
  const rule = rules[op.kind as Batchable] as BatchingRule<Batchable>
  return { value: rule(op as OpOf<Batchable>, harmless(op, args, batching.active), batching.size, node), mapped }
}

/** What some vertices for one example become for all: one walk, linear in what was traced. */
export const batchAll = (batching: Batching, outputs: readonly Tensor[]): readonly Batched[] => {
  const { scopes, known } = batching
  const isTraced = (vertex: Vertex): boolean => vertex.scopes.some(scope => scopes.includes(scope))
  const ends = { has: (vertex: Vertex) => lookUp(batching, vertex) !== undefined }
  for (const vertex of topological(outputs, ends, isTraced)) {
    if (ends.has(vertex)) continue
    const given = argsOf(vertex)
    if (!isLoop(vertex) && vertex.op.kind === "part") {
      known.set(vertex, (lookUp(batching, given[0] as Loop) as readonly Batched[])[vertex.op.index] as Batched)
      continue
    }
    const args = given.map(a => batchedOf(batching, a))
    known.set(vertex, isLoop(vertex) ? batchLoop(batchAll, batching, vertex, args) : batchNode(batching, vertex, args))
  }
  return outputs.map(t => batchedOf(batching, t))
}
