import type { Scope, Scopes, Tensor } from "./primitive.js"

const none: Scopes = []

/** A scope that is not open yet. */
export const newScope = (): Scope => {
  const alone: Scope[] = []
  const scope: Scope = { open: false, alone }
  alone.push(scope)
  return scope
}

/** Runs `body` while `scope` is open. A scope may be opened again; one that is open already stays so. */
export const tracing = <A>(scope: Scope, body: () => A): A => {
  if (scope.open) return body()
  scope.open = true
  try {
    return body()
  } finally {
    scope.open = false
  }
}

const isOpen = (scope: Scope): boolean => scope.open

const setOf = (scopes: Scopes): Scopes => {
  const [first] = scopes
  return first === undefined ? none : scopes.length === 1 ? first.alone : scopes
}

/** What is open of a set: mostly all of it. A loop, since every node that is built comes through here. */
const openOf = (scopes: Scopes): Scopes => {
  for (const scope of scopes) if (!scope.open) return setOf(scopes.filter(isOpen))
  return scopes
}

/** The union of two sets; one of the two themselves if it can be. */
const union = (a: Scopes, b: Scopes): Scopes => {
  if (a.every(scope => b.includes(scope))) return b
  const more = b.filter(scope => !a.includes(scope))
  return more.length === 0 ? a : [...a, ...more]
}

/** The open scopes of some nodes: those to which a node that is built from them now belongs. */
export const openScopes = (tensors: readonly Tensor[]): Scopes => {
  let found = none
  for (const { scopes } of tensors)
    if (scopes !== found && scopes !== none) found = found === none ? openOf(scopes) : union(found, openOf(scopes))
  return found
}

/** The scopes of a symbol of `scope` that is built from `args`. */
export const symbolScopes = (scope: Scope, args: readonly Tensor[]): Scopes => union(scope.alone, openScopes(args))

/** Whether the value of a node depends on a symbol of `scope`. */
export const isWithin = (scope: Scope, t: Tensor): boolean => t.scopes.includes(scope)

/** Whether any of these depends on a symbol of a function that is still being traced. */
export const isSymbolic = (tensors: readonly Tensor[]): boolean => tensors.some(t => t.scopes.some(isOpen))
