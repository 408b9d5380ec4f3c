import type { Tree, TreeLike, TreesLike } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import { requireWithin } from "./limits.js"
import { minimizing, type Objective } from "./minimizer.js"
import { checkOptions, type MinimizeOptions } from "./options.js"
import { compiledRun, type EvaluationCounts } from "./run.js"
import { failAtStart } from "./start.js"
import type { Reason } from "./status.js"

/** What a minimization came to. */
export interface Minimum<P extends object> {
  /** Where it ended: a tree like the start. */
  readonly at: P
  readonly value: number
  /** The largest absolute element of the gradient there, projected where there are bounds: NaN of `nelderMead`, which computes none. */
  readonly gradientNorm: number
  readonly iterations: number
  readonly evaluations: EvaluationCounts
  readonly reason: Reason
  /** The reason in a sentence. */
  readonly message: string
  /** At the start, and after each iteration. */
  readonly history: { readonly values: readonly number[]; readonly gradientNorms: readonly number[] }
}

/**
 * Minimizes a function, from a start: `x* = argmin f(x)`, a local one.
 *
 * `f` takes a tree of f32 or f64 tensors, and perhaps data that stays as it is (trees as well), to a scalar. It is pure, and called
 * a few times on symbols: derivatives, the method and the loop around it become one program, compiled once for the structure, dtypes
 * and shapes of a start and its data, with no JavaScript between iterations. Methods see the leaves as one vector: f64 if any leaf
 * is, else f32; values are computed in that dtype.
 *
 * It stops, and says why (`reason`, and `message` in words):
 * - `"converged"`: ‖∇f(x)‖∞ ≤ `tolerance`, no element of the gradient is larger (of `nelderMead`: its simplex; with bounds: of the
 *   projected gradient x - P(x - ∇f(x)));
 * - `"maxSteps"`: so many iterations were made;
 * - `"lineSearchFailed"`: along a direction of descent nothing is lower by enough: rounding hides it, or there is a kink;
 * - `"notFinite"`: the value or the gradient is not finite; a value of -Infinity says that there is no minimum (of what falls on
 *   where there are no more numbers, too).
 *
 * Along -∇f a step is tried first that changes some variable by four roundings of it, or more; where no variable moves, the line search
 * failed.
 *
 * `lower` and `upper` bound the variables (of `lbfgs` and `gradientDescent`): no point that it looks at is outside.
 *
 * It reads what it computed: inside `grad`, `jvp`, `compile`, `vmap` or `scan`, of values that depend on the arguments of these, it is an
 * `UnboundInputError`; `argmin` is for there.
 *
 * Options: see `MinimizeOptions`; others are a `HyperparameterError`. Throws a `DataError`, `ShapeError` or `DTypeError` for a
 * function whose result is no scalar of floats, a `DTypeError` (with its path) for leaves of integers, a `TreeError` for a start
 * without elements, and a `DataError` for one at which the function or its gradient is not finite, which says where that begins.
 * Bounds that cross, that are NaN, or that the start is outside of are a `DataError`, those unlike the start a `TreeError` or
 * `ShapeError`, all with their path.
 *
 * Laws: a constant that is added changes neither the path nor the minimum; permuted variables, permuted minimum; a minimum that
 * is its own start converges at once; methods with a line search are monotone, but for some roundings; it never leaves its bounds, at
 * its end only they hold what would go on, and with infinite ones it goes the way that it goes without.
 *
 * @example
 * import assert from "node:assert"
 * import { add, mul, square, sub, tensor, toArray, type Tensor } from "thalweg"
 * import { minimize } from "thalweg/minimize"
 *
 * const valley = ({ x, y }: { x: Tensor; y: Tensor }, steep: Tensor) =>
 *   add(square(sub(1, x)), mul(steep, square(sub(y, square(x)))))
 * const start = { x: tensor(-1.2, { dtype: "f64" }), y: tensor(1, { dtype: "f64" }) }
 * const { at, reason, gradientNorm, history } = minimize(valley)(start, tensor(100, { dtype: "f64" }))
 * assert.strictEqual(reason, "converged")
 * assert.ok(gradientNorm <= 1e-6 && history.values[0] === 24.199999999999996)
 * assert.ok(Math.abs(toArray(at.x) as number - 1) < 1e-6)
 *
 * const below = minimize(valley, { upper: { x: 0.5, y: Infinity } })(start, tensor(100, { dtype: "f64" }))
 * assert.deepStrictEqual([toArray(below.at.x), below.reason], [0.5, "converged"])
 */
export const minimize = <P extends TreeLike<P>, D extends TreesLike<D> = readonly []>(
  f: Objective<P, D>,
  options: MinimizeOptions<Tree> = {}
): ((start: P, ...data: D) => Minimum<P>) => {
  const { fusedMultiplyAdd, ...settings } = checkOptions("minimize", options)
  const own = f as unknown as Objective<Tree, readonly Tree[]>
  const transitions = minimizing("minimize", own, settings)
  const run = compiledRun(transitions, { operation: "minimize", instead: "argmin", fusedMultiplyAdd })
  return (start, ...data) => {
    flattenAs("minimize", { start, data })
    requireWithin("minimize", settings, start)
    const given = data as readonly Tree[]
    const { at, value, measure, evaluations, ...ended } = run(start, given)
    if (ended.reason === "notFinite" && ended.iterations === 0) failAtStart("minimize", own, start, given)
    const hasGradient = transitions.method.measure === undefined
    return {
      ...{ at: at as P, value, gradientNorm: hasGradient ? measure : NaN, iterations: ended.iterations },
      ...{ evaluations, reason: ended.reason as Reason, message: ended.message },
      history: { values: ended.values, gradientNorms: hasGradient ? ended.measures : ended.measures.map(() => NaN) }
    }
  }
}
