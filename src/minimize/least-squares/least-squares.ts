import { grad } from "../../autodiff/grad.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { item, toTyped } from "../../engine/index.js"
import { Tree, type TreeLike, type TreesLike } from "../../tree/index.js"
import { flattenAs } from "../../tree/tree.js"
import { requireWithin } from "../limits.js"
import { elementName } from "../element-name.js"
import type { Residuals } from "../equations.js"
import { compileRead } from "../known.js"
import { goFrom, historyOf } from "../loop.js"
import { failAtStart } from "../start.js"
import { fitTransitionsOf, type AnyFitState, type FitTransitions } from "./minimizer.js"
import { weightsOf, type LeastSquaresOptions } from "./options.js"
import { fitMessageOf, fitReasonOf, type FitReason } from "./status.js"
import { uncertaintyOf, type Uncertainty } from "./uncertainty.js"

/** How often residuals were computed. */
export interface FitEvaluationCounts {
  /** At how many points the residuals were computed, alone. */
  readonly residuals: number
  /** At how many points they were with all their derivatives. */
  readonly jacobians: number
}

/** What a fit came to. */
export interface LeastSquaresFit<P extends object, R extends object> {
  /** Where it ended: a tree like the start. */
  readonly at: P
  /** The cost there, ½ Σ C² ρ(w r² / C²); Infinity, or 0, where squares of residuals are too large, or small, for a number. */
  readonly value: number
  /** The residuals there, as the function gave them. */
  readonly residuals: R
  /** The cosine between residuals and what the parameters could do to them: what `gradientTolerance` bounds. */
  readonly gradientCosine: number
  readonly iterations: number
  readonly evaluations: FitEvaluationCounts
  readonly reason: FitReason
  /** The reason in a sentence, and what the residuals cannot tell apart. */
  readonly message: string
  /** At the start, and after each iteration. */
  readonly history: { readonly values: readonly number[]; readonly gradientCosines: readonly number[] }
  /**
   * `[n, n]`, over all elements in the order of their paths: `s² (JᵀJ)⁻¹`. NaN where parameters are indistinguishable, or a robust
   * loss has no curvature.
   */
  readonly covariance: Tensor
  /** The roots of its diagonal: a tree like the start. */
  readonly standardErrors: P
  /** Residuals with a weight, less the parameters that they determine: m − n. */
  readonly degreesOfFreedom: number
  /** The elements which the residuals do not determine, such as `["a", "b[1]"]`: another choice of them fits as well. */
  readonly indistinguishable: readonly string[]
}

/** What a run computes. */
interface Run {
  readonly last: AnyFitState
  readonly first: AnyFitState
  /** The value and the cosine after each step. */
  readonly watched: readonly [values: Tensor, gradientCosines: Tensor]
  readonly residuals: Tree
  readonly uncertainty: Uncertainty
}

const fitFrom = (
  operation: string,
  f: Residuals<Tree, readonly Tree[], Tree>,
  { step, goesOn, problem, options }: FitTransitions,
  first: AnyFitState,
  data: readonly Tree[]
): Run => {
  const watch = ({ value, gradientCosine }: AnyFitState): readonly Tensor[] => [value, gradientCosine]
  const going = { step: (state: AnyFitState) => step(state, data), goesOn, watch, maxSteps: options.maxSteps }
  const { last, ...gone } = goFrom(going, first)
  const watched = gone.watched as Run["watched"]
  const own = problem(last.at, data)
  const residuals = f(last.at, ...data)
  const weights =
    options.weights === undefined ? undefined : weightsOf(operation, options.weights, residuals, own.dtype)
  const uncertainty = uncertaintyOf(own, last, { weights, isAbsolute: options.absoluteSigma })
  return { last, first, watched, residuals, uncertainty }
}

/** Places in groups of such as are linked, directly or by others. */
const groupsOf = (places: readonly number[], linked: ArrayLike<number>, size: number): readonly (readonly number[])[] =>
  places.reduce<readonly (readonly number[])[]>((groups, i) => {
    const isNear = (group: readonly number[]): boolean => group.some(j => linked[i * size + j] === 1)
    const joined = [...groups.filter(isNear).flat(), i].toSorted((a, b) => a - b)
    return [...groups.filter(group => !isNear(group)), joined]
  }, [])

/** The names of all elements of a tree. */
const namesOf = (tree: Tree): readonly string[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).flatMap((leaf, k) =>
    Array.from(toTyped(leaf), (_, i) => elementName(paths[k] ?? "", leaf.shape, i) || "(root)")
  )
}

/**
 * Fits: from a start, finds where a sum of squares is least, `x* = argmin ½ Σ rᵢ(x)²`, a local one, and tells how well the residuals
 * determine it.
 *
 * `residuals` takes a tree of f32 or f64 tensors, and perhaps data that stays as it is (trees as well), to a tensor of residuals of any
 * shape, or a tree of such, m numbers in all: model less observations, say, and beside them what is known beforehand. It is pure, and
 * called a few times on symbols: Jacobian (forward mode), method and loop become one program, compiled once for the structure, dtypes
 * and shapes of a start and its data. The n elements of all leaves are one vector: f64 if any leaf is, else f32.
 *
 * With options it is the cost of scipy.optimize.least_squares that is least,
 *
 *     ½ Σ C² ρ(wᵢ rᵢ² / C²)     w: weights, C: scale
 *     ρ(z) = z "linear" · z up to 1, then 2√z - 1 "huber" · 2(√(1+z) - 1) "softL1" · ln(1+z) "cauchy" · atan(z) "arctan"
 *
 * within `lower ≤ x ≤ upper`. It stops, and says why (`reason`, and `message` in words):
 * - `"converged"`: by `gradientTolerance`, `stepTolerance` or `costTolerance`, or as far as rounding lets it: costs no longer tell points
 *   apart, and the gradient does not fall any more, or residuals bend so that the slope leads down by less than a rounding of the cost;
 * - `"maxSteps"`: so many iterations were made;
 * - `"stalled"`: no step lowers the cost, however short: there is a kink, or a derivative is wrong;
 * - `"notFinite"`: the cost or a derivative is not finite.
 *
 * `covariance` is `s² (JᵀJ)⁻¹` where it ended, J with rows times √wᵢ, `s² = 2 value / (m - n)`: of estimates, if errors are
 * independent and have variances in the ratio of 1/w. With `absoluteSigma` s² is 1. Of a robust loss, rows are also times √(ρ' +
 * 2zρ''), where that is above 0, and `value` is what it is, as in scipy: a rule of thumb; where these leave no curvature, it is
 * NaN, and `message` says so. Bounds do not matter to it. Elements that the residuals do not determine (J is without full rank,
 * with columns of length 1, but for rounding) are named in `indistinguishable`, and NaN in covariance and standard errors; those of
 * the others hold. Where m = n nothing tells s²: all are NaN.
 *
 * Options: see `LeastSquaresOptions`; others are a `HyperparameterError`, as are weights below 0, and bounds for a method that keeps
 * none. Throws a `ShapeError` for fewer residuals than variables, or weights and bounds of other shapes; a `DTypeError` for leaves
 * or residuals of integers; a `TreeError` for a start without elements, or weights and bounds that are other trees; and a `DataError` for
 * bounds that cross, a start outside of them, or one at which residuals or derivatives are not finite, which says where that
 * begins. Each has a path where there is one. Reading values, it is an `UnboundInputError` inside `grad`, `jvp`, `compile`, `vmap`
 * or `scan`, of values that depend on the arguments of these; `argmin` of half the sum of squares is for there.
 *
 * Units of residuals do not matter, nor whether their squares are numbers: costs are compared in units of a power of two.
 *
 * Laws: residuals in units of a power of two take the same path, to the last bit; residuals that are scaled or permuted, and variables in other units, have the same minimum, and standard errors in the same
 * units; linear residuals give what `lstsq` does, and the covariance of linear regression; a robust loss of large scale is the linear one;
 * it ends within its bounds, where the gradient only points beyond them.
 *
 * @example
 * import assert from "node:assert"
 * import { exp, item, mul, neg, sub, tensor, type Tensor } from "thalweg"
 * import { leastSquares } from "thalweg/minimize"
 *
 * const f64 = { dtype: "f64" } as const
 * const decay = ({ size, rate }: { size: Tensor; rate: Tensor }, times: Tensor, sizes: Tensor) =>
 *   sub(mul(size, exp(neg(mul(rate, times)))), sizes)
 * const start = { size: tensor(1, f64), rate: tensor(1, f64) }
 * const [times, sizes] = [tensor([0, 1, 2, 3, 4], f64), tensor([2.02, 1.2, 0.75, 0.44, 0.28], f64)]
 * const { at, standardErrors, reason } = leastSquares(decay)(start, times, sizes)
 * assert.strictEqual(reason, "converged")
 * assert.strictEqual(`${item(at.rate).toFixed(3)} ± ${item(standardErrors.rate).toFixed(3)}`, "0.503 ± 0.007")
 *
 * // two variables of which only the product matters
 * const product = ({ a, b }: { a: Tensor; b: Tensor }) => sub(mul(mul(a, b), times), sizes)
 * const { indistinguishable } = leastSquares(product)({ a: tensor(1, f64), b: tensor(2, f64) })
 * assert.deepStrictEqual(indistinguishable, ["a", "b"])
 */
export const leastSquares = <P extends TreeLike<P>, R extends TreeLike<R>, D extends TreesLike<D> = readonly []>(
  residuals: Residuals<P, D, R>,
  options: LeastSquaresOptions<Tree> = {}
): ((start: P, ...data: D) => LeastSquaresFit<P, R>) => {
  const operation = "leastSquares"
  const f = residuals as unknown as Residuals<Tree, readonly Tree[], Tree>
  const transitions = fitTransitionsOf(operation, f, options)
  const { lower, upper, fusedMultiplyAdd } = transitions.options
  const run = compileRead(
    { operation, instead: "argmin of half the sum of squares", fusedMultiplyAdd },
    (start: Tree, ...data: readonly Tree[]) =>
      fitFrom(operation, f, transitions, transitions.init(start, data), data) as unknown as Tree
  )
  return (start, ...data) => {
    flattenAs(operation, { start, data })
    requireWithin(operation, { lower, upper }, start)
    const ran = run(start, ...(data as readonly Tree[])) as unknown as Run
    const { last, first, uncertainty } = ran
    const [code, iterations] = [item(last.status), item(last.iterations)]
    const reason = fitReasonOf(code)
    if (reason === "notFinite" && iterations === 0) {
      const problemAt = (at: Tree, rest: readonly Tree[]) => {
        const problem = transitions.problem(at, rest)
        const point = problem.vectorOf(at)
        return { problem, point, weighted: problem.residuals(point) }
      }
      const weighted = (at: Tree, ...rest: readonly Tree[]): Tensor => problemAt(at, rest).weighted
      const judged = (at: Tree, ...rest: readonly Tree[]): Tree => {
        const { problem, point, weighted: own } = problemAt(at, rest)
        return [grad((x: Tensor) => sum(problem.residuals(x)))(point), problem.costOf(own).value]
      }
      failAtStart(operation, weighted, start, data as readonly Tree[], { name: "Jacobian", of: judged })
    }
    const [unknown, none] = [toTyped(uncertainty.unknown), toTyped(uncertainty.flat)]
    const names = namesOf(start)
    const places = names.flatMap((_, i) => (unknown[i] === 1 ? [i] : []))
    const groups = groupsOf(places, toTyped(uncertainty.linked), names.length).map(group =>
      group.map(i => names[i] as string)
    )
    const flat = names.filter((_, i) => none[i] === 1)
    const [value, gradientCosine] = [item(last.value), item(last.gradientCosine)]
    return {
      ...{ at: last.at as P, value, residuals: ran.residuals as R, gradientCosine, iterations },
      evaluations: {
        residuals: item(last.evaluations.residuals),
        jacobians: item(last.evaluations.jacobians)
      },
      reason,
      message: fitMessageOf({
        ...{ code, iterations, value, gradientCosine, indistinguishable: groups, flat },
        relativeStep: item(last.relativeStep),
        reduction: item(last.reduction),
        tolerances: transitions.tolerancesOf(start)
      }),
      history: {
        values: historyOf(first.value, ran.watched[0], iterations),
        gradientCosines: historyOf(first.gradientCosine, ran.watched[1], iterations)
      },
      covariance: uncertainty.covariance,
      standardErrors: uncertainty.standardErrors as P,
      degreesOfFreedom: item(uncertainty.degreesOfFreedom),
      indistinguishable: places.map(i => names[i] as string)
    }
  }
}
