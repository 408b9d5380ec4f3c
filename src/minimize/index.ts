export { minimize, type EvaluationCounts, type Minimum } from "./minimize.js"
export { minimizer, type Minimizer, type MinimizerState, type Objective } from "./minimizer.js"
export type { Bound } from "./limits.js"
export type { Bounds } from "../search/bounds.js"
export { lbfgs, type LbfgsOptions } from "./lbfgs.js"
export type { LbfgsMemory } from "../search/curvature.js"
export { strongWolfe, type StrongWolfeOptions } from "../search/strong-wolfe.js"
export type { AnyMethod, Iterate, Method } from "./method.js"
export type { Evaluations, Place } from "../search/place.js"
export type { Found, LineSearch } from "../search/line-search.js"
export type { MinimizeOptions } from "./options.js"
export type { Problem } from "../search/problem.js"
export type { Reason } from "./status.js"
export type * from "../options/types.js"
export { backtracking, type BacktrackingOptions } from "../search/backtracking.js"
export { bfgs, type BfgsMemory, type BfgsOptions } from "./bfgs.js"
export {
  conjugateGradients,
  type ConjugateGradientsMemory,
  type ConjugateGradientsOptions
} from "./conjugate-gradients.js"
export { gradientDescent, type GradientDescentMemory, type GradientDescentOptions } from "./gradient-descent.js"
export { newtonCg, type NewtonCgMemory, type NewtonCgOptions } from "./newton-cg.js"
export { descendBy, type DescendByMemory } from "./descend-by.js"
export { nelderMead, type NelderMeadMemory, type NelderMeadOptions } from "./nelder-mead.js"
export { leastSquares, type FitEvaluationCounts, type LeastSquaresFit } from "./least-squares/least-squares.js"
export {
  leastSquaresMinimizer,
  type LeastSquaresMinimizer,
  type LeastSquaresState,
  type Residuals
} from "./least-squares/minimizer.js"
export {
  levenbergMarquardt,
  type LevenbergMarquardtMemory,
  type LevenbergMarquardtOptions
} from "./least-squares/levenberg-marquardt.js"
export { gaussNewton, type GaussNewtonOptions } from "./least-squares/gauss-newton.js"
export type { AnyLeastSquaresMethod, FitEvaluations, FitIterate, LeastSquaresMethod } from "./least-squares/method.js"
export type { Fit, LeastSquaresProblem } from "./least-squares/problem.js"
export type { Remaining } from "./least-squares/model.js"
export type { LeastSquaresOptions, Weights } from "./least-squares/options.js"
export type { RobustLoss } from "./least-squares/loss.js"
export type { FitReason } from "./least-squares/status.js"
