import fc from "fast-check"
import { abs, add, div, item, mul, scalar, sub, Tree, type Tensor } from "thalweg"
import { adam, nag, type AnyOptimizer, type asam, type sam } from "thalweg/optimizer"
import { globalNorm } from "thalweg/transform"
import { fixed } from "../arbitrary/hyperparameter.js"
import { nonZero } from "../arbitrary/numbers.js"
import { inner } from "../arbitrary/optimizer.js"
import { arbRun, run, wide, type Run } from "../arbitrary/run.js"
import type { FunctionOf, Wrap } from "../callable.js"
import { amplified, exact, rounded, ulps } from "../equality.js"
import { law, type Law } from "../law.js"
import { stepOf, streamOf, times, type AnyState } from "../sides.js"
import { keepsRate } from "./keeps-rate.js"
import { probe, sightsOf } from "./probe.js"

/** An optimizer whose every step has another gradient, by where it would be taken and the one that is given. */
const fed = (optimizer: AnyOptimizer, gradient: (point: Tree, grads: Tree) => Tree): AnyOptimizer => ({
  ...optimizer,
  step: ((params: Tree, state: AnyState, grads: Tree) =>
    stepOf(optimizer)(params, state, gradient(optimizer.gradientPoint(params, state), grads))) as never
})

/** Where gradients are taken, seen by the gradients of a bowl around 0, which are the points. */
const pointsOf = (wrap: Wrap, r: Run): readonly Tree[] => streamOf(wrap(probe), r)

/** How far points are from the parameters, perhaps in units of each element. */
const distances = (points: readonly Tree[], { params }: Run, unit: (p: Tensor) => Tensor = () => scalar(1, "f64")) => {
  const apart = Tree.zipWith((to: Tensor, from: Tensor) => div(sub(to, from), unit(from)))
  return points.map(point => globalNorm(apart(point, params)))
}

const length = fixed(2, 0.1)
/** Gradients that have a direction, and parameters that are not 0. */
const directed = arbRun({ dtypes: ["f64"], numbers: nonZero }).filter(({ params }) => Tree.size(params) > 0)

const atZero = (name: string, wrap: Wrap): Law =>
  law(`${name} of ρ 0 takes the gradient where the optimizer inside does`, ulps(0), fc.tuple(inner, run), s => {
    const [optimizer, r] = s
    return [
      sightsOf(wrap(optimizer), r),
      sightsOf(
        fed(optimizer, point => point),
        r
      )
    ]
  })

/**
 * Lists the laws of sharpness-aware descent: with ρ = 0 gradients are taken where the optimizer inside takes them; else at the
 * worst point nearby, as far as ρ (within rounding), wherever the optimizer inside would be; the scale of the gradient that
 * says where that is does not matter (exactly); the rate is the one inside.
 *
 * @example
 * import assert from "node:assert"
 * import { sam } from "thalweg/optimizer"
 * import { checkAll, samLaws } from "thalweg/laws"
 *
 * assert(checkAll(samLaws(sam), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const samLaws = (aware: FunctionOf<typeof sam>): readonly Law[] => {
  const wrap =
    (rho: number): Wrap =>
    optimizer =>
      aware({ rho })(optimizer)
  const inners = fc.constantFrom<AnyOptimizer[]>(probe, nag({ learningRate: 0.1 }), adam({ eps: 0.1 }))
  const worst = (rho: number) => (point: Tree, grads: Tree) => {
    const share = rho / item(globalNorm(grads))
    return Tree.zipWith((x: Tensor, g: Tensor) => add(x, mul(g, share)))<Tree>(point, grads)
  }
  return [
    atZero("sam", wrap(0)),
    law("sam takes the gradient at the worst point nearby", amplified, fc.tuple(length, inners, directed), s => {
      const [rho, optimizer, r] = s
      return [sightsOf(wrap(rho)(optimizer), r), sightsOf(fed(optimizer, worst(rho)), r)]
    }),
    law("sam goes as far as ρ", rounded, fc.tuple(length, directed), ([rho, r]) => [
      distances(pointsOf(wrap(rho), r), r),
      r.gradients.map(() => scalar(rho, "f64"))
    ]),
    law("sam does not see the scale of the gradient that it gets", exact, fc.tuple(length, run), ([rho, r]) => [
      pointsOf(wrap(rho), { ...r, gradients: r.gradients.map(times(64)) }),
      pointsOf(wrap(rho), r)
    ]),
    keepsRate("sam", length.map(wrap))
  ]
}

/** `sam` and `asam`. */
export interface Aware {
  readonly sam: FunctionOf<typeof sam>
  readonly asam: FunctionOf<typeof asam>
}

/**
 * Lists the laws of adaptive sharpness-aware descent: with ρ = 0 gradients are taken where the optimizer inside takes them;
 * measured by the size of each element, the worst point is as far as ρ; where all sizes are alike it is `sam` (within
 * rounding); with η = 0 parameters on another scale have worst points on that scale (exactly); the rate is the one inside.
 *
 * @example
 * import assert from "node:assert"
 * import { asam, sam } from "thalweg/optimizer"
 * import { asamLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(asamLaws({ asam, sam }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const asamLaws = ({ asam, sam }: Aware): readonly Law[] => {
  const wrap =
    (rho: number, eta: number): Wrap =>
    optimizer =>
      asam({ rho, eta })(optimizer)
  const eta = fixed(1, 0.1)
  const even = fc.tuple(fc.constantFrom(0.5, 2, 3), directed).map(([size, r]) => {
    const sized = (p: Tensor): Tensor => add(mul(p, 0), size)
    return [size, { ...r, params: Tree.map(sized)(r.params) }] as const
  })
  return [
    atZero("asam", wrap(0, 0.01)),
    law("asam goes as far as ρ by the size of each element", rounded, fc.tuple(length, eta, directed), s => {
      const [rho, plus, r] = s
      return [
        distances(pointsOf(wrap(rho, plus), r), r, p => add(abs(p), plus)),
        r.gradients.map(() => scalar(rho, "f64"))
      ]
    }),
    law("asam of elements of one size is sam", rounded, fc.tuple(length, eta, even), ([rho, plus, [size, r]]) => [
      pointsOf(wrap(rho, plus), r),
      pointsOf(optimizer => sam({ rho: rho * (size + plus) })(optimizer), r)
    ]),
    law("asam of parameters on another scale is on that scale", exact, fc.tuple(length, wide), ([rho, r]) => [
      pointsOf(wrap(rho, 0), { ...r, params: times(8)(r.params) }),
      pointsOf(wrap(rho, 0), r).map(times(8))
    ]),
    keepsRate(
      "asam",
      length.map(rho => wrap(rho, 0.1))
    )
  ]
}
