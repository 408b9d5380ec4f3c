import type { Tensor } from "../dataflow/primitive.js"
import { item } from "../engine/index.js"
import type { Evaluations } from "../search/place.js"
import type { Tree } from "../tree/index.js"
import { compileRead, type Read } from "./known.js"
import { goFrom, historyOf } from "./loop.js"
import type { AnyState, Transitions } from "./minimizer.js"
import { messageOf, reasonOf, type RootReason } from "./status.js"

/** How often something was computed. */
export interface EvaluationCounts {
  /** At how many points the value of the function was computed, with or without its gradient. */
  readonly values: number
  /** At how many points its gradient was computed. */
  readonly gradients: number
  /** How many products of its Hessian with a vector were computed. */
  readonly hessianProducts: number
}

/** What a run computes. */
interface Run {
  readonly at: Tree
  readonly value: Tensor
  readonly measure: Tensor
  readonly iterations: Tensor
  readonly evaluations: Evaluations
  readonly status: Tensor
  /** What it was before the first step. */
  readonly start: { readonly value: Tensor; readonly measure: Tensor }
  /** What it was after each step, `[maxSteps]`; zeros beyond the last. */
  readonly values: Tensor
  readonly measures: Tensor
}

/** Steps from a state for as long as it goes on, as one loop. */
export const runFrom = (
  { step, goesOn, measure, maxSteps }: Transitions,
  first: AnyState,
  data: readonly Tree[]
): Run => {
  const watch = (state: AnyState): readonly Tensor[] => [state.value, measure(state)]
  const { last, watched } = goFrom({ step: state => step(state, data), goesOn, watch, maxSteps }, first)
  const { at, value, iterations, evaluations, status } = last
  const [values, measures] = watched as [Tensor, Tensor]
  const start = { value: first.value, measure: measure(first) }
  return { ...{ at, value, measure: measure(last), iterations, evaluations, status, start }, values, measures }
}

/** What a run came to, in numbers. */
interface Ran {
  readonly at: Tree
  readonly value: number
  readonly measure: number
  readonly iterations: number
  readonly evaluations: EvaluationCounts
  readonly reason: RootReason
  readonly message: string
  /** At the start, and after each iteration. */
  readonly values: readonly number[]
  readonly measures: readonly number[]
}

/** A run from a start to the end: one compiled program, and what it computed as numbers. */
export const compiledRun = (transitions: Transitions, read: Read): ((start: Tree, data: readonly Tree[]) => Ran) => {
  const run = compileRead(
    read,
    (start: Tree, ...data: readonly Tree[]) =>
      runFrom(transitions, transitions.init(start, data), data) as unknown as Tree
  )
  const measured = transitions.method.measure?.name ?? "the largest absolute element of the gradient"
  return (start, data) => {
    const { at, evaluations, status, ...ran } = run(start, ...data) as unknown as Run
    const [iterations, value, measure] = [ran.iterations, ran.value, ran.measure].map(item) as [number, number, number]
    const code = item(status)
    const { values, gradients, hessianProducts } = evaluations
    return {
      ...{ at, value, measure, iterations, reason: reasonOf(code) },
      evaluations: { values: item(values), gradients: item(gradients), hessianProducts: item(hessianProducts) },
      message: messageOf({ code, iterations, value, measured, measure, tolerance: transitions.toleranceOf(at) }),
      values: historyOf(ran.start.value, ran.values, iterations),
      measures: historyOf(ran.start.measure, ran.measures, iterations)
    }
  }
}
