import fc from "fast-check"
import {
  abs,
  concat,
  div,
  flatten,
  isNaN,
  maximum,
  norm,
  onesLike,
  sliceAxis,
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
import { clipByGlobalNorm, globalNorm, type UnitClipOptions } from "thalweg/transform"
import { arbShape, moderate, nonZero, pool, range, sizeOf } from "../arbitrary/numbers.js"
import { arbRun, run, type Run, wide } from "../arbitrary/run.js"
import { arbTensor, filledLike } from "../arbitrary/tensor.js"
import { exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { streamOf, times } from "../sides.js"
import { clipping, limit, projecting } from "./clip.js"
import { probe } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const powersOfTwo = fc.constantFrom(0.25, 2, 8)

/** What a clip makes of the gradients of a run, at parameters that stay. */
const clipped = (wrap: Wrap, r: Run): readonly Tree[] => streamOf(wrap(probe), r)

/** One gradient, at parameters of 0. */
const alone = (g: Tensor): Run => ({ params: zerosLike(g), gradients: [g] })

/** The norm over all leaves, for each of them. */
const wholeNorm = (updates: Tree): Tree => Tree.map(() => globalNorm(updates))(updates)

/**
 * Lists the laws of clipping by the norm over all leaves, a projection onto a ball: idempotent, two are the smaller,
 * non-expansive, the identity within the ball (exactly: the factor is 1), never longer than the radius, keeping the
 * direction. What compares norms is granted the rounding of a sum in f64.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByGlobalNorm } from "thalweg/transform"
 * import { checkAll, clipLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipLaws(clipByGlobalNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipLaws = (clip: FunctionOf<typeof clipByGlobalNorm>): readonly Law[] => [
  ...projecting({
    name: "clipByGlobalNorm",
    clip: most => clip(most),
    sizes: wholeNorm,
    equality: rounded
  }),
  law(
    "clipByGlobalNorm makes a NaN visible everywhere",
    exact,
    fc.tuple(limit, run),
    ([most, { params, gradients }]) => {
      const bad = tensor([NaN])
      const updates = streamOf(clip(most), { params: [bad, params], gradients: gradients.map(grads => [bad, grads]) })
      return [Tree.map(isNaN)(updates), Tree.map(t => onesLike(isNaN(t)))(updates)]
    }
  )
]

/**
 * Lists the laws of clipping gradients by their norm: those of such a projection, that it acts on the gradient alone,
 * and that the optimizer inside sees what `clipByGlobalNorm` makes of it, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByNorm } from "thalweg/optimizer"
 * import { checkAll, clipByNormLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByNormLaws(clipByNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByNormLaws = (clip: FunctionOf<typeof clipByNorm>): readonly Law[] => {
  const wrap =
    (most: number): Wrap =>
    optimizer =>
      clip(most)(optimizer)
  return [
    ...clipping({ name: "clipByNorm", wrap, sizes: wholeNorm, equality: rounded }),
    law("clipByNorm shows what clipByGlobalNorm makes of gradients", exact, fc.tuple(limit, run), ([most, r]) => [
      clipped(wrap(most), r),
      streamOf(clipByGlobalNorm(most), r)
    ])
  ]
}

/**
 * Lists the laws of clipping leaf by leaf: idempotent, two are the smaller, non-expansive (all within rounding); zeros
 * and what is within the norm stay, exactly; no leaf notices another, exactly; for one leaf it is `clipByNorm`,
 * exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByLeafNorm } from "thalweg/optimizer"
 * import { checkAll, clipByLeafNormLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByLeafNormLaws(clipByLeafNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByLeafNormLaws = (clip: FunctionOf<typeof clipByLeafNorm>): readonly Law[] => {
  const wrap =
    (most: number): Wrap =>
    optimizer =>
      clip(most)(optimizer)
  const one = arbTensor({ dtypes: ["f32", "f64"], floats: moderate })
  const single = arbTensor({ dtypes: ["f64"], floats: moderate, shape: arbShape({ smallest: 1 }) })
  return [
    ...clipping({ name: "clipByLeafNorm", wrap, sizes: Tree.map(t => norm(t)), equality: rounded }),
    law("for one leaf clipByLeafNorm is clipByNorm", exact, fc.tuple(limit, one), ([most, g]) => [
      clipped(wrap(most), alone(g)),
      clipped(optimizer => clipByNorm(most)(optimizer), alone(g))
    ]),
    law("clipByLeafNorm clips each leaf as if it were alone", exact, fc.tuple(limit, run), ([most, r]) => [
      clipped(wrap(most), r).map(Tree.leaves),
      r.gradients.map(grads => Tree.leaves(grads).flatMap(g => clipped(wrap(most), alone(g))))
    ]),
    law("a mean square is a norm over the root of the size", rounded, fc.tuple(limit, single), ([most, g]) => {
      const byMeanSquare: Wrap = optimizer => clip(most, { measure: "rms" })(optimizer)
      return [clipped(byMeanSquare, alone(g)), clipped(wrap(most * Math.sqrt(sizeOf(g.shape))), alone(g))]
    }),
    law("clipByLeafNorm makes a NaN visible in its leaf", exact, fc.tuple(limit, run), ([most, r]) => {
      const params = [tensor([0, 0]), r.params]
      const spoilt = { params, gradients: r.gradients.map(grads => [tensor([NaN, 1]), grads]) }
      const seen = clipped(wrap(most), spoilt).map(Tree.map(isNaN))
      return [seen, r.gradients.map(grads => [tensor([true, true]), Tree.map(t => zerosLike(isNaN(t)))(grads)])]
    })
  ]
}

/**
 * Lists the laws of cutting each element to a range: idempotent, two are the smaller, non-expansive; zeros and what is
 * within the range stay; signs stay; every element is treated alike and apart. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByValue } from "thalweg/optimizer"
 * import { checkAll, clipByValueLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByValueLaws(clipByValue), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByValueLaws = (clip: FunctionOf<typeof clipByValue>): readonly Law[] => {
  const wrap =
    (most: number): Wrap =>
    optimizer =>
      clip(most)(optimizer)
  return [
    ...clipping({ name: "clipByValue", wrap, sizes: Tree.map(abs), equality: exact }),
    law("clipByValue cuts each element as if it were alone", exact, fc.tuple(limit, wide), ([most, r]) => [
      clipped(wrap(most), r).map(Tree.map(t => flatten(t))),
      r.gradients.map(
        Tree.map(g => {
          const elements = Array.from(toTyped(g), x => tensor([x], { dtype: "f64" }))
          const cut = elements.flatMap(x => Tree.leaves(clipped(wrap(most), alone(x))))
          return concat([zeros([0], "f64"), ...cut])
        })
      )
    ])
  ]
}

const matrix = (dtypes: readonly FloatDType[]) =>
  arbTensor({
    dtypes,
    floats: moderate,
    shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  })

/** The axes of a unit: all but the last, or the only one. */
const axesOf = ({ shape }: Tensor): readonly number[] => range(shape.length).slice(0, shape.length < 2 ? 1 : -1)
const unitNorm = (t: Tensor): Tensor => norm(t, { axes: axesOf(t), keepDims: true })

/** The norm of each unit as a fraction of that of its parameters. */
const fractions = Tree.zipWith((u: Tensor, p: Tensor) => div(unitNorm(u), maximum(unitNorm(p), 1e-3)))

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
export const clipAdaptiveLaws = (clip: FunctionOf<typeof clipAdaptive>): readonly Law[] => {
  const wrap =
    (most: number, options?: UnitClipOptions): Wrap =>
    optimizer =>
      clip(most, options)(optimizer)
  const sample = fc.tuple(limit, matrix(["f64"]), pool(moderate))
  // ε counts where parameters are 0
  const placed = arbRun({ params: nonZero })
  return [
    ...clipping({ name: "clipAdaptive", wrap, sizes: (u, p) => fractions<Tree>(u, p), equality: rounded }),
    law("clipAdaptive clips each unit as if it were alone", exact, sample, ([most, params, numbers]) => {
      const r = { params, gradients: [filledLike(params, numbers, 1)] }
      const unit = (t: Tensor, i: number): Tensor => sliceAxis(t, 1, i, i + 1)
      const units = range(params.shape[1] ?? 0)
      const apart = units.map(i =>
        clipped(wrap(most), { params: unit(params, i), gradients: r.gradients.map(g => unit(g, i)) })
      )
      return [clipped(wrap(most), r).map(t => units.map(i => unit(t as Tensor, i))), [apart.flat()]]
    }),
    law("units along the first axis are those of the transposed", exact, sample, ([most, params, numbers]) => {
      const g = filledLike(params, numbers, 1)
      const [flipped] = clipped(wrap(most), { params: transpose(params), gradients: [transpose(g)] })
      return [
        clipped(wrap(most, { units: "first" }), { params, gradients: [g] }),
        [Tree.map(t => transpose(t))(flipped ?? [])]
      ]
    }),
    law(
      "clipAdaptive does not see a common scale",
      exact,
      fc.tuple(limit, powersOfTwo, placed),
      ([most, factor, r]) => {
        const tiny = wrap(most, { eps: 1e-30 })
        const scaled = { params: times(factor)(r.params), gradients: r.gradients.map(times(factor)) }
        return [clipped(tiny, scaled), clipped(tiny, r).map(times(factor))]
      }
    )
  ]
}
