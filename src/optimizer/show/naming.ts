import type { Equation, Program } from "./program.js"
import type { Term } from "./term.js"
import { COUNT } from "./trace.js"

/** What is written out wherever it is used, though it is used more than once: at most so many symbols and operations. */
const SMALL = 5

/** What a program defines, results with a prime and shared terms numbered; each after what it uses. */
export const definitionsOf = ({ equations, terms }: Program): readonly Equation[] => {
  const uses = new Map<Term, number>()
  for (const t of terms.flatMap(({ args }) => args)) uses.set(t, (uses.get(t) ?? 0) + 1)
  const results = new Set(equations.map(({ term }) => term))
  const sizes = new Map<Term, number>()
  const shared: Term[] = []
  for (const t of terms) {
    const size = t.args.reduce((total, a) => total + (sizes.get(a) ?? 1), 1)
    const isShared = size > SMALL && (uses.get(t) ?? 0) > 1 && !results.has(t)
    if (isShared) shared.push(t)
    sizes.set(t, isShared || results.has(t) ? 1 : size)
  }
  const named = [
    ...equations.map(({ name, term }) => ({ name: `${name}'`, term })),
    ...shared.map((term, i) => ({ name: `x_${i + 1}`, term }))
  ]
  const place = ({ name, term }: Equation): number => (name === `${COUNT}'` ? -1 : term.id)
  return named.sort((a, b) => place(a) - place(b))
}
