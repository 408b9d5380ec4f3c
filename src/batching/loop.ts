import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { ones, scalar, zeros, zerosLike } from "../dataflow/create.js"
import { and, gt, lt } from "../dataflow/logic.js"
import { closeLoop, failWithoutMax } from "../dataflow/loop.js"
import { topological } from "../dataflow/order.js"
import { argsOf, type Loop, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { any, max } from "../dataflow/reduce.js"
import { isWithin, newScope } from "../dataflow/scope.js"
import { iota } from "../dataflow/sequence.js"
import type { Shape } from "../dataflow/shape.js"
import { swapAxes } from "../dataflow/structure.js"
import { input } from "../dataflow/symbol.js"
import { forEach, type Batched, type Batching } from "./batched.js"
import { ifActive } from "./idle.js"

/** What is done with the body of a loop (`batch.ts`, which calls what is here for loops). */
type BatchAll = (batching: Batching, outputs: readonly Tensor[]) => readonly Batched[]

const withExamples = (size: number, mapped: boolean, shape: Shape): Shape => (mapped ? [size, ...shape] : shape)

/**
 * Exchanges the axes of examples and of iterations. Twice is not at all: a loop that goes back over what another kept does so where
 * that lies, and what was kept of no iteration is not moved.
 */
const exchanged = (t: Tensor): Tensor => {
  const isExchanged =
    t.op.kind === "transpose" && t.op.permutation.every((axis, i) => axis === (i === 0 ? 1 : i === 1 ? 0 : i))
  return isExchanged ? (argsOf(t)[0] as Tensor) : swapAxes(t, 0, 1)
}

/** Which carries of a loop differ between examples, and whether examples end it at different times. */
interface Differing {
  readonly carry: readonly boolean[]
  readonly ends: boolean
}

/**
 * What differs between examples: carries that start so, or are computed from such; all, where examples end at different
 * times. Linear in the body.
 */
const differingOf = (loop: Loop, args: readonly Batched[]): Differing => {
  const { inputs, outputs, captured, carried, bodyScope, counted, again } = loop
  const ends = new Set<Vertex>(inputs)
  const roots = again === undefined ? outputs : [...outputs, again]
  const order = topological(roots, ends, vertex => ends.has(vertex) || isWithin(bodyScope, vertex))
  const users = new Map<Vertex, Vertex[]>(order.map(vertex => [vertex, []]))
  for (const vertex of order) if (!ends.has(vertex)) argsOf(vertex).forEach(a => users.get(a)?.push(vertex))
  const carry = inputs.slice(captured, captured + carried)
  outputs.slice(0, carried).forEach((t, i) => users.get(t)?.push(carry[i] as Tensor))
  const mapped = new Set<Vertex>(inputs.filter((_, i) => args[i]?.mapped))
  for (const vertex of mapped) users.get(vertex)?.forEach(user => mapped.add(user)) // a set goes on over what is added
  const differ = (counted && args.at(-1)?.mapped === true) || (again !== undefined && mapped.has(again))
  return { carry: carry.map(t => differ || mapped.has(t)), ends: differ }
}

/**
 * A loop over the same slices that carries the values of all examples. Where they end at different times it goes on for as
 * long as any of them would, and those that would not keep what they have: it says by a place, or by what it carries, which
 * these are.
 */
export const batchLoop = (
  batchAll: BatchAll,
  batching: Batching,
  loop: Loop,
  args: readonly Batched[]
): readonly Batched[] => {
  if (loop.pullback !== undefined) return failWithoutMax()
  const { size } = batching
  const { inputs, outputs, captured, carried, length, reverse, counted, again, bodyScope } = loop
  const differing = differingOf(loop, args)
  const given = counted ? args.slice(captured, -1) : args.slice(captured)
  const [before, xs] = [given.slice(0, carried), given.slice(carried)]
  const scope = newScope()
  const symbolOf = (t: Tensor, mapped: boolean): Batched => ({
    value: input(scope, t.op.kind === "input" ? t.op.name : "x", withExamples(size, mapped, t.shape), t.dtype),
    mapped
  })
  const own = inputs
    .slice(captured)
    .map((t, i) => symbolOf(t, (i < carried ? differing.carry[i] : xs[i - carried]?.mapped) === true))
  const bound = [...args.slice(0, captured), ...own]
  const known = new Map<Vertex, Batched>(inputs.map((t, i) => [t, bound[i] as Batched]))

  const ownCounts = differing.ends && counted ? forEach(size, args.at(-1) as Batched) : undefined
  const counts = ownCounts && batching.active ? ifActive(batching.active, ownCounts, 0) : ownCounts
  const most = counts && max(concat([counts, zeros([1], "i32")]))
  const [place, alive] = [input(scope, "place", [], "i32"), input(scope, "alive", [size], "bool")]
  const carriesAlive = differing.ends && again !== undefined

  let results: readonly Batched[] = []
  let goesOn: Batched | undefined
  const body = (): readonly Tensor[] => {
    const roots = again === undefined ? outputs : [...outputs, again]
    const active = carriesAlive ? alive : counts && lt(place, counts)
    const scopes = [...batching.scopes, bodyScope]
    const inside = { size, scopes, known, outer: batching, active: active ?? batching.active }
    const found = batchAll(inside, roots)
    results = found.slice(0, outputs.length).map((b, i): Batched => {
      if (i < carried && differing.carry[i] !== true) return b
      if (active === undefined) return i < carried ? { value: forEach(size, b), mapped: true } : b
      const value = forEach(size, b)
      return {
        value: ifActive(active, value, i < carried ? (own[i] as Batched).value : zerosLike(value)),
        mapped: true
      }
    })
    goesOn = found[outputs.length]
    const values = results.map(({ value }) => value)
    if (!carriesAlive) return values
    const next = add(place, 1)
    const follows = and(alive, forEach(size, goesOn as Batched))
    return [next, counts === undefined ? follows : and(follows, lt(next, counts)), ...values]
  }
  const start = before.map((b, i) => (differing.carry[i] === true ? forEach(size, b) : b.value))
  const slices = xs.map(({ value, mapped }) => (mapped ? exchanged(value) : value))
  const made = closeLoop({
    scope,
    symbols: carriesAlive ? [place, alive, ...own.map(b => b.value)] : [...own.map(b => b.value), ...(counts ? [place] : [])], // prettier-ignore
    body,
    again: again && (next => (carriesAlive ? any(next[1] as Tensor) : goesOn?.value)),
    init: carriesAlive
      ? [scalar(0, "i32"), counts ? gt(counts, 0) : (batching.active ?? ones([size], "bool")), ...start]
      : start,
    xs: counts && !carriesAlive ? [...slices, iota([length], 0, "i32")] : slices,
    length,
    count: most ?? (counted ? args.at(-1)?.value : undefined),
    reverse
  }).slice(carriesAlive ? 2 : 0)
  return results.map(({ mapped }, i) => {
    const value = made[i] as Tensor
    return { value: mapped && i >= carried ? exchanged(value) : value, mapped }
  })
}
