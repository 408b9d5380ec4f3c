import { describeKeys, describeValue, isRecord } from "../dataflow/describe.js"
import { fail, ROOT } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { flatten, flattenAs, pathOf, type Structure, type Tree, type TreeLike } from "./tree.js"

/** The leaves of a tree, in order, if it has this structure. What is no tree has none. Makes no text and no structure. */
export const leavesOf = (structure: Structure, tree: unknown): readonly Tensor[] | undefined => {
  const leaves: Tensor[] = []
  const fits = (expected: Structure, value: unknown): boolean => {
    if (isTensor(value)) return expected.kind === "leaf" && leaves.push(value) > 0
    if (expected.kind === "leaf") return false
    const { items } = expected
    if (expected.kind === "array")
      return Array.isArray(value) && value.length === items.length && items.every((item, i) => fits(item, value[i]))
    if (Array.isArray(value) || !isRecord(value)) return false
    const { keys } = expected
    if (Object.keys(value).length !== keys.length) return false
    return keys.every((key, i) => isOwn(value, key) && fits(items[i] as Structure, value[key]))
  }
  return fits(structure, tree) ? leaves : undefined
}

const isOwn = (value: object, key: string): boolean => Object.prototype.propertyIsEnumerable.call(value, key)

/** A structure; of a large record only the keys that another has not. */
const describe = (structure: Structure, other: Structure): string => {
  if (structure.kind === "leaf") return "a tensor"
  if (structure.kind === "array") return `an array of ${structure.items.length}`
  const { keys } = structure
  if (keys.length <= 8 || other.kind !== "record") return `a record with keys ${describeKeys(keys)}`
  const others = new Set(other.keys)
  const own = keys.filter(key => !others.has(key))
  return `a record with ${keys.length} keys${own.length === 0 ? "" : `, among them ${describeKeys(own)}`}`
}

/** The first place where two structures differ, innermost key first, and what stands there. */
interface Difference {
  readonly keys: readonly (string | number)[]
  readonly expected: string
  readonly received: string
}

const sameNode = (a: Structure, b: Structure): boolean =>
  a.kind === "leaf" || b.kind === "leaf"
    ? a.kind === b.kind
    : a.items.length === b.items.length &&
      (a.kind === "record" ? b.kind === "record" && a.keys.every((key, i) => key === b.keys[i]) : b.kind === "array")

const difference = (a: Structure, b: Structure): Difference | undefined => {
  if (!sameNode(a, b)) return { keys: [], expected: describe(a, b), received: describe(b, a) }
  if (a.kind === "leaf" || b.kind === "leaf") return undefined
  for (const [i, item] of a.items.entries()) {
    const found = difference(item, b.items[i] as Structure)
    if (found) return { ...found, keys: [...found.keys, a.kind === "record" ? (a.keys[i] ?? "") : i] }
  }
  return undefined
}

/**
 * Tells whether two trees have the same nesting and keys, whatever their leaves.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, Tree, zeros } from "thalweg"
 *
 * assert.ok(Tree.sameStructure({ w: scalar(1), b: zeros([3]) }, { b: scalar(2), w: scalar(3) }))
 * assert.ok(!Tree.sameStructure([scalar(1)], [scalar(1), scalar(2)]))
 */
export const sameStructure = <A extends TreeLike<A>, B extends TreeLike<B>>(a: A, b: B): boolean =>
  difference(flatten(a).structure, flatten(b).structure) === undefined

/**
 * Throws a `TreeError`, which names the operation and the first place where the second tree differs from the first,
 * unless they have the same structure. `what` the second tree should be, such as "a gradient", is said if given.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, Tree } from "thalweg"
 *
 * const [params, grads] = [{ layers: [scalar(1), scalar(2)] }, { layers: [scalar(1)] }]
 * assert.throws(() => Tree.requireSameStructure("step", params, grads), {
 *   name: "TreeError",
 *   message: 'step at "layers": expected an array of 2; got an array of 1'
 * })
 */
export const requireSameStructure = <A extends TreeLike<A>, B extends TreeLike<B>>(
  operation: string,
  expected: A,
  received: B,
  what?: string
): void => {
  if (what !== undefined && typeof what !== "string")
    fail("DataError", "requireSameStructure", "a text that says what was received", describeValue(what))
  leavesLike(operation, flattenAs(operation, expected).structure, received, what)
}

/** The leaves of a tree that has this structure, else the error of `requireSameStructure`. */
export const leavesLike = (
  operation: string,
  expected: Structure,
  received: Tree,
  what?: string
): readonly Tensor[] => {
  const leaves = leavesOf(expected, received)
  if (leaves !== undefined) return leaves
  const { keys, ...found } = difference(expected, flattenAs(operation, received, what).structure) as Difference
  const path = keys.length === 0 ? ROOT : pathOf(keys.toReversed())
  const wanted = what === undefined ? found.expected : `${what} that is ${found.expected}`
  return fail("TreeError", operation, wanted, found.received, path)
}
