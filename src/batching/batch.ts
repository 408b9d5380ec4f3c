import type { Shape } from "../dataflow/shape.js"
import { topological } from "../dataflow/order.js"
import { closeLoop } from "../dataflow/loop.js"
import {
  argsOf,
  isLoop,
  type Kind,
  type Loop,
  type OpOf,
  type Pullback,
  type Scope,
  type Tensor,
  type Vertex
} from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { isWithin, newScope } from "../dataflow/scope.js"
import { swapAxes } from "../dataflow/structure.js"
import { input, inputLike } from "../dataflow/symbol.js"
import { apply } from "../dataflow/tensor.js"
import { forEach, type Batched } from "./batched.js"
import { rules, type Batchable, type BatchingRule } from "./rules.js"

/** A function of one example whose graph is written anew for all examples at once. */
export interface Batching {
  /** The number of examples. */
  readonly size: number
  /** What was traced for one example: the function itself, and the bodies of the loops in it that are entered. */
  readonly scopes: readonly Scope[]
  /** What vertices for one example have become; of a loop, its results. */
  readonly known: Map<Vertex, Batched | readonly Batched[]>
  /** What is around a loop. */
  readonly outer?: Batching
}

const lookUp = ({ known, outer }: Batching, vertex: Vertex): Batched | readonly Batched[] | undefined =>
  known.get(vertex) ?? (outer && lookUp(outer, vertex))

const batchedOf = (batching: Batching, t: Vertex): Batched =>
  (lookUp(batching, t) as Batched | undefined) ?? { value: t as Tensor, mapped: false }

const shapeRules: { readonly [K in Kind]: shapes.Rule<K> } = shapes

/** The same primitive of other arguments. */
const again = <K extends Kind>(op: OpOf<K>, args: readonly Tensor[]): Tensor => apply(shapeRules[op.kind], op, args)

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
  if (!mapped) return { value: again(op, values), mapped }
  const rule = rules[op.kind as Batchable] as BatchingRule<Batchable>
  return { value: rule(op as OpOf<Batchable>, args, batching.size, node), mapped }
}

const withExamples = (size: number, mapped: boolean, shape: Shape): Shape => (mapped ? [size, ...shape] : shape)

/**
 * Which values that a body carries differ between examples: those that start so, and those computed from such. Linear in
 * the body.
 */
const mappedCarry = (loop: Loop, args: readonly Batched[]): readonly boolean[] => {
  const { inputs, outputs, captured, carried, bodyScope } = loop
  const ends = new Set<Vertex>(inputs)
  const order = topological(outputs, ends, vertex => ends.has(vertex) || isWithin(bodyScope, vertex))
  const users = new Map<Vertex, Vertex[]>(order.map(vertex => [vertex, []]))
  for (const vertex of order) if (!ends.has(vertex)) argsOf(vertex).forEach(a => users.get(a)?.push(vertex))
  const carry = inputs.slice(captured, captured + carried)
  outputs.slice(0, carried).forEach((t, i) => users.get(t)?.push(carry[i] as Tensor))
  const mapped = new Set<Vertex>(inputs.filter((_, i) => args[i]?.mapped))
  for (const vertex of mapped) users.get(vertex)?.forEach(user => mapped.add(user)) // a set goes on over what is added
  return carry.map(t => mapped.has(t))
}

/** A loop over the same slices that carries the values of all examples. */
const batchLoop = (batching: Batching, loop: Loop, args: readonly Batched[]): readonly Batched[] => {
  const { size } = batching
  const { inputs, outputs, captured, carried, length, reverse, bodyScope } = loop
  const carryMapped = mappedCarry(loop, args)
  const carry = inputs.slice(captured, captured + carried)
  const slices = inputs.slice(captured + carried)
  const xs = args.slice(captured + carried)
  const scope = newScope()
  const symbolOf = (t: Tensor, mapped: boolean): Batched => ({
    value: input(scope, t.op.kind === "input" ? t.op.name : "x", withExamples(size, mapped, t.shape), t.dtype),
    mapped
  })
  const own = [
    ...carry.map((t, i) => symbolOf(t, carryMapped[i] === true)),
    ...slices.map((t, i) => symbolOf(t, xs[i]?.mapped === true))
  ]
  const known = new Map<Vertex, Batched>([
    ...inputs.slice(0, captured).map((t, i) => [t, args[i] as Batched] as const),
    ...[...carry, ...slices].map((t, i) => [t, own[i] as Batched] as const)
  ])
  let results: readonly Batched[] = []
  const made = closeLoop({
    scope,
    symbols: own.map(({ value }) => value),
    body: () => {
      const found = batchAll({ size, scopes: [...batching.scopes, bodyScope], known, outer: batching }, outputs)
      results = found.map((b, i) => (carryMapped[i] === true ? { value: forEach(size, b), mapped: true } : b))
      return results.map(({ value }) => value)
    },
    init: args
      .slice(captured, captured + carried)
      .map((b, i) => (carryMapped[i] === true ? forEach(size, b) : b.value)),
    xs: xs.map(({ value, mapped }) => (mapped ? swapAxes(value, 0, 1) : value)),
    length,
    reverse
  })
  return results.map(({ mapped }, i) => {
    const value = made[i] as Tensor
    return { value: mapped && i >= carried ? swapAxes(value, 0, 1) : value, mapped }
  })
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
    known.set(vertex, isLoop(vertex) ? batchLoop(batching, vertex, args) : batchNode(batching, vertex, args))
  }
  return outputs.map(t => batchedOf(batching, t))
}
