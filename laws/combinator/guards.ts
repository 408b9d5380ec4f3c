import fc from "fast-check"
import { neg, tensor, toTyped, Tree, type Tensor } from "thalweg"
import type { IfFiniteOptions, ifFinite } from "thalweg/optimizer"
import { moderate } from "../arbitrary/numbers.js"
import { inner } from "../arbitrary/optimizer.js"
import { run, type Run } from "../arbitrary/run.js"
import { exact } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, stepOf, stepsOf } from "../sides.js"
import { changesNothing, clockedInnerOf, lossProbe, probe, sightsOf, stepsAt } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const bad = fc.constantFrom(NaN, Infinity, -Infinity)

/** Runs with an element at least. */
const filled = run.filter(({ params }) => Tree.size(params) > 0)

/** A tree one of whose elements is another number. */
const spoiled = (value: number, place: number, tree: Tree): Tree => {
  const at = place % Tree.size(tree)
  const places = Tree.leaves(tree).reduce<readonly number[]>(
    (made, t) => [...made, (made.at(-1) ?? 0) + toTyped(t).length],
    [0]
  )
  const starts = new Map(Tree.paths(tree).map((path, i) => [path, places[i] ?? 0]))
  return Tree.map((t: Tensor, path) => {
    const begin = starts.get(path) ?? 0
    const values = Array.from(toTyped(t), (x, i) => (begin + i === at ? value : x))
    return tensor(values, { dtype: t.dtype, shape: t.shape })
  })(tree)
}

/** A run, and the same with an element that is not finite in each gradient. */
const broken = fc
  .tuple(filled, bad, fc.nat(50))
  .map(([r, value, place]): readonly [Run, Run] => [
    r,
    { ...r, gradients: r.gradients.map((grads, i) => spoiled(value, place + i, grads)) }
  ])

const losses = fc.array(moderate, { minLength: 5, maxLength: 5 })

/**
 * Lists the laws of skipping what is not finite: finite gradients make the run of the optimizer inside; a gradient with
 * an element that is not finite, or one taken at such a loss, leaves neither parameters nor the state inside changed,
 * as if it had not been; more than are tolerated in a row are applied. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { ifFinite } from "thalweg/optimizer"
 * import { checkAll, ifFiniteLaws } from "thalweg/laws"
 *
 * assert(checkAll(ifFiniteLaws(ifFinite), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const ifFiniteLaws = (guard: FunctionOf<typeof ifFinite>): readonly Law[] => {
  const wrap =
    (options: IfFiniteOptions): Wrap =>
    optimizer =>
      guard(options)(optimizer)
  const tolerance = fc.constantFrom(0, 1, 2, Infinity)
  return [
    changesNothing(
      "ifFinite of finite gradients is the optimizer inside",
      tolerance.map(tolerate => wrap({ tolerate }))
    ),
    law("a skip changes neither parameters nor the state inside", exact, fc.tuple(inner, broken), ([optimizer, rs]) => {
      const guarded = wrap({})(optimizer)
      const [[params, state] = [rs[0].params, guarded.init(rs[0].params)]] = stepsOf(guarded, rs[0])
      const after = rs[1].gradients.map(grads => stepOf(guarded)(params, state, grads))
      return [after.map(([p, s]) => [p, clockedInnerOf(s)]), rs[1].gradients.map(() => [params, clockedInnerOf(state)])]
    }),
    law("what is skipped leaves no trace", exact, fc.tuple(inner, broken), ([optimizer, [good, spoilt]]) => {
      const mixed = good.gradients.flatMap((grads, i) => [spoilt.gradients[i] ?? grads, grads])
      return [
        sightsOf(wrap({})(optimizer), { ...good, gradients: mixed }).filter((_, i) => i % 2 === 1),
        sightsOf(optimizer, good)
      ]
    }),
    law("more than are tolerated in a row are applied", exact, fc.tuple(fc.nat(3), broken), ([tolerate, [, r]]) => [
      pathOf(wrap({ tolerate })(probe), r),
      [
        ...r.gradients.slice(0, tolerate).map(() => r.params),
        ...pathOf(probe, { ...r, gradients: r.gradients.slice(tolerate) })
      ]
    ]),
    law("a finite gradient ends the row", exact, fc.tuple(inner, broken), ([optimizer, [good, spoilt]]) => {
      const mixed = good.gradients.flatMap((grads, i) => [spoilt.gradients[i] ?? grads, grads])
      const r = { ...good, gradients: mixed }
      return [pathOf(wrap({ tolerate: 1 })(optimizer), r), pathOf(wrap({})(optimizer), r)]
    }),
    law("a loss that is not finite is skipped", exact, fc.tuple(filled, bad, losses), ([r, value, told]) => {
      const twice = { ...r, gradients: r.gradients.flatMap(grads => [grads, grads]) }
      const steps = stepsAt(
        guard()(lossProbe),
        twice,
        told.flatMap(loss => [value, loss])
      )
      return [
        steps.filter((_, i) => i % 2 === 1).map(([params]) => params),
        stepsAt(lossProbe, r, told).map(([params]) => params)
      ]
    }),
    keepsRate(
      "ifFinite",
      tolerance.map(tolerate => wrap({ tolerate })),
      clockedInnerOf
    )
  ]
}

/**
 * Lists the laws of climbing: to maximize is to minimize the negative, gradients and losses; twice, nothing changes. All
 * of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { maximize } from "thalweg/optimizer"
 * import { checkAll, maximizeLaws } from "thalweg/laws"
 *
 * assert(checkAll(maximizeLaws(maximize), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const maximizeLaws = (climb: Wrap): readonly Law[] => {
  return [
    law("to maximize is to minimize the negative", exact, fc.tuple(inner, run), ([optimizer, r]) => [
      sightsOf(climb(optimizer), r),
      sightsOf(optimizer, { ...r, gradients: r.gradients.map(Tree.map(neg)) })
    ]),
    changesNothing(
      "maximize twice changes nothing",
      fc.constant(optimizer => climb(climb(optimizer)))
    ),
    law("maximize negates the loss", exact, fc.tuple(run, losses), ([r, told]) => [
      stepsAt(climb(lossProbe), r, told),
      stepsAt(
        lossProbe,
        r,
        told.map(loss => -loss)
      )
    ]),
    keepsRate("maximize", fc.constant(climb), state => state)
  ]
}
