import { add } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { closeLoop, partsOf } from "../dataflow/loop.js"
import { dependents, orderWithin, topological } from "../dataflow/order.js"
import { isLoop, type Loop, type Scope, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { inputLike } from "../dataflow/symbol.js"

/** The cotangents of some tensors; `undefined` where nothing flows. */
export type Cotangents = readonly (Tensor | undefined)[]

/** Reverse mode on the nodes of a scope (`backprop.ts`, which calls what is here for loops, and is called by it for bodies). */
type Backprop = (
  scope: Scope,
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  sources: readonly Tensor[]
) => Cotangents

const indicesOf = <A>(list: readonly A[], wanted: (value: A, index: number) => boolean): readonly number[] =>
  list.flatMap((value, i) => (wanted(value, i) ? [i] : []))

const pick = <A>(list: readonly A[], indices: readonly number[]): readonly A[] => indices.map(i => list[i] as A)

const carryOf = ({ inputs, captured, carried }: Loop): readonly Tensor[] => inputs.slice(captured, captured + carried)

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

/**
 * The derivative of a loop is a loop in the other direction. Its carry is the cotangent of the carry and, for every
 * captured value, the sum so far; it goes over what the loop kept of each iteration (`residualsOf`), and differentiates
 * its body. It is traced in the scope of the body, opened again, since it uses the symbols and nodes of the body.
 */
export const loopCotangents = (
  backprop: Backprop,
  loop: Loop,
  cts: Cotangents,
  wanted: readonly boolean[]
): Cotangents => {
  const { bodyScope, inputs, outputs, captured, carried } = loop
  const carry = carryOf(loop)
  const reached = reachedOutputs(loop, cts)
  // Places among the inputs and outputs: carries with a cotangent, captured values and slices by which one differentiates,
  // and stacked results with a cotangent.
  const carries = indicesOf(carry, (t, i) => isFloat(t.dtype) && reached[i] === true)
  const sums = indicesOf(inputs, (_, i) => i < captured && wanted[i] === true)
  const slices = indicesOf(inputs, (_, i) => i >= captured + carried && wanted[i] === true)
  const stacked = indicesOf(outputs, (_, i) => i >= carried && cts[i] !== undefined)

  const carryCts = pick(carry, carries).map(t => inputLike(bodyScope, "cotangent", t))
  const sumsSoFar = pick(inputs, sums).map(t => inputLike(bodyScope, "sum", t))
  const stackedCts = pick(outputs, stacked).map(t => inputLike(bodyScope, "cotangent", t))
  const sources = [...pick(inputs, sums), ...pick(carry, carries), ...pick(inputs, slices)]
  const body = (): readonly Tensor[] => {
    const differentiated = [...pick(outputs, carries), ...pick(outputs, stacked)]
    const found = backprop(bodyScope, differentiated, [...carryCts, ...stackedCts], sources).map(
      (ct, i) => ct ?? zerosLike(sources[i] as Tensor)
    )
    const bySum = found.slice(0, sums.length)
    const byCarry = found.slice(sums.length, sums.length + carries.length)
    const bySlice = found.slice(sums.length + carries.length)
    return [...byCarry, ...bySum.map((ct, i) => add(sumsSoFar[i] as Tensor, ct)), ...bySlice]
  }
  const derivative = bodyScope.trace(body)
  const symbols = [...carryCts, ...sumsSoFar, ...stackedCts]
  const slicesOf = new Map(inputs.slice(captured + carried).map((t, i) => [t, loop.args[captured + carried + i]]))
  const residuals = residualsOf(loop, derivative, symbols)
  const [sliced, kept] = [residuals.filter(t => slicesOf.has(t)), residuals.filter(t => !slicesOf.has(t))]
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
    reverse: !loop.reverse
  })
  const places = [...carries.map(i => captured + i), ...sums, ...slices]
  const byPlace = new Map(places.map((place, i) => [place, results[i]]))
  return loop.args.map((_, i) => byPlace.get(i))
}
