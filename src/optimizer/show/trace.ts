import type { Tensor } from "../../dataflow/primitive.js"
import type { Shape } from "../../dataflow/shape.js"
import { isLiteral } from "../../dataflow/tensor.js"
import { input, inputLike, tracing } from "../../dataflow/trace.js"
import type { Extra, StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import type { Optimizer } from "../optimizer.js"

/** For what parameter a step is shown. */
export interface ShowOptions {
  /** The shape of the one parameter `p`. Default a vector, so that sums over it show; some optimizers want a matrix. */
  readonly shape?: Shape
}

/** A step as a graph over symbols. */
export interface Traced {
  /** `p`, `g`, `loss` and the leaves of the state by name; all counters of steps have the name `t`. */
  readonly symbols: ReadonlyMap<Tensor, string>
  /** Every leaf of the state but the counters, at first and after the step, then `p`, by name. */
  readonly results: readonly { readonly name: string; readonly start: Tensor; readonly after: Tensor }[]
}

/** Long enough that nobody takes it for a constant of the algorithm. */
const someVector: Shape = [7]

/** The number of steps made so far. */
export const COUNT = "t"

const taken: ReadonlySet<string> = new Set(["p", "g", "loss", COUNT])

/** A part of a path as a name: keys from the outside in, then positions; a state that is one leaf is `state`. */
const join = (parts: readonly string[]): string => {
  const [positions, keys] = [parts.filter(part => /^\d+$/.test(part)), parts.filter(part => !/^\d+$/.test(part))]
  return [...(keys.length === 0 ? ["state"] : keys), ...positions].join("_")
}

/** For every path the shortest ending that tells it from the others; one that ends others too is all of it. */
const namesOf = (paths: readonly string[]): readonly string[] => {
  const endings = paths.map(path => {
    const parts = path.split("/").filter(part => part !== "")
    const longer = parts.map((_, i) => join(parts.slice(parts.length - 1 - i)))
    return longer.length === 0 ? ["state"] : longer
  })
  const isFree = (name: string, i: number): boolean =>
    !taken.has(name) && endings.every((other, j) => i === j || !other.includes(name))
  const whole = (name: string): string => (taken.has(name) ? `state_${name}` : name)
  return endings.map((own, i) => own.find(name => isFree(name, i)) ?? whole(own.at(-1) ?? ""))
}

/** Whether a leaf counts the steps: it begins at 0, and what comes out is one more than what went in. */
const counts = (start: Tensor, before: Tensor, after: Tensor): boolean => {
  const [a, one] = after.args
  const isNumber = (t: Tensor | undefined, value: number): boolean =>
    t !== undefined && isLiteral(t) && t.shape.length === 0 && t.op.data[0] === value
  return isNumber(start, 0) && after.op.kind === "binary" && after.op.fn === "add" && a === before && isNumber(one, 1)
}

/** Runs one step of an optimizer on symbols. */
export const traceStep = <F extends StateFamily, X extends Extra>(
  optimizer: Optimizer<F, X>,
  { shape = someVector }: ShowOptions
): Traced => {
  const [p, g, loss] = [input("p", shape, "f64"), input("g", shape, "f64"), input("loss", [], "f64")]
  const start = tracing([p], () => optimizer.init<Tensor>(p))
  const { leaves: starts, structure } = Tree.flatten(start)
  const names = namesOf(Tree.paths(start))
  const befores = starts.map((t, i) => inputLike(names[i] ?? "", t))
  const state = Tree.unflatten<typeof start>(structure)(befores)
  const [moved, next] = tracing([p, g, loss, ...befores], () =>
    optimizer.step<Tensor>(p, state, g, ...([{ loss }] as readonly unknown[] as X))
  )
  const afters = Tree.leaves(next)
  const leaves = befores.map((before, i) => {
    const [start, after] = [starts[i] ?? before, afters[i] ?? before]
    return { before, start, after, name: counts(start, before, after) ? COUNT : (names[i] ?? "") }
  })
  return {
    symbols: new Map([[p, "p"], [g, "g"], [loss, "loss"], ...leaves.map(l => [l.before, l.name] as const)]),
    results: [...leaves.filter(({ name }) => name !== COUNT), { name: "p", start: p, after: moved }]
  }
}
