import fc from "fast-check"
import { at, concat, grad, mul, stack, sum, toTyped, Tree, type Tensor } from "thalweg"
import type { repeat } from "thalweg/nn"
import { key, uniform } from "thalweg/random"
import { draw, given, inTurn, settled, training, type Begun, type Sample } from "./arbitrary/layers.js"
import { trainedBy, upTo, type Made } from "./arbitrary/model.js"
import { range } from "./arbitrary/numbers.js"
import { exact, rounded } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

type Stacked = { readonly each: Tree }

/** A layer whose parameters are drawn at the start and whose state while it is trained. */
const dice: Made = {
  name: "dice",
  init: key => ({ params: { drawn: uniform(key, [2]) }, state: { drawn: uniform(key, [2]) } }),
  apply: (_, state, x, mode) => [x, mode.training ? { drawn: uniform(mode.key, [2]) } : state]
}

/** One model some times over. */
const deep = fc.tuple(settled, upTo(3))

/** Trees of one structure, their leaves stacked. */
const stacked = (trees: readonly Tree[]): Tree =>
  trees.map(Tree.map((leaf: Tensor) => stack([leaf]))).reduce((a, b) => Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))(a, b)) // prettier-ignore

/**
 * Lists the laws of `repeat`, over random models in f64: it is its depths one after the other, each with its slice of parameters
 * and state, to the bit, and so is its gradient; every depth draws for itself.
 *
 * @example
 * import assert from "node:assert"
 * import { repeat } from "thalweg/nn"
 * import { checkAll, repeatLaws } from "thalweg/laws"
 *
 * assert(checkAll(repeatLaws(repeat), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const repeatLaws = (loop: typeof repeat): readonly Law[] => {
  /** A repeat, its parameters and state, and what its depths come to by hand. */
  const unrolled = ([sample, times]: readonly [Sample, number]) => {
    const { x, z, first } = given(sample)
    const layer = loop(times)(first) as unknown as Made
    const begun = layer.init(key(sample.seed), x)
    const slice = (tree: Tree, i: number): Tree => Tree.map((leaf: Tensor) => at(leaf, i))((tree as Stacked).each)
    const depths = (params: Tree): readonly Begun[] =>
      range(times).map(i => ({ params: slice(params, i), state: slice(begun.state, i) }))
    const byHand = (params: Tree, x: Tensor) => inTurn(depths(params).map(() => first), depths(params), x) // prettier-ignore
    return { x, z, layer, ...begun, byHand }
  }
  return [
    law("repeat is its depths one after the other, each with its slice", exact, deep, sample => {
      const { x, layer, params, state, byHand } = unrolled(sample)
      const [y, states] = byHand(params, x)
      return [layer.apply(params, state, x, training), [y, { each: stacked(states) }]]
    }),
    law("the gradient of repeat is that of its depths one after the other", rounded, deep, sample => {
      const { x, z, layer, params, state, byHand } = unrolled(sample)
      const gradOf = (run: (params: Tree, x: Tensor) => Tensor): Tree =>
        grad(([params, x]: readonly [Tree, Tensor]) => sum(mul(run(params, x), z)))([params, x])
      return [
        gradOf((params, x) => layer.apply(params, state, x, training)[0]),
        gradOf((params, x) => byHand(params, x)[0])
      ]
    }),
    law(
      "every depth of a repeat draws for itself, at the start and while training",
      exact,
      fc.tuple(fc.integer({ min: 2, max: 5 }), fc.nat(), fc.nat()),
      ([times, seed, other]) => {
        const layer = loop(times)(dice) as unknown as Made
        const { params, state } = layer.init(key(seed), draw(0, 1))
        const [, after] = layer.apply(params, state, draw(0, 1), trainedBy(other))
        const apart = ([params, after] as const).map(tree => {
          const { drawn } = (tree as Stacked).each as { readonly drawn: Tensor }
          return new Set(toTyped(drawn)).size
        })
        return [apart.map(n => truth(n === 2 * times)), apart.map(() => truth(true))]
      }
    )
  ]
}
