import { checkOptions } from "../dataflow/check.js"
import { checkShape } from "../dataflow/shape.js"
import { checkOptimizer } from "../optimizer/optimizer.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail, ThalwegError } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { newScope } from "../dataflow/scope.js"
import type { Shape } from "../dataflow/shape.js"
import { input, inputLike } from "../dataflow/symbol.js"
import { given, type AnyOptimizer } from "../optimizer/optimizer.js"
import type { Needs } from "../transform/transform.js"
import { Tree } from "../tree/index.js"
import { influenceOf } from "./influence.js"
import { unknownObjective, type Mark, type Marks } from "./objective.js"
import { keptFor } from "./owners.js"
import { COUNT, placesOf, stateNames, type Place } from "./names.js"

/** For what parameters a step is shown. */
export interface ShowOptions<P extends object = Tree> {
  /** The shape of the one parameter `p`. Default a vector, so that sums over it show; some optimizers want a matrix. */
  readonly shape?: Shape
  /** Parameters to show instead, for optimizers that look at paths, ranks or across leaves: shapes and paths count. */
  readonly params?: P
}

/** A leaf of the state or a parameter: what it is after the step, and what a leaf of the state is at first. */
export interface Result {
  readonly name: string
  readonly start?: Tensor
  readonly after: Tensor
}

/** A step as a graph over symbols. */
export interface SymbolicStep {
  /** Parameters, gradients, `loss`, gradients of examples, then the leaves of the state by name; the count of steps is `t`. */
  readonly symbols: ReadonlyMap<Tensor, string>
  /** Whose errors it bears. */
  readonly operation: string
  /** What stands for the objective and its derivatives. */
  readonly marks: Marks
  /** Leaves of the state but the count: those of no parameter, then each parameter's, followed by itself. */
  readonly results: readonly Result[]
  /** Where the gradient called `name` is taken, and the parameter, where it would be taken mostly. */
  readonly points: readonly { readonly name: string; readonly at: Tensor; readonly param: Tensor }[]
  /** What is deployed after the step, and the parameter, which would be mostly. */
  readonly deployed: readonly { readonly name: string; readonly value: Tensor; readonly moved: Tensor }[]
}

/** Long enough that nobody takes it for a constant of the algorithm. */
const someVector: Shape = [7]

/** How many examples a batch is shown to have. */
const EXAMPLES = 2

/** Symbols for parameters and for their gradients. */
const symbolsOf = (shown: Tree) => {
  const scope = newScope()
  const { leaves, structure } = Tree.flatten(shown)
  const places = placesOf(Tree.paths(shown))
  const symbol = (name: string, { dtype }: Tensor, shape: Shape): Tensor =>
    input(scope, name, shape, isFloat(dtype) ? "f64" : dtype)
  const each = leaves.flatMap((t, i) => {
    const place = places[i]
    if (place === undefined) return []
    const [param, grad] = [symbol(place.name, t, t.shape), symbol(place.gradient, t, t.shape)]
    return [{ place, param, grad, examples: symbol(place.examples, t, [EXAMPLES, ...t.shape]) }]
  })
  const tree = Tree.unflatten<Tree>(structure)
  return {
    scope,
    each,
    params: tree(each.map(({ param }) => param)),
    grads: tree(each.map(({ grad }) => grad)),
    exampleGradients: tree(each.map(({ examples }) => examples))
  }
}

type Symbols = ReturnType<typeof symbolsOf>

/** A step from symbols, parameter by parameter and leaf by leaf of the state; `start` is what the state is at first. */
const stepOn = (optimizer: AnyOptimizer, { scope, each, params, grads }: Symbols, needs: Needs<Tree>) =>
  scope.trace(() => {
    const first = optimizer.init(params)
    const { leaves: starts, structure } = Tree.flatten(first)
    const befores = starts.map(start => inputLike(scope, "state", start))
    const state = Tree.unflatten<typeof first>(structure)(befores)
    const [moved, next] = optimizer.step(params, state, grads, ...given(optimizer, needs))
    const [afters, reached, points, deployed] = [
      next,
      moved,
      optimizer.gradientPoint(params, state),
      optimizer.evalParams(moved, next)
    ].map(Tree.leaves)
    return {
      state,
      leaves: starts.map((start, i) => {
        const before = befores[i] ?? start
        return { start, before, after: afters?.[i] ?? before }
      }),
      params: each.map((one, i) => {
        const after = reached?.[i] ?? one.param
        return { ...one, after, point: points?.[i] ?? one.param, deployed: deployed?.[i] ?? after }
      })
    }
  })

type Step = ReturnType<typeof stepOn>

/** The names of the leaves of a state, and the parameters that they are kept for. */
const namesOf = (step: Step, params: Tree) => {
  const places = step.params.map(({ place }) => place)
  const outcomes = step.params.flatMap(({ param, after, point, deployed }) =>
    [after, point, deployed].map(value => ({ param, value }))
  )
  const kept = keptFor(step.state.inner, params, places, influenceOf(outcomes, step.leaves))
  const owners = kept.map(({ owner }) => owner)
  // the count stands before what is inside
  return { names: [COUNT, ...stateNames(kept, places)], owners: [undefined, ...owners] }
}

/** The leaves of the state that are kept for a parameter, or for none. */
const byOwner = <L extends { readonly owner: Place | undefined }>(
  leaves: readonly L[]
): ((owner: Place | undefined) => readonly L[]) => {
  const found = new Map<Place | undefined, L[]>()
  for (const leaf of leaves) {
    const same = found.get(leaf.owner)
    if (same === undefined) found.set(leaf.owner, [leaf])
    else same.push(leaf)
  }
  return owner => found.get(owner) ?? []
}

const described = (operation: string, optimizer: AnyOptimizer, symbols: Symbols): SymbolicStep => {
  const loss = input(symbols.scope, "loss", [], "f64")
  const marks = new Map<Tensor, Mark>()
  const objective = unknownObjective(symbols.scope, marks)
  const step = stepOn(optimizer, symbols, { loss, objective, exampleGradients: symbols.exampleGradients })
  const { names, owners } = namesOf(step, symbols.params)
  const leaves = step.leaves.map((leaf, i) => ({ ...leaf, name: names[i] ?? "", owner: owners[i] }))
  const ofOwner = byOwner(leaves.slice(1))
  const { params } = step
  return {
    symbols: new Map([
      ...params.map(({ param, place }) => [param, place.name] as const),
      ...params.map(({ grad, place }) => [grad, place.gradient] as const),
      [loss, "loss"],
      ...params.map(({ examples, place }) => [examples, place.examples] as const),
      ...leaves.map(({ before, name }) => [before, name] as const)
    ]),
    operation,
    marks,
    results: [
      ...ofOwner(undefined),
      ...params.flatMap(({ place, after }) => [...ofOwner(place), { name: place.name, after }])
    ],
    points: params.map(({ place, param, point }) => ({ name: place.gradient, at: point, param })),
    deployed: params.map(({ place, after, deployed }) => ({ name: place.deployed, value: deployed, moved: after }))
  }
}

/** Runs one step of an optimizer on symbols. */
export const symbolicStep = (operation: string, optimizer: AnyOptimizer, options: ShowOptions): SymbolicStep => {
  const { shape = someVector, params } = checkOptions(operation, options, ["shape", "params"])
  checkOptimizer(operation, optimizer)
  checkShape(operation, shape)
  try {
    return described(operation, optimizer, symbolsOf(params ?? input(newScope(), "p", shape.slice(), "f64")))
  } catch (error) {
    const pathless = params === undefined && error instanceof ThalwegError && error.name === "TreeError"
    if (!pathless) throw error
    const received = `one parameter without a path, and so the mistake in ${error.message}`
    return fail("TreeError", operation, "the option params, parameters for an optimizer that looks at paths", received)
  }
}
