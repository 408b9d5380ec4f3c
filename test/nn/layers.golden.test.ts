import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { cast, mul, sum, tensor, toTyped, Tree, valueAndGrad, type DType, type Tensor } from "thalweg"
import { layers } from "../../src/nn/catalogue.js"
import type { Initial, Mode, SomeLayer } from "../../src/nn/layer.js"
import { key } from "thalweg/random"

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean)[]
}
type StoredTree = Stored | { readonly [name: string]: StoredTree }

interface Case {
  readonly name: string
  readonly layer: keyof typeof layers
  readonly options: object
  readonly training: boolean
  readonly input: StoredTree
  readonly params: StoredTree
  readonly state?: StoredTree
  readonly context?: StoredTree
  readonly cotangent: StoredTree
  readonly output: StoredTree
  readonly after?: StoredTree
  readonly inputGrad?: StoredTree
  readonly grads: StoredTree
}

const isStored = (tree: StoredTree): tree is Stored => Array.isArray((tree as Stored).data)

/** A stored tree; what is f64 in another dtype, if one is asked for. */
const read = (tree: StoredTree, dtype: "f32" | "f64"): Tree => {
  if (!isStored(tree)) return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, read(part, dtype)]))
  const whole = tensor(tree.data, { shape: tree.shape, dtype: tree.dtype })
  return tree.dtype === "f64" ? cast(whole, dtype) : whole
}

const numbersOf = (tree: Tree): readonly number[] =>
  Tree.leaves(tree).flatMap(leaf => Array.from(toTyped(leaf), Number))

/** The worst deviation, in units of the largest element of the tree. */
const deviation = (found: Tree, expected: Tree): number => {
  expect(Tree.paths(found)).toEqual(Tree.paths(expected))
  expect(Tree.leaves(found).map(t => t.shape)).toEqual(Tree.leaves(expected).map(t => t.shape))
  const [a, b] = [numbersOf(found), numbersOf(expected)]
  const largest = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3)
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN))), 0) / largest
}

const folder = new URL("../golden/", import.meta.url)
const cases = readdirSync(folder)
  .filter(name => /^layers.*\.json$/.test(name))
  .flatMap(
    name => (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { readonly cases: readonly Case[] }).cases
  )

/** In units of the largest element: sums of a hundred terms, in f32 as in f64. */
const bounds = { f64: 1e-13, f32: 2e-5 }

describe.each(["f64", "f32"] as const)("layers agree with PyTorch in %s", dtype => {
  test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
    const layer = layers[c.layer].make(c.options as never) as SomeLayer
    const [input, params, cotangent] = [c.input, c.params, c.cotangent].map(tree => read(tree, dtype)) as [
      Tree,
      Tree,
      Tensor
    ]
    const mode: Mode = {
      ...(c.training ? { training: true as const, key: key(0) } : { training: false as const }),
      ...(c.context && (read(c.context, dtype) as object))
    }
    const state =
      c.state === undefined ? (layer.init(key(0), input, mode) as Initial<Tree, Tree>).state : read(c.state, dtype)
    const [output, after] = layer.apply(params, state, input, mode) as readonly [Tensor, Tree]
    const check = (found: Tree, expected: StoredTree) => {
      expect(deviation(found, read(expected, "f64"))).toBeLessThan(bounds[dtype])
    }
    check(output, c.output)
    expect(output.dtype).toBe(dtype)
    if (c.after !== undefined) check(after, c.after)
    const objective = (params: Tree, input: Tree): Tensor =>
      sum(mul((layer.apply(params, state, input, mode) as readonly [Tensor, Tree])[0], cotangent))
    check(valueAndGrad((params: Tree) => objective(params, input))(params)[1], c.grads)
    if (c.inputGrad !== undefined) check(valueAndGrad((input: Tree) => objective(params, input))(input)[1], c.inputGrad)
    // what `init` draws is like what is given
    const drawn = (layer.init(key(0), input, mode) as Initial<Tree, Tree>).params
    expect(Tree.paths(drawn)).toEqual(Tree.paths(params))
    expect(Tree.leaves(drawn).map(t => [t.shape, t.dtype])).toEqual(Tree.leaves(params).map(t => [t.shape, t.dtype]))
  })
})
