import fc from "fast-check"
import { add, compile, scalar, Tree, zeros } from "thalweg"
import type { AnyOptimizer } from "thalweg/optimizer"
import { moderate } from "./arbitrary/numbers.js"
import { only } from "./arbitrary/transform.js"
import { run } from "./arbitrary/run.js"
import { arbTensor, copyOf } from "./arbitrary/tensor.js"
import { arbChange, arbUnlike, reorderKeys } from "./arbitrary/tree.js"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"
import { givenAt, outline, type AnyState, pathOf, stepOf, stepsOf, throws, transformOf, truth } from "./sides.js"
import { transformLawsOver } from "./transform.js"

const unlike = arbUnlike(arbTensor({ dtypes: ["f32"], floats: moderate }))

/** The difference of two parameters of size 3 is rounded in f32, and so is its sum with one of them. */
const recovered = relative(1e-6, 4)

const stepping = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => {
  const sample = fc.tuple(optimizers, run)
  return [
    law("step keeps structure, shapes and dtypes", exact, sample, ([optimizer, r]) => [
      stepsOf(optimizer, r).map(outline),
      r.gradients.map(() => [outline(r.params), outline(optimizer.init(r.params))])
    ]),
    law("step leaves arguments unchanged", exact, sample, ([optimizer, { params, gradients }]) => {
      const state = optimizer.init(params)
      const before = copyOf([params, gradients, state])
      gradients.forEach(grads => stepOf(optimizer)(params, state, grads))
      return [before, [params, gradients, state]]
    }),
    law("N steps are a steps and then N - a", exact, fc.tuple(optimizers, run, fc.nat(4)), ([optimizer, r, a]) => {
      const first = stepsOf(optimizer, { ...r, gradients: r.gradients.slice(0, a) })
      const [params, state] = copyOf(first.at(-1) ?? [r.params, optimizer.init(r.params)])
      const resumed: AnyOptimizer = { ...optimizer, init: () => state }
      return [stepsOf(optimizer, r), [...first, ...stepsOf(resumed, { params, gradients: r.gradients.slice(a) })]]
    }),
    law("step compiles", exact, sample, ([optimizer, r]) => {
      const step = compile(stepOf(optimizer), unfused) as AnyOptimizer["step"]
      return [stepsOf({ ...optimizer, step }, r), stepsOf(optimizer, r)]
    }),
    law("the order of keys does not matter to step", exact, sample, ([optimizer, { params, gradients }]) => [
      pathOf(optimizer, { params: reorderKeys(params), gradients: gradients.map(reorderKeys) }),
      pathOf(optimizer, { params, gradients })
    ]),
    law("an empty tree stays empty", exact, optimizers, optimizer => {
      const [params, state] = stepOf(optimizer)({}, optimizer.init({}), {})
      return [
        [params, outline(state)],
        [{}, outline(optimizer.init({}))]
      ]
    }),
    law("step moves by the displacement of update", recovered, sample, ([optimizer, r]) => {
      const [grads = []] = r.gradients
      const state = optimizer.init(r.params)
      const [displacement, after] = optimizer.update(grads, state, r.params, ...givenAt(optimizer, grads))
      return [stepOf(optimizer)(r.params, state, grads), [Tree.zipWith(add)<Tree>(r.params, displacement), after]]
    })
  ]
}

const reporting = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => {
  const sample = fc.tuple(optimizers, run)
  return [
    law("the rate is a scalar of f64", exact, sample, ([optimizer, r]) => [
      stepsOf(optimizer, r).map(([, state]) => outline(optimizer.rate(state))),
      r.gradients.map(() => zeros([], "f64"))
    ]),
    law("gradientPoint and evalParams look like the parameters", exact, sample, ([optimizer, r]) => [
      stepsOf(optimizer, r).map(([params, state]) => [
        outline(optimizer.gradientPoint(params, state)),
        outline(optimizer.evalParams(params, state))
      ]),
      r.gradients.map(() => [outline(r.params), outline(r.params)])
    ]),
    law("finish holds nothing back: a second one changes nothing", exact, sample, ([optimizer, r]) => {
      const finished = [[r.params, optimizer.init(r.params)] as const, ...stepsOf(optimizer, r)].map(state =>
        optimizer.finish(...state)
      )
      return [finished.map(state => optimizer.finish(...state)), finished]
    }),
    law("finish before the first step changes nothing", exact, sample, ([optimizer, { params }]) => {
      const state = optimizer.init(params)
      return [optimizer.finish(params, state), [params, state]]
    }),
    law("an epoch that ends keeps the layout of a state", exact, sample, ([optimizer, r]) => {
      const states = stepsOf(optimizer, r).map(([, state]) => state)
      return [states.map(state => outline(optimizer.endEpoch(state, scalar(1)))), states.map(outline)]
    }),
    law(
      "step refuses gradients unlike the parameters",
      exact,
      fc.tuple(optimizers, unlike),
      ([optimizer, [params, grads]]) => [
        throws(["TreeError"], () => stepOf(optimizer)(params, optimizer.init(params), grads)),
        truth(true)
      ]
    ),
    law(
      "step refuses a state unlike its own",
      exact,
      fc.tuple(optimizers, arbChange, run),
      ([optimizer, change, r]) => [
        throws(["TreeError"], () =>
          stepOf(optimizer)(r.params, change(optimizer.init(r.params)) as AnyState, r.params)
        ),
        truth(true)
      ]
    )
  ]
}

/**
 * Lists the laws that hold of every optimizer, over whatever an arbitrary makes: see `optimizerLaws`.
 *
 * @example
 * import assert from "node:assert"
 * import { arbOptimizer, checkAll, optimizerLawsOver } from "thalweg/laws"
 *
 * assert(checkAll(optimizerLawsOver(arbOptimizer()), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const optimizerLawsOver = (optimizers: fc.Arbitrary<AnyOptimizer>): readonly Law[] => [
  ...transformLawsOver(optimizers.map(transformOf)),
  ...stepping(optimizers),
  ...reporting(optimizers)
]

/**
 * Lists the laws that hold of every optimizer: those of a transform, and `step` too is a pure function of its
 * arguments that compiles, keeps structures, shapes and dtypes, and can be resumed from a saved state, also after an epoch. Exact, but
 * that a step is its displacement only up to rounding: an optimizer may set the parameters instead (lookahead does).
 *
 * @example
 * import assert from "node:assert"
 * import { adam } from "thalweg/optimizer"
 * import { checkAll, optimizerLaws } from "thalweg/laws"
 *
 * assert(checkAll(optimizerLaws(adam()), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const optimizerLaws = (optimizer: AnyOptimizer): readonly Law[] => optimizerLawsOver(only(optimizer))
