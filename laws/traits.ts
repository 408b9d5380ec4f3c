import fc from "fast-check"
import { add, concat, flatten, flip, mul, neg, Tree, zeros, type FloatDType, type Tensor } from "thalweg"
import type { AnyOptimizer, Trait } from "thalweg/optimizer"
import { nonZero } from "./arbitrary/numbers.js"
import { only } from "./arbitrary/transform.js"
import { arbRun, run, type Run } from "./arbitrary/run.js"
import { exact, ulps } from "./equality.js"
import { law, type Law } from "./law.js"
import { givenAt, pathOf, stepOf, streamOf } from "./sides.js"

type Optimizers = fc.Arbitrary<AnyOptimizer>

const mapped = (f: (tree: Tree) => Tree, { params, gradients }: Run): Run => ({
  params: f(params),
  gradients: gradients.map(f)
})

const additive = (optimizers: Optimizers): readonly Law[] => [
  law("step adds the displacement of update", exact, fc.tuple(optimizers, run), ([optimizer, r]) => {
    const [grads = []] = r.gradients
    const state = optimizer.init(r.params)
    const [displacement, after] = optimizer.update(grads, state, r.params, ...givenAt(optimizer, grads))
    const moved = Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))
    return [stepOf(optimizer)(r.params, state, grads), [moved<Tree>(r.params, displacement), after]]
  })
]

const leafwise = (optimizers: Optimizers): readonly Law[] => [
  law("leaves are treated apart", exact, fc.tuple(optimizers, run), ([optimizer, r]) => {
    const alone = Tree.leaves(r.params).map((params, leaf) =>
      pathOf(optimizer, { params, gradients: r.gradients.map(grads => Tree.leaves(grads)[leaf] ?? params) })
    )
    return [pathOf(optimizer, r).map(Tree.leaves), r.gradients.map((_, step) => alone.map(steps => steps[step] ?? []))]
  })
]

/** All elements of a tree of one dtype, in one vector. */
const joined = (tree: Tree, dtype: FloatDType): Tensor => concat([zeros([0], dtype), ...Tree.leaves(tree).map(flatten)])

const elementwise = (optimizers: Optimizers): readonly Law[] => {
  const runs = fc
    .constantFrom<FloatDType[]>("f32", "f64")
    .chain(dtype => fc.tuple(fc.constant(dtype), arbRun({ dtypes: [dtype] })))
  const commutes = (name: string, f: (tree: Tree, dtype: FloatDType) => Tree): Law =>
    law(
      `an elementwise optimizer commutes with ${name}`,
      exact,
      fc.tuple(optimizers, runs),
      ([optimizer, [dtype, r]]) => [
        pathOf(
          optimizer,
          mapped(tree => f(tree, dtype), r)
        ),
        pathOf(optimizer, r).map(params => f(params, dtype))
      ]
    )
  return [
    commutes("flattening", joined),
    commutes("permuting leaves", tree => Tree.leaves(tree).toReversed()),
    commutes(
      "permuting elements",
      Tree.map(t => flip(t))
    )
  ]
}

const blind = (optimizers: Optimizers): readonly Law[] => [
  // `0·p` has the sign of `p`: the sign of a zero is not blind.
  law("updates do not depend on the parameters", ulps(0), fc.tuple(optimizers, run), ([optimizer, r]) => [
    streamOf(optimizer, r),
    streamOf(optimizer, { ...r, params: Tree.map(t => add(t, 1))(r.params) })
  ])
]

const odd = (optimizers: Optimizers): readonly Law[] => [
  // `0·b + (-0)` is `+0`: the sign of a zero is not odd.
  law("negated gradients give negated updates", ulps(0), fc.tuple(optimizers, run), ([optimizer, r]) => [
    streamOf(optimizer, { ...r, gradients: r.gradients.map(Tree.map(neg)) }),
    streamOf(optimizer, r).map(Tree.map(neg))
  ])
]

const still = (optimizers: Optimizers): readonly Law[] => [
  law("zero gradients leave the parameters unchanged", exact, fc.tuple(optimizers, run), ([optimizer, r]) => [
    pathOf(optimizer, { ...r, gradients: r.gradients.map(Tree.zerosLike) }),
    r.gradients.map(() => r.params)
  ])
]

const scaleFree = (optimizers: Optimizers): readonly Law[] => [
  law(
    "gradients scaled by a power of two give the same updates",
    exact,
    fc.tuple(optimizers, fc.integer({ min: -96, max: 96 }), arbRun({ numbers: nonZero })),
    ([optimizer, n, r]) => [
      streamOf(optimizer, { ...r, gradients: r.gradients.map(Tree.map(g => mul(g, 2 ** n))) }),
      streamOf(optimizer, r)
    ]
  )
]

const suites: Readonly<Record<Trait, (optimizers: Optimizers) => readonly Law[]>> = {
  additive,
  leafwise,
  elementwise,
  blind,
  odd,
  still,
  scaleFree
}

/**
 * Lists the laws of optimizers that have a trait, over whatever an arbitrary makes: see `traitLaws`.
 *
 * @example
 * import assert from "node:assert"
 * import { arbOptimizer, checkAll, traitLawsOver } from "thalweg/laws"
 *
 * const optimizers = arbOptimizer({ traits: ["odd"] })
 * assert(checkAll(traitLawsOver("odd", optimizers), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const traitLawsOver = (trait: Trait, optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] =>
  suites[trait](optimizers)

/**
 * Lists the laws of an optimizer that has a trait. The catalogue names them:
 *
 * - `additive`: a step is the parameters plus the update;
 * - `leafwise`: each leaf goes as it would alone;
 * - `elementwise`: it commutes with flattening the tree, permuting leaves and permuting elements;
 * - `blind`: its updates do not depend on the parameters, but for the sign of a zero;
 * - `odd`: negated gradients give negated updates, but for the sign of a zero;
 * - `still`: zero gradients from a fresh state move nothing;
 * - `scaleFree`: gradients scaled by a power of two (which rounds nothing) give the same updates, from 2⁻⁹⁶ to 2⁹⁶: as
 *   long as f32 holds sums of them, and small parts.
 *
 * All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { adam } from "thalweg/optimizer"
 * import { checkAll, traitLaws } from "thalweg/laws"
 *
 * assert(checkAll(traitLaws("elementwise", adam()), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const traitLaws = (trait: Trait, optimizer: AnyOptimizer): readonly Law[] =>
  traitLawsOver(trait, only(optimizer))
