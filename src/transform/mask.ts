import type { Tensor } from "../dataflow/primitive.js"
import { Tree } from "../tree/index.js"
import type { Structure } from "../tree/tree.js"
import { changeNeeds } from "./needs.js"
import type { Clock, NeedsOf, Now, StateFamily, StateOf } from "./transform.js"

/**
 * What a family keeps for parameters of which some leaves are left out. Paths do not change: a record is without the keys
 * under which nothing is left, and in an array an empty tuple stands in the place. Which ones is not known to the type.
 */
export type HiddenState<F extends StateFamily> = StateOf<F, Tree>

type Parts = ReadonlyMap<number, Tree>

const inArray =
  (length: number) =>
  (parts: Parts): Tree =>
    Array.from({ length }, (_, i) => parts.get(i) ?? [])

const inRecord =
  (keys: readonly string[]) =>
  (parts: Parts): Tree =>
    Object.fromEntries([...parts].map(([i, part]) => [keys[i] ?? "", part]))

/** The leaves of each label as a tree. Linear in the leaves, but that an array is as long for every label. */
export const splitByLabel = <L>(labels: readonly L[], tree: Tree): ((label: L) => Tree) => {
  const { leaves, structure } = Tree.flatten(tree)
  let next = 0
  const build = (node: Structure): ReadonlyMap<L, Tree> => {
    if (node.kind === "leaf") return new Map([[labels[next] as L, leaves[next++] as Tensor]])
    const parts = new Map<L, Map<number, Tree>>()
    node.items.forEach((item, i) => {
      for (const [label, part] of build(item))
        parts.set(label, (parts.get(label) ?? new Map<number, Tree>()).set(i, part))
    })
    const join = node.kind === "array" ? inArray(node.items.length) : inRecord(node.keys)
    return new Map([...parts].map(([label, own]) => [label, join(own)]))
  }
  const found = build(structure)
  return label => found.get(label) ?? []
}

/** Puts what became of the leaves of some labels in their places in a tree. */
export const combine = <L, P extends Tree>(labels: readonly L[], onto: P, parts: ReadonlyMap<L, Tree>): P => {
  const { leaves, structure } = Tree.flatten(onto)
  const rest = new Map([...parts].map(([label, part]) => [label, Tree.leaves(part).values()]))
  return Tree.unflatten<P>(structure)(leaves.map((leaf, i) => rest.get(labels[i] as L)?.next().value ?? leaf))
}

/** Leaves out the leaves that are not kept. */
export const hide = (keep: readonly boolean[], tree: Tree): Tree => splitByLabel(keep, tree)(true)

/** Puts what became of the leaves that were kept in the place of those of a tree. */
export const merge = <P extends Tree>(keep: readonly boolean[], onto: P, part: Tree): P =>
  combine(keep, onto, new Map([[true, part]]))

/**
 * What is told to something that sees some of the leaves, those that `seen` leaves of a tree like the parameters: an objective is
 * one of these, put into the `whole`.
 */
export const hideNeeds = <F extends StateFamily, P extends Tree>(
  whole: (shown: Tree) => P,
  seen: (tree: P) => Tree,
  now: Clock & NeedsOf<F, P>
): Now<F, Tree> =>
  changeNeeds<F, P, Tree>(now, {
    objective: objective => shown => objective(whole(shown)),
    exampleGradients: seen
  })
