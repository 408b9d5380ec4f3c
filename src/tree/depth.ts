import { stack } from "../dataflow/concat.js"
import { isList } from "../dataflow/describe.js"
import { at } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { isTensor } from "../dataflow/tensor.js"
import { leaves, map } from "./functions.js"
import { flatten, unflatten, type Tree } from "./tree.js"

/** The key below which `repeat` stacks what it has for every depth: each leaf there has a leading axis. */
const DEPTHS = "each"

type Branches = Readonly<Record<string, Tree>>

/** How deep what stands below the key is, if its leaves agree on it. */
const depthOf = (stacked: Tree): number | undefined => {
  const sizes = new Set(leaves(stacked).map(({ shape }) => shape[0]))
  const [size] = sizes
  return sizes.size === 1 && size !== 0 ? size : undefined
}

/** Whether depths stand apart already, under their numbers. */
const areApart = (value: Tree): boolean => {
  if (isTensor(value) || isList(value)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every(key => /^\d+$/.test(key))
}

const mapBranches = (tree: Exclude<Tree, Tensor>, f: (branch: Tree, key: string) => Tree): Tree =>
  isList(tree)
    ? (tree as readonly Tree[]).map((branch, i) => f(branch, String(i)))
    : Object.fromEntries(Object.entries(tree as Branches).map(([key, branch]) => [key, f(branch, key)]))

const taken = (tree: Tree): Tree => {
  if (isTensor(tree)) return tree
  return mapBranches(tree, (branch, key) => {
    const depth = key === DEPTHS && !areApart(branch) ? depthOf(branch) : undefined
    if (depth === undefined) return taken(branch)
    return Object.fromEntries(range(depth).map(i => [i, taken(map((leaf: Tensor) => at(leaf, i))(branch))]))
  })
}

/**
 * Takes apart what `repeat` stacked: below the key stands a record with a branch for each depth, under its number. What is no
 * tree is a `TreeError`.
 */
const depthsApart = (tree: Tree): Tree => {
  flatten(tree)
  return taken(tree)
}

/** Trees of one structure as one, whose leaves have a new leading axis. */
const stacked = (trees: readonly Tree[]): Tree => {
  const flat = trees.map(tree => flatten(tree))
  const [first] = flat
  if (first === undefined) return []
  return unflatten<Tree>(first.structure)(
    first.leaves.map((_, i) => stack(flat.map(({ leaves }) => leaves[i] as Tensor)))
  )
}

/** Stacks again what stands apart, but for what lacks a depth that comes before another: the state of some of them. */
const depthsTogether = (tree: Tree): Tree => {
  if (isTensor(tree)) return tree
  return mapBranches(tree, (branch, key) => {
    if (key !== DEPTHS || !areApart(branch)) return depthsTogether(branch)
    const depths = range(Object.keys(branch).length).map(i => (branch as Branches)[i])
    return depths.includes(undefined)
      ? depthsTogether(branch)
      : stacked(depths.map(tree => depthsTogether(tree as Tree)))
  })
}

/** Whether depths stand apart anywhere: taken apart before, or under numbers of one's own. */
const hasApart = (tree: Tree): boolean =>
  !isTensor(tree) &&
  Object.entries(tree as Branches).some(([key, branch]) => (key === DEPTHS && areApart(branch)) || hasApart(branch))

/**
 * How to take trees like the parameters apart by depth, and how to stack them again. Where depths of the parameters stand apart
 * already, nothing is done, so that all comes back as it was given.
 */
export const depthsOf = (params: Tree) => {
  flatten(params)
  const same = (tree: Tree): Tree => tree
  return hasApart(params) ? { apart: same, together: same } : { apart: depthsApart, together: depthsTogether }
}
