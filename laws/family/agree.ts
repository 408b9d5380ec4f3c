import fc from "fast-check"
import { abs, all, concat, flatten, full, ge, le, mul, sign, Tree, zeros, type Tensor } from "thalweg"
import type { Optimizer } from "thalweg/optimizer"
import type { StateFamily } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, nonZero, range } from "../arbitrary/numbers.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { relative } from "../equality.js"
import type { Sides } from "../law.js"
import { anyOptimizer } from "../arbitrary/optimizer.js"
import { pathOf, stepsOf, streamOf, truth } from "../observe.js"

export const run = arbRun()
export const wide = arbRun({ dtypes: ["f64"] })
/** Gradients without zeros, whose squares neither over- nor underflow. */
export const moving = arbRun({ numbers: nonZero })
export const wideMoving = arbRun({ dtypes: ["f64"], numbers: nonZero })

export const rate = fixed(1)
export const beta = fixed(0.95)
export const eps = fixed(0.1, 0.01)
/** A beta by which one may divide. */
export const someBeta = fixed(0.95, 0.05)

/** Some roundings in f64 of what is of size 1. */
export const rounded = relative(1e-12, 1)
/** As `rounded`, where roundings are amplified: by bias corrections, quotients, or parameters that act on later steps. */
export const amplified = relative(1e-9, 1)

/** The displacements that an optimizer proposes, at parameters that stay where they are. */
export const movesOf = <F extends StateFamily>(optimizer: Optimizer<F>, r: Run): readonly Tree[] =>
  streamOf(anyOptimizer(optimizer), r)

/** Two optimizers go the same way. */
export const samePath = <F extends StateFamily, G extends StateFamily>(
  r: Run,
  left: Optimizer<F>,
  right: Optimizer<G>
): Sides => [pathOf(left, r), pathOf(right, r)]

/** Two optimizers propose the same displacements at parameters that stay where they are. */
export const sameUpdates = <F extends StateFamily, G extends StateFamily>(
  r: Run,
  left: Optimizer<F>,
  right: Optimizer<G>
): Sides => [movesOf(left, r), movesOf(right, r)]

export const firstOf = (r: Run): Run => ({ ...r, gradients: r.gradients.slice(0, 1) })

/** The first gradient, over and over. */
export const atConstantGradient = (r: Run): Run => ({ ...r, gradients: r.gradients.map(() => r.gradients[0] ?? []) })

const magnitudes = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 5 })

/** Runs of which every gradient is a positive multiple of the first, never smaller than the last. */
export const rising = (runs: fc.Arbitrary<Run>): fc.Arbitrary<Run> =>
  fc.tuple(runs, magnitudes).map(([r, growths]) => {
    const scales = range(r.gradients.length).map(i => growths.slice(0, i).reduce((scale, g) => scale + g / 100, 1))
    return { ...r, gradients: scales.map(scale => Tree.map(g => mul(g, scale))(r.gradients[0] ?? [])) }
  })

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
export const neverFalls = <F extends StateFamily>(
  name: string,
  optimizer: Optimizer<F>,
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
