import { add } from "../dataflow/arithmetic.js"
import { checkFunction } from "../dataflow/check.js"
import { and, eq, ge, isFinite, le, where } from "../dataflow/logic.js"
import type { FloatDType } from "../dataflow/dtype.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Resolved } from "../options/fields.js"
import { Tree, type TreeLike, type TreesLike } from "../tree/index.js"
import { projectedGradient, within } from "../search/bounds.js"
import type { LbfgsMemory } from "../search/curvature.js"
import { dtypeOf, type Problem } from "../search/problem.js"
import { count, largest } from "../search/vector.js"
import { boundedProblem } from "./limits.js"
import { asSteps, type TransitionsOf } from "./loop.js"
import type { AnyMethod, Iterate } from "./method.js"
import { checkOptions, type loopFields, type MinimizeOptions } from "./options.js"
import { CONVERGED, GOING, MAX_STEPS, NOT_FINITE } from "./status.js"

/** Where a minimization stands: a tree of tensors, which can be saved, watched, branched, and gone on from. */
export interface MinimizerState<P extends object, M extends Tree = LbfgsMemory> extends Iterate<M> {
  /** Where it is: a tree like the start. */
  readonly at: P
  /** How many steps were made, an i32 scalar. */
  readonly iterations: Tensor
  /**
   * An i32 scalar: 0 while it goes on, 1 converged, 2 at `maxSteps`, 3 not finite, 4 where a line search failed, 5 (of `rootFinder`)
   * where a Jacobian is singular, 7 (of it too) converged as far as rounding lets it.
   */
  readonly status: Tensor
}

/** A state, whatever it is of. */
export type AnyState = MinimizerState<Tree, Tree>

/** A function of a tree, and of data that stays as it is. */
export type Objective<P, D extends readonly unknown[]> = (at: P, ...data: D) => Tensor

/** A minimization as transitions: see `minimizer`. */
export interface Minimizer<P extends object, D extends readonly unknown[], M extends Tree> {
  /** The state at a start. */
  readonly init: (start: P, ...data: D) => MinimizerState<P, M>
  /** The state after one more step; of one that has stopped, the same. */
  readonly step: (state: MinimizerState<P, M>, ...data: D) => MinimizerState<P, M>
}

/** The same of any tree, and in parts. */
export interface Transitions extends TransitionsOf<AnyState> {
  readonly method: AnyMethod
  /** What the tolerance bounds. */
  readonly measure: (state: AnyState) => Tensor
  /** The bound, for a tree like the start. */
  readonly toleranceOf: (at: Tree) => number
  readonly maxSteps: number
}

/** What is done, of which problem, and when it ends. */
interface Plan {
  readonly method: AnyMethod
  /** The problem at a tree like the start. */
  readonly problemAt: (like: Tree, data: readonly Tree[]) => Problem
  readonly maxSteps: number
  readonly tolerance: number | undefined
  /** What it is where none is given. */
  readonly tolerances: Readonly<Record<FloatDType, number>>
}

/** Makes the transitions of a method on a problem. */
export const transitionsOf = ({ method, problemAt, maxSteps, tolerance, tolerances }: Plan): Transitions => {
  const { measure: own } = method
  const measure = (state: AnyState): Tensor =>
    own?.of(state) ?? largest(projectedGradient(problemAt(state.at, []).bounds, state.point, state.gradient))
  const toleranceOf = (at: Tree): number => tolerance ?? tolerances[dtypeOf(Tree.leaves(at))]
  const statusOf = (state: AnyState): Tensor => {
    const measured = measure(state)
    const left = where(ge(state.iterations, maxSteps), count(MAX_STEPS), count(GOING))
    const able = where(ge(state.status, NOT_FINITE), state.status, left)
    const ended = where(le(measured, toleranceOf(state.at)), count(CONVERGED), able)
    return own === undefined ? where(and(isFinite(state.value), isFinite(measured)), ended, count(NOT_FINITE)) : ended
  }
  const stated = (state: AnyState): AnyState => ({ ...state, status: statusOf(state) })
  return {
    ...{ method, measure, toleranceOf, maxSteps },
    init: (start, data) => {
      const own = problemAt(start, data)
      const point = own.vectorOf(start)
      const inside = own.bounds === undefined ? point : within(own.bounds, point)
      const first = method.init(own, inside, toleranceOf(start))
      return stated({ ...first, at: own.treeOf(first.point), iterations: count(0) })
    },
    step: ({ at, iterations, ...iterate }, data) => {
      const own = problemAt(at, data)
      const after = method.step(own, iterate)
      return stated({ ...after, at: own.treeOf(after.point), iterations: add(iterations, 1) })
    },
    goesOn: state => eq(statusOf(state), GOING)
  }
}

/** The transitions of a minimization. */
export const minimizing = (
  operation: string,
  f: Objective<Tree, readonly Tree[]>,
  { method, maxSteps, tolerance, lower, upper }: Resolved<typeof loopFields>
): Transitions => {
  checkFunction(operation, f)
  const problemAt = (like: Tree, data: readonly Tree[]) =>
    boundedProblem(operation, at => f(at, ...data), like, { lower, upper })
  return transitionsOf({ method, problemAt, maxSteps, tolerance, tolerances: { f32: 1e-3, f64: 1e-6 } })
}

/**
 * Makes the transitions of a minimization, to be saved, watched and branched: `init(start)` gives a state, `step(state)` the next.
 * `minimize` is the loop around them, compiled; here the loop is one's own.
 *
 * A state is a tree of tensors: `at` (a tree like the start), `value`, `status` (0 while it goes on), `iterations`, counts of
 * `evaluations`, and what the method works with, vectors of all leaves: `point`, `gradient`, `memory`. `step` leaves a state that
 * has stopped as it is; a state that stopped at `maxSteps`, or at a tolerance, goes on with a minimizer that has more of
 * one or less of the other. Compile `step` where it is called often. `f`, `data`, options and what is thrown: see `minimize`; a
 * start at which the function is not finite is a state with status 3, one outside its bounds gives way to the nearest point within.
 *
 * Law: as many steps as `minimize` makes lead where it does.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, item, mul, square, sub, tensor, toArray, type Tensor } from "thalweg"
 * import { minimizer } from "thalweg/minimize"
 *
 * const distance = ({ x, y }: { x: Tensor; y: Tensor }) => mul(square(sub(x, 3)), square(sub(y, x)))
 * const { init, step } = minimizer(distance)
 * const next = compile(step)
 * let state = init({ x: tensor(1), y: tensor(2) })
 * const seen = [item(state.value)]
 * while (item(state.status) === 0) {
 *   state = next(state)
 *   seen.push(item(state.value))
 * }
 * assert.ok(seen.every((value, i) => i === 0 || value <= (seen[i - 1] ?? 0)))
 */
export const minimizer = <P extends TreeLike<P>, D extends TreesLike<D> = readonly [], M extends Tree = LbfgsMemory>(
  f: Objective<P, D>,
  options: MinimizeOptions<M> = {}
): Minimizer<P, D, M> => {
  const made = asSteps("minimizer", minimizing("minimizer", f as never, checkOptions("minimizer", options)))
  return made as unknown as Minimizer<P, D, M>
}
