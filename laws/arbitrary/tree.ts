import fc from "fast-check"
import { isTensor, scalar, type Tensor, type Tree } from "thalweg"

/** Keys, some of them such that JavaScript enumerates them in another order than it sorts them in. */
const keys = ["a", "b", "kernel", "bias", "10", "9", "Z", "é"] as const

/**
 * Makes nested records, arrays and tuples of leaves, empty ones and single leaves among them. Shrinks to one leaf.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { Tree } from "thalweg"
 * import { arbTensor, arbTree } from "thalweg/laws"
 *
 * const trees = fc.sample(arbTree(arbTensor()), { seed: 1, numRuns: 50 })
 * assert(trees.some(tree => Tree.leaves(tree).length > 2))
 */
export const arbTree = (leaf: fc.Arbitrary<Tensor>): fc.Arbitrary<Tree> =>
  fc.letrec<{ readonly tree: Tree }>(tie => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { weight: 4, arbitrary: leaf },
      { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...keys), tie("tree"), { minKeys: 1, maxKeys: 3 }) },
      { weight: 4, arbitrary: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom({}, []) }
    )
  })).tree

type Branch = Exclude<Tree, Tensor>

const isArray = (tree: Branch): tree is readonly Tree[] => Array.isArray(tree)

/** The same tree, the keys of every record added in another order. */
export const reorderKeys = (tree: Tree): Tree => {
  if (isTensor(tree)) return tree
  if (isArray(tree)) return tree.map(reorderKeys)
  return Object.fromEntries(
    Object.entries(tree)
      .reverse()
      .map(([key, child]) => [key, reorderKeys(child)])
  )
}

const extra = scalar(0)

const grown = (tree: Tree): Tree => (isTensor(tree) ? [] : isArray(tree) ? [...tree, extra] : { ...tree, more: extra })

const recast = (tree: Tree): Tree =>
  isTensor(tree) ? { leaf: tree } : isArray(tree) ? Object.fromEntries(tree.entries()) : Object.values(tree)

/** Changes of structure at one node: a level more, one child more, a record for an array. */
const changes: readonly ((tree: Tree) => Tree)[] = [tree => [tree], tree => ({ only: tree }), grown, recast]

/**
 * Changes the structure at the node that is reached by always taking the last child, `depth` times if there are as
 * many.
 */
const change = (tree: Tree, depth: number, how: (tree: Tree) => Tree): Tree => {
  if (depth === 0 || isTensor(tree)) return how(tree)
  if (isArray(tree)) {
    const last = tree.at(-1)
    return last === undefined ? how(tree) : [...tree.slice(0, -1), change(last, depth - 1, how)]
  }
  const last = Object.entries(tree).at(-1)
  return last === undefined ? how(tree) : { ...tree, [last[0]]: change(last[1], depth - 1, how) }
}

/** Changes of the structure of any tree, at one node. */
export const arbChange: fc.Arbitrary<(tree: Tree) => Tree> = fc.tuple(fc.nat(3), fc.constantFrom(...changes)).map(
  ([depth, how]) =>
    tree =>
      change(tree, depth, how)
)

/** Pairs of trees whose structures differ at one node. */
export const arbUnlike = (leaf: fc.Arbitrary<Tensor>): fc.Arbitrary<readonly [Tree, Tree]> =>
  fc
    .tuple(arbTree(leaf), arbChange, fc.boolean())
    .map(([tree, how, swap]) => (swap ? [how(tree), tree] : [tree, how(tree)]))
