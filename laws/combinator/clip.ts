import fc from "fast-check"
import { add, all, le, mul, sub, toTyped, Tree, type Tensor } from "thalweg"
import { chain, globalNorm } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, pool } from "../arbitrary/numbers.js"
import { run, type Run, wide } from "../arbitrary/run.js"
import { filledLike } from "../arbitrary/tensor.js"
import type { AnyTransform } from "../arbitrary/transform.js"
import type { Wrap } from "../callable.js"
import { exact, type Equality } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { plus, streamOf, times, truth } from "../sides.js"
import { actsOnGradient, probe } from "./probe.js"

/** How far points are from each other: near ones show a jump. */
const away = fc.constantFrom(1, 0.1)
/** How much larger than gradients a bound is that they do not reach: just so, and far. */
const slack = fc.constantFrom(1 + 1e-12, 1.5, 1000)

/** Bounds that gradients of size 3 often exceed. */
export const limit = fixed(4, 0.1)

/** A kind of clip. */
export interface Kind {
  readonly name: string
  readonly clip: (bound: number) => AnyTransform
  /** What is compared with the bound, for each leaf in a shape that broadcasts to it. */
  readonly sizes: (updates: Tree, params: Tree) => Tree
  /** How well two clips agree with one. */
  readonly equality: Equality
}

const truths = (some: readonly unknown[]): readonly Tensor[] => some.map(() => truth(true))

const difference = Tree.zipWith((a: Tensor, b: Tensor) => sub(a, b))
const product = Tree.zipWith((a: Tensor, b: Tensor) => mul(a, b))

const distances = (a: readonly Tree[], b: readonly Tree[]): readonly Tensor[] =>
  a.map((tree, i) => globalNorm(difference<Tree>(tree, b[i] ?? tree)))

/** The largest number of some trees, or a small one. */
const largest = (trees: readonly Tree[]): number =>
  Math.max(0.01, ...Tree.leaves(trees).flatMap(t => [...toTyped(t)].map(Number)))

/** Lists what holds of every kind of clip: it is a projection on a convex set about 0. */
export const projecting = ({ name, clip, sizes, equality }: Kind): readonly Law[] => {
  const clipped = (most: number, r: Run): readonly Tree[] => streamOf(clip(most), r)
  return [
    law(`${name} is idempotent`, equality, fc.tuple(limit, wide), ([most, r]) => [
      clipped(most, { ...r, gradients: clipped(most, r) }),
      clipped(most, r)
    ]),
    law(`two of ${name} are the smaller`, equality, fc.tuple(limit, limit, wide), ([a, b, r]) => [
      streamOf(chain(clip(a), clip(b)), r),
      clipped(Math.min(a, b), r)
    ]),
    law(`${name} does not expand distances`, exact, fc.tuple(limit, away, pool(moderate), wide), s => {
      const [most, far, numbers, r] = s
      const others = r.gradients.map((grads, i) => plus(grads, times(far)(filledLike(grads, numbers, i))))
      const before = distances(r.gradients, others)
      const after = distances(clipped(most, r), clipped(most, { ...r, gradients: others }))
      return [after.map((d, i) => le(d, add(before[i] ?? d, 1e-12))), truths(after)]
    }),
    law(`${name} keeps zeros`, exact, fc.tuple(limit, run), ([most, r]) => {
      const zeros = r.gradients.map(Tree.zerosLike)
      return [clipped(most, { ...r, gradients: zeros }), zeros]
    }),
    law(`${name} keeps what is within the bound`, exact, fc.tuple(slack, wide), ([factor, r]) => {
      const reached = largest(r.gradients.map(grads => sizes(grads, r.params)))
      return [clipped(factor * reached, r), r.gradients]
    }),
    law(`nothing is above the bound of ${name}`, exact, fc.tuple(limit, wide), ([most, r]) => {
      const seen = clipped(most, r).map(updates => sizes(updates, r.params))
      return [seen.map(Tree.map(t => all(le(t, most * (1 + 1e-12))))), seen.map(Tree.map(() => truth(true)))]
    }),
    law(`${name} keeps directions`, equality, fc.tuple(limit, wide), ([most, r]) => {
      const seen = clipped(most, r)
      return [
        seen.map((updates, i) => product<Tree>(updates, sizes(r.gradients[i] ?? updates, r.params))),
        seen.map((updates, i) => product<Tree>(r.gradients[i] ?? updates, sizes(updates, r.params)))
      ]
    })
  ]
}

/** Lists what holds of every combinator that clips: that it is such a projection, of the gradient alone. */
export const clipping = ({ wrap, ...kind }: Omit<Kind, "clip"> & { readonly wrap: (bound: number) => Wrap }) => [
  ...projecting({
    ...kind,
    clip: most => {
      const { init, update } = wrap(most)(probe)
      return { init, update }
    }
  }),
  actsOnGradient(kind.name, limit.map(wrap)),
  keepsRate(kind.name, limit.map(wrap))
]
