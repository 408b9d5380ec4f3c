import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { add } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import { closeLoop } from "../dataflow/loop.js"
import { topological } from "../dataflow/order.js"
import { nameOf, type Kind, type Loop, type OpOf, type Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { apply } from "../dataflow/tensor.js"
import { inputLike, tracing, variable } from "../dataflow/trace.js"
import { rules, type Equivalent, type Flow, type Rule } from "./rules.js"

type Cotangents = readonly (Tensor | undefined)[]

/** The nodes through which a derivative by `sources` flows. */
const activeNodes = (order: readonly Tensor[], sources: ReadonlySet<Tensor>): ReadonlySet<Tensor> => {
  const active = new Set<Tensor>()
  for (const t of order)
    if (sources.has(t) || (isFloat(t.dtype) && t.op.kind !== "stopGradient" && t.args.some(a => active.has(a))))
      active.add(t)
  return active
}

/** The active output of each loop that comes first in `order`: when it is reached backwards, the others have been. */
const firstOutputs = (order: readonly Tensor[], active: ReadonlySet<Tensor>): ReadonlyMap<Loop, Tensor> => {
  const first = new Map<Loop, Tensor>()
  for (const t of order) if (t.op.kind === "scan" && active.has(t) && !first.has(t.op.loop)) first.set(t.op.loop, t)
  return first
}

const isEquivalent = (result: readonly Flow[] | Equivalent): result is Equivalent => "as" in result

const requireOwnArguments = (node: Tensor, sources: ReadonlySet<Tensor>): void => {
  const [output, ...inputs] = node.args
  const own = new Set(inputs)
  const closedOver = topological([output as Tensor], own).filter(t => !own.has(t))
  if (activeNodes(closedOver, sources).has(output as Tensor))
    fail("GradientError", nameOf(node.op), "differentiated values to come in as arguments", "one that is closed over")
}

/** Cotangents of a node's arguments; `wanted` says of which. */
const nodeCotangents = <K extends Exclude<Kind, "scan">>(
  node: Tensor,
  ct: Tensor,
  wanted: readonly boolean[]
): Cotangents => {
  const result = (rules[node.op.kind as K] as Rule<K>)(node.op as OpOf<K>, node, ct)
  if (!isEquivalent(result)) return wanted.map((want, i) => (want ? result[i]?.() : undefined))
  const variables = node.args.map(variable)
  return backprop([result.as(variables)], [ct], variables)
}

/**
 * Reverse mode: the cotangent of each of `sources` given the cotangents of `outputs`; `undefined` where nothing flows.
 * One walk from the outputs back to the sources, linear in the number of nodes between them.
 */
export const backprop = (
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  sources: readonly Tensor[]
): Cotangents => {
  const sourceSet = new Set(sources)
  const order = topological(outputs, sourceSet)
  const active = activeNodes(order, sourceSet)
  const firstOutput = firstOutputs(order, active)
  const flowing = new Map<Tensor, Tensor>()
  const loops = new Map<Loop, (Tensor | undefined)[]>()
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
  const flowLoop = (node: Tensor, { loop, index }: OpOf<"scan">): void => {
    const pending = loops.get(loop) ?? loop.outputs.map(() => undefined)
    loops.set(loop, pending)
    pending[index] = flowing.get(node)
    if (firstOutput.get(loop) !== node || pending.every(ct => ct === undefined)) return
    const found = loopCotangents(
      loop,
      pending,
      loop.args.map(a => active.has(a))
    )
    loop.args.forEach((a, i) => flow(a, found[i]))
  }
  outputs.forEach((t, i) => flow(t, cotangents[i]))
  for (const node of order.toReversed()) {
    if (!active.has(node) || sourceSet.has(node)) continue
    if (node.op.kind === "scan") {
      flowLoop(node, node.op)
      continue
    }
    const ct = flowing.get(node)
    if (ct === undefined) continue
    if (node.op.kind === "customVjp") requireOwnArguments(node, sourceSet)
    const found = nodeCotangents(
      node,
      ct,
      node.args.map(a => active.has(a))
    )
    node.args.forEach((a, i) => flow(a, found[i]))
  }
  return sources.map(t => flowing.get(t))
}

/** Runs a loop once more, forwards, to keep the carry with which each iteration began. */
const carriesOf = (loop: Loop): readonly Tensor[] => {
  const carry = loop.inputs.slice(loop.captured, loop.captured + loop.carried)
  const recording: Loop = { ...loop, outputs: [...loop.outputs.slice(0, loop.carried), ...carry] }
  return carry.map((_, i) => apply({ kind: "scan", loop: recording, index: loop.carried + i }, loop.args))
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
 * differentiates it.
 */
const loopCotangents = (loop: Loop, cts: Cotangents, wanted: readonly boolean[]): Cotangents => {
  const { captured, carried } = loop
  const carrySymbols = loop.inputs.slice(captured, captured + carried)
  const xSymbols = loop.inputs.slice(captured + carried)
  const reached = reachedOutputs(loop, cts)
  const carries = indicesOf(carrySymbols, (t, i) => isFloat(t.dtype) && reached.includes(i))
  const sums = indicesOf(loop.inputs, (_, i) => i < captured && wanted[i] === true)
  const slices = indicesOf(loop.inputs, (_, i) => i >= captured + carried && wanted[i] === true)
  const stacked = indicesOf(loop.outputs, (_, i) => i >= carried && cts[i] !== undefined)
  const carryCts = pick(carrySymbols, carries).map(t => inputLike("cotangent", t))
  const sumSymbols = pick(loop.inputs, sums).map(t => inputLike("sum", t))
  const stackedCts = pick(loop.outputs, stacked).map(t => inputLike("cotangent", t))
  const symbols = [...carryCts, ...sumSymbols, ...carrySymbols, ...xSymbols, ...stackedCts]
  const sources = [...pick(loop.inputs, sums), ...pick(carrySymbols, carries), ...pick(loop.inputs, slices)]
  const found = tracing([...symbols, ...sources], () =>
    backprop([...pick(loop.outputs, carries), ...pick(loop.outputs, stacked)], [...carryCts, ...stackedCts], sources)
  ).map((ct, i) => ct ?? zerosLike(sources[i] as Tensor))
  const [bySum, byCarry, bySlice] = [
    found.slice(0, sums.length),
    found.slice(sums.length, sums.length + carries.length),
    found.slice(sums.length + carries.length)
  ]
  const results = closeLoop({
    symbols,
    outputs: [...byCarry, ...bySum.map((ct, i) => add(sumSymbols[i] as Tensor, ct)), ...bySlice],
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
