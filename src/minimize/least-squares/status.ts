import { CONVERGED, LINE_SEARCH_FAILED, MAX_STEPS, NOT_FINITE, SETTLED } from "../status.js"

/** Codes that a state of least squares keeps besides those of `minimize`. */
export const STALLED = LINE_SEARCH_FAILED
export const SMALL_STEP = 5
export const SMALL_CHANGE = 6
export const OUT_OF_TRIALS = 8
export const NOTHING_LEFT = 9

/** Why a fit stopped. */
export type FitReason = "converged" | "maxSteps" | "notFinite" | "stalled"

const reasons: Readonly<Record<number, FitReason>> = {
  [CONVERGED]: "converged",
  [SMALL_STEP]: "converged",
  [SMALL_CHANGE]: "converged",
  [SETTLED]: "converged",
  [NOTHING_LEFT]: "converged",
  [MAX_STEPS]: "maxSteps",
  [NOT_FINITE]: "notFinite",
  [STALLED]: "stalled",
  [OUT_OF_TRIALS]: "stalled"
}

/** The reason that a code stands for; a loop that ended has one. */
export const fitReasonOf = (code: number): FitReason => reasons[code] as FitReason

/** What reasons are said of: where it ended, and what the tolerances bound. */
interface Ending {
  readonly code: number
  readonly iterations: number
  readonly value: number
  readonly gradientCosine: number
  readonly relativeStep: number
  readonly reduction: number
  readonly tolerances: { readonly gradient: number; readonly step: number; readonly cost: number }
  /** What the residuals do not tell: groups that they do not tell apart, and alone what they do not depend on. */
  readonly indistinguishable: readonly (readonly string[])[]
  /** What the loss has no curvature in. */
  readonly flat: readonly string[]
}

const show = (x: number): string => String(Number(x.toPrecision(4)))

const sentence = (ending: Ending): string => {
  const { code, iterations, value, gradientCosine, relativeStep, reduction, tolerances } = ending
  const after = `after ${iterations} ${iterations === 1 ? "iteration" : "iterations"}`
  const slope = `the cosine between residuals and model, ${show(gradientCosine)},`
  switch (code) {
    case CONVERGED:
      return `Converged ${after}: ${slope} is at most gradientTolerance, ${show(tolerances.gradient)}.`
    case SMALL_STEP:
      return `Converged ${after}: the step that is left, ${show(relativeStep)} of the point, is at most stepTolerance, ${show(tolerances.step)}.`
    case SMALL_CHANGE:
      return `Converged ${after}: the last step lowered the cost by ${show(reduction)} of it, at most costTolerance, ${show(tolerances.cost)}.`
    case SETTLED:
      return `Converged ${after}: the last step changed the cost by no more than rounding does, and ${slope} does not fall any more.`
    case NOTHING_LEFT:
      return `Converged ${after}, as far as rounding lets it: residuals bend so that down the slope the cost of ${show(value)} falls by less than its rounding, though ${slope} is above gradientTolerance, ${show(tolerances.gradient)}.`
    case MAX_STEPS:
      return `Stopped ${after}, which is all of maxSteps: ${slope} is above gradientTolerance, ${show(tolerances.gradient)}.`
    case NOT_FINITE:
      return `Stopped ${after}: the cost, ${show(value)}, or a derivative is not finite.`
    case OUT_OF_TRIALS:
      return `Stopped ${after}: none of the steps that were tried, which were all of maxTrials, lowers the cost of ${show(value)} by enough, and ${slope} is above gradientTolerance, ${show(tolerances.gradient)}.`
    default:
      return (
        `Stopped ${after}: no step, however short, lowers the cost of ${show(value)}, and ${slope} is above ` +
        `gradientTolerance, ${show(tolerances.gradient)}. Rounding may hide what is lower, or the residuals have a kink here.`
      )
  }
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`

/** A reason in a sentence, and in others what the residuals do not tell. */
export const fitMessageOf = (ending: Ending): string => {
  const { indistinguishable: groups, flat } = ending
  const alone = groups.filter(({ length }) => length === 1).flat()
  const together = groups.filter(({ length }) => length > 1)
  return [
    sentence(ending),
    ...(alone.length === 0 ? [] : [`The residuals do not depend on ${listed(alone)} here.`]),
    ...(together.length === 0 ? [] : [`The residuals cannot tell ${together.map(listed).join(" apart, nor ")} apart.`]),
    ...(flat.length === 0 ? [] : [`The loss has no curvature here to tell the errors of ${listed(flat)} by.`])
  ].join(" ")
}
