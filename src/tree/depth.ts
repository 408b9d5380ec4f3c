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
    ? tree.map((branch, i) => f(branch, String(i)))
    : Object.fromEntries(Object.entries(tree as Branches).map(([key, branch]) => [key, f(branch, key)]))

/** How many depths stand stacked in a branch, if any. */
const stackedAt = (branch: Tree, key: string): number | undefined =>
  key === DEPTHS && !areApart(branch) ? depthOf(branch) : undefined

const anyStacked = (tree: Tree): boolean =>
  !isTensor(tree) &&
  Object.entries(tree as Branches).some(([key, branch]) => stackedAt(branch, key) !== undefined || anyStacked(branch))

const anyApart = (tree: Tree): boolean =>
  !isTensor(tree) &&
  Object.entries(tree as Branches).some(([key, branch]) => (key === DEPTHS && areApart(branch)) || anyApart(branch))

const taken = (tree: Tree): Tree => {
  if (isTensor(tree)) return tree
  return mapBranches(tree, (branch, key) => {
    const depth = stackedAt(branch, key)
    if (depth === undefined) return taken(branch)
    return Object.fromEntries(range(depth).map(i => [i, taken(map((leaf: Tensor) => at(leaf, i))(branch))]))
  })
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

/** How trees like some parameters are seen depth by depth, and become what they were. */
export interface Depths {
  readonly apart: <T>(tree: T) => T
  readonly together: <T>(tree: T) => T
}

const asItIs: Depths = { apart: tree => tree, together: tree => tree }
const oneByOne: Depths = {
  apart: tree => taken(tree as unknown as Tree) as unknown as typeof tree,
  together: tree => depthsTogether(tree as unknown as Tree) as unknown as typeof tree
}

/**
 * Takes apart what `repeat` stacked in some parameters, and in what is like them: below the key stands a record with a branch for each
 * depth, under its number. Where depths stand apart already, nothing is done, so that all comes back as it was given. What is no
 * tree is a `TreeError`.
 */
export const depthsOf = (params: Tree): Depths => {
  flatten(params)
  return anyStacked(params) && !anyApart(params) ? oneByOne : asItIs
}
