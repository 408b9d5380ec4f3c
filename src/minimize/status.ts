/** Codes that a state keeps: 0 while it goes on. */
export const GOING = 0
export const CONVERGED = 1
export const MAX_STEPS = 2
export const NOT_FINITE = 3
export const LINE_SEARCH_FAILED = 4
export const SINGULAR_JACOBIAN = 5
/** Converged as far as rounding lets it, whatever the tolerance. */
export const SETTLED = 7

/** Why a minimization stopped. */
export type Reason = "converged" | "maxSteps" | "notFinite" | "lineSearchFailed"

/** Why a search for a root stopped. */
export type RootReason = Reason | "singularJacobian"

const reasons: Readonly<Record<number, RootReason>> = {
  [CONVERGED]: "converged",
  [MAX_STEPS]: "maxSteps",
  [NOT_FINITE]: "notFinite",
  [LINE_SEARCH_FAILED]: "lineSearchFailed",
  [SINGULAR_JACOBIAN]: "singularJacobian",
  [SETTLED]: "converged"
}

/** The reason that a code stands for; a loop that ended has one. */
export const reasonOf = (code: number): RootReason => reasons[code] as RootReason

/** What reasons are said of. */
interface Ending {
  readonly code: number
  readonly iterations: number
  readonly value: number
  /** What the tolerance bounds: what it is called, what it came to, and the bound. */
  readonly measured: string
  readonly measure: number
  readonly tolerance: number
  /** What it is that is not finite, if that is no value to minimize or its gradient. */
  readonly notFinite?: string | undefined
}

const show = (x: number): string => String(Number(x.toPrecision(4)))

/** A reason in a sentence. */
export const messageOf = ({ code, iterations, value, measured, measure, tolerance, notFinite }: Ending): string => {
  const after = `after ${iterations} ${iterations === 1 ? "iteration" : "iterations"}`
  const above = `${measured}, ${show(measure)}, is above the tolerance, ${show(tolerance)}`
  switch (code) {
    case CONVERGED:
      return `Converged ${after}: ${measured}, ${show(measure)}, is at most the tolerance, ${show(tolerance)}.`
    case SETTLED:
      return `Converged ${after}, as far as rounding lets it: ${above}, but no more than a few roundings of the point change it by.`
    case MAX_STEPS:
      return `Stopped ${after}, which is all of maxSteps: ${above}.`
    case NOT_FINITE:
      if (notFinite !== undefined) return `Stopped ${after}: ${notFinite}.`
      return value === -Infinity
        ? `Stopped ${after}: the function has no minimum, it fell to -Infinity.`
        : `Stopped ${after}: the value, ${show(value)}, or the gradient is not finite.`
    case SINGULAR_JACOBIAN:
      return `Stopped ${after}: the Jacobian is singular here, and ${above}.`
    default:
      return (
        `Stopped ${after}: no point that was tried along the direction of descent is lower than ${show(value)} by enough, and ${above}. ` +
        `Rounding may hide what is lower, or the function have a kink here.`
      )
  }
}
