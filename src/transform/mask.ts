import type { Tensor } from "../dataflow/primitive.js"
import { Tree } from "../tree/index.js"
import type { Structure } from "../tree/tree.js"
import { changeNeeds } from "./needs.js"
import type { Clock, NeedsOf, Now, StateFamily, StateOf } from "./transform.js"

/**
 * What a family keeps for parameters of which some leaves are left out: in their places stand empty tuples, so that
 * paths do not change. Which ones is not known to the type.
 */
export type HiddenState<F extends StateFamily> = StateOf<F, Tree>

/** Leaves out the leaves that are not kept. */
export const hide = (keep: readonly boolean[], tree: Tree): Tree => {
  const { leaves, structure } = Tree.flatten(tree)
  let next = 0
  const build = (node: Structure): Tree => {
    if (node.kind === "leaf") {
      const i = next++
      return keep[i] ? (leaves[i] as Tensor) : []
    }
    if (node.kind === "array") return node.items.map(build)
    return Object.fromEntries(node.items.map((item, i) => [node.keys[i] ?? "", build(item)]))
  }
  return build(structure)
}

/** Puts what became of the leaves that were kept in the place of those of a tree. */
export const merge = <P extends Tree>(keep: readonly boolean[], onto: P, part: Tree): P => {
  const { leaves, structure } = Tree.flatten(onto)
  const changed = Tree.leaves(part)
  let next = 0
  return Tree.unflatten<P>(structure)(leaves.map((leaf, i) => (keep[i] ? (changed[next++] as Tensor) : leaf)))
}

/** What is told to something that sees the leaves that are kept: an objective is one of these, the others stay. */
export const hideNeeds = <F extends StateFamily, P extends Tree>(
  keep: readonly boolean[],
  params: P,
  now: Clock & NeedsOf<F, P>
): Now<F, Tree> =>
  changeNeeds<F, P, Tree>(now, { objective: objective => shown => objective(merge(keep, params, shown)) })
