import fc from "fast-check"
import { add, isNaN, le, onesLike, pipe, scalar, sub, tensor, Tree, type Tensor } from "thalweg"
import type { clipByNorm } from "thalweg/optimizer"
import { chain, clipByGlobalNorm, globalNorm } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moderate, pool } from "../arbitrary/numbers.js"
import { anyOptimizer, arbOptimizer } from "../arbitrary/optimizer.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import { filledLike } from "../arbitrary/tensor.js"
import { exact, relative } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, plus, streamOf, times, truth } from "../observe.js"

const run = arbRun()
const wide = arbRun({ dtypes: ["f64"] })
const inner = arbOptimizer()
const limit = fixed(4, 0.1)
/** How far other gradients are from those of a run. */
const away = fc.constantFrom(1, 0.1)

/** Some roundings of sums over all leaves in f64, which the optimizer inside may have amplified. */
const rounded = relative(1e-9, 1)

/** More than the norm of every gradient of a run. */
const bound = ({ gradients }: Run): Tensor => gradients.map(globalNorm).reduce(add, scalar(1, "f64"))

/**
 * Lists the laws of clipping by the norm over all leaves, a projection onto a ball: idempotent, non-expansive, the
 * identity within the ball (exactly: the factor is 1), never longer than the radius, keeping the direction. What
 * compares norms is granted the rounding of a sum in f64.
 *
 * @example
 * import assert from "node:assert"
 * import { clipByGlobalNorm } from "thalweg/transform"
 * import { checkAll, clipLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipLaws(clipByGlobalNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipLaws = (clipped: typeof clipByGlobalNorm): readonly Law[] => {
  const clip = (most: number | Tensor, r: Run): readonly Tree[] => streamOf(clipped(most), r)
  const ones = (r: Run): readonly Tensor[] => r.gradients.map(() => truth(true))
  return [
    law("clipping is idempotent", rounded, fc.tuple(limit, wide), ([most, r]) => [
      clip(most, { ...r, gradients: clip(most, r) }),
      clip(most, r)
    ]),
    law("clipping does not expand distances", exact, fc.tuple(limit, away, pool(moderate), wide), s => {
      const [most, far, numbers, r] = s
      const others = r.gradients.map((grads, i) => plus(grads, times(far)(filledLike(grads, numbers, i))))
      const distance = (a: readonly Tree[], b: readonly Tree[]): readonly Tensor[] =>
        a.map((tree, i) => globalNorm(Tree.zipWith((x: Tensor, y: Tensor) => sub(x, y))<Tree>(tree, b[i] ?? tree)))
      const after = distance(clip(most, r), clip(most, { ...r, gradients: others }))
      const before = distance(r.gradients, others)
      return [after.map((d, i) => le(d, add(before[i] ?? d, 1e-12))), ones(r)]
    }),
    law("clipping keeps zeros", exact, fc.tuple(limit, run), ([most, r]) => {
      const zeros = r.gradients.map(Tree.zerosLike)
      return [clip(most, { ...r, gradients: zeros }), zeros]
    }),
    law("clipping keeps what is within the norm", exact, run, r => [clip(bound(r), r), r.gradients]),
    law("nothing clipped is longer than the norm", exact, fc.tuple(limit, wide), ([most, r]) => [
      clip(most, r).map(updates => le(globalNorm(updates), most * (1 + 1e-12))),
      ones(r)
    ]),
    law("clipping keeps the direction", rounded, fc.tuple(limit, wide), ([most, r]) => {
      const after = clip(most, r)
      return [
        after.map((updates, i) => times(globalNorm(r.gradients[i] ?? updates))(updates)),
        after.map((updates, i) => times(globalNorm(updates))(r.gradients[i] ?? updates))
      ]
    }),
    law("clipping twice is clipping to the smaller norm", rounded, fc.tuple(limit, limit, wide), ([a, b, r]) => [
      streamOf(chain(clipped(a), clipped(b)), r),
      clip(Math.min(a, b), r)
    ]),
    law("clipping makes a NaN visible everywhere", exact, fc.tuple(limit, run), ([most, { params, gradients }]) => {
      const bad = tensor([NaN])
      const updates = clip(most, { params: [bad, params], gradients: gradients.map(grads => [bad, grads]) })
      return [Tree.map(isNaN)(updates), Tree.map(t => onesLike(isNaN(t)))(updates)]
    })
  ]
}

/**
 * Lists the laws of clipping gradients by their norm: the optimizer inside sees clipped gradients, gradients within
 * the norm as they are (exactly), and two clips are one to the smaller norm (within the rounding of a sum).
 *
 * @example
 * import assert from "node:assert"
 * import { clipByNorm } from "thalweg/optimizer"
 * import { checkAll, clipByNormLaws } from "thalweg/laws"
 *
 * assert(checkAll(clipByNormLaws(clipByNorm), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const clipByNormLaws = (clip: typeof clipByNorm): readonly Law[] => {
  return [
    law(
      "clipByNorm shows clipped gradients to the optimizer inside",
      exact,
      fc.tuple(limit, inner, run),
      ([most, optimizer, r]) => [
        pathOf(clip(most)(optimizer), r),
        pathOf(optimizer, { ...r, gradients: streamOf(clipByGlobalNorm(most), r) })
      ]
    ),
    law("clipByNorm changes nothing within the norm", exact, fc.tuple(inner, run), ([optimizer, r]) => {
      return [pathOf(clip(bound(r))(optimizer), r), pathOf(optimizer, r)]
    }),
    law(
      "clipByNorm twice is clipByNorm to the smaller norm",
      rounded,
      fc.tuple(limit, limit, inner, wide),
      ([a, b, optimizer, r]) => [
        pathOf(pipe(optimizer, clip(a), clip(b)), r),
        pathOf(clip(Math.min(a, b))(optimizer), r)
      ]
    ),
    keepsRate(
      "clipByNorm",
      limit.map(most => optimizer => anyOptimizer(clip(most)(optimizer)))
    )
  ]
}
