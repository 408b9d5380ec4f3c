import { isTensor, Tree, type Tensor } from "thalweg"
import { treeLaws, type TreeFunctions } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

type Children = Record<string, Tree>
type Structure = ReturnType<typeof Tree.flatten>["structure"]

const broken = (parts: Partial<TreeFunctions>) => treeLaws({ ...Tree, ...parts })

/** Leaves with their paths, records in the order in which their keys were added. */
const asAdded = (tree: Tree, path = ""): readonly (readonly [string, Tensor])[] =>
  isTensor(tree)
    ? [[path, tree]]
    : Object.entries(tree as Children).flatMap(([key, child]) => asAdded(child, path === "" ? key : `${path}/${key}`))

const asRecords = (tree: Tree): Tree =>
  isTensor(tree)
    ? tree
    : Object.fromEntries(Object.entries(tree as Children).map(([key, child]) => [key, asRecords(child)]))

const inPlace = (tree: Tree, f: (t: Tensor) => Tensor): Tree => {
  if (isTensor(tree)) return f(tree)
  for (const [key, child] of Object.entries(tree as Children)) (tree as Children)[key] = inPlace(child, f)
  return tree
}

const withoutEmpty = (tree: Tree): Tree =>
  isTensor(tree)
    ? tree
    : Array.isArray(tree)
      ? tree.map(withoutEmpty).filter(child => Tree.paths(child).length > 0)
      : Object.fromEntries(Object.entries(tree).filter(([, child]) => Tree.paths(child).length > 0))

const leafCount = (structure: Structure): number =>
  structure.kind === "leaf" ? 1 : structure.items.reduce((n, item) => n + leafCount(item), 0)

const memoized = (): TreeFunctions["map"] => {
  const results = new WeakMap<Tensor, Tensor>()
  return f =>
    Tree.map((t, path) => {
      const result = results.get(t) ?? f(t, path)
      results.set(t, result)
      return result
    })
}

const map = (how: (f: (t: Tensor, path: string) => Tensor, tree: Tree) => Tree) =>
  (f => (tree: Tree) => how(f, tree)) as TreeFunctions["map"]

export const treeMutants: Mutants = {
  "map keeps a tree under the identity": [
    mutant("makes records of arrays", broken({ map: map((f, tree) => asRecords(Tree.map(f)(tree))) }))
  ],
  "map composes": [mutant("remembers results by leaf, whatever the function", broken({ map: memoized() }))],
  "map reaches every leaf": [
    mutant(
      "skips scalars",
      broken({ map: map((f, tree) => Tree.map((t, path) => (t.shape.length === 0 ? t : f(t, path)))(tree)) })
    )
  ],
  "map leaves its argument unchanged": [
    mutant("writes into the tree", broken({ map: map((f, tree) => inPlace(tree, t => f(t, ""))) }))
  ],
  "zipWith combines the leaves of one place": [
    mutant(
      "swaps the operands",
      broken({
        zipWith: ((f: (a: Tensor, b: Tensor) => Tensor) => Tree.zipWith((a: Tensor, b: Tensor) => f(b, a))) as never
      })
    )
  ],
  "zipWith refuses another structure": [
    mutant(
      "goes on to the end of the shorter",
      broken({
        zipWith: ((f: (a: Tensor, b: Tensor) => Tensor) => (a: Tree, b: Tree) => {
          const others = Tree.leaves(b)
          return Tree.leaves(a).flatMap((t, i) => others[i] ?? [t].map(x => f(x, x)))
        }) as never
      })
    )
  ],
  "unflatten undoes flatten": [
    mutant("drops empty containers", broken({ flatten: tree => Tree.flatten(withoutEmpty(tree)) }))
  ],
  "flatten undoes unflatten": [
    mutant(
      "fills from the last leaf to the first",
      broken({ unflatten: structure => flat => Tree.unflatten<never>(structure)(flat.toReversed()) })
    )
  ],
  "unflatten refuses another number of leaves": [
    mutant(
      "leaves out what is too much",
      broken({
        unflatten: structure => flat => Tree.unflatten<never>(structure)(flat.slice(0, leafCount(structure)))
      })
    )
  ],
  "the order of keys never matters": [
    mutant(
      "reads keys in the order in which they were added",
      broken({
        leaves: tree => asAdded(tree).map(([, t]) => t),
        paths: tree => asAdded(tree).map(([path]) => path)
      })
    ),
    mutant(
      "compares keys in the order in which they were added",
      broken({
        sameStructure: (a, b) => String(asAdded(a).map(([path]) => path)) === String(asAdded(b).map(([path]) => path))
      })
    )
  ],
  "paths lead to the leaves": [
    mutant("sorts the leaves only", broken({ paths: tree => asAdded(tree).map(([path]) => path) }))
  ],
  "map says each leaf's path": [
    mutant(
      "says the last key only",
      broken({ map: map((f, tree) => Tree.map((t, path) => f(t, path.split("/").at(-1) ?? ""))(tree)) })
    )
  ],
  "reduce folds the leaves in the order of their paths": [
    mutant(
      "folds from the right",
      broken({
        reduce: (initial, f) => tree => Tree.leaves(tree).reduceRight((total, t) => f(total, t, ""), initial)
      })
    )
  ],
  "sameStructure sees a difference": [
    mutant("counts leaves", broken({ sameStructure: (a, b) => Tree.leaves(a).length === Tree.leaves(b).length }))
  ]
}
