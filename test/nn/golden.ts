import { readdirSync, readFileSync } from "node:fs"
import { expect } from "vitest"
import { cast, tensor, toTyped, Tree, type DType } from "thalweg"
import { bidirectional, recurrent, sequential, stateful } from "thalweg/nn"
import { layers } from "../../src/nn/catalogue.js"
import type { Layer, SomeLayer } from "../../src/nn/layer.js"

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean)[]
}
export type StoredTree = Stored | { readonly [name: string]: StoredTree }

/** A layer as data; `of`: the layer, or the layers by name, that it is made of. */
interface Described {
  readonly layer: string
  readonly options: Readonly<Record<string, unknown>>
}

export interface Case extends Described {
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
  readonly grads: StoredTree
}

const isStored = (tree: StoredTree): tree is Stored => Array.isArray((tree as Stored).data)

/** A stored tree; what is f64 in another dtype, if one is asked for. */
export const read = (tree: StoredTree, dtype: "f32" | "f64"): Tree => {
  if (!isStored(tree)) return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, read(part, dtype)]))
  const whole = tensor(tree.data, { shape: tree.shape, dtype: tree.dtype })
  return tree.dtype === "f64" ? cast(whole, dtype) : whole
}

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

type Plain = Layer<Tree, Tree>

/** Layers of layers: what each is of one layer, or of layers by name, under its other options. */
const around: Readonly<Record<string, (options: object, of: never) => SomeLayer>> = {
  recurrent: (options, of: Plain) => recurrent(options)(of),
  stateful: (options, of: Plain) => stateful(options)(of),
  bidirectional: (options, of: Plain) => bidirectional(options)(of),
  sequential: (_, of: Readonly<Record<string, Plain>>) => sequential(of)
}

const isDescribed = (value: unknown): value is Described => typeof (value as Described).layer === "string"

/** Options of a recipe, in which functions have names. */
const optionsOf = (fields: Readonly<Record<string, object>>, options: Described["options"]) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const { names = {} } = (fields[name] ?? {}) as { readonly names?: Readonly<Record<string, unknown>> }
      return [name, typeof value === "string" ? (names[value] ?? value) : value]
    })
  )

/** The layer that is described. */
export const layerOf = ({ layer, options: { of, ...options } }: Described): SomeLayer => {
  const recipe = layers[layer as keyof typeof layers] as (typeof layers)["dense"] | undefined
  if (recipe !== undefined) return recipe.make(optionsOf(recipe.fields, options) as never)
  const entries = (parts: object) => Object.entries(parts).map(([name, part]) => [name, layerOf(part as Described)])
  const inner = isDescribed(of) ? layerOf(of) : (Object.fromEntries(entries(of as object)) as unknown)
  return around[layer]?.(options, inner as never) ?? expect.fail(`no layer is called ${layer}`)
}

const folder = new URL("../golden/", import.meta.url)
export const cases = readdirSync(folder)
  .filter(name => /^layers.*\.json$/.test(name))
  .flatMap(
    name => (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { readonly cases: readonly Case[] }).cases
  )
