import { add, div, mul } from "../../dataflow/arithmetic.js"
import { checkFunction } from "../../dataflow/check.js"
import { and, eq, ge, gt, isFinite, le, where } from "../../dataflow/logic.js"
import { scalar } from "../../dataflow/create.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { all } from "../../dataflow/reduce.js"
import { Tree, type TreeLike, type TreesLike } from "../../tree/index.js"
import { within } from "../../search/bounds.js"
import { dtypeOf } from "../../search/problem.js"
import type { Residuals } from "../equations.js"
import { asSteps, type TransitionsOf } from "../loop.js"
import { CONVERGED, GOING, MAX_STEPS, NOT_FINITE, SETTLED } from "../status.js"
import { count, unitOf } from "../../search/vector.js"
import type { LevenbergMarquardtMemory } from "./levenberg-marquardt.js"
import type { AnyLeastSquaresMethod, FitIterate } from "./method.js"
import { remainingOf, type Remaining } from "./model.js"
import { checkFitOptions, rootsOf, type Checked, type LeastSquaresOptions } from "./options.js"
import { leastSquaresOf, type Fit, type LeastSquaresProblem, type LinearFit } from "./problem.js"
import { NOTHING_LEFT, OUT_OF_TRIALS, SMALL_CHANGE, SMALL_STEP, STALLED } from "./status.js"

/** Where a fit stands: a tree of tensors, which can be saved, watched, branched, and gone on from. */
export interface LeastSquaresState<P extends object, M extends Tree = LevenbergMarquardtMemory>
  extends FitIterate<M>, Remaining {
  /** Where it is: a tree like the start. */
  readonly at: P
  /** How many steps were made, an i32 scalar. */
  readonly iterations: Tensor
  /**
   * An i32 scalar: 0 while it goes on; converged by the gradient 1, by the step 5, by the cost 6, as far as rounding lets it 7 and 9; 2 at
   * `maxSteps`, 3 not finite, 4 stalled, 8 stalled since no more steps may be tried.
   */
  readonly status: Tensor
}

/** A fit as transitions: see `leastSquaresMinimizer`. */
export interface LeastSquaresMinimizer<P extends object, D extends readonly unknown[], M extends Tree> {
  /** The state at a start; what is outside of the bounds is moved to them. */
  readonly init: (start: P, ...data: D) => LeastSquaresState<P, M>
  /** The state after one more step; of one that has stopped, the same. */
  readonly step: (state: LeastSquaresState<P, M>, ...data: D) => LeastSquaresState<P, M>
}

/** A state, whatever it is of. */
export type AnyFitState = LeastSquaresState<Tree, Tree>

/** The three tolerances. */
export interface Tolerances {
  readonly gradient: number
  readonly step: number
  readonly cost: number
}

/** What tolerances are where none is given. */
const tolerances = { f32: { gradient: 1e-4, step: 1e-6 }, f64: { gradient: 1e-10, step: 1e-14 } }

/** The transitions of any tree, in parts. */
export interface FitTransitions extends TransitionsOf<AnyFitState> {
  readonly options: Checked
  readonly problem: (like: Tree, data: readonly Tree[]) => LeastSquaresProblem
  readonly tolerancesOf: (at: Tree) => Tolerances
}

/** What is linear in residuals, in another unit of them. */
type Change = (x: Tensor) => Tensor

/** A fit of a problem in another unit. */
const rescaledFit = (
  problem: LeastSquaresProblem,
  { point, residuals, triangle, rotated }: LinearFit,
  change: Change
): Fit => problem.fitOf({ point, residuals: change(residuals), triangle: change(triangle), rotated: change(rotated) })

/** What a method remembers, in another unit. */
const rescaledMemory = ({ rescaled }: AnyLeastSquaresMethod, memory: Tree, change: Change): Tree =>
  rescaled === undefined ? memory : rescaled(memory, change)

/** The problem in units of the residuals of a fit, and what leads to these and back. */
const unitsAt = (problem: LeastSquaresProblem, { residuals, triangle }: LinearFit) => {
  const unit = unitOf(residuals, triangle)
  return {
    scaled: problem.inUnits(unit),
    toUnits: (x: Tensor): Tensor => div(x, unit),
    back: (x: Tensor): Tensor => mul(x, unit)
  }
}

/** What a method remembers at a start, made in units of its residuals. */
const memoryInUnits = (method: AnyLeastSquaresMethod, problem: LeastSquaresProblem, fit: Fit): Tree => {
  const { scaled, toUnits, back } = unitsAt(problem, fit)
  return rescaledMemory(method, method.init(scaled, rescaledFit(scaled, fit, toUnits)), back)
}

/** The step of a method, made in units of the residuals. */
const stepInUnits = (
  method: AnyLeastSquaresMethod,
  problem: LeastSquaresProblem,
  iterate: FitIterate<Tree>
): FitIterate<Tree> => {
  const { scaled, toUnits, back } = unitsAt(problem, iterate)
  const rescaled = (to: LeastSquaresProblem, from: FitIterate<Tree>, change: Change): FitIterate<Tree> => ({
    ...from,
    ...rescaledFit(to, from, change),
    memory: rescaledMemory(method, from.memory, change)
  })
  return rescaled(problem, method.step(scaled, rescaled(scaled, iterate, toUnits)), back)
}

/** Makes the transitions of residuals under options, which it checks. */
export const fitTransitionsOf = (
  operation: string,
  f: Residuals<Tree, readonly Tree[], Tree>,
  given: LeastSquaresOptions<Tree>
): FitTransitions => {
  checkFunction(operation, f)
  const options = checkFitOptions(operation, given)
  const { method, maxSteps, weights } = options
  const roots = weights === undefined ? undefined : rootsOf(operation, weights)
  const terms = { loss: options.loss, scale: options.scale, roots, limits: options }
  const problem = (like: Tree, data: readonly Tree[]) => leastSquaresOf(operation, at => f(at, ...data), terms, like)
  const tolerancesOf = (at: Tree): Tolerances => {
    const { gradient, step } = tolerances[dtypeOf(Tree.leaves(at))]
    return {
      gradient: options.gradientTolerance ?? gradient,
      step: options.stepTolerance ?? step,
      cost: options.costTolerance
    }
  }
  const statusOf = (state: AnyFitState): Tensor => {
    const { gradientCosine, relativeStep, reduction, iterations, status, at } = state
    const { gradient, step, cost } = tolerancesOf(at)
    return [
      [eq(status, NOT_FINITE), NOT_FINITE] as const,
      [le(gradientCosine, gradient), CONVERGED] as const,
      [le(relativeStep, step), SMALL_STEP] as const,
      [and(gt(reduction, 0), le(reduction, cost)), SMALL_CHANGE] as const,
      [eq(status, SETTLED), SETTLED] as const,
      [eq(status, NOTHING_LEFT), NOTHING_LEFT] as const,
      [eq(status, STALLED), STALLED] as const,
      [eq(status, OUT_OF_TRIALS), OUT_OF_TRIALS] as const,
      [ge(iterations, maxSteps), MAX_STEPS] as const
    ].reduceRight((otherwise, [holds, code]) => where(holds, count(code), otherwise), count(GOING))
  }
  const stated = (
    own: LeastSquaresProblem,
    iterate: FitIterate<Tree>,
    remaining: Remaining,
    iterations: Tensor
  ): AnyFitState => {
    // not the value, which may overflow where residuals do not
    const isSound = and(isFinite(own.costOf(iterate.residuals).value), all(isFinite(iterate.triangle)))
    const status = where(isSound, iterate.status, count(NOT_FINITE))
    const state = { ...iterate, ...remaining, at: own.treeOf(iterate.point), iterations, status }
    return { ...state, status: statusOf(state) }
  }
  return {
    ...{ options, problem, tolerancesOf },
    init: (start, data) => {
      const own = problem(start, data)
      const point = own.vectorOf(start)
      const fit = own.fitAt(own.bounds === undefined ? point : within(own.bounds, point))
      const iterate: FitIterate<Tree> = {
        ...fit,
        memory: memoryInUnits(method, own, fit),
        evaluations: { residuals: count(1), jacobians: count(1) },
        reduction: scalar(Infinity, own.dtype),
        status: count(GOING)
      }
      return stated(own, iterate, remainingOf(own, iterate), count(0))
    },
    step: ({ at, iterations, gradientCosine: before, relativeStep: _, ...iterate }, data) => {
      const own = problem(at, data)
      const after = stepInUnits(method, own, iterate)
      const remaining = remainingOf(own, after)
      const isSettled = and(eq(after.reduction, 0), ge(remaining.gradientCosine, before))
      const status = where(isSettled, count(SETTLED), after.status)
      return stated(own, { ...after, status }, remaining, add(iterations, 1))
    },
    goesOn: state => eq(statusOf(state), GOING)
  }
}

/**
 * Makes the transitions of a fit, to be saved, watched and branched: `init(start)` gives a state, `step(state)` the next.
 * `leastSquares` is the loop around them, compiled; here the loop is one's own.
 *
 * A state is a tree of tensors: `at` (a tree like the start), `value` (the cost), `gradientCosine` and `relativeStep` (what tolerances
 * bound), `status` (0 while it goes on), `iterations`, counts of `evaluations`, and what the method works with: `point`,
 * `residuals`, the factors of the linear model, `memory`. `step` leaves a state that has stopped as it is. A start outside of the
 * bounds is moved to them. Residuals, `data`, options and what is thrown: see `leastSquares`; a start at which residuals are not finite is
 * a state with status 3.
 *
 * Law: as many steps as `leastSquares` makes lead where it does.
 *
 * @example
 * import assert from "node:assert"
 * import { compile, exp, item, mul, sub, tensor, type Tensor } from "thalweg"
 * import { leastSquaresMinimizer } from "thalweg/minimize"
 *
 * const f64 = { dtype: "f64" } as const
 * const [times, sizes] = [tensor([0, 1, 2, 3], f64), tensor([1.1, 1.9, 4.2, 7.9], f64)]
 * const growth = ({ size, rate }: { size: Tensor; rate: Tensor }) => sub(mul(size, exp(mul(rate, times))), sizes)
 * const { init, step } = leastSquaresMinimizer(growth)
 * const next = compile(step)
 * let state = init({ size: tensor(1, f64), rate: tensor(0, f64) })
 * const costs = [item(state.value)]
 * while (item(state.status) === 0) {
 *   state = next(state)
 *   costs.push(item(state.value))
 * }
 * assert.ok(item(state.status) === 1 && costs.every((cost, i) => i === 0 || cost <= (costs[i - 1] ?? 0) * (1 + 1e-12)))
 */
export const leastSquaresMinimizer = <
  P extends TreeLike<P>,
  R extends TreeLike<R>,
  D extends TreesLike<D> = readonly [],
  M extends Tree = LevenbergMarquardtMemory
>(
  residuals: Residuals<P, D, R>,
  options: LeastSquaresOptions<M> = {}
): LeastSquaresMinimizer<P, D, M> => {
  const made = asSteps("leastSquaresMinimizer", fitTransitionsOf("leastSquaresMinimizer", residuals as never, options))
  return made as unknown as LeastSquaresMinimizer<P, D, M>
}
