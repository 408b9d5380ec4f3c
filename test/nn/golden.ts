import { readdirSync, readFileSync } from "node:fs"
import { expect } from "vitest"
import { add, cast, mul, sum, tensor, toTyped, Tree, type DType, type Tensor } from "thalweg"
import type { ModelSpec } from "thalweg/spec"

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean)[]
}
export type StoredTree = Stored | { readonly [name: string]: StoredTree }

export interface Case extends ModelSpec {
  readonly name: string
  readonly training: boolean
  readonly input: StoredTree
  readonly params: StoredTree
  readonly state?: StoredTree
  readonly context?: StoredTree
  readonly cotangent: StoredTree
  readonly output: StoredTree
  readonly after?: StoredTree
  readonly inputGrad?: StoredTree
  readonly contextGrads?: { readonly [name: string]: StoredTree }
  readonly grads: StoredTree
}

const isStored = (tree: StoredTree): tree is Stored => Array.isArray((tree as Stored).data)

/** A stored tree; what is f64 in another dtype, if one is asked for. */
export const read = (tree: StoredTree, dtype: "f32" | "f64"): Tree => {
  if (!isStored(tree)) return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, read(part, dtype)]))
  const whole = tensor(tree.data, { shape: tree.shape, dtype: tree.dtype })
  return tree.dtype === "f64" ? cast(whole, dtype) : whole
}

/** The sum of the elements of an output, each times that of a cotangent. */
export const along = (output: Tree, cotangent: Tree): Tensor =>
  Tree.leaves(Tree.zipWith((y: Tensor, c: Tensor) => sum(mul(y, c)))(output, cotangent)).reduce((a, b) => add(a, b))

const numbersOf = (tree: Tree): readonly number[] =>
  Tree.leaves(tree).flatMap(leaf => Array.from(toTyped(leaf), Number))

/** The worst deviation, in units of the largest element of the tree. */
export const deviation = (found: Tree, expected: Tree): number => {
  expect(Tree.paths(found)).toEqual(Tree.paths(expected))
  expect(Tree.leaves(found).map(t => t.shape)).toEqual(Tree.leaves(expected).map(t => t.shape))
  const [a, b] = [numbersOf(found), numbersOf(expected)]
  const largest = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3)
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN))), 0) / largest
}

const folder = new URL("../golden/", import.meta.url)
export const cases = readdirSync(folder)
  .filter(name => /^layers.*\.json$/.test(name))
  .flatMap(
    name => (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { readonly cases: readonly Case[] }).cases
  )
