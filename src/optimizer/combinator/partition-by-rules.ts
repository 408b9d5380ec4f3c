import { fail } from "../../dataflow/error.js"
import { optimizersField, resolve, rulesField, type Fields } from "../../schedule/fields.js"
import { Tree } from "../../tree/index.js"
import { anyOptimizer, type AnyOptimizer } from "../entry.js"
import { partition } from "./partition.js"

/** The options of a partition whose labels are data. */
export interface PartitionOptions {
  /** The optimizers by label. */
  readonly optimizers: Readonly<Record<string, AnyOptimizer>>
  /** Patterns of paths, each with a label; the first that matches counts. At least one, and none twice. */
  readonly labels: readonly (readonly [pattern: string, label: string])[]
}

/** What the options of a partition whose labels are data may be. */
export const partitionFields: Fields<PartitionOptions> = { optimizers: optimizersField, labels: rulesField }

/** So many labels an error lists. */
const LISTED = 10

const refuse = (expected: string, received: string, path: string): never =>
  fail("HyperparameterError", "partition", expected, received, path)

/** Each rule on its own may be right; a label that is no key of a state is a `TreeError`. */
const checkRules = ({ optimizers, labels }: PartitionOptions): void => {
  const known = Object.keys(optimizers)
  const listed = [...known.slice(0, LISTED), ...(known.length > LISTED ? ["…"] : [])].join(", ") || "(none)"
  Tree.flatten({ optimizers: Object.fromEntries(known.map(label => [label, []])) })
  if (labels.length === 0) refuse("at least one pattern with a label", "none", "labels")
  const seen = new Set<string>()
  labels.forEach(([pattern, label], i) => {
    if (seen.has(pattern)) refuse("a pattern that is not there yet", `"${pattern}"`, `labels/${i}/0`)
    if (!Object.hasOwn(optimizers, label)) refuse(`a label among ${listed}`, `"${label}"`, `labels/${i}/1`)
    seen.add(pattern)
  })
}

/** Makes a `partition` by a list of rules instead of a `Map`. */
export const partitionByRules = (options: PartitionOptions): AnyOptimizer => {
  const { optimizers, labels } = resolve("partition", partitionFields, options)
  checkRules({ optimizers, labels })
  return anyOptimizer(partition(optimizers, new Map(labels)))
}
