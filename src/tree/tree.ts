import { fail, locate } from "../dataflow/error.js"
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
      ? (value.constructor?.name ?? "an object")
      : typeof value === "string"
        ? `"${value}"`
        : String(value)

const join = (path: string, key: string | number): string => (path === "" ? String(key) : `${path}/${key}`)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

const checkKey = (key: string, path: string): string =>
  forbidden.has(key) || key.includes("/")
    ? fail(
        "TreeError",
        "tree",
        `a key without "/" that is not one of ${[...forbidden].join(", ")}`,
        `"${key}"`,
        join(path, key)
      )
    : key

const keysOf = (record: Readonly<Record<string, unknown>>, path: string): readonly string[] =>
  Object.keys(record)
    .map(key => checkKey(key, path))
    .sort()

/** Calls `visit` at every leaf, in order, and returns the structure. */
const walk = (value: unknown, path: string, depth: number, visit: (leaf: Tensor, path: string) => void): Structure => {
  if (isTensor(value)) {
    visit(value, path)
    return leaf
  }
  if (depth > MAX_DEPTH)
    fail("TreeError", "tree", `at most ${MAX_DEPTH} levels`, "a deeper (perhaps cyclic) tree", path)
  if (Array.isArray(value))
    return { kind: "array", items: value.map((item, i) => walk(item, join(path, i), depth + 1, visit)) }
  if (!isRecord(value))
    return fail("TreeError", "tree", "a tensor, an array or a plain record", show(value), path === "" ? "(root)" : path)
  const keys = keysOf(value, path)
  return { kind: "record", keys, items: keys.map(key => walk(value[key], join(path, key), depth + 1, visit)) }
}

/** The leaves and the structure. Records are read in the order of their sorted keys, so that key order never matters. */
export const flatten = (tree: Tree): Flat => {
  const leaves: Tensor[] = []
  const structure = walk(tree, "", 0, t => leaves.push(t))
  return { leaves, structure }
}

/** The leaves in the order of their paths. */
export const leaves = (tree: Tree): readonly Tensor[] => flatten(tree).leaves

/** The path of every leaf, in the same order: `"encoder/0/kernel"`. The path of a tree that is one leaf is `""`. */
export const paths = (tree: Tree): readonly string[] => {
  const found: string[] = []
  walk(tree, "", 0, (_, path) => found.push(path))
  return found
}

const leafCount = (structure: Structure): number =>
  structure.kind === "leaf" ? 1 : structure.items.reduce((n, item) => n + leafCount(item), 0)

/** Puts leaves, in order, into a structure. Throws a `TreeError` when there are too few or too many. */
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

const describe = (structure: Structure): string =>
  structure.kind === "leaf"
    ? "a tensor"
    : structure.kind === "array"
      ? `an array of ${structure.items.length}`
      : `a record with keys ${structure.keys.join(", ") || "(none)"}`

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
  if (!same) return [path, describe(a), describe(b)]
  if (a.kind === "leaf" || b.kind === "leaf") return undefined
  for (const [i, item] of a.items.entries()) {
    const other = b.items[i]
    const found = other && difference(item, other, join(path, a.kind === "record" ? (a.keys[i] ?? "") : i))
    if (found) return found
  }
  return undefined
}

/** Whether two trees have the same nesting and keys, whatever their leaves. */
export const sameStructure = (a: Tree, b: Tree): boolean =>
  difference(flatten(a).structure, flatten(b).structure, "") === undefined

/** Throws a `TreeError` that names the operation and the first place where the second tree differs from the first. */
export const requireSameStructure = (operation: string, expected: Tree, received: Tree): void => {
  const found = difference(flatten(expected).structure, flatten(received).structure, "")
  if (found) fail("TreeError", operation, found[1], found[2], found[0] === "" ? "(root)" : found[0])
}

/** Applies `f` to every leaf. An error inside `f` says at which path. */
export const map =
  (f: (leaf: Tensor, path: string) => Tensor) =>
  <T extends Tree>(tree: T): T => {
    const mapped: Tensor[] = []
    const structure = walk(tree, "", 0, (t, path) => mapped.push(locate(path, () => f(t, path))))
    return unflatten<T>(structure)(mapped)
  }

/** Applies `f` to the leaves at the same place of several trees. Strict: another structure is a `TreeError` with its path. */
export const zipWith =
  <L extends readonly [Tensor, ...Tensor[]]>(f: (...leaves: L) => Tensor) =>
  <T extends Tree>(...trees: { readonly [K in keyof L]: T }): T => {
    const [first, ...rest] = trees as unknown as readonly [T, ...T[]]
    for (const other of rest) requireSameStructure("zipWith", first, other)
    const columns = [first, ...rest].map(leaves)
    const names = paths(first)
    const zipped = names.map((path, i) => locate(path, () => f(...(columns.map(column => column[i]) as unknown as L))))
    return unflatten<T>(flatten(first).structure)(zipped)
  }

/** Folds the leaves in the order of their paths. */
export const reduce =
  <A>(initial: A, f: (accumulated: A, leaf: Tensor, path: string) => A) =>
  (tree: Tree): A => {
    let accumulated = initial
    walk(tree, "", 0, (t, path) => {
      accumulated = locate(path, () => f(accumulated, t, path))
    })
    return accumulated
  }
