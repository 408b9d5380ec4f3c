export { minimize, type Minimum } from "./minimize.js"
export type { EvaluationCounts } from "./run.js"
export { minimizer, type Minimizer, type MinimizerState, type Objective } from "./minimizer.js"
export type { Bound, Bounds } from "./bounds.js"
export { lbfgs, type LbfgsMemory, type LbfgsOptions } from "./lbfgs.js"
export { strongWolfe, type StrongWolfeOptions } from "./strong-wolfe.js"
export type { AnyMethod, Evaluations, Iterate, Method, Place } from "./method.js"
export type { Found, LineSearch } from "./line-search.js"
export type { MinimizeOptions } from "./options.js"
export type { Problem } from "./problem.js"
export type { Reason, RootReason } from "./status.js"
export type * from "../options/types.js"
export { backtracking, type BacktrackingOptions } from "./backtracking.js"
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
export { argmin, type ArgminOptions } from "./argmin.js"
export {
  findRoot,
  rootFinder,
  type EquationsOf,
  type FindRootOptions,
  type Root,
  type RootEvaluations
} from "./find-root.js"
export { findRootBetween, type FindRootBetweenOptions, type RootBetween } from "./find-root-between.js"
export { root, rootBetween, type RootBetweenOptions, type RootOptions } from "./root.js"
export type { NewtonMemory } from "./newton.js"
export type { SolverOptions } from "./inverse-hessian.js"
