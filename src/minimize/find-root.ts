import { jacobian } from "../autodiff/jacobian.js"
import { checkFunction } from "../dataflow/check.js"
import { fixed, flag, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveI32 } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import { flattenAs } from "../tree/tree.js"
import type { Tree, TreeLike, TreesLike } from "../tree/index.js"
import { backtracking } from "../search/backtracking.js"
import { lineSearchField } from "../search/line-search.js"
import { equationsOf, type Residuals } from "./equations.js"
import { asSteps } from "./loop.js"
import { transitionsOf, type Minimizer, type Transitions } from "./minimizer.js"
import { newton, type NewtonMemory } from "./newton.js"
import { compiledRun } from "./run.js"
import { failAtStart } from "./start.js"
import type { RootReason } from "./status.js"

/** What a search of its own, and one within a graph, have alike. */
export const rootFields = {
  /**
   * ≥ 0: it has converged where no residual is larger than this, ‖f(x)‖∞ ≤ tolerance. Absolute, in units of f. Default 1e-8, if all
   * leaves are f32 1e-4.
   */
  tolerance: fixed(nonNegative, "none"),
  /** How many iterations it makes at most, a whole number from 1; room for a history of so many is made first, 16 bytes each. Default 200. */
  maxSteps: fixed(positiveI32, 200),
  /** How it finds the length of a step. Default `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ backtracking())
}

const fields = {
  ...rootFields,
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true)
}

/** How to find a root, and when to stop. */
export interface FindRootOptions extends OptionsOf<typeof rootFields>, OptionsOf<typeof fields> {}

/** How often equations were computed. */
export interface RootEvaluations {
  /** At how many points. */
  readonly values: number
  /** At how many of them their Jacobian was. */
  readonly jacobians: number
}

/** What a search for a root came to. */
export interface Root<P extends object> {
  /** Where it ended: a tree like the start. */
  readonly at: P
  /** The largest absolute residual there. */
  readonly residual: number
  readonly iterations: number
  readonly evaluations: RootEvaluations
  readonly reason: RootReason
  /** The reason in a sentence. */
  readonly message: string
  /** The largest absolute residual at the start, and after each iteration. */
  readonly history: { readonly residuals: readonly number[] }
}

/** The transitions of a search for a root. */
export const rooting = (
  operation: string,
  f: Residuals<Tree, readonly Tree[], Tree>,
  { lineSearch, ...rest }: Pick<Resolved<typeof rootFields>, keyof typeof rootFields>
): Transitions => {
  checkFunction(operation, f)
  return transitionsOf({
    ...rest,
    method: newton(lineSearch),
    problemAt: (like, data) => equationsOf(operation, at => f(at, ...data), like),
    tolerances: { f32: 1e-4, f64: 1e-8 }
  })
}

/**
 * Finds a root of equations, near a start: `f(x) = 0`, of as many equations as unknowns.
 *
 * `f` takes a tree of f32 or f64 tensors, and perhaps data that stays as it is (trees as well), to a tree of f32 or f64 tensors with as
 * many elements in all. It is Newton's method, along p with J p = -f(x), J the exact Jacobian, with a line search that makes ½ ‖f‖²
 * smaller. One compiled program, as of `minimize`. Units of f matter to the tolerance alone: squares are made in units of the residuals,
 * a power of two, and overflow or vanish only where those do.
 *
 * It stops, and says why (`reason`, and `message` in words):
 * - `"converged"`: ‖f(x)‖∞ ≤ `tolerance`, or as far as rounding lets it: |f| ≤ 4ε |J| |x| for each equation, which is what a few roundings
 *   of x change it by; there it makes one more whole step, which it keeps if the largest residual falls, and ends;
 * - `"singularJacobian"`: J has no inverse here: the equations do not say which way to go;
 * - `"lineSearchFailed"`: along p nothing is lower by enough: often a minimum of ‖f‖ that is no root;
 * - `"maxSteps"`, `"notFinite"`: as of `minimize`.
 *
 * From another start there may be a root; for one variable, `findRootBetween` is sure to find one. It reads what it computed: inside
 * `grad`, `jvp`, `compile` or `vmap` it is an `UnboundInputError`, `root` is for there.
 *
 * Throws a `ShapeError` for another number of equations than of unknowns, a `DTypeError` (with its path) for results or leaves of
 * integers, and for a start at which f or J is not finite a `DataError`, which says where that begins. Options: see
 * `FindRootOptions`; others are a `HyperparameterError`.
 *
 * Laws: linear equations take one step; equations in units of a power of two take the same way, to the last bit; mixed equations have the same root; it has found one where no residual is above the tolerance; to the last bits, whatever the tolerance.
 *
 * Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithm 11.4.
 *
 * @example
 * import assert from "node:assert"
 * import { add, exp, item, scalar, square, sub, type Tensor } from "thalweg"
 * import { findRoot } from "thalweg/minimize"
 *
 * // where the circle of radius 2 meets y = eˣ - 1
 * const meet = ({ x, y }: { x: Tensor; y: Tensor }) => [sub(add(square(x), square(y)), 4), sub(sub(exp(x), 1), y)]
 * const { at, residual, reason } = findRoot(meet)({ x: scalar(1, "f64"), y: scalar(1, "f64") })
 * assert.ok(reason === "converged" && residual <= 1e-8)
 * assert.ok(Math.abs(item(at.x) - 1.0041687) < 1e-6)
 */
export const findRoot = <P extends TreeLike<P>, R extends TreeLike<R>, D extends TreesLike<D> = readonly []>(
  f: Residuals<P, D, R>,
  options: FindRootOptions = {}
): ((start: P, ...data: D) => Root<P>) => {
  const { fusedMultiplyAdd, ...settings } = resolve("findRoot", fields, options)
  const own = f as unknown as Residuals<Tree, readonly Tree[], Tree>
  const run = compiledRun(rooting("findRoot", own, settings), {
    operation: "findRoot",
    instead: "root",
    fusedMultiplyAdd
  })
  const slopes = (at: Tree, ...data: readonly Tree[]): Tree => {
    const { residuals, vectorOf } = equationsOf("findRoot", x => own(x, ...data), at)
    return jacobian(residuals)(vectorOf(at))
  }
  return (start, ...data) => {
    const given = data as readonly Tree[]
    flattenAs("findRoot", { start, data })
    const { at, measure, iterations, evaluations, reason, message, measures } = run(start, given)
    if (reason === "notFinite" && iterations === 0)
      failAtStart("findRoot", own, start, given, { name: "Jacobian", of: slopes })
    return {
      ...{ at: at as P, residual: measure, iterations },
      evaluations: { values: evaluations.values, jacobians: evaluations.gradients },
      ...{ reason, message, history: { residuals: measures } }
    }
  }
}

/**
 * Makes the transitions of a search for a root, as `minimizer` does those of a minimization: `init(start)` gives a state, `step(state)`
 * the next. Its `value` is ½ ‖f‖² (Infinity where no number says that), its `memory` has residuals and Jacobian; `status` 5 is a singular Jacobian, 7 converged as far as rounding lets it. `f`, options and what is
 * thrown: see `findRoot`; a start at which f is not finite is a state with status 3.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, square, sub, type Tensor } from "thalweg"
 * import { rootFinder } from "thalweg/minimize"
 *
 * const { init, step } = rootFinder((x: Tensor) => sub(square(x), 2))
 * const once = step(init(scalar(1, "f64")))
 * assert.strictEqual(item(once.at), 1.5)
 * assert.ok(Math.abs(item(step(once).at) - Math.SQRT2) < 0.003)
 */
export const rootFinder = <P extends TreeLike<P>, R extends TreeLike<R>, D extends TreesLike<D> = readonly []>(
  f: Residuals<P, D, R>,
  options: FindRootOptions = {}
): Minimizer<P, D, NewtonMemory> => {
  const { fusedMultiplyAdd: _, ...settings } = resolve("rootFinder", fields, options)
  return asSteps("rootFinder", rooting("rootFinder", f as never, settings)) as unknown as Minimizer<P, D, NewtonMemory>
}
