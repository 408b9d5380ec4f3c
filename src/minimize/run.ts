import { fail } from "../dataflow/error.js"
import { loopWhile } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, min } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { compile, item, locate, toTyped } from "../engine/index.js"
import { Tree } from "../tree/index.js"
import type { AnyState, Transitions } from "./minimizer.js"
import type { Evaluations } from "./method.js"
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

/** What the program of a run computes. */
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
  const { leaves, structure } = Tree.flatten(first as unknown as Tree)
  const stateOf = (flat: readonly Tensor[]): AnyState => Tree.unflatten(structure)(flat) as unknown as AnyState
  const parts = loopWhile(
    carry => goesOn(stateOf(carry)),
    carry => Tree.flatten(step(stateOf(carry), data) as unknown as Tree).leaves,
    leaves,
    maxSteps,
    carry => [stateOf(carry).value, measure(stateOf(carry))]
  )
  const last = stateOf(parts.slice(0, leaves.length))
  const { at, value, iterations, evaluations, status } = last
  const [values, measures] = parts.slice(leaves.length) as [Tensor, Tensor]
  const start = { value: first.value, measure: measure(first) }
  return { ...{ at, value, measure: measure(last), iterations, evaluations, status, start }, values, measures }
}

const describeLeaf = (t: Tensor): string => {
  const show = (x: Tensor): string => String(Number(item(x).toPrecision(7)))
  const size = sizeOf(t.shape)
  if (size === 0) return showType(t)
  return size === 1 ? show(reshape(t, [])) : `${showType(t)} from ${show(min(t))} to ${show(max(t))}`
}

/** The arguments of the function, by their paths. */
const describeStart = (start: Tree): string => {
  const leaves = Tree.leaves(start)
  return Tree.paths(start)
    .map((path, i) => `${path === "" ? "the start" : path}: ${describeLeaf(leaves[i] as Tensor)}`)
    .join(", ")
}

/** A function of the start and the data. */
type Look = (at: Tree, ...data: readonly Tree[]) => Tree

/** Throws: at the start something is not finite. Says what it was given, and where in what is looked at that begins. */
export const failAtStart = (
  operation: string,
  expected: string,
  looks: readonly Look[],
  start: Tree,
  data: readonly Tree[]
): never => {
  const found = looks.reduce<ReturnType<ReturnType<typeof locate>>>(
    (before, look) => before ?? locate((at: Tree, ...rest: readonly Tree[]) => [look(at, ...rest)])(start, ...data),
    undefined
  )
  return fail(
    "DataError",
    operation,
    `a start at which the function and its ${expected} are finite`,
    `${describeStart(start)}${found === undefined ? "" : ` (${found.message})`}`
  )
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
export const compiledRun = (
  transitions: Transitions,
  fusedMultiplyAdd: boolean
): ((start: Tree, data: readonly Tree[]) => Ran) => {
  const run = compile(
    (start: Tree, ...data: readonly Tree[]) =>
      runFrom(transitions, transitions.init(start, data), data) as unknown as Tree,
    { fusedMultiplyAdd }
  )
  const measured = transitions.method.measure?.name ?? "the largest absolute element of the gradient"
  return (start, data) => {
    const { at, evaluations, status, ...ran } = run(start, ...data) as unknown as Run
    const [iterations, value, measure] = [ran.iterations, ran.value, ran.measure].map(item) as [number, number, number]
    const reason = reasonOf(item(status))
    const upTo = (first: Tensor, rest: Tensor): readonly number[] => [
      item(first),
      ...toTyped(rest).subarray(0, iterations)
    ]
    const { values, gradients, hessianProducts } = evaluations
    return {
      ...{ at, value, measure, iterations, reason },
      evaluations: { values: item(values), gradients: item(gradients), hessianProducts: item(hessianProducts) },
      message: messageOf({ reason, iterations, value, measured, measure, tolerance: transitions.toleranceOf(at) }),
      values: upTo(ran.start.value, ran.values),
      measures: upTo(ran.start.measure, ran.measures)
    }
  }
}
