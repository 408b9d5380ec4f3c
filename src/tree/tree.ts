import { checkList, checkTensor } from "../dataflow/check.js"
import { describeValue, isCopy, isRecord } from "../dataflow/describe.js"
import { fail, ROOT } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"

/** Nested records, tuples and arrays of tensors: parameters, gradients, states and batches are all trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree }

type BranchLike<V> = V extends Tree
  ? V
  : V extends (...args: never) => unknown
    ? Tensor
    : V extends object
      ? { readonly [K in keyof V]: BranchLike<V[K]> }
      : Tensor

/**
 * The bound of a type of trees, `P extends TreeLike<P>`. It takes an `interface` of tensors too, which is no `Tree` to the
 * compiler, since interfaces have no index signature. Whatever keeps to the bound can be handed on as a `Tree`.
 */
export type TreeLike<P> = Tree | (object & { readonly [K in keyof P]: BranchLike<P[K]> })

/** The bound of a type of several trees, as `TreeLike` is of one: for the arguments of a function. */
export type TreesLike<A> = readonly Tree[] | (readonly object[] & { readonly [K in keyof A]: BranchLike<A[K]> })

/** The shape of the nesting, without the leaves. */
export type Structure =
  | { readonly kind: "leaf" }
  | { readonly kind: "array"; readonly items: readonly Structure[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly items: readonly Structure[] }

/** The leaves of a tree in the order of their paths, and what is needed to put others in their places. */
export interface Flat {
  readonly leaves: readonly Tensor[]
  readonly structure: Structure
}

/** Trees deeper than this are taken to contain themselves. */
export const MAX_DEPTH = 200
const forbidden: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"])

const leaf: Structure = { kind: "leaf" }

/** The keys and places that lead to a branch, outermost first. A walk adds to it on its way down, and takes off on its way up. */
export type Trail = readonly (string | number)[]

/** A path is text: it is made where somebody asks for it. */
export const pathOf = (trail: Trail): string => (trail.length === 1 ? String(trail[0]) : trail.join("/"))

const isKey = (key: string): boolean => key !== "" && !forbidden.has(key) && !key.includes("/")

const refuseKey = (operation: string, key: string, trail?: Trail): never =>
  fail(
    "TreeError",
    operation,
    `a key without "/" that is neither empty nor one of ${[...forbidden].join(", ")}`,
    `"${key}"`,
    trail && pathOf([...trail, key])
  )

/** A key that a tree may have, or a `TreeError`, whose path it is unless it would read as two. */
export const checkKey = (operation: string, key: string): string =>
  isKey(key) ? key : refuseKey(operation, key, key.includes("/") ? undefined : [])

const keysOf = (operation: string, record: Readonly<Record<string, unknown>>, trail: Trail): readonly string[] => {
  const keys = Object.keys(record)
  for (const key of keys) if (!isKey(key)) refuseKey(operation, key, trail)
  return keys.length > 1 ? keys.sort() : keys
}

/** The name that errors bear, and what should be a tree, if that is said. */
interface Named {
  readonly operation: string
  readonly what?: string | undefined
}

const refuse = ({ operation, what }: Named, value: unknown, trail: Trail): never =>
  fail(
    "TreeError",
    operation,
    `${what === undefined ? "" : `${what} that is `}a tensor, an array or a plain record`,
    describeValue(value),
    trail.length === 0 ? ROOT : pathOf(trail)
  )

const refuseDepth = (operation: string, path?: string): never =>
  fail("TreeError", operation, `at most ${MAX_DEPTH} levels`, "a deeper (perhaps cyclic) tree", path)

/**
 * Calls `visit` at every leaf, in order, and returns the structure. The trail is that of the leaf during the call only.
 * `operation` and `what`: the name that errors bear, and what should be a tree.
 */
export const walk = (
  tree: unknown,
  visit: (leaf: Tensor, trail: Trail) => void,
  operation = "tree",
  what?: string
): Structure => walkAt(tree, [], visit, { operation, what })

const walkAt = (
  value: unknown,
  trail: (string | number)[],
  visit: (leaf: Tensor, trail: Trail) => void,
  named: Named
): Structure => {
  if (isTensor(value)) {
    visit(value, trail)
    return leaf
  }
  if (trail.length > MAX_DEPTH) refuseDepth(named.operation, pathOf(trail))
  const branch: readonly unknown[] | Readonly<Record<string, unknown>> =
    Array.isArray(value) || (isRecord(value) && !isCopy(value)) ? value : refuse(named, value, trail)
  const keys = Array.isArray(branch)
    ? undefined
    : keysOf(named.operation, branch as Readonly<Record<string, unknown>>, trail)
  const items: Structure[] = []
  const size = keys === undefined ? (branch as readonly unknown[]).length : keys.length
  for (let i = 0; i < size; i++) {
    const key = keys === undefined ? i : (keys[i] as string)
    trail.push(key)
    items.push(walkAt((branch as Readonly<Record<string, unknown>>)[key], trail, visit, named))
    trail.pop()
  }
  return keys === undefined ? { kind: "array", items } : { kind: "record", keys, items }
}

/**
 * Takes a tree apart into its leaves and its structure. Records are read in the order of their sorted keys, so that key
 * order never matters.
 *
 * Throws a `TreeError` with the path of what is neither a tensor, an array nor a plain record, of a key that is empty,
 * contains `/` or could reach a prototype (`__proto__`), or of a tree deeper than 200 levels.
 *
 * Law: `unflatten(structure)(leaves) ≡ tree`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, Tree } from "thalweg"
 *
 * const { leaves, structure } = Tree.flatten({ w: [scalar(1), scalar(2)], b: scalar(3) })
 * assert.deepStrictEqual(leaves.map(item), [3, 1, 2])
 * assert.deepStrictEqual(Tree.flatten(Tree.unflatten(structure)(leaves)).structure, structure)
 * assert.throws(() => Tree.flatten(JSON.parse('{ "__proto__": [] }')), { name: "TreeError" })
 */
export const flatten = <T extends TreeLike<T>>(tree: T): Flat => flattenAs("tree", tree)

/** The same, where errors name another operation, and say what should be a tree. */
export const flattenAs = (operation: string, tree: unknown, what?: string): Flat => {
  const leaves: Tensor[] = []
  const structure = walk(tree, t => leaves.push(t), operation, what)
  return { leaves, structure }
}

/** The arguments of a function as a tree, of which paths begin with the place of the argument. */
export const flattenArguments = (args: readonly Tree[]): Flat => flattenAs("arguments", args)

/**
 * Lists the leaves in the order of their paths.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, Tree } from "thalweg"
 *
 * assert.deepStrictEqual(Tree.leaves({ w: scalar(1), b: [scalar(2), scalar(3)] }).map(item), [2, 3, 1])
 */
export const leaves = <T extends TreeLike<T>>(tree: T): readonly Tensor[] => flatten(tree).leaves

/**
 * Lists the paths of the leaves, in the same order as `leaves`. The path of a tree that is one leaf is `""`.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 *
 * const params = { encoder: [{ kernel: zeros([2, 3]), bias: zeros([3]) }] }
 * assert.deepStrictEqual(Tree.paths(params), ["encoder/0/bias", "encoder/0/kernel"])
 */
export const paths = <T extends TreeLike<T>>(tree: T): readonly string[] => {
  const found: string[] = []
  walk(tree, (_, trail) => found.push(pathOf(trail)))
  return found
}

/** Whether a key may be set: of a structure that somebody made by hand it could be `__proto__`. */
const isOwnKey = (key: string): boolean => !forbidden.has(key) || refuseKey("tree", key, [])

/** Whether it is what `flatten` gives, at its top; from JavaScript anything may come. */
const isBranch = (structure: unknown): structure is Exclude<Structure, { kind: "leaf" }> => {
  if (!isRecord(structure) || !Array.isArray(structure["items"])) return false
  const { kind, items, keys } = structure
  if (kind !== "record") return kind === "array"
  return Array.isArray(keys) && keys.length === (items as Structure[]).length && keys.every(isOwnKey)
}

/** How many leaves a structure has, which is checked to be one. */
const leafCount = (structure: Structure, depth = 0): number => {
  if ((structure as unknown) instanceof Object && structure.kind === "leaf") return 1
  if (depth > MAX_DEPTH) refuseDepth("unflatten")
  return isBranch(structure)
    ? structure.items.reduce((n, item) => n + leafCount(item, depth + 1), 0)
    : fail("TreeError", "unflatten", "a structure that flatten gave", describeValue(structure))
}

/** Puts leaves into a structure that `flatten` gave; there are as many as it has. */
export const builtOf = (structure: Structure, leaves: readonly Tensor[]): Tree => {
  let next = 0
  const build = (node: Structure): Tree => {
    if (node.kind === "leaf") return leaves[next++] as Tensor
    if (node.kind === "array") return Object.freeze(node.items.map(build))
    const record: Record<string, Tree> = {}
    const { keys, items } = node
    for (let i = 0; i < items.length; i++) record[keys[i] as string] = build(items[i] as Structure)
    return Object.freeze(record)
  }
  return build(structure)
}

/**
 * Puts leaves, in order, into a structure; too few or too many are a `TreeError`.
 *
 * Law: `flatten(unflatten(structure)(leaves)) ≡ { leaves, structure }`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, Tree, type Tensor } from "thalweg"
 *
 * const { structure } = Tree.flatten({ w: scalar(1), b: scalar(2) })
 * const params = Tree.unflatten<{ w: Tensor; b: Tensor }>(structure)([scalar(10), scalar(20)])
 * assert.strictEqual(item(params.b), 10)
 * assert.throws(() => Tree.unflatten(structure)([scalar(10)]), { name: "TreeError" })
 */
export const unflatten =
  <T extends TreeLike<T>>(structure: Structure) =>
  (flat: readonly Tensor[]): T => {
    const count = leafCount(structure)
    const given = checkList("unflatten", "a list of leaves", flat).length
    if (given !== count) fail("TreeError", "unflatten", `${count} leaves`, String(given))
    for (const leaf of flat) checkTensor("unflatten", leaf)
    return builtOf(structure, flat) as T
  }
