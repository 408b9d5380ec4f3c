import { describeKeys, describeValue } from "../dataflow/describe.js"
import { fail, ROOT } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree } from "./index.js"
import { isTensor } from "../dataflow/tensor.js"
import { matching } from "./pattern.js"
import { ownCopy } from "./own.js"
import type { Structure } from "./tree.js"

/** A value for every leaf, in the structure of the parameters. */
type Annotated<A> = A | readonly Annotated<A>[] | { readonly [key: string]: Annotated<A> }

/** A value for every leaf, by its path and by the leaf, of which shape and dtype are known, but perhaps no values. */
type ByLeaf<A> = (path: string, leaf: Tensor) => A

/**
 * Which leaves are meant: those whose path matches a pattern or one of several, those of which a function of the path
 * and the leaf says so, or those that are `true` in a tree of booleans like the parameters.
 *
 * In a pattern `*` stands for one segment of the path, or any part of one, and `**` for any number of segments, none
 * included: `"encoder/**"` is all of the encoder, `"**\/bias"` every bias, `"layer*\/kernel"` the kernels of all layers.
 * All other characters stand for themselves; for alternatives give a list. A list has at least one pattern, and every
 * pattern but `"**"` matches a parameter. By shape: `(_, leaf) => leaf.shape.length > 1` means matrices and kernels.
 */
export type Mask = string | readonly string[] | ByLeaf<boolean> | Annotated<boolean>

/**
 * A label for every leaf: by patterns of paths, as in a `Mask`, of which the first that matches counts, by a function of
 * the path and the leaf, or by a tree of labels like the parameters.
 */
export type Labels<L extends string> = ReadonlyMap<string, L> | ByLeaf<L> | Annotated<L>

/** What is expected of the value at a leaf. */
interface Value<A> {
  readonly expected: string
  /** What may be given besides a tree of such values. */
  readonly forms: string
  readonly is: (value: unknown) => value is A
}

const located = (path: string): string => (path === "" ? ROOT : path)

/** The values of an annotated tree, in the order of the leaves; another structure is a `TreeError` with its path. */
const annotations = <A>(operation: string, { expected, forms, is }: Value<A>, structure: Structure, given: unknown) => {
  const read = (node: Structure, value: unknown, path: string): readonly A[] => {
    const under = (key: string | number): string => (path === "" ? String(key) : `${path}/${key}`)
    const isOther = path === "" && Array.isArray(value) !== (node.kind === "array")
    const refuse = (wanted: string): never =>
      fail("TreeError", operation, isOther ? `${forms}, or ${wanted}` : wanted, describeValue(value), located(path))
    if (node.kind === "leaf") return is(value) ? [value] : refuse(expected)
    if (node.kind === "array")
      return Array.isArray(value) && value.length === node.items.length
        ? node.items.flatMap((item, i) => read(item, value[i], under(i)))
        : refuse(`an array of ${node.items.length}`)
    const record = value as Readonly<Record<string, unknown>>
    const keyed = typeof value === "object" && value !== null && !Array.isArray(value)
    return keyed && Object.keys(value).length === node.keys.length && node.keys.every(key => Object.hasOwn(value, key))
      ? node.items.flatMap((item, i) => read(item, record[node.keys[i] ?? ""], under(node.keys[i] ?? "")))
      : refuse(`a record with keys ${describeKeys(node.keys)}`)
  }
  return read(structure, given, "")
}

/** The value of a function at every leaf. */
const byLeaf = <A>(operation: string, { expected, is }: Value<A>, f: ByLeaf<unknown>, tree: Tree) => {
  const leaves = Tree.leaves(tree)
  return Tree.paths(tree).map((path, i) => {
    const value = f(path, leaves[i] as Tensor)
    return is(value) ? value : fail("TreeError", operation, expected, describeValue(value), located(path))
  })
}

/** A mask of one's own, or a `TreeError` for what is none. Whether it fits can only be said where the parameters are. */
export const ownMask = (operation: string, mask: unknown): Mask =>
  typeof mask === "string" ||
  typeof mask === "boolean" ||
  typeof mask === "function" ||
  (typeof mask === "object" && mask !== null && !isTensor(mask))
    ? (ownCopy(operation, mask) as Mask)
    : fail("TreeError", operation, `a mask: ${truth.forms}, or a tree of booleans`, describeValue(mask))

/** Labels of one's own. */
export const ownLabels = <L extends string>(operation: string, labels: Labels<L>): Labels<L> =>
  labels instanceof Map ? new Map(labels) : ownCopy(operation, labels)

const truth: Value<boolean> = {
  expected: "true or false",
  forms: "a pattern of paths, a list of them, a function of the path and the leaf",
  is: (value): value is boolean => typeof value === "boolean"
}

const isPatterns = (mask: Mask): mask is string | readonly string[] =>
  typeof mask === "string" || (Array.isArray(mask) && mask.length > 0 && mask.every(item => typeof item === "string"))

/** The leaves that can be meant, and what an error says of them: `" of rank 2"`. */
export interface Candidates {
  readonly which: string
  readonly is: (leaf: Tensor) => boolean
}

const all: Candidates = { which: "", is: () => true }

/**
 * For every leaf, in order, whether it is a candidate and a mask means it. A `TreeError` names a pattern that matches no
 * candidate, or a place that does not fit.
 */
export const chosen = (operation: string, mask: Mask, tree: Tree, { which, is } = all): readonly boolean[] => {
  const candidates = Tree.leaves(tree).map(is)
  const among = (meant: readonly boolean[]) => meant.map((value, i) => value && candidates[i] === true)
  if (isPatterns(mask)) {
    const paths = Tree.paths(tree).filter((_, i) => candidates[i])
    const found = matching(operation, [mask].flat(), paths, {
      one: `a parameter${which}`,
      many: `parameters${which}`
    }).values()
    return candidates.map(candidate => candidate && (found.next().value ?? []).length > 0)
  }
  // no pattern at all is a tree of booleans for no parameters; for others it was meant as a list
  if (Array.isArray(mask) && mask.length === 0 && candidates.length > 0)
    fail("TreeError", operation, "at least one pattern of paths", "an empty list")
  return typeof mask === "function"
    ? among(byLeaf(operation, truth, mask, tree))
    : among(annotations(operation, truth, Tree.flatten(tree).structure, mask))
}

/** For every leaf, in order, its label, one of `known`. A `TreeError` names a pattern, place or label that does not fit. */
export const labelled = <L extends string>(
  operation: string,
  known: readonly L[],
  labels: Labels<L>,
  tree: Tree
): readonly L[] => {
  const among: ReadonlySet<unknown> = new Set(known)
  const label: Value<L> = {
    expected: `a label among ${describeKeys(known)}`,
    forms: "a Map from patterns of paths to labels, a function of the path and the leaf",
    is: (value): value is L => among.has(value)
  }
  if (labels instanceof Map) {
    const rules: ReadonlyMap<string, L> = labels
    const [paths, given] = [Tree.paths(tree), [...rules.values()]]
    const found = matching(operation, [...rules.keys()], paths)
    const first = new Map(paths.map((path, i) => [path, given[found[i]?.[0] ?? given.length]]))
    const refuse = (path: string): never =>
      fail("TreeError", operation, label.expected, "no pattern that matches", located(path))
    return byLeaf(operation, label, path => first.get(path) ?? refuse(path), tree)
  }
  return typeof labels === "function"
    ? byLeaf(operation, label, labels, tree)
    : annotations(operation, label, Tree.flatten(tree).structure, labels)
}
