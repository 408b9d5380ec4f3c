export {
  altered,
  around,
  given,
  optimizer,
  optimizerOf,
  type AnyOptimizer,
  type Offered,
  type Optimizer,
  type OptimizerState,
  type StepNeeds
} from "./optimizer.js"
export { moveBy, moveTo, noMove, type Motion, type Move } from "./motion.js"
export { byDepth } from "./by-depth.js"
export { clocked, type Clocked, type ClockedF } from "./clock.js"
export {
  onDisplacement,
  onGradient,
  type OnDisplacement,
  type OnDisplacementF,
  type OnGradient,
  type OnGradientF
} from "./lift.js"
export * from "./recipe/index.js"
export * from "./combinator/index.js"
export {
  project,
  type Projecting,
  type ProjectOntoBallOptions,
  type ProjectOntoBoxOptions,
  type ProjectOntoSimplexOptions,
  type ProjectOptions
} from "./combinator/project.js"
export {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type BoxOptions,
  type Projection
} from "./combinator/projections.js"
export { partition, type PartitionF } from "./combinator/partition.js"
export type { PartitionOptions } from "./combinator/partition-by-rules.js"
export { optimizers, type OptimizerCatalogue, type OptimizerRecipe } from "./catalogue.js"
export { combinators, type CombinatorCatalogue, type CombinatorRecipe } from "./combinators.js"
export type * from "../options/types.js"
export type { Labels, Mask } from "../tree/mask.js"
