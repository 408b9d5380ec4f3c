import fc from "fast-check"
import type { Tree } from "thalweg"
import { add, isTensor, mul, sub, type Tensor } from "thalweg"
import { moderate, pool } from "./arbitrary/numbers.js"
import { arbTensor, copyOf, filledLike } from "./arbitrary/tensor.js"
import { arbTree, arbUnlike, reorderKeys } from "./arbitrary/tree.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { spelled, throws, truth } from "./sides.js"

/** The functions on trees that are held to laws. */
export type TreeFunctions = Pick<
  typeof Tree,
  "flatten" | "leaves" | "map" | "paths" | "reduce" | "sameStructure" | "unflatten" | "zipWith"
>

const anyTree = arbTree(arbTensor())
const floatTree = arbTree(arbTensor({ dtypes: ["f32"] }))
const twoTrees = fc
  .tuple(floatTree, pool(moderate))
  .map(([tree, numbers]) => [tree, filledLike(tree, numbers, 1)] as const)

const double = (t: Tensor): Tensor => mul(t, 2)
const increment = (t: Tensor): Tensor => add(t, 1)

/** What stands at a path. */
const follow = (tree: Tree, path: string): Tree =>
  path === ""
    ? tree
    : path.split("/").reduce<Tree>((node, key) => {
        const child = isTensor(node) ? undefined : (node as Readonly<Record<string, Tree>>)[key]
        return child ?? []
      }, tree)

const functor = ({ map, leaves }: TreeFunctions): readonly Law[] => [
  law("map keeps a tree under the identity", exact, anyTree, tree => [map(t => t)(tree), tree]),
  law("map composes", exact, floatTree, tree => [
    map(t => double(increment(t)))(tree),
    map(double)(map(increment)(tree))
  ]),
  law("map reaches every leaf", exact, floatTree, tree => [leaves(map(double)(tree)), leaves(tree).map(double)]),
  law("map leaves its argument unchanged", exact, floatTree, tree => {
    const before = copyOf(tree)
    map(double)(tree)
    return [before, tree]
  })
]

const zips = ({ zipWith, leaves }: TreeFunctions): readonly Law[] => [
  law("zipWith combines the leaves of one place", exact, twoTrees, ([a, b]) => {
    const others = leaves(b)
    return [leaves(zipWith(sub)(a, b)), leaves(a).map((t, i) => sub(t, others[i] ?? t))]
  }),
  law("zipWith refuses another structure", exact, arbUnlike(arbTensor({ dtypes: ["f32"] })), ([a, b]) => [
    throws(["TreeError"], () => zipWith((x: Tensor, _: Tensor) => x)<Tree>(a, b)),
    truth(true)
  ])
]

const flattening = ({ flatten, unflatten, leaves }: TreeFunctions): readonly Law[] => [
  law("unflatten undoes flatten", exact, anyTree, tree => {
    const flat = flatten(tree)
    return [unflatten(flat.structure)(flat.leaves), tree]
  }),
  law("flatten undoes unflatten", exact, twoTrees, ([tree, other]) => {
    const given = leaves(other)
    return [flatten(unflatten(flatten(tree).structure)(given)).leaves, given]
  }),
  law("unflatten refuses another number of leaves", exact, anyTree, tree => {
    const flat = flatten(tree)
    const [first] = flat.leaves
    const unflattened = (count: readonly Tensor[]) => (): unknown => unflatten(flat.structure)(count)
    const few = first === undefined ? truth(true) : throws(["TreeError"], unflattened(flat.leaves.slice(1)))
    return [
      [few, throws(["TreeError"], unflattened([...flat.leaves, truth(true)]))],
      [truth(true), truth(true)]
    ]
  })
]

const order = ({ leaves, map, paths, reduce, sameStructure }: TreeFunctions): readonly Law[] => [
  law("the order of keys never matters", exact, anyTree, tree => {
    const other = reorderKeys(tree)
    return [
      [leaves(tree), spelled(paths(tree)), truth(true)],
      [leaves(other), spelled(paths(other)), truth(sameStructure(tree, other))]
    ]
  }),
  law("paths lead to the leaves", exact, anyTree, tree => [paths(tree).map(path => follow(tree, path)), leaves(tree)]),
  law("map says each leaf's path", exact, anyTree, tree => {
    const told: string[] = []
    map((t, path) => {
      told.push(path)
      return t
    })(tree)
    return [spelled(told), spelled(paths(tree))]
  }),
  law("reduce folds the leaves in the order of their paths", exact, anyTree, tree => [
    reduce<readonly Tensor[]>([], (found, t) => [...found, t])(tree),
    leaves(tree)
  ]),
  law("sameStructure sees a difference", exact, arbUnlike(arbTensor()), ([a, b]) => [
    [truth(sameStructure(a, b)), truth(sameStructure(a, copyOf(a)))],
    [truth(false), truth(true)]
  ])
]

/**
 * Lists the laws of functions on trees: `map` is a functor and reaches every leaf, `zipWith` is strict, `flatten` and
 * `unflatten` are inverse, paths and leaves are in one order, which is not that of the keys. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree } from "thalweg"
 * import { checkAll, treeLaws } from "thalweg/laws"
 *
 * assert(checkAll(treeLaws(Tree), { numRuns: 10 }).every(verdict => verdict.holds))
 */
export const treeLaws = (tree: TreeFunctions): readonly Law[] => [
  ...functor(tree),
  ...zips(tree),
  ...flattening(tree),
  ...order(tree)
]
