import type { Equation, Listing } from "./listing.js"
import { COUNT } from "./names.js"
import { within, type Term } from "./term.js"

/** What is written out wherever it is used, though it is used more than once: at most so many symbols and operations. */
const SMALL = 5

/** A line: what a name is defined as. Only some names are used for their terms. */
export interface Definition extends Omit<Equation, "kind"> {
  readonly kind: Equation["kind"] | "shared"
}

/** Whether other lines refer to a term by this name. */
export const isReferred = ({ kind }: Definition): boolean => kind === "result" || kind === "shared"

/** What is used more than once and is too large to be written more than once. */
const sharedTerms = ({ equations, terms }: Listing): readonly Term[] => {
  const uses = new Map<Term, number>()
  const deployed = equations.filter(({ kind }) => kind === "deployed").map(({ term }) => term)
  for (const t of [...terms.flatMap(({ args }) => args), ...deployed]) uses.set(t, (uses.get(t) ?? 0) + 1)
  const results = new Set(equations.filter(isReferred).map(({ term }) => term))
  const sizes = new Map<Term, number>()
  return terms.filter(t => {
    const size = t.args.reduce((total, a) => total + (sizes.get(a) ?? 1), 1)
    const isShared = size > SMALL && (uses.get(t) ?? 0) > 1 && !results.has(t)
    sizes.set(t, isShared || results.has(t) ? 1 : size)
    return isShared
  })
}

/**
 * What a program defines, results with a prime and shared terms numbered, each after what it uses: first where gradients
 * are taken, last what is deployed.
 */
export const definitionsOf = (program: Listing): readonly Definition[] => {
  const { equations } = program
  const own = equations.map(({ kind, name, term }): Definition => ({
    kind,
    name: kind === "gradient" ? name : `${name}'`,
    term
  }))
  const shared = sharedTerms(program).map((term, i): Definition => ({ kind: "shared", name: `x_${i + 1}`, term }))
  const early = within(equations.filter(({ kind }) => kind === "gradient").map(({ term }) => term))
  const part = ({ kind, term }: Definition): number =>
    kind === "deployed" ? 3 : kind === "gradient" ? 1 : early.has(term) && term.args.length > 0 ? 0 : 2
  const place = ({ name, term }: Definition): number => (name === `${COUNT}'` ? -1 : term.id)
  return [...own, ...shared].sort((a, b) => part(a) - part(b) || place(a) - place(b))
}
