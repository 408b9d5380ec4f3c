import fc from "fast-check"
import { abs, all, concat, flatten, full, ge, le, mul, sign, Tree, zeros, type Tensor } from "thalweg"
import type { AnyOptimizer } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, nonZero, range } from "../arbitrary/numbers.js"
import { arbRun, wideMoving, type Run } from "../arbitrary/run.js"
import { exact, rounded } from "../equality.js"
import { law, type Law, type Sides } from "../law.js"
import { pathOf, stepsOf, streamOf, times, truth } from "../sides.js"

export const rate = fixed(1)
export const beta = fixed(0.95)
export const eps = fixed(0.1, 0.01)
/** A beta by which one may divide. */
export const someBeta = fixed(0.95, 0.05)

/** The displacements that an optimizer proposes, at parameters that stay where they are. */
export const movesOf = (optimizer: AnyOptimizer, r: Run): readonly Tree[] => streamOf(optimizer, r)

/** Two optimizers go the same way. */
export const samePath = (r: Run, left: AnyOptimizer, right: AnyOptimizer): Sides => [pathOf(left, r), pathOf(right, r)]

/** Two optimizers propose the same displacements at parameters that stay where they are. */
export const sameUpdates = (r: Run, left: AnyOptimizer, right: AnyOptimizer): Sides => [
  movesOf(left, r),
  movesOf(right, r)
]

export const firstOf = (r: Run): Run => ({ ...r, gradients: r.gradients.slice(0, 1) })

/** The first gradient, over and over. */
export const atConstantGradient = (r: Run): Run => ({ ...r, gradients: r.gradients.map(() => r.gradients[0] ?? []) })

/** Gradients along the first, each `ratio` times the one before. */
export const growingBy = (ratio: number, r: Run): Run => ({
  ...r,
  gradients: r.gradients.map((_, t) => times(ratio ** t)(r.gradients[0] ?? []))
})

const growths = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean()), { minLength: 5, maxLength: 5 })

/** Runs of which every gradient is a multiple of the first, of either sign and never smaller than the last. */
export const rising = (runs: fc.Arbitrary<Run>): fc.Arbitrary<Run> =>
  fc.tuple(runs, growths).map(([r, all]) => {
    const size = (t: number): number => all.slice(0, t).reduce((scale, [growth]) => scale + growth / 100, 1)
    const scales = range(r.gradients.length).map(t => (all[t]?.[1] ? -size(t) : size(t)))
    return { ...r, gradients: scales.map(scale => times(scale)(r.gradients[0] ?? [])) }
  })

/** The law that gradients in another unit make the same displacements. */
export const seesNoScale = (name: string, optimizers: fc.Arbitrary<AnyOptimizer>): Law =>
  law(
    `${name} does not see the scale of gradients`,
    rounded,
    fc.tuple(optimizers, fixed(4, 0.1), wideMoving),
    ([optimizer, factor, r]) => [
      movesOf(optimizer, { ...r, gradients: r.gradients.map(times(factor)) }),
      movesOf(optimizer, r)
    ]
  )

/** A power of two, of which the product with a float is exact. */
export const powerOfTwo = fc.integer({ min: -8, max: 8 }).map(n => 2 ** n)

/** A tree of which one leaf is multiplied by a factor: the one at a place, counted around. */
const oneLeafTimes =
  (place: number, factor: number) =>
  (tree: Tree): Tree => {
    const paths = Tree.paths(tree)
    return Tree.map((t, path) => (path === paths[place % paths.length] ? mul(t, factor) : t))(tree)
  }

/** The law that the gradients of one leaf in another unit, a power of two, make the same displacements. */
export const seesNoScaleOfALeaf = (name: string, optimizers: fc.Arbitrary<AnyOptimizer>): Law =>
  law(
    `${name} does not see the scale of the gradients of any one leaf`,
    exact,
    fc.tuple(optimizers, fc.nat({ max: 9 }), powerOfTwo, arbRun({ params: nonZero, numbers: nonZero })),
    ([optimizer, place, factor, r]) => [
      movesOf(optimizer, { ...r, gradients: r.gradients.map(oneLeafTimes(place, factor)) }),
      movesOf(optimizer, r)
    ]
  )

/** The signs of a tree, times a factor. */
export const signs = (factor: number): ((tree: Tree) => Tree) => Tree.map(g => mul(sign(g), factor))

/** Sides that agree if every leaf of every tree is true everywhere. */
export const allTrue = (trees: readonly Tree[]): Sides => [
  trees.map(Tree.map(t => all(t))),
  trees.map(Tree.map(() => truth(true)))
]

/** The leaves of a state that are kept under a name. */
export const kept =
  (name: string) =>
  (state: Tree): readonly Tensor[] => {
    const paths = Tree.paths(state)
    return Tree.leaves(state).filter((_, i) => paths[i]?.split("/").includes(name))
  }

/** Sides that agree if what is kept under a name, one tensor for each of `like`, never falls during a run. */
export const neverFalls = (
  name: string,
  optimizer: AnyOptimizer,
  r: Run,
  like: (params: Tree) => readonly unknown[] = Tree.leaves
): Sides => {
  const states = [optimizer.init(r.params), ...stepsOf(optimizer, r).map(([, state]) => state)].map(kept(name))
  const rises = states.slice(1).map((now, t) => now.map((x, i) => all(ge(x, states[t]?.[i] ?? x))))
  return [rises, r.gradients.map(() => like(r.params).map(() => truth(true)))]
}

/** Whether each element of one tree is at most as large as that of another, but for rounding. */
export const within = Tree.zipWith((a: Tensor, b: Tensor) => le(a, mul(b, 1 + 1e-12)))

/** Numbers of one sign: what is averaged of them cannot vanish. */
export const positive = moderate.map(x => Math.abs(x) + 0.1)

/** A tree of one number. */
export const filled = (value: number): ((tree: Tree) => Tree) => Tree.map(t => full(t.shape, value, t.dtype))

export const sizes = Tree.map(abs)

/** All elements of a tree of f64, in one vector. */
export const joined = (tree: Tree): Tensor => concat([zeros([0], "f64"), ...Tree.leaves(tree).map(flatten)])
