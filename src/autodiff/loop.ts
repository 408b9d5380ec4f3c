import { loopCall } from "../dataflow/attributes.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import { closeLoop, failWithoutMax, partsOf } from "../dataflow/loop.js"
import { dependents, orderWithin, topological } from "../dataflow/order.js"
import { isLoop, UNBOUNDED, type Loop, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { newScope } from "../dataflow/scope.js"
import { MAX_ELEMENTS, sizeOf } from "../dataflow/shape.js"
import { inputLike } from "../dataflow/symbol.js"
import { showType } from "../dataflow/type.js"
import { pushforward, type Backprop, type Cotangents } from "./push.js"

const indicesOf = <A>(list: readonly A[], wanted: (value: A, index: number) => boolean): readonly number[] =>
  list.flatMap((value, i) => (wanted(value, i) ? [i] : []))

const pick = <A>(list: readonly A[], indices: readonly number[]): readonly A[] => indices.map(i => list[i] as A)

const carryOf = ({ inputs, captured, carried }: Loop): readonly Tensor[] => inputs.slice(captured, captured + carried)

/** How many iterations a loop makes, if that is not its length. */
const countOf = ({ again, counted, parts, args }: Loop): Tensor | undefined =>
  again !== undefined ? parts[0] : counted ? args.at(-1) : undefined

/** Refuses to keep more of all iterations together than a tensor holds. */
const checkKept = (loop: Loop, nodes: readonly Tensor[]): void => {
  const [operation] = loopCall(loop)
  for (const node of nodes) {
    const most = Math.floor(MAX_ELEMENTS / sizeOf(node.shape))
    if (loop.length <= most) continue
    const iterations = operation === "whileLoop" ? "max" : "length"
    fail("GradientError", operation, `a ${iterations} of at most ${most}, for a derivative in reverse mode that keeps ${showType(node)} of each iteration`, String(loop.length)) // prettier-ignore
  }
}

/** Keeps what some nodes of the body are in each iteration. (A program that runs the loop as well runs it once, for both.) */
const recorded = (loop: Loop, nodes: readonly Tensor[]): readonly Tensor[] =>
  nodes.length === 0
    ? []
    : partsOf({ ...loop, outputs: [...loop.outputs.slice(0, loop.carried), ...nodes] }).slice(loop.carried)

/** What only moves elements is sooner done again than kept. */
const isMove = (vertex: Vertex): boolean =>
  !isLoop(vertex) && ["reshape", "transpose", "broadcast", "flip"].includes(vertex.op.kind)

/**
 * What the derivative of a body, which `given` flow through, reads of its forward pass: its carry and slices, values that
 * the body computes, and results of loops within. (What it makes of these alone, it makes in each iteration.)
 */
const residualsOf = (
  { bodyScope, inputs, outputs }: Loop,
  derivative: readonly Tensor[],
  given: readonly Tensor[]
): readonly Tensor[] => {
  const border = new Set<Vertex>(inputs)
  const forward = new Set(orderWithin(bodyScope, outputs, border))
  const flowing = dependents(orderWithin(bodyScope, derivative, border), new Set<Vertex>(given))
  const isKept = (vertex: Vertex): vertex is Tensor =>
    !isLoop(vertex) && !flowing.has(vertex) && (vertex.op.kind === "part" || (forward.has(vertex) && !isMove(vertex)))
  return orderWithin(bodyScope, derivative, { has: vertex => isKept(vertex) || border.has(vertex) }).filter(isKept)
}

/** Whether each output of a loop carries a cotangent: those that `cts` names, and every carry that these are computed from. */
const reachedOutputs = (loop: Loop, cts: Cotangents): readonly boolean[] => {
  const places = new Map<Vertex, number>(carryOf(loop).map((t, i) => [t, i]))
  const ends = new Set<Vertex>(loop.inputs)
  const seen = new Set<Vertex>()
  const reached = loop.outputs.map((_, i) => cts[i] !== undefined)
  let added = indicesOf(reached, is => is)
  while (added.length > 0) {
    const more = topological(pick(loop.outputs, added), ends, v => !seen.has(v))
    for (const vertex of more) seen.add(vertex)
    added = more.flatMap(vertex => places.get(vertex) ?? []).filter(i => reached[i] === false)
    for (const i of added) reached[i] = true
  }
  return reached
}

/** Places among the outputs of a loop that have a cotangent: of carries, and of stacked results. */
const flowingOutputs = (loop: Loop, cts: Cotangents) => {
  const reached = reachedOutputs(loop, cts)
  return {
    carries: indicesOf(carryOf(loop), (t, i) => isFloat(t.dtype) && reached[i] === true),
    stacked: indicesOf(loop.outputs, (_, i) => i >= loop.carried && cts[i] !== undefined)
  }
}

/**
 * The derivative of a loop is a loop in the other direction, of as many iterations. Its carry is the cotangent of the
 * carry and, for every captured value, the sum so far; it goes over what the loop kept of each iteration (`residualsOf`),
 * and differentiates its body. It is traced in the scope of the body, opened again, since it uses the symbols and nodes of
 * the body.
 */
const backwards = (backprop: Backprop, loop: Loop, cts: Cotangents, wanted: readonly boolean[]): Cotangents => {
  const { bodyScope, inputs, outputs, captured, carried } = loop
  const carry = carryOf(loop)
  // Places among the inputs and outputs: carries with a cotangent, captured values and slices by which one differentiates,
  // and stacked results with a cotangent.
  const { carries, stacked } = flowingOutputs(loop, cts)
  const sums = indicesOf(inputs, (_, i) => i < captured && wanted[i] === true)
  const slices = indicesOf(inputs, (_, i) => i >= captured + carried && wanted[i] === true)

  const carryCts = pick(carry, carries).map(t => inputLike(bodyScope, "cotangent", t))
  const sumsSoFar = pick(inputs, sums).map(t => inputLike(bodyScope, "sum", t))
  const stackedCts = pick(outputs, stacked).map(t => inputLike(bodyScope, "cotangent", t))
  const sources = [...pick(inputs, sums), ...pick(carry, carries), ...pick(inputs, slices)]
  const body = (): readonly Tensor[] => {
    const differentiated = [...pick(outputs, carries), ...pick(outputs, stacked)]
    const found = backprop(bodyScope, differentiated, [...carryCts, ...stackedCts], sources, sumsSoFar).map(
      (ct, i) => ct ?? zerosLike(sources[i] as Tensor)
    )
    const bySum = found.slice(0, sums.length)
    const byCarry = found.slice(sums.length, sums.length + carries.length)
    const bySlice = found.slice(sums.length + carries.length)
    return [...byCarry, ...bySum, ...bySlice]
  }
  const derivative = bodyScope.trace(body)
  if (
    orderWithin(bodyScope, derivative, new Set(inputs)).some(vertex => isLoop(vertex) && vertex.pullback !== undefined)
  )
    return uncomputable(backprop, loop, cts, wanted)
  const symbols = [...carryCts, ...sumsSoFar, ...stackedCts]
  const slicesOf = new Map(inputs.slice(captured + carried).map((t, i) => [t, loop.args[captured + carried + i]]))
  const residuals = residualsOf(loop, derivative, symbols)
  const [sliced, kept] = [residuals.filter(t => slicesOf.has(t)), residuals.filter(t => !slicesOf.has(t))]
  checkKept(loop, kept)
  const results = closeLoop({
    scope: bodyScope,
    symbols: [...carryCts, ...sumsSoFar, ...kept, ...sliced, ...stackedCts],
    body: () => derivative,
    init: [...carries.map(i => cts[i] ?? zerosLike(carry[i] as Tensor)), ...sumsSoFar.map(t => zerosLike(t))],
    xs: [
      ...recorded(loop, kept),
      ...sliced.map(t => slicesOf.get(t) as Tensor),
      ...(pick(cts, stacked) as readonly Tensor[])
    ],
    length: loop.length,
    count: countOf(loop),
    reverse: !loop.reverse
  })
  const places = [...carries.map(i => captured + i), ...sums, ...slices]
  const byPlace = new Map(places.map((place, i) => [place, results[i]]))
  return loop.args.map((_, i) => byPlace.get(i))
}

/**
 * Forward mode: a loop with tangents beside its carry and its slices, which keeps nothing. Gives those of the results at
 * some places, given those of the arguments.
 */
const forwards = (
  backprop: Backprop,
  loop: Loop,
  { carries, stacked }: ReturnType<typeof flowingOutputs>,
  tangents: Cotangents
): readonly Tensor[] => {
  const { bodyScope, inputs, outputs, captured, carried, args } = loop
  const given = indicesOf(inputs, (_, i) => tangents[i] !== undefined)
  const outside = given.filter(i => i < captured)
  const sliced = given.filter(i => i >= captured + carried)
  const beside = (t: Tensor): Tensor => inputLike(bodyScope, "tangent", t)
  const carry = carryOf(loop)
  const [besideCarry, besideSlices] = [pick(carry, carries).map(beside), pick(inputs, sliced).map(beside)]
  const parts = closeLoop({
    scope: bodyScope,
    symbols: [...carry, ...besideCarry, ...inputs.slice(captured + carried), ...besideSlices],
    body: () => {
      const differentiated = [...pick(outputs, carries), ...pick(outputs, stacked)]
      const sources = [...pick(inputs, outside), ...pick(carry, carries), ...pick(inputs, sliced)]
      const all = [...pick(tangents, outside), ...besideCarry, ...besideSlices]
      const pushed = pushforward(backprop, bodyScope, differentiated, sources, all)
      return [...outputs.slice(0, carried), ...pushed.map((t, i) => t ?? zerosLike(differentiated[i] as Tensor))]
    },
    again: () => loop.again,
    init: [
      ...args.slice(captured, captured + carried),
      ...carries.map(i => tangents[captured + i] ?? zerosLike(carry[i] as Tensor))
    ],
    xs: [...args.slice(captured + carried, inputs.length), ...(pick(tangents, sliced) as readonly Tensor[])],
    length: loop.length,
    count: loop.counted ? args.at(-1) : undefined,
    reverse: loop.reverse
  })
  return parts.slice(carried)
}

/**
 * The cotangents of a loop that may take any number of iterations, where nothing could keep what they read of each, and of
 * one around it. They stand in the graph without being computable; but being linear in the cotangents that they are made
 * from, they have a pullback, the derivative in forward mode, which keeps nothing. So `jvp`, the pullback of the pullback,
 * goes through such loops.
 */
const uncomputable = (backprop: Backprop, loop: Loop, cts: Cotangents, wanted: readonly boolean[]): Cotangents => {
  const flowing = flowingOutputs(loop, cts)
  const places = indicesOf(loop.args, (_, i) => wanted[i] === true)
  const scope = newScope()
  const results = pick(loop.args, places).map(t => inputLike(scope, "cotangent", t))
  const pullback: Loop["pullback"] = (tangents, wantedOf) => {
    if (wantedOf.slice(0, loop.args.length).includes(true)) failWithoutMax()
    const byPlace = new Map(places.map((place, i) => [place, tangents[i]]))
    const byArgument = loop.args.map((_, i) => byPlace.get(i))
    return [...loop.args.map(() => undefined), ...forwards(backprop, loop, flowing, byArgument)]
  }
  const given = [...flowing.carries, ...flowing.stacked].map(i => cts[i] ?? zerosLike(loop.parts[i] as Tensor))
  const parts = partsOf({
    bodyScope: scope,
    inputs: results,
    outputs: results,
    captured: 0,
    carried: results.length,
    length: UNBOUNDED,
    reverse: false,
    counted: false,
    pullback,
    args: [...loop.args, ...given]
  })
  const byPlace = new Map(places.map((place, i) => [place, parts[i]]))
  return loop.args.map((_, i) => byPlace.get(i))
}

/** The cotangents of the arguments of a loop, given those of its results; `wanted` says of which. */
export const loopCotangents = (
  backprop: Backprop,
  loop: Loop,
  cts: Cotangents,
  wanted: readonly boolean[]
): Cotangents => {
  if (loop.pullback !== undefined) return loop.pullback(cts, wanted)
  const isUnbounded = loop.again !== undefined && loop.length === UNBOUNDED
  return (isUnbounded ? uncomputable : backwards)(backprop, loop, cts, wanted)
}
