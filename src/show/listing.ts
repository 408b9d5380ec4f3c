import type { Tensor } from "../dataflow/primitive.js"
import { COUNT } from "./names.js"
import { isNonNegative, numberOf, terms, within, type Make, type Term } from "./term.js"
import type { Result, SymbolicStep } from "./step.js"
import { translate } from "./translate.js"

/** What is said of a name: a gradient, where it is taken; a result, the next value of a symbol; or what is deployed. */
export interface Equation {
  readonly kind: "gradient" | "result" | "deployed"
  readonly name: string
  readonly term: Term
}

/** What a step computes, to be read. */
export interface Listing {
  readonly equations: readonly Equation[]
  /** What the equations are computed from and they themselves, arguments first. */
  readonly terms: readonly Term[]
}

/** What is known of leaves of the state: those that are never negative, and those that stay what they are at first. */
interface Known {
  readonly nonNegative: ReadonlySet<string>
  readonly constant: ReadonlyMap<string, number>
}

/** The names of the leaves of the state of which this is so, at first and after the step. */
const namesWhere = (results: readonly Result[], test: (start: Tensor, after: Tensor) => boolean): ReadonlySet<string> =>
  new Set(results.flatMap(({ name, start, after }) => (start !== undefined && test(start, after) ? [name] : [])))

/** What tensors are under an assumption, or under less: what is so at first and stays so if all of it does. */
const solve = (step: SymbolicStep, known: Known): readonly [make: Make, termOf: (t: Tensor) => Term, known: Known] => {
  const { operation, symbols, marks, results, points, deployed } = step
  const make = terms(known.nonNegative)
  const own = [...results.flatMap(({ start = [] }) => start), ...results.map(({ after }) => after)]
  const rest = [...points.map(({ at }) => at), ...deployed.map(({ value }) => value)]
  const found = translate(make, [...own, ...rest], { operation, symbols, marks, numbers: known.constant })
  const termOf = (t: Tensor): Term => found.get(t) ?? make({ kind: "number", value: 0 })

  const grown = namesWhere(results, (...both) => both.map(termOf).every(isNonNegative))
  const still = namesWhere(results, (start, after) => termOf(start) === termOf(after))
  const nonNegative = new Set([...known.nonNegative].filter(name => name === COUNT || grown.has(name)))
  const constant = new Map([...known.constant].filter(([name]) => still.has(name)))
  const isLess = nonNegative.size < known.nonNegative.size || constant.size < known.constant.size
  return isLess ? solve(step, { nonNegative, constant }) : [make, termOf, known]
}

/** All that might be known: that no leaf of the state is ever negative, and that those which begin as numbers stay so. */
const assumed = ({ operation, results, symbols, marks }: SymbolicStep): Known => {
  const leaves = results.flatMap(({ name, start }) => (start === undefined ? [] : [{ name, start }]))
  const starts = leaves.map(({ start }) => start)
  const found = translate(terms(new Set()), starts, { operation, symbols, marks, numbers: new Map() })
  const numbers = leaves.flatMap(({ name, start }) => {
    const value = numberOf(found.get(start))
    return value === undefined ? [] : [[name, value] as const]
  })
  return { nonNegative: new Set([COUNT, ...leaves.map(({ name }) => name)]), constant: new Map(numbers) }
}

/** What a step computes but for `t`. Leaves of the state that never change are left out. */
const equationsOf = (
  { results, points, deployed }: SymbolicStep,
  make: Make,
  termOf: (t: Tensor) => Term,
  { constant }: Known
): readonly Equation[] => {
  const elsewhere = points.filter(({ at, param }) => termOf(at) !== termOf(param))
  const others = deployed.filter(({ value, moved }) => termOf(value) !== termOf(moved))
  const changing = results.filter(({ name }) => !constant.has(name))
  const equation = (kind: Equation["kind"], name: string, term: Term): Equation => ({ kind, name, term })
  return [
    ...elsewhere.map(({ name, at }) => equation("gradient", name, make({ kind: "gradient" }, [termOf(at)]))),
    ...changing.map(({ name, after }) => equation("result", name, termOf(after))),
    ...others.map(({ name, value }) => equation("deployed", name, termOf(value)))
  ]
}

/** The equations of a step; that of `t` comes first, if anything depends on it. */
export const listingOf = (step: SymbolicStep): Listing => {
  const [make, termOf, known] = solve(step, assumed(step))
  const own = equationsOf(step, make, termOf, known)
  const [t, one] = [make({ kind: "symbol", name: COUNT }), make({ kind: "number", value: 1 })]
  const next: Equation = { kind: "result", name: COUNT, term: make({ kind: "binary", fn: "add" }, [t, one]) }
  const equations = within(own.map(({ term }) => term)).has(t) ? [next, ...own] : own
  const gradients = own.filter(({ kind }) => kind === "gradient").map(({ name }) => make({ kind: "symbol", name }))
  const used = within([...gradients, ...equations.map(({ term }) => term)])
  return { equations, terms: [...used].sort((a, b) => a.id - b.id) }
}
