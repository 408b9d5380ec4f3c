import { loopWhile } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item, toTyped } from "../engine/index.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"

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

/** Transitions as users have them: a state that has stopped stays as it is. */
export const asSteps = <S extends object>({ init, step, goesOn }: TransitionsOf<S>): Steps<S> => ({
  init: (start, ...data) => init(start, data),
  step: (state, ...data) =>
    cond(
      goesOn(state),
      (before: Tree, ...rest: readonly Tree[]) => step(before as unknown as S, rest) as unknown as Tree,
      (before: Tree) => before,
      state as unknown as Tree,
      ...data
    ) as unknown as S
})
