import { combinators, noise } from "./combinators.js"
import { families } from "./families.js"
import {
  attention,
  augmentations,
  autodiff,
  batching,
  checkpoints,
  composed,
  data,
  dataflow,
  elementary,
  fitted,
  located,
  recurring,
  losses,
  minimized,
  specs,
  training,
  trees
} from "./foundations.js"
import {
  blocks,
  convolutions,
  drops,
  layers,
  layersOfLayers,
  models,
  normalizations,
  pretrainings,
  inferences,
  repeats
} from "./networks.js"
import { anyOptimizers, compositions, ownOfRecipes } from "./optimizers.js"
import { schedules } from "./schedules.js"
import type { Suite } from "./suite.js"
import { transforms } from "./transforms.js"

/** All suites, each of its own laws. */
export const suites: readonly Suite[] = [
  ...[trees, dataflow, located, elementary, composed, autodiff, batching, specs, checkpoints, training],
  ...[minimized, fitted, data, layers, pretrainings, inferences, layersOfLayers, repeats, models, drops],
  ...[augmentations, convolutions, normalizations, recurring],
  ...[attention, blocks, ...losses, ...schedules],
  ...[...transforms, anyOptimizers, compositions, ...ownOfRecipes],
  ...[...combinators, noise, ...families]
]
