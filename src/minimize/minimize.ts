import { valueAndGrad } from "../autodiff/grad.js"
import { fail } from "../dataflow/error.js"
import { loopWhile } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, min } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { compile, item, locate, toTyped } from "../engine/index.js"
import { Tree, type TreeLike, type TreesLike } from "../tree/index.js"
import { requireWithin } from "./bounds.js"
import { transitionsOf, type AnyState, type Objective, type Transitions } from "./minimizer.js"
import type { Evaluations } from "./method.js"
import type { MinimizeOptions } from "./options.js"
import { messageOf, reasonOf, type Reason } from "./status.js"

/** How often something was computed. */
export interface EvaluationCounts {
  /** At how many points the value of the function was computed, with or without its gradient. */
  readonly values: number
  /** At how many points its gradient was computed. */
  readonly gradients: number
  /** How many products of its Hessian with a vector were computed. */
  readonly hessianProducts: number
}

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
const runFrom = ({ step, goesOn, measure, maxSteps }: Transitions, first: AnyState, data: readonly Tree[]): Run => {
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

/** Throws: at the start the function is not finite. Says what it was given, and where that begins. */
const failAtStart = (f: Objective<Tree, readonly Tree[]>, start: Tree, data: readonly Tree[]): never => {
  const found =
    locate((at: Tree, ...rest: readonly Tree[]) => [f(at, ...rest)])(start, ...data) ??
    locate((at: Tree, ...rest: readonly Tree[]) => valueAndGrad(f)(at, ...rest))(start, ...data)
  return fail(
    "DataError",
    "minimize",
    "a start at which the function and its gradient are finite",
    `${describeStart(start)}${found === undefined ? "" : ` (${found.message})`}`
  )
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
 * - `"notFinite"`: the value or the gradient is not finite; a value of -Infinity says that there is no minimum.
 *
 * `lower` and `upper` bound the variables (of `lbfgs` and `gradientDescent`): no point that it looks at is outside.
 *
 * It reads what it computed: inside `grad`, `compile` or `scan`, where there are no values, it is an `UnboundInputError`.
 *
 * Options: see `MinimizeOptions`; others are a `HyperparameterError`. Throws a `DataError`, `ShapeError` or `DTypeError` for a
 * function whose result is no scalar of floats, a `DTypeError` (with its path) for leaves of integers, a `TreeError` for a start
 * without elements, and a `DataError` for one at which the function or its gradient is not finite, which says where that begins. Bounds that cross, that
 * are NaN, or that the start is outside of are a `DataError`, those unlike the start a `TreeError` or `ShapeError`, all with their path.
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
  const transitions = transitionsOf("minimize", f as never, options)
  const { init, method, limits, fusedMultiplyAdd, toleranceOf } = transitions
  const run = compile(
    (start: Tree, ...data: readonly Tree[]) => runFrom(transitions, init(start, data), data) as unknown as Tree,
    { fusedMultiplyAdd }
  )
  return (start, ...data) => {
    requireWithin("minimize", limits, start)
    const { at, ...ran } = run(start, ...(data as readonly Tree[])) as unknown as Run
    const [iterations, value, measure] = [ran.iterations, ran.value, ran.measure].map(item) as [number, number, number]
    const reason = reasonOf(item(ran.status))
    if (reason === "notFinite" && iterations === 0) failAtStart(f as never, start, data as readonly Tree[])
    const upTo = (first: Tensor, rest: Tensor): readonly number[] => [
      item(first),
      ...toTyped(rest).subarray(0, iterations)
    ]
    const measures = upTo(ran.start.measure, ran.measures)
    return {
      ...{ at: at as P, value, gradientNorm: method.measure === undefined ? measure : NaN, iterations },
      evaluations: {
        values: item(ran.evaluations.values),
        gradients: item(ran.evaluations.gradients),
        hessianProducts: item(ran.evaluations.hessianProducts)
      },
      reason,
      message: messageOf({
        ...{ reason, iterations, value, measure, tolerance: toleranceOf(at) },
        measured: method.measure?.name ?? "the largest absolute element of the gradient"
      }),
      history: {
        values: upTo(ran.start.value, ran.values),
        gradientNorms: method.measure === undefined ? measures : measures.map(() => NaN)
      }
    }
  }
}
