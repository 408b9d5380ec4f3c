import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { add } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import { closeLoop, resultsOf } from "../dataflow/loop.js"
import { topological } from "../dataflow/order.js"
import { nameOf, type Loop, type OpOf, type Scope, type Tensor } from "../dataflow/primitive.js"
import { isWithin, newScope, tracing } from "../dataflow/scope.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { inputLike, variable } from "../dataflow/trace.js"
import { rules, type Equivalent, type Flow, type Plain, type Rule } from "./rules.js"

type Cotangents = readonly (Tensor | undefined)[]

/** The nodes through which a derivative by `sources` flows. */
const activeNodes = (order: readonly Tensor[], sources: ReadonlySet<Tensor>): ReadonlySet<Tensor> => {
  const active = new Set<Tensor>()
  for (const t of order)
    if (
      sources.has(t) ||
      ((isFloat(t.dtype) || t.op.kind === "scan") && t.op.kind !== "stopGradient" && t.args.some(a => active.has(a)))
    )
      active.add(t)
  return active
}

/** What stands between `outputs` and `inputs`, and depends on `sources`, which are in `scope` or captured by it. */
const orderBetween = (
  scope: Scope,
  outputs: readonly Tensor[],
  inputs: ReadonlySet<Tensor>,
  sources: ReadonlySet<Tensor> = inputs
): readonly Tensor[] => topological(outputs, inputs, t => isWithin(scope, t) || sources.has(t))

const isEquivalent = (result: readonly Flow[] | Equivalent): result is Equivalent => "as" in result

const requireOwnArguments = (scope: Scope, node: Tensor, sources: ReadonlySet<Tensor>): void => {
  const [output, ...inputs] = node.args
  const own = new Set(inputs)
  const closedOver = orderBetween(scope, [output as Tensor], own, sources).filter(t => !own.has(t))
  if (activeNodes(closedOver, sources).has(output as Tensor))
    fail("GradientError", nameOf(node.op), "differentiated values to come in as arguments", "one that is closed over")
}

/** Cotangents of a node's arguments; `wanted` says of which. */
const nodeCotangents = <K extends Plain>(node: Tensor, ct: Tensor, wanted: readonly boolean[]): Cotangents => {
  const result = (rules[node.op.kind as K] as Rule<K>)(node.op as OpOf<K>, node, ct)
  if (!isEquivalent(result)) return wanted.map((want, i) => (want ? result[i]?.() : undefined))
  const scope = newScope()
  const variables = node.args.map(t => variable(t, scope))
  return backprop(scope, [tracing(scope, () => result.as(variables))], [ct], variables)
}

/**
 * Reverse mode: the cotangent of each of `sources` given the cotangents of `outputs`; `undefined` where nothing flows.
 * The sources are symbols of `scope`, or what its nodes use from outside. One walk from the outputs back to the sources,
 * linear in the nodes of the scope.
 */
export const backprop = (
  scope: Scope,
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  sources: readonly Tensor[]
): Cotangents => {
  const sourceSet = new Set(sources)
  const order = orderBetween(scope, outputs, sourceSet)
  const active = activeNodes(order, sourceSet)
  const flowing = new Map<Tensor, Tensor>()
  const flowingParts = new Map<Tensor, readonly (Tensor | undefined)[]>()
  const flow = (t: Tensor, ct: Tensor | undefined): void => {
    if (ct === undefined || !active.has(t)) return
    if (!sameShape(ct.shape, t.shape) || ct.dtype !== t.dtype)
      fail(
        "GradientError",
        nameOf(t.op),
        `a cotangent of ${t.dtype}${showShape(t.shape)}`,
        `${ct.dtype}${showShape(ct.shape)}`
      )
    const before = flowing.get(t)
    flowing.set(t, before === undefined ? ct : add(before, ct))
  }
  const flowInto = (node: Tensor, cts: Cotangents): void => node.args.forEach((a, i) => flow(a, cts[i]))
  const flowPart = (loop: Tensor, index: number, ct: Tensor): void => {
    const { outputs } = (loop.op as OpOf<"scan">).loop
    const before = flowingParts.get(loop) ?? outputs.map(() => undefined)
    flowingParts.set(loop, before.with(index, ct))
  }
  outputs.forEach((t, i) => flow(t, cotangents[i]))
  for (const node of order.toReversed()) {
    if (!active.has(node) || sourceSet.has(node)) continue
    const [ct, parts] = [flowing.get(node), flowingParts.get(node)]
    const wanted = (): readonly boolean[] => node.args.map(a => active.has(a))
    if (node.op.kind === "scan") {
      if (parts !== undefined) flowInto(node, loopCotangents(node.op.loop, parts, wanted()))
    } else if (ct !== undefined) {
      if (node.op.kind === "customVjp") requireOwnArguments(scope, node, sourceSet)
      if (node.op.kind === "part") flowPart(node.args[0] as Tensor, node.op.index, ct)
      else flowInto(node, nodeCotangents(node, ct, wanted()))
    }
  }
  return sources.map(t => flowing.get(t))
}

/** Runs a loop once more, forwards, to keep the carry with which each iteration began. */
const carriesOf = (loop: Loop): readonly Tensor[] => {
  const carry = loop.inputs.slice(loop.captured, loop.captured + loop.carried)
  const recording: Loop = { ...loop, outputs: [...loop.outputs.slice(0, loop.carried), ...carry] }
  return resultsOf(recording).slice(loop.carried)
}

const indicesOf = <A>(list: readonly A[], wanted: (value: A, index: number) => boolean): readonly number[] =>
  list.flatMap((value, i) => (wanted(value, i) ? [i] : []))

const pick = <A>(list: readonly A[], indices: readonly number[]): readonly A[] => indices.map(i => list[i] as A)

/** The outputs of a loop that carry a cotangent: those that `cts` names, and every carry that these are computed from. */
const reachedOutputs = (loop: Loop, cts: Cotangents): readonly number[] => {
  const carry = loop.inputs.slice(loop.captured, loop.captured + loop.carried)
  const own = new Set(loop.inputs)
  const grow = (reached: readonly number[]): readonly number[] => {
    const read = new Set(topological(pick(loop.outputs, reached), own))
    const next = indicesOf(
      loop.outputs,
      (_, i) => cts[i] !== undefined || (i < loop.carried && read.has(carry[i] as Tensor))
    )
    return next.length === reached.length ? reached : grow(next)
  }
  return grow(indicesOf(loop.outputs, (_, i) => cts[i] !== undefined))
}

/**
 * The derivative of a loop is a loop in the other direction. Its carry is the cotangent of the carry and, for every
 * captured value, the sum so far; each iteration computes the body again from the carry it had begun with, and
 * differentiates it. It is traced in the scope of the loop, opened again, since it uses the symbols and nodes of the body.
 */
const loopCotangents = (loop: Loop, cts: Cotangents, wanted: readonly boolean[]): Cotangents => {
  const { scope, captured, carried } = loop
  const carrySymbols = loop.inputs.slice(captured, captured + carried)
  const xSymbols = loop.inputs.slice(captured + carried)
  const reached = reachedOutputs(loop, cts)
  const carries = indicesOf(carrySymbols, (t, i) => isFloat(t.dtype) && reached.includes(i))
  const sums = indicesOf(loop.inputs, (_, i) => i < captured && wanted[i] === true)
  const slices = indicesOf(loop.inputs, (_, i) => i >= captured + carried && wanted[i] === true)
  const stacked = indicesOf(loop.outputs, (_, i) => i >= carried && cts[i] !== undefined)
  const carryCts = pick(carrySymbols, carries).map(t => inputLike(scope, "cotangent", t))
  const sumSymbols = pick(loop.inputs, sums).map(t => inputLike(scope, "sum", t))
  const stackedCts = pick(loop.outputs, stacked).map(t => inputLike(scope, "cotangent", t))
  const symbols = [...carryCts, ...sumSymbols, ...carrySymbols, ...xSymbols, ...stackedCts]
  const sources = [...pick(loop.inputs, sums), ...pick(carrySymbols, carries), ...pick(loop.inputs, slices)]
  const body = (): readonly Tensor[] => {
    const outputs = [...pick(loop.outputs, carries), ...pick(loop.outputs, stacked)]
    const found = backprop(scope, outputs, [...carryCts, ...stackedCts], sources).map(
      (ct, i) => ct ?? zerosLike(sources[i] as Tensor)
    )
    const bySum = found.slice(0, sums.length)
    const byCarry = found.slice(sums.length, sums.length + carries.length)
    const bySlice = found.slice(sums.length + carries.length)
    return [...byCarry, ...bySum.map((ct, i) => add(sumSymbols[i] as Tensor, ct)), ...bySlice]
  }
  const results = closeLoop({
    scope,
    symbols,
    body,
    init: [...carries.map(i => cts[i] ?? zerosLike(carrySymbols[i] as Tensor)), ...sumSymbols.map(t => zerosLike(t))],
    xs: [...carriesOf(loop), ...loop.args.slice(captured + carried), ...(pick(cts, stacked) as readonly Tensor[])],
    length: loop.length,
    reverse: !loop.reverse
  })
  const byInput = new Map<number, Tensor>()
  carries.forEach((carry, i) => byInput.set(captured + carry, results[i] as Tensor))
  sums.forEach((input, i) => byInput.set(input, results[carries.length + i] as Tensor))
  slices.forEach((input, i) => byInput.set(input, results[carries.length + sums.length + i] as Tensor))
  return loop.args.map((_, i) => byInput.get(i))
}
