/**
 * Scopes tell what depends on the arguments of a function that is being traced, without a walk through the graph.
 *
 * 1. A *scope* is a function that is traced: by `grad`, `vjp`, `jvp`, `compile`, a loop, or as the equivalent expression
 *    of a derivative. It is open while the function runs, is closed too when the function throws, and may be opened again.
 *    What an asynchronous function builds after its first `await` is built outside.
 * 2. A *symbol* (an input, or a variable by which one differentiates) belongs to its own scope, open or not, and to the
 *    open scopes of its argument.
 * 3. Any other node belongs to the scopes that are open when it is built, among those of its arguments. So a scope stands in
 *    `t.scopes` if `t` was built while it was open and depends on one of its symbols. The set of a node never changes;
 *    a scope that has closed is left out of the sets of what is built later.
 * 4. A tensor is *symbolic* if one of its scopes is open: its value is not to be computed yet.
 * 5. A loop is made by `closeLoop`, which traces the body itself. The nodes of the body are those in its scope; arguments
 *    and results of them that are outside are captured. This takes time linear in the body.
 * 6. A derivative walks the nodes of its scope only, and its sources. It may be taken long after the scope has closed,
 *    since every node between the sources and the results was built while it was open. (What is built from a symbol after
 *    its scope has closed is a constant for it.)
 * 7. The derivative of a loop is traced in the scope of its body, opened again, because it uses the symbols and the nodes of
 *    the body, and because derivatives written by hand hold such nodes.
 * 8. A scope is *over* when nobody differentiates by its symbols any more: that of `grad` when it has returned, that of
 *    `vjp` never, since its pullback may be called at any time. A node that was computed becomes a literal as soon as all
 *    its scopes are over; until then it remembers its value, and keeps its arguments.
 *
 * It is a set and not only the innermost scope: a node that depends on the symbols of an outer function alone can then be
 * moved out of an inner loop, and scopes may open in any order. Nearly always the set is shared with an argument.
 */
import type { Scope, Scopes, Vertex } from "./primitive.js"

const none: Scopes = Object.freeze([])

/** Open or closed is kept on the scope itself, so that functions traced by two copies of the library nest rightly. */
class TracedFunction implements Scope {
  #open = false
  readonly alone: Scopes

  constructor() {
    this.alone = Object.freeze([this])
    Object.freeze(this)
  }

  get isOpen(): boolean {
    return this.#open
  }

  trace<A>(body: () => A): A {
    if (this.#open) return body()
    this.#open = true
    try {
      return body()
    } finally {
      this.#open = false
    }
  }
}

/** A scope that is not open yet. */
export const newScope = (): Scope => new TracedFunction()

const setOf = (scopes: readonly Scope[]): Scopes => {
  const [first] = scopes
  return first === undefined ? none : scopes.length === 1 ? first.alone : Object.freeze(scopes)
}

const areOpen = (scopes: Scopes): boolean => {
  for (let i = 0; i < scopes.length; i++) if (!(scopes[i] as Scope).isOpen) return false
  return true
}

/** Those of a set that are open: mostly the set itself. */
const openOf = (scopes: Scopes): Scopes => (areOpen(scopes) ? scopes : setOf(scopes.filter(({ isOpen }) => isOpen)))

/** The union of two sets: one of the two, if it contains the other. */
const union = (a: Scopes, b: Scopes): Scopes => {
  if (a.every(scope => b.includes(scope))) return b
  const more = b.filter(scope => !a.includes(scope))
  return more.length === 0 ? a : Object.freeze([...a, ...more])
}

/** The scopes to which a node that is built now from `args` belongs. Every node that is built comes through here. */
export const openScopes = (args: readonly Vertex[]): Scopes => {
  let found = none
  for (let i = 0; i < args.length; i++) {
    const { scopes } = args[i] as Vertex
    if (scopes !== found && scopes.length > 0) found = found === none ? openOf(scopes) : union(found, openOf(scopes))
  }
  return found
}

/** The scopes of a symbol of `scope` that is built from `args`. */
export const symbolScopes = (scope: Scope, args: readonly Vertex[]): Scopes => union(scope.alone, openScopes(args))

const over = new WeakSet<Scope>()
const waiting = new WeakMap<Scope, (() => void)[]>()

/** Says that nobody differentiates by the symbols of a scope any more. */
export const end = (scope: Scope): void => {
  over.add(scope)
  waiting.get(scope)?.forEach(action => {
    action()
  })
  waiting.delete(scope)
}

/** Does something as soon as all scopes of a node are over. */
export const whenOver = (vertex: Vertex, action: () => void): void => {
  const scope = vertex.scopes.find(scope => !over.has(scope))
  if (scope === undefined) action()
  else {
    const actions = waiting.get(scope) ?? []
    actions.push(() => {
      whenOver(vertex, action)
    })
    waiting.set(scope, actions)
  }
}

/** Whether a node was built in a scope, and depends on one of its symbols. */
export const isWithin = (scope: Scope, vertex: Vertex): boolean => vertex.scopes.includes(scope)

/** Whether any of these depends on a symbol of a function that is being traced. */
export const isSymbolic = (tensors: readonly Vertex[]): boolean =>
  tensors.some(({ scopes }) => scopes.some(({ isOpen }) => isOpen))
