import { scalar } from "../dataflow/create.js"
import { isList, isRecord } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape } from "../dataflow/shape.js"
import { broadcastTo } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"
import { toTyped } from "../engine/index.js"
import { codeField, ownedField, type CodeField } from "../options/fields.js"
import { problemOf, requireElements, type Problem } from "../search/problem.js"
import { Tree } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"
import { elementName } from "./element-name.js"

/**
 * A bound: one number for all variables, or a tree like the start, whose leaves are numbers for all elements of a leaf, scalars
 * as well, or tensors of its shape, of f32 or f64. -Infinity from below, and Infinity from above, is none.
 */
export type Bound = number | Tensor | readonly Bound[] | { readonly [key: string]: Bound }

/** The options that are bounds. */
export interface BoundsOptions {
  readonly lower?: Bound | undefined
  readonly upper?: Bound | undefined
}

const isBound = (value: unknown): value is Bound =>
  typeof value === "number" || isTensor(value) || Array.isArray(value) || isRecord(value)

/** An option that is a bound, or absent. */
export const boundField: CodeField<Bound, "none"> = /* @__PURE__ */ ownedField(
  codeField<Bound, "none">("a number, or a tree like the start", isBound, "none")
)

/** Numbers as scalars, so that it is a tree; what else is in it, is left to be refused by whoever walks through that. */
const asTree = (bound: unknown): unknown => {
  if (typeof bound === "number") return scalar(bound, "f64")
  if (isTensor(bound)) return bound
  if (isList(bound)) return bound.map(asTree)
  return isRecord(bound) ? Object.fromEntries(Object.entries(bound).map(([key, value]) => [key, asTree(value)])) : bound
}

/** A bound for each leaf of the start, of its shape and dtype: what a leaf can hold. */
const leavesOf = (operation: string, name: string, bound: Bound, start: Tree): readonly Tensor[] => {
  const paths = Tree.paths(start)
  const tree = typeof bound === "number" ? Tree.map(() => scalar(bound, "f64"))(start) : asTree(bound)
  const { leaves: given } = flattenAs(operation, { [name]: tree })
  Tree.requireSameStructure(operation, start, tree as Tree, `${name} like the start`)
  return Tree.leaves(start).map((t, i) => {
    const own = given[i] as Tensor
    if (!isFloat(own.dtype))
      fail("DTypeError", operation, `${name} to be a number or f32 or f64`, showType(own), paths[i])
    if (own.shape.length > 0 && !sameShape(own.shape, t.shape))
      fail("ShapeError", operation, `${name} to be a number or ${showType(t)}`, showType(own), paths[i])
    const wide = broadcastTo(cast(cast(own, "f64"), t.dtype), t.shape)
    if (toTyped(wide).some(Number.isNaN))
      fail("DataError", operation, `${name} to be a number or infinite`, "NaN", paths[i])
    return wide
  })
}

/** Where the first of two lists is above the other, if anywhere. */
const above = (
  start: Tree,
  low: readonly Tensor[],
  high: readonly Tensor[]
): { readonly path: string; readonly values: readonly [low: number, high: number] } | undefined => {
  for (const [i, t] of Tree.leaves(start).entries()) {
    const [a, b] = [toTyped(low[i] as Tensor), toTyped(high[i] as Tensor)]
    const k = a.findIndex((x, j) => x > (b[j] as number))
    if (k >= 0)
      return { path: elementName(Tree.paths(start)[i] as string, t.shape, k), values: [a[k] as number, b[k] as number] }
  }
  return undefined
}

/** The bounds of each leaf of a start, which are checked: a `TreeError`, `ShapeError` or `DataError` with its path. */
const boundsOf = (
  operation: string,
  { lower, upper }: BoundsOptions,
  start: Tree
): { readonly lower: readonly Tensor[]; readonly upper: readonly Tensor[] } | undefined => {
  if (lower === undefined && upper === undefined) return undefined
  const bounds = {
    lower: leavesOf(operation, "lower", lower ?? -Infinity, start),
    upper: leavesOf(operation, "upper", upper ?? Infinity, start)
  }
  const crossed = above(start, bounds.lower, bounds.upper)
  return crossed === undefined
    ? bounds
    : fail(
        "DataError",
        operation,
        "lower bounds that are not above upper ones",
        `${crossed.values[0]} above ${crossed.values[1]}`,
        crossed.path
      )
}

/** Throws a `DataError`, which says where, if a start whose values are known is outside its bounds. */
export const requireWithin = (operation: string, options: BoundsOptions, start: Tree): void => {
  const bounds = boundsOf(operation, options, start)
  if (bounds === undefined) return
  const leaves = Tree.leaves(start)
  const below = above(start, bounds.lower, leaves)
  const beyond = above(start, leaves, bounds.upper)
  const [outside, words] =
    below === undefined ? [beyond, "at most"] : [{ ...below, values: below.values.toReversed() }, "at least"]
  if (outside !== undefined)
    fail(
      "DataError",
      operation,
      `a start within its bounds, ${words} ${outside.values[1]}`,
      String(outside.values[0]),
      outside.path
    )
}

/** The problem of a function of at least one variable, within bounds, which are checked: see `problemOf`. */
export const boundedProblem = (
  operation: string,
  f: (at: Tree) => Tensor,
  start: Tree,
  limits: BoundsOptions
): Problem => {
  requireElements(operation, start)
  const problem = problemOf(operation, f, start)
  const bounds = boundsOf(operation, limits, start)
  if (bounds === undefined) return problem
  return { ...problem, bounds: { lower: problem.vectorOf(bounds.lower), upper: problem.vectorOf(bounds.upper) } }
}
