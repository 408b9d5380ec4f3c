import { mul, stack, toTyped, Tree, zerosLike, type Tensor } from "thalweg"

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

/** Gradients of two examples whose mean is a gradient, exactly: one has twice as much, the other none. */
export const examplesOf: <T extends Tree>(grads: T) => T = Tree.map((g: Tensor) => stack([mul(g, 2), zerosLike(g)]))

/** A value that is no number as errors show it. */
export const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value !== "object" || value === null) return String(value)
  return Array.isArray(value) ? `an array of ${value.length}` : "a record with keys (none)"
}
