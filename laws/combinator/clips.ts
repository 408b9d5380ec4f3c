import fc from "fast-check"
import {
  abs,
  add,
  all,
  concat,
  div,
  flatten,
  isNaN,
  le,
  maximum,
  norm,
  onesLike,
  sign,
  sliceAxis,
  sub,
  tensor,
  toTyped,
  transpose,
  Tree,
  zeros,
  zerosLike,
  type FloatDType,
  type Tensor
} from "thalweg"
import { clipByNorm, type clipAdaptive, type clipByLeafNorm, type clipByValue } from "thalweg/optimizer"
import { globalNorm, type UnitClipOptions } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { arbShape, moderate, nonZero, pool, range, sizeOf } from "../arbitrary/numbers.js"
import { anyOptimizer } from "../arbitrary/optimizer.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { arbTensor, filledLike } from "../arbitrary/tensor.js"
import { exact, relative, type Equality } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { plus, streamOf, times, truth } from "../observe.js"
import { actsOnGradient, changesNothing, probe, type Wrap } from "./probe.js"

const run = arbRun()
const wide = arbRun({ dtypes: ["f64"] })
const limit = fixed(4, 0.1)
/** How far points are from each other: near ones show a jump. */
const away = fc.constantFrom(1, 0.1)
const powersOfTwo = fc.constantFrom(0.25, 2, 8)

/** Some roundings in f64 of numbers of size 1. */
const rounded = relative(1e-12, 1)

/** What a clip makes of the gradients of a run, at parameters that stay. */
const clipped = (wrap: Wrap, r: Run): readonly Tree[] => streamOf(wrap(probe), r)

const truths = (all: readonly unknown[]): readonly Tensor[] => all.map(() => truth(true))

/** A kind of clip: how large each leaf may be made out of a bound, and how well two clips agree. */
interface Kind {
  readonly name: string
  readonly clip: (bound: number) => Wrap
  /** A bound that no gradient of size 3 reaches. */
  readonly loose: number
  readonly equality: Equality
}

/** What holds of every kind of clip: it is a projection on a convex set about 0, and acts on the gradient. */
const projecting = ({ name, clip, loose, equality }: Kind): readonly Law[] => [
  law(`${name} is idempotent`, equality, fc.tuple(limit, wide), ([most, r]) => {
    const once = clipped(clip(most), r)
    return [clipped(clip(most), { ...r, gradients: once }), once]
  }),
  law(`two of ${name} are the smaller`, equality, fc.tuple(limit, limit, wide), ([a, b, r]) => [
    clipped(optimizer => clip(b)(clip(a)(optimizer)), r),
    clipped(clip(Math.min(a, b)), r)
  ]),
  law(`${name} does not expand distances`, exact, fc.tuple(limit, away, pool(moderate), wide), s => {
    const [most, far, numbers, r] = s
    const others = r.gradients.map((grads, i) => plus(grads, times(far)(filledLike(grads, numbers, i))))
    const difference = Tree.zipWith((x: Tensor, y: Tensor) => sub(x, y))
    const distances = (a: readonly Tree[], b: readonly Tree[]): readonly Tensor[] =>
      a.map((tree, i) => globalNorm(difference<Tree>(tree, b[i] ?? tree)))
    const before = distances(r.gradients, others)
    const after = distances(clipped(clip(most), r), clipped(clip(most), { ...r, gradients: others }))
    return [after.map((d, i) => le(d, add(before[i] ?? d, 1e-12))), truths(after)]
  }),
  law(`${name} keeps zeros`, exact, fc.tuple(limit, run), ([most, r]) => {
    const zeros = r.gradients.map(Tree.zerosLike)
    return [clipped(clip(most), { ...r, gradients: zeros }), zeros]
  }),
  changesNothing(`${name} keeps what is within the bound`, fc.constant(clip(loose))),
  actsOnGradient(name, limit.map(clip)),
  keepsRate(name, limit.map(clip))
]

/** The law that a clip leaves nothing above its bound, up to rounding. */
const bounded = (name: string, clip: Kind["clip"], size: (t: Tensor, param: Tensor) => Tensor): Law =>
  law(`nothing is above the bound of ${name}`, exact, fc.tuple(limit, wide), ([most, r]) => {
    const sizes = Tree.zipWith(size)
    const within = Tree.map(t => all(le(t, most * (1 + 1e-12))))
    const seen = clipped(clip(most), r).map(updates => within(sizes<Tree>(updates, r.params)))
    return [seen, seen.map(Tree.map(onesLike))]
  })

/**
 * Lists the laws of clipping leaf by leaf: idempotent, two are the smaller, non-expansive (all within rounding); zeros and
 * what is within the norm stay, exactly; no leaf notices another, exactly; for one leaf it is `clipByNorm`, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByLeafNorm } from "thalweg/optimizer"
 * import { checkAll, clipByLeafNormLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByLeafNormLaws(clipByLeafNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByLeafNormLaws = (clipping: typeof clipByLeafNorm): readonly Law[] => {
  const clip =
    (most: number): Wrap =>
    optimizer =>
      anyOptimizer(clipping(most)(optimizer))
  const one = arbTensor({ dtypes: ["f32", "f64"], floats: moderate })
  const single = arbTensor({ dtypes: ["f64"], floats: moderate, shape: arbShape({ smallest: 1 }) })
  return [
    ...projecting({ name: "clipByLeafNorm", clip, loose: 1e3, equality: rounded }),
    bounded("clipByLeafNorm", clip, t => norm(t)),
    law("for one leaf clipByLeafNorm is clipByNorm", exact, fc.tuple(limit, one), ([most, g]) => {
      const r = { params: zerosLike(g), gradients: [g] }
      return [clipped(clip(most), r), clipped(optimizer => anyOptimizer(clipByNorm(most)(optimizer)), r)]
    }),
    law("clipByLeafNorm clips each leaf as if it were alone", exact, fc.tuple(limit, run), ([most, r]) => [
      clipped(clip(most), r).map(Tree.leaves),
      r.gradients.map(grads =>
        Tree.leaves(grads).flatMap(g => clipped(clip(most), { params: zerosLike(g), gradients: [g] }))
      )
    ]),
    law("a mean square is a norm over the root of the size", rounded, fc.tuple(limit, single), ([most, g]) => {
      const r = { params: zerosLike(g), gradients: [g] }
      const byMeanSquare: Wrap = optimizer => anyOptimizer(clipping(most, { measure: "rms" })(optimizer))
      return [clipped(byMeanSquare, r), clipped(clip(most * Math.sqrt(sizeOf(g.shape))), r)]
    }),
    law("clipByLeafNorm makes a NaN visible in its leaf", exact, fc.tuple(limit, run), ([most, r]) => {
      const params = [tensor([0, 0]), r.params]
      const spoilt = { params, gradients: r.gradients.map(grads => [tensor([NaN, 1]), grads]) }
      const seen = clipped(clip(most), spoilt).map(Tree.map(isNaN))
      return [seen, r.gradients.map(grads => [tensor([true, true]), Tree.map(t => zerosLike(isNaN(t)))(grads)])]
    })
  ]
}

/**
 * Lists the laws of cutting each element to a range: idempotent, two are the smaller, non-expansive; zeros and what is
 * within the range stay; every element is treated alike and apart; odd. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByValue } from "thalweg/optimizer"
 * import { checkAll, clipByValueLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByValueLaws(clipByValue), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByValueLaws = (clipping: typeof clipByValue): readonly Law[] => {
  const clip =
    (most: number): Wrap =>
    optimizer =>
      anyOptimizer(clipping(most)(optimizer))
  return [
    ...projecting({ name: "clipByValue", clip, loose: 1e3, equality: exact }),
    bounded("clipByValue", clip, abs),
    law("clipByValue cuts each element as if it were alone", exact, fc.tuple(limit, wide), ([most, r]) => [
      clipped(clip(most), r).map(Tree.map(t => flatten(t))),
      r.gradients.map(
        Tree.map(g => {
          const elements = Array.from(toTyped(g), x => tensor([x], { dtype: "f64" }))
          const cut = elements.flatMap(x => Tree.leaves(clipped(clip(most), { params: x, gradients: [x] })))
          return concat([zeros([0], "f64"), ...cut])
        })
      )
    ]),
    law("clipByValue keeps signs", exact, fc.tuple(limit, run), ([most, r]) => [
      clipped(clip(most), r).map(Tree.map(sign)),
      r.gradients.map(Tree.map(sign))
    ])
  ]
}

const matrix = (dtypes: readonly FloatDType[]) =>
  arbTensor({
    dtypes,
    floats: moderate,
    shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  })

/**
 * Lists the laws of clipping each unit to a fraction of the norm of its parameters: idempotent, two are the smaller,
 * non-expansive (all within rounding); zeros and what is within the bound stay, exactly; units (slices along the last
 * axis, or the first) do not notice each other; parameters and gradients may be scaled together (where ε does not
 * count), exactly by powers of two.
 *
 * @example
 * import assert from "node:assert"
 * import { clipAdaptive } from "thalweg/optimizer"
 * import { checkAll, clipAdaptiveLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipAdaptiveLaws(clipAdaptive), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipAdaptiveLaws = (clipping: typeof clipAdaptive): readonly Law[] => {
  const configured =
    (most: number, options?: UnitClipOptions): Wrap =>
    optimizer =>
      anyOptimizer(clipping(most, options)(optimizer))
  const clip = (most: number): Wrap => configured(most)
  const unitNorm = (t: Tensor): Tensor => norm(t, { axes: range(t.shape.length).slice(0, t.shape.length < 2 ? 1 : -1), keepDims: true }) // prettier-ignore
  const sample = fc.tuple(limit, matrix(["f64"]), pool(moderate))
  // ε counts where parameters are 0
  const placed = arbRun({ params: nonZero })
  return [
    ...projecting({ name: "clipAdaptive", clip, loose: 1e6, equality: rounded }),
    bounded("clipAdaptive", clip, (t, p) => div(unitNorm(t), maximum(unitNorm(p), 1e-3))),
    law("clipAdaptive clips each unit as if it were alone", exact, sample, ([most, params, numbers]) => {
      const r = { params, gradients: [filledLike(params, numbers, 1)] }
      const unit = (t: Tensor, i: number): Tensor => sliceAxis(t, 1, i, i + 1)
      const units = range(params.shape[1] ?? 0)
      const alone = units.map(i =>
        clipped(clip(most), { params: unit(params, i), gradients: r.gradients.map(g => unit(g, i)) })
      )
      return [clipped(clip(most), r).map(t => units.map(i => unit(t as Tensor, i))), [alone.flat()]]
    }),
    law("units along the first axis are those of the transposed", exact, sample, ([most, params, numbers]) => {
      const g = filledLike(params, numbers, 1)
      const [flipped] = clipped(clip(most), { params: transpose(params), gradients: [transpose(g)] })
      return [
        clipped(configured(most, { units: "first" }), { params, gradients: [g] }),
        [Tree.map(t => transpose(t))(flipped ?? [])]
      ]
    }),
    law(
      "clipAdaptive does not see a common scale",
      exact,
      fc.tuple(limit, powersOfTwo, placed),
      ([most, factor, r]) => {
        const tiny = configured(most, { eps: 1e-30 })
        const scaled = { params: times(factor)(r.params), gradients: r.gradients.map(times(factor)) }
        return [clipped(tiny, scaled), clipped(tiny, r).map(times(factor))]
      }
    )
  ]
}
