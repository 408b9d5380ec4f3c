import { isFloat } from "../../dataflow/dtype.js"
import { fail, ThalwegError } from "../../dataflow/error.js"
import type { Scope, Tensor, Vertex } from "../../dataflow/primitive.js"
import { range, type Shape } from "../../dataflow/shape.js"
import { dataOf, isLiteral } from "../../dataflow/literal.js"
import { newScope } from "../../dataflow/scope.js"
import { input, inputLike } from "../../dataflow/symbol.js"
import type { Extra, StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import type { Optimizer } from "../optimizer.js"
import { COUNT, placesOf, stateNames, type Place } from "./symbols.js"

/** For what parameters a step is shown. */
export interface ShowOptions {
  /** The shape of the one parameter `p`. Default a vector, so that sums over it show; some optimizers want a matrix. */
  readonly shape?: Shape
  /** Parameters to show instead, for optimizers that look at paths, ranks or across leaves: shapes and paths count. */
  readonly params?: Tree
}

/** A leaf of the state or a parameter: what it is after the step, and what a leaf of the state is at first. */
export interface Result {
  readonly name: string
  readonly start?: Tensor
  readonly after: Tensor
}

/** A step as a graph over symbols. */
export interface Traced {
  /** Parameters, gradients, `loss`, then the leaves of the state by name; all counters of steps have the name `t`. */
  readonly symbols: ReadonlyMap<Tensor, string>
  /** Leaves of the state but the counters: those of no parameter, then each parameter's, followed by itself. */
  readonly results: readonly Result[]
  /** Where the gradient called `name` is taken, and the parameter, where it would be taken mostly. */
  readonly points: readonly { readonly name: string; readonly at: Tensor; readonly param: Tensor }[]
  /** What is deployed after the step, and the parameter, which would be mostly. */
  readonly deployed: readonly { readonly name: string; readonly value: Tensor; readonly moved: Tensor }[]
}

/** Long enough that nobody takes it for a constant of the algorithm. */
const someVector: Shape = [7]

/** Whether a leaf counts the steps: it begins at 0, and what comes out is one more than what went in. */
const counts = (start: Tensor, before: Tensor, after: Tensor): boolean => {
  const [a, one] = after.args
  const isNumber = (t: Vertex | undefined, value: number): boolean =>
    t !== undefined && isLiteral(t) && t.shape.length === 0 && dataOf(t)[0] === value
  return isNumber(start, 0) && after.op.kind === "binary" && after.op.fn === "add" && a === before && isNumber(one, 1)
}

/**
 * For each leaf of the state the parameter whose dtype it takes, if it is one's. Digit by digit of their places, those
 * that have a 0 there are made narrow, then those that have a 1.
 */
const ownersOf = (
  scope: Scope,
  init: (params: readonly Tensor[]) => Tree,
  params: readonly Tensor[],
  places: readonly Place[]
): readonly (Place | undefined)[] => {
  const narrowed = (isNarrow: (i: number) => boolean): readonly boolean[] => {
    const asked = params.map((p, i) => (isNarrow(i) ? input(scope, "narrow", p.shape, "f32") : p))
    return Tree.leaves(init(asked)).map(({ dtype }) => dtype === "f32")
  }
  const digits = range(Math.ceil(Math.log2(params.length + 1)))
  const answers = digits.map(d => [0, 1].map(value => narrowed(i => ((i >> d) & 1) === value)))
  const isOwner = (i: number, j: number): boolean =>
    answers.every((both, d) => both.every((narrow, value) => narrow[j] === (((i >> d) & 1) === value)))
  return (answers[0]?.[0] ?? []).map((_, j) => places.find((_, i) => isOwner(i, j)))
}

/** With a loss only if it cannot be without. */
const atNeed = <A>(loss: Tensor, step: (...extra: readonly unknown[]) => A): A => {
  try {
    return step()
  } catch {
    return step({ loss })
  }
}

/** Symbols for parameters and for their gradients. */
const symbolsOf = (shown: Tree) => {
  const scope = newScope()
  const { leaves, structure } = Tree.flatten(shown)
  const places = placesOf(Tree.paths(shown))
  const symbol = (name: string, t: Tensor): Tensor => input(scope, name, t.shape, isFloat(t.dtype) ? "f64" : t.dtype)
  const each = leaves.flatMap((t, i) => {
    const place = places[i]
    return place === undefined ? [] : [{ place, param: symbol(place.name, t), grad: symbol(place.gradient, t) }]
  })
  return { scope, each, places, tree: Tree.unflatten<Tree>(structure) }
}

type Symbols = ReturnType<typeof symbolsOf>

/** The leaves of the state before the first step, symbols for what they are before any, by name and owner, and that state. */
const stateOf = <F extends StateFamily, X extends Extra>(
  optimizer: Optimizer<F, X>,
  { scope, each, places, tree }: Symbols
) => {
  const init = (leaves: readonly Tensor[]) => scope.trace(() => optimizer.init<Tree>(tree(leaves)))
  const params = each.map(({ param }) => param)
  const first = init(params)
  const { leaves: starts, structure } = Tree.flatten(first)
  const owners = places[0]?.path === "" ? [] : ownersOf(scope, init, params, places)
  const names = stateNames(Tree.paths(first), owners, places)
  const leaves = starts.map((start, i) => {
    const name = names[i] ?? ""
    return { name, owner: owners[i], start, before: inputLike(scope, name, start) }
  })
  return { leaves, state: Tree.unflatten<typeof first>(structure)(leaves.map(({ before }) => before)) }
}

const traced = <F extends StateFamily, X extends Extra>(optimizer: Optimizer<F, X>, symbols: Symbols): Traced => {
  const { scope, each, tree } = symbols
  const { leaves, state } = stateOf(optimizer, symbols)
  const [params, grads] = [tree(each.map(({ param }) => param)), tree(each.map(({ grad }) => grad))]
  const loss = input(scope, "loss", [], "f64")
  const go = (...extra: readonly unknown[]) => {
    const [moved, next] = optimizer.step<Tree>(params, state, grads, ...(extra as X))
    return [moved, next, optimizer.gradientPoint<Tree>(params, state), optimizer.evalParams<Tree>(moved, next)]
  }
  const [moved = [], afters = [], points = [], deployed = []] = scope.trace(() => atNeed(loss, go)).map(Tree.leaves)

  const named = leaves.map((leaf, i) => {
    const after = afters[i] ?? leaf.before
    return { ...leaf, after, name: counts(leaf.start, leaf.before, after) ? COUNT : leaf.name }
  })
  const told = (owner?: Place) => named.filter(leaf => leaf.name !== COUNT && leaf.owner === owner)
  const all = each.map((one, i) => ({ ...one, after: moved[i] ?? one.param }))
  return {
    symbols: new Map([
      ...all.map(({ param, place }) => [param, place.name] as const),
      ...all.map(({ grad, place }) => [grad, place.gradient] as const),
      [loss, "loss"],
      ...named.map(({ before, name }) => [before, name] as const)
    ]),
    results: [...told(), ...all.flatMap(({ place, after }) => [...told(place), { name: place.name, after }])],
    points: all.map(({ place, param }, i) => ({ name: place.gradient, at: points[i] ?? param, param })),
    deployed: all.map(({ place, after }, i) => ({ name: place.deployed, value: deployed[i] ?? after, moved: after }))
  }
}

/** Runs one step of an optimizer on symbols. */
export const traceStep = <F extends StateFamily, X extends Extra>(
  operation: string,
  optimizer: Optimizer<F, X>,
  { shape = someVector, params }: ShowOptions
): Traced => {
  try {
    return traced(optimizer, symbolsOf(params ?? input(newScope(), "p", shape.slice(), "f64")))
  } catch (error) {
    const pathless = params === undefined && error instanceof ThalwegError && error.name === "TreeError"
    if (!pathless) throw error
    const received = `one parameter without a path, and so the mistake in ${error.message}`
    return fail("TreeError", operation, "the option params, parameters for an optimizer that looks at paths", received)
  }
}
