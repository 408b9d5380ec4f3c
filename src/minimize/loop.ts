import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { loopWhile } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item, toTyped } from "../engine/index.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { leavesLike, leavesOf } from "../tree/structure.js"
import { flattenAs, type Structure } from "../tree/tree.js"

/** A state transition, how long it goes on, and what is watched of each state. */
export interface Going<S> {
  readonly step: (state: S) => S
  /** A bool scalar: whether it goes on. */
  readonly goesOn: (state: S) => Tensor
  readonly watch: (state: S) => readonly Tensor[]
  readonly maxSteps: number
}

/** Where it ended, and what was watched after each step, each with a leading axis of `maxSteps`; zeros beyond the last. */
export interface Gone<S> {
  readonly last: S
  readonly watched: readonly Tensor[]
}

/** Steps from a state, a tree of tensors, for as long as it goes on: one loop. */
export const goFrom = <S extends object>({ step, goesOn, watch, maxSteps }: Going<S>, first: S): Gone<S> => {
  const { leaves, structure } = Tree.flatten(first as unknown as Tree)
  const stateOf = (flat: readonly Tensor[]): S => Tree.unflatten(structure)(flat) as unknown as S
  const parts = loopWhile(
    carry => goesOn(stateOf(carry)),
    carry => Tree.flatten(step(stateOf(carry)) as unknown as Tree).leaves,
    leaves,
    maxSteps,
    carry => watch(stateOf(carry))
  )
  return { last: stateOf(parts.slice(0, leaves.length)), watched: parts.slice(leaves.length) }
}

/** What was watched, as numbers: at the start, and after each iteration. */
export const historyOf = (first: Tensor, watched: Tensor, iterations: number): readonly number[] => [
  item(first),
  ...toTyped(watched).subarray(0, iterations)
]

/** Transitions of a state, a tree of tensors, under data that stays as it is. */
export interface TransitionsOf<S> {
  readonly init: (start: Tree, data: readonly Tree[]) => S
  readonly step: (state: S, data: readonly Tree[]) => S
  /** A bool scalar: whether it goes on. */
  readonly goesOn: (state: S) => Tensor
}

/** Transitions as users have them. */
interface Steps<S> {
  readonly init: (start: Tree, ...data: readonly Tree[]) => S
  readonly step: (state: S, ...data: readonly Tree[]) => S
}

/** Throws, at the place, where something is no state as `init` gives it: of this method, for a tree like its `at`. */
const stateCheck = (operation: string, init: (start: Tree, data: readonly Tree[]) => object) => {
  let known: { readonly at: Structure; readonly state: Structure } | undefined
  return (state: unknown, data: readonly Tree[]): void => {
    flattenAs(operation, { state, data })
    const at = isRecord(state) ? state["at"] : undefined
    if (at === undefined) fail("DataError", operation, "a state, such as init gives", describeValue(state))
    if (known === undefined || leavesOf(known.at, at) === undefined)
      known = { at: flattenAs(operation, at).structure, state: Tree.flatten(init(at as Tree, data) as Tree).structure }
    leavesLike(operation, known.state, state as Tree, "a state, such as init gives with this method,")
  }
}

/** Transitions as users have them: a state that has stopped stays as it is. `operation`: the name that errors bear. */
export const asSteps = <S extends object>(operation: string, { init, step, goesOn }: TransitionsOf<S>): Steps<S> => {
  const requireState = stateCheck(operation, init)
  return {
    init: (start, ...data) => {
      flattenAs(operation, { start, data })
      return init(start, data)
    },
    step: (state, ...data) => {
      requireState(state, data)
      return cond(
        goesOn(state),
        (before: Tree, ...rest: readonly Tree[]) => step(before as unknown as S, rest) as unknown as Tree,
        (before: Tree) => before,
        state as unknown as Tree,
        ...data
      ) as unknown as S
    }
  }
}
