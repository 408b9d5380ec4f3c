import { describeKeys } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"
import { labelsField, optimizersField, type OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import type { AnyF } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import type { AnyOptimizer, Optimizer } from "../optimizer.js"
import { byGradient } from "../traits.js"
import { partition, type PartitionF } from "./partition.js"

const fields = {
  /** The optimizers by label. */
  optimizers: optimizersField<AnyOptimizer>(),
  /** Patterns of paths, as in a `Mask`, each with a label; the first that matches counts. At least one, and none twice. */
  labels: labelsField
}

/** The options of a partition whose labels are data. */
export interface PartitionOptions extends OptionsOf<typeof fields> {}

const refuse = (expected: string, received: string, path: string): never =>
  fail("HyperparameterError", "partition", expected, received, path)

/** Each rule on its own may be right; a label that is no key of a state is a `TreeError`. */
const checkRules = ({ optimizers, labels }: PartitionOptions): void => {
  const known = Object.keys(optimizers)
  Tree.flatten({ optimizers: Object.fromEntries(known.map(label => [label, []])) })
  if (labels.length === 0) refuse("at least one pattern with a label", "none", "labels")
  const seen = new Set<string>()
  labels.forEach(([pattern, label], i) => {
    if (seen.has(pattern)) refuse("a pattern that is not there yet", `"${pattern}"`, `labels/${i}/0`)
    if (!Object.hasOwn(optimizers, label)) refuse(`a label among ${describeKeys(known)}`, `"${label}"`, `labels/${i}/1`)
    seen.add(pattern)
  })
}

/**
 * Makes a `partition` of which labels are a list of patterns, each with a label, instead of a `Map`, so that all of it
 * can be data.
 */
export const partitionByRules: Recipe<
  typeof fields,
  (options: PartitionOptions) => Optimizer<PartitionF<Readonly<Record<string, AnyF>>>>
> = recipe("partition", fields, { additive: {}, ...byGradient, scaleFree: {} }, options => {
  checkRules(options)
  return partition(options.optimizers, new Map(options.labels))
})
