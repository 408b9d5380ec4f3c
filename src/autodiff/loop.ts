import { add } from "../dataflow/arithmetic.js"
import { zerosLike } from "../dataflow/create.js"
import { isFloat } from "../dataflow/dtype.js"
import { closeLoop, partsOf } from "../dataflow/loop.js"
import { topological } from "../dataflow/order.js"
import type { Loop, Scope, Tensor, Vertex } from "../dataflow/primitive.js"
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

/** Runs a loop once more, forwards, to keep the carry with which each iteration began. */
const recordCarries = (loop: Loop): readonly Tensor[] =>
  partsOf({ ...loop, outputs: [...loop.outputs.slice(0, loop.carried), ...carryOf(loop)] }).slice(loop.carried)

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
 * captured value, the sum so far; each iteration computes the body again from the carry it had begun with, and
 * differentiates it. It is traced in the scope of the body, opened again, since it uses the symbols and nodes of the body.
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
  const results = closeLoop({
    scope: bodyScope,
    symbols: [...carryCts, ...sumsSoFar, ...carry, ...inputs.slice(captured + carried), ...stackedCts],
    body,
    init: [...carries.map(i => cts[i] ?? zerosLike(carry[i] as Tensor)), ...sumsSoFar.map(t => zerosLike(t))],
    xs: [...recordCarries(loop), ...loop.args.slice(captured + carried), ...(pick(cts, stacked) as readonly Tensor[])],
    length: loop.length,
    reverse: !loop.reverse
  })
  const places = [...carries.map(i => captured + i), ...sums, ...slices]
  const byPlace = new Map(places.map((place, i) => [place, results[i]]))
  return loop.args.map((_, i) => byPlace.get(i))
}
