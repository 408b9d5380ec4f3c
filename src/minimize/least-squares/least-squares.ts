import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { add } from "../../dataflow/arithmetic.js"
import { square } from "../../dataflow/arithmetic.js"
import { compile, item, toTyped } from "../../engine/index.js"
import { Tree, type TreeLike, type TreesLike } from "../../tree/index.js"
import { boundsOf, checkWithin } from "../bounds.js"
import { elementName } from "../element-name.js"
import { goFrom } from "../run.js"
import { failAtStart } from "../start.js"
import { fitTransitionsOf, type AnyFitState, type FitTransitions, type Residuals } from "./minimizer.js"
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
  /** The cost there, ½ Σ C² ρ(w r² / C²). */
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
  /** `[n, n]`, over all elements in the order of their paths: `s² (JᵀJ)⁻¹`. NaN where parameters are indistinguishable. */
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
  readonly watched: readonly Tensor[]
  readonly residuals: Tree
  readonly uncertainty: Uncertainty
}

const runFrom = (
  operation: string,
  f: Residuals<Tree, readonly Tree[], Tree>,
  { step, goesOn, problem, options }: FitTransitions,
  first: AnyFitState,
  data: readonly Tree[]
): Run => {
  const watch = ({ value, gradientCosine }: AnyFitState): readonly Tensor[] => [value, gradientCosine]
  const going = { step: (state: AnyFitState) => step(state, data), goesOn, watch, maxSteps: options.maxSteps }
  const { last, watched } = goFrom(going, first)
  const own = problem(last.at, data)
  const residuals = f(last.at, ...data)
  const weights = options.weights === undefined ? undefined : weightsOf(operation, options.weights, residuals, own.dtype)
  const uncertainty = uncertaintyOf(own, last, { weights, isAbsolute: options.absoluteSigma })
  return { last, first, watched, residuals, uncertainty }
}

/** The names of all elements of a tree. */
const namesOf = (tree: Tree): readonly string[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).flatMap((leaf, k) =>
    Array.from(toTyped(leaf), (_, i) => elementName(paths[k] ?? "", leaf.shape, i))
  )
}

export const leastSquares = <P extends TreeLike<P>, R extends TreeLike<R>, D extends TreesLike<D> = readonly []>(
  residuals: Residuals<P, D, R>,
  options: LeastSquaresOptions<Tree> = {}
): ((start: P, ...data: D) => LeastSquaresFit<P, R>) => {
  const operation = "leastSquares"
  const f = residuals as unknown as Residuals<Tree, readonly Tree[], Tree>
  const transitions = fitTransitionsOf(operation, f, options)
  const { lower, upper, fusedMultiplyAdd } = transitions.options
  const run = compile(
    (start: Tree, ...data: readonly Tree[]) =>
      runFrom(operation, f, transitions, transitions.init(start, data), data) as unknown as Tree,
    { fusedMultiplyAdd }
  )
  return (start, ...data) => {
    const bounds = boundsOf(operation, lower, upper, start)
    if (bounds !== undefined) checkWithin(operation, bounds, start)
    const ran = run(start, ...(data as readonly Tree[])) as unknown as Run
    const { last, first, uncertainty } = ran
    const [code, iterations] = [item(last.status), item(last.iterations)]
    const reason = fitReasonOf(code)
    if (reason === "notFinite" && iterations === 0) {
      const total = (at: Tree, ...rest: readonly Tree[]): Tensor =>
        Tree.leaves(f(at, ...rest)).map(r => sum(square(r))).reduce((a, b) => add(a, b))
      failAtStart(operation, total, start, data as readonly Tree[])
    }
    const unknown = toTyped(uncertainty.unknown)
    const indistinguishable = namesOf(start).filter((_, i) => unknown[i] === 1)
    const [value, gradientCosine] = [item(last.value), item(last.gradientCosine)]
    const upTo = (from: Tensor, rest: Tensor | undefined): readonly number[] => [
      item(from),
      ...(rest === undefined ? [] : toTyped(rest).subarray(0, iterations))
    ]
    return {
      ...{ at: last.at as P, value, residuals: ran.residuals as R, gradientCosine, iterations },
      evaluations: {
        residuals: item(last.evaluations.residuals),
        jacobians: item(last.evaluations.jacobians)
      },
      reason,
      message: fitMessageOf({
        ...{ code, iterations, value, gradientCosine, indistinguishable },
        relativeStep: item(last.relativeStep),
        reduction: item(last.reduction),
        tolerances: transitions.tolerancesOf(start)
      }),
      history: {
        values: upTo(first.value, ran.watched[0]),
        gradientCosines: upTo(first.gradientCosine, ran.watched[1])
      },
      covariance: uncertainty.covariance,
      standardErrors: uncertainty.standardErrors as P,
      degreesOfFreedom: item(uncertainty.degreesOfFreedom),
      indistinguishable
    }
  }
}
