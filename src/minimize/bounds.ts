import { add, clamp, div, neg, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { isRecord } from "../dataflow/describe.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { and, eq, ge, gt, le, lt, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { min } from "../dataflow/reduce.js"
import { sameShape } from "../dataflow/shape.js"
import { broadcastTo } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"
import { toTyped } from "../engine/index.js"
import { codeField, type CodeField } from "../options/fields.js"
import { Tree } from "../tree/index.js"

/**
 * A bound: one number for all variables, or a tree like the start, whose leaves are numbers for all elements of a leaf, or
 * tensors of its shape. -Infinity from below, and Infinity from above, is none.
 */
export type Bound = number | Tensor | readonly Bound[] | { readonly [key: string]: Bound }

/** The options that are bounds. */
export interface BoundsOptions {
  readonly lower?: Bound | undefined
  readonly upper?: Bound | undefined
}

/** Bounds of all variables, vectors, infinite where there is none. */
export interface Bounds {
  readonly lower: Tensor
  readonly upper: Tensor
}

const isBound = (value: unknown): value is Bound =>
  typeof value === "number" || isTensor(value) || Array.isArray(value) || isRecord(value)

/** An option that is a bound, or absent. */
export const boundField: CodeField<Bound, "none"> = codeField<Bound, "none">(
  "a number, or a tree like the start",
  isBound,
  "none"
)

/** Numbers as scalars, so that it is a tree. */
const asTree = (bound: Bound): Tree => {
  if (typeof bound === "number") return scalar(bound, "f64")
  if (isTensor(bound)) return bound
  return Array.isArray(bound)
    ? bound.map(asTree)
    : Object.fromEntries(Object.entries(bound).map(([key, value]) => [key, asTree(value)]))
}

/** A bound for each leaf of the start, of its shape and dtype: what a leaf can hold. */
const leavesOf = (operation: string, name: string, bound: Bound, start: Tree): readonly Tensor[] => {
  const paths = Tree.paths(start)
  const tree = typeof bound === "number" ? Tree.map(() => scalar(bound, "f64"))(start) : asTree(bound)
  Tree.requireSameStructure(operation, start, tree, `${name} like the start`)
  const given = Tree.leaves(tree)
  return Tree.leaves(start).map((t, i) => {
    const own = given[i] as Tensor
    if (own.shape.length > 0 && !sameShape(own.shape, t.shape))
      fail("ShapeError", operation, `${name} to be a number or ${showType(t)}`, showType(own), paths[i])
    const wide = broadcastTo(cast(cast(own, "f64"), t.dtype), t.shape)
    if (toTyped(wide).some(Number.isNaN))
      fail("DataError", operation, `${name} to be a number or infinite`, "NaN", paths[i])
    return wide
  })
}

/** The name of an element of a leaf. */
const elementAt = (path: string | undefined, { shape }: Tensor, index: number): string => {
  const places = shape.reduceRight<{ readonly rest: number; readonly names: readonly number[] }>(
    ({ rest, names }, n) => ({ rest: Math.floor(rest / n), names: [rest % n, ...names] }),
    { rest: index, names: [] }
  ).names
  return `${path ?? ""}${places.length === 0 ? "" : `[${places.join(", ")}]`}`
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
    if (k >= 0) return { path: elementAt(Tree.paths(start)[i], t, k), values: [a[k] as number, b[k] as number] }
  }
  return undefined
}

/** The bounds of each leaf of a start, which are checked: a `TreeError`, `ShapeError` or `DataError` with its path. */
export const boundsOf = (
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

/** The nearest point within. */
export const within = ({ lower, upper }: Bounds, point: Tensor): Tensor => clamp(point, lower, upper)

/** x + s, but no further than the bounds, and exactly there where s reaches them. */
export const moved = (bounds: Bounds | undefined, point: Tensor, step: Tensor): Tensor => {
  if (bounds === undefined) return add(point, step)
  const { lower, upper } = bounds
  const reaches = (end: Tensor, past: Tensor): Tensor => where(past, end, within(bounds, add(point, step)))
  return where(le(step, sub(lower, point)), lower, reaches(upper, ge(step, sub(upper, point))))
}

/** The part of a step from a point that stays within: P(x + s) - x, without rounding where s is small beside x. */
export const stepWithin = ({ lower, upper }: Bounds, point: Tensor, step: Tensor): Tensor =>
  clamp(step, sub(lower, point), sub(upper, point))

/** What is left of the gradient where bounds hold against it: x - P(x - ∇f), 0 at a stationary point. */
export const projectedGradient = (bounds: Bounds | undefined, point: Tensor, gradient: Tensor): Tensor =>
  bounds === undefined ? gradient : neg(stepWithin(bounds, point, neg(gradient)))

/** The longest length that a direction can be gone along, Infinity where it meets no bound. */
export const longestWithin = ({ lower, upper }: Bounds, point: Tensor, direction: Tensor): Tensor => {
  const room = where(lt(direction, 0), sub(lower, point), sub(upper, point))
  return min(where(eq(direction, 0), Infinity, div(room, direction)))
}

/** Which variables stand at a bound that a direction leads out of. */
export const isHeld = ({ lower, upper }: Bounds, point: Tensor, direction: Tensor): Tensor =>
  or(and(le(point, lower), lt(direction, 0)), and(ge(point, upper), gt(direction, 0)))
