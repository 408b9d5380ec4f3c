import { describeKeys } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"

/** Nested records, tuples and arrays of tensors: parameters, gradients, states and batches are all trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree }

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

const MAX_DEPTH = 200
const forbidden: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"])

const leaf: Structure = { kind: "leaf" }

const show = (value: unknown): string =>
  value === null
    ? "null"
    : typeof value === "object"
      ? ((value.constructor as { readonly name: string } | undefined)?.name ?? "an object")
      : typeof value === "string"
        ? JSON.stringify(value.slice(0, 40))
        : `a value of type ${typeof value}`

const join = (path: string, key: string | number): string => (path === "" ? String(key) : `${path}/${key}`)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

const checkKey = (key: string, path: string): string =>
  key === "" || forbidden.has(key) || key.includes("/")
    ? fail(
        "TreeError",
        "tree",
        `a key without "/" that is neither empty nor one of ${[...forbidden].join(", ")}`,
        `"${key}"`,
        join(path, key)
      )
    : key

const keysOf = (record: Readonly<Record<string, unknown>>, path: string): readonly string[] =>
  Object.keys(record)
    .map(key => checkKey(key, path))
    .sort()

/** Calls `visit` at every leaf, in order, and returns the structure. */
export const walk = (
  value: unknown,
  path: string,
  depth: number,
  visit: (leaf: Tensor, path: string) => void
): Structure => {
  if (isTensor(value)) {
    visit(value, path)
    return leaf
  }
  if (depth > MAX_DEPTH)
    fail("TreeError", "tree", `at most ${MAX_DEPTH} levels`, "a deeper (perhaps cyclic) tree", path)
  if (Array.isArray(value))
    return { kind: "array", items: Array.from(value, (item, i) => walk(item, join(path, i), depth + 1, visit)) }
  if (!isRecord(value))
    return fail("TreeError", "tree", "a tensor, an array or a plain record", show(value), path === "" ? "(root)" : path)
  const keys = keysOf(value, path)
  return { kind: "record", keys, items: keys.map(key => walk(value[key], join(path, key), depth + 1, visit)) }
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
export const flatten = (tree: Tree): Flat => {
  const leaves: Tensor[] = []
  const structure = walk(tree, "", 0, t => leaves.push(t))
  return { leaves, structure }
}

/**
 * Lists the leaves in the order of their paths.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, Tree } from "thalweg"
 *
 * assert.deepStrictEqual(Tree.leaves({ w: scalar(1), b: [scalar(2), scalar(3)] }).map(item), [2, 3, 1])
 */
export const leaves = (tree: Tree): readonly Tensor[] => flatten(tree).leaves

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
export const paths = (tree: Tree): readonly string[] => {
  const found: string[] = []
  walk(tree, "", 0, (_, path) => found.push(path))
  return found
}

const leafCount = (structure: Structure): number =>
  structure.kind === "leaf" ? 1 : structure.items.reduce((n, item) => n + leafCount(item), 0)

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
  <T extends Tree>(structure: Structure) =>
  (flat: readonly Tensor[]): T => {
    const count = leafCount(structure)
    if (flat.length !== count) fail("TreeError", "unflatten", `${count} leaves`, String(flat.length))
    let next = 0
    const build = (node: Structure): Tree => {
      if (node.kind === "leaf") return flat[next++] as Tensor
      if (node.kind === "array") return node.items.map(build)
      return Object.fromEntries(node.items.map((item, i) => [node.keys[i] ?? "", build(item)]))
    }
    return build(structure) as T
  }

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

/** The first place where two structures differ. */
const difference = (
  a: Structure,
  b: Structure,
  path: string
): readonly [path: string, a: string, b: string] | undefined => {
  const same =
    a.kind === b.kind &&
    (a.kind === "leaf" ||
      (a.items.length === (b as typeof a).items.length &&
        (a.kind === "array" || a.keys.every((key, i) => key === (b as typeof a).keys[i]))))
  if (!same) return [path, describe(a, b), describe(b, a)]
  if (a.kind === "leaf" || b.kind === "leaf") return undefined
  for (const [i, item] of a.items.entries()) {
    const other = b.items[i]
    const found = other && difference(item, other, join(path, a.kind === "record" ? (a.keys[i] ?? "") : i))
    if (found) return found
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
export const sameStructure = (a: Tree, b: Tree): boolean =>
  difference(flatten(a).structure, flatten(b).structure, "") === undefined

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
export const requireSameStructure = (operation: string, expected: Tree, received: Tree, what?: string): void => {
  const found = difference(flatten(expected).structure, flatten(received).structure, "")
  if (found === undefined) return
  const [path, wanted, came] = found
  fail(
    "TreeError",
    operation,
    what === undefined ? wanted : `${what} that is ${wanted}`,
    came,
    path === "" ? "(root)" : path
  )
}
