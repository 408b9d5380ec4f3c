import type { Tensor } from "../../dataflow/primitive.js"
import type { Tree } from "../../tree/index.js"
import type { Fit, LeastSquaresProblem } from "./problem.js"

/** How often residuals were computed so far, i32 scalars. */
export interface FitEvaluations {
  /** At how many points, alone. */
  readonly residuals: Tensor
  /** At how many points with all their derivatives. */
  readonly jacobians: Tensor
}

/** What a method of least squares hands from step to step. */
export interface FitIterate<M extends Tree> extends Fit {
  readonly evaluations: FitEvaluations
  /** By which share of it the last step lowered the cost, a scalar; Infinity where that was not as the model promised. */
  readonly reduction: Tensor
  /** An i32 scalar: 0, or when the method cannot go on from here 4 or 8 (`stalled`), or 9 (converged: what is left is below rounding). */
  readonly status: Tensor
  readonly memory: M
}

/**
 * A way to solve problems of least squares: a pure state transition on vectors, of graphs. It does not stop by itself. It meets the
 * problem in units in which residuals are about 1, other ones in each step; `rescaled` says which of what it remembers follows them.
 */
export interface LeastSquaresMethod<M extends Tree> {
  /** The name of its recipe. */
  readonly name: string
  /** Whether it keeps bounds. */
  readonly bounded: boolean
  /** What it remembers at a start. */
  init(this: void, problem: LeastSquaresProblem, fit: Fit): M
  step(this: void, problem: LeastSquaresProblem, iterate: FitIterate<M>): FitIterate<M>
  /**
   * What it remembers where residuals are in another unit: `change` is made of all that is linear in them, as lengths of columns of J
   * are. Default: nothing is, and it stays as it is.
   */
  rescaled?(this: void, memory: M, change: (x: Tensor) => Tensor): M
}

/** A method of whose memory nothing is known but that it is a tree. */
export type AnyLeastSquaresMethod = LeastSquaresMethod<Tree>
