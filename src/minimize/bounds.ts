import { cast } from "../dataflow/elementwise.js"
import { full } from "../dataflow/create.js"
import { describeKeys, describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath, withPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { toTyped } from "../engine/index.js"
import { codeField } from "../options/fields.js"
import { Tree } from "../tree/index.js"
import { elementName } from "./element-name.js"
import { spread } from "./vector.js"

/**
 * A bound of variables: a number, for all that is below it; a tensor, which broadcasts to a leaf; or a record or an array of bounds, as
 * the start is one. What is left out, or `undefined`, has no bound.
 */
export type Bound = number | Tensor | undefined | readonly Bound[] | { readonly [key: string]: Bound }

/** The bounds of all elements: trees like the start. */
export interface Bounds {
  readonly lower: Tree
  readonly upper: Tree
}

const isBound = (value: unknown): value is Bound =>
  (typeof value === "number" && !Number.isNaN(value)) || isTensor(value) || Array.isArray(value) || isRecord(value)

/** An option that is a bound. */
export const boundField = codeField<Bound, "none">("a number, or a tree like the start", isBound, "none")

const refuse = (operation: string, like: string, bound: unknown): never =>
  fail("TreeError", operation, `a bound like ${like}`, describeValue(bound))

const ofLeaf = (operation: string, leaf: Tensor, bound: Bound): Tensor => {
  if (isTensor(bound)) return spread(operation, cast(bound, leaf.dtype), leaf.shape)
  return typeof bound === "number" ? full(leaf.shape, bound, leaf.dtype) : refuse(operation, describeValue(leaf), bound)
}

const below = (operation: string, like: Tree, bound: Bound, none: number): Tree => {
  if (isTensor(like)) return ofLeaf(operation, like, bound ?? none)
  const isForAll = bound === undefined || typeof bound === "number"
  const at = (key: string | number, branch: Tree, part: unknown): Tree =>
    underPath(String(key), () => below(operation, branch, (isForAll ? bound : part) as Bound, none))
  if (Array.isArray(like)) {
    const branches = like as readonly Tree[]
    if (!isForAll && !(Array.isArray(bound) && bound.length === branches.length))
      refuse(operation, describeValue(like), bound)
    return branches.map((branch, i) => at(i, branch, (bound as readonly Bound[] | undefined)?.[i]))
  }
  const record = like as Readonly<Record<string, Tree>>
  if (!isForAll && (isTensor(bound) || Array.isArray(bound) || !isRecord(bound)))
    refuse(operation, describeValue(like), bound)
  const given = (isForAll ? {} : bound) as Readonly<Record<string, Bound>>
  const unknown = Object.keys(given).filter(key => !Object.hasOwn(record, key))
  if (unknown.length > 0) fail("TreeError", operation, `keys among ${describeKeys(Object.keys(record).sort())}`, describeKeys(unknown)) // prettier-ignore
  return Object.fromEntries(Object.entries(record).map(([key, branch]) => [key, at(key, branch, given[key])]))
}

/** The bounds of each element of a start; `undefined` where there are none at all. A `TreeError` or `ShapeError` says where they do not fit. */
export const boundsOf = (operation: string, lower: Bound, upper: Bound, start: Tree): Bounds | undefined => {
  if (lower === undefined && upper === undefined) return undefined
  const side = (name: string, bound: Bound, none: number): Tree =>
    withPath(name, () => below(operation, start, bound, none))
  return { lower: side("lower", lower, -Infinity), upper: side("upper", upper, Infinity) }
}

/** Throws for bounds that cross or are NaN (a `HyperparameterError`), and for a start outside of them (a `DataError`), with the path. */
export const checkWithin = (operation: string, { lower, upper }: Bounds, start: Tree): void => {
  const paths = Tree.paths(start)
  const [low, high] = [Tree.leaves(lower), Tree.leaves(upper)]
  Tree.leaves(start).forEach((leaf, k) => {
    const [l, u] = [toTyped(low[k] as Tensor), toTyped(high[k] as Tensor)]
    toTyped(leaf).forEach((x, i) => {
      const [a, b] = [Number(l[i]), Number(u[i])]
      const name = elementName(paths[k] ?? "", leaf.shape, i)
      if (!(a <= b))
        fail("HyperparameterError", operation, "bounds that do not cross", `lower ${a} and upper ${b}`, name)
      if (x < a || x > b) fail("DataError", operation, `a start within its bounds, from ${a} to ${b}`, String(x), name)
    })
  })
}
