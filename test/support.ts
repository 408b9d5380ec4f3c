import { toTyped, Tree, type Tensor } from "thalweg"

/** What a call throws; `undefined` if nothing. */
export const thrownBy = (call: () => unknown): unknown => {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

/** All bits of a tree: its paths and values. */
export const bitsOf = (tree: Tree): readonly (readonly [path: string, values: ArrayLike<number>])[] => {
  const paths = Tree.paths(tree)
  return Tree.leaves(tree).map((t: Tensor, i) => [paths[i] ?? "", toTyped(t)])
}
