import fc from "fast-check"
import { add, compile, mul, type Tensor, type Tree } from "thalweg"
import { clockAt, scaleByLearningRate, type AtLoss, type Clock } from "thalweg/transform"
import { bowl } from "./arbitrary/bowl.js"
import { arbHyperparameter, fixed } from "./arbitrary/hyperparameter.js"
import { run } from "./arbitrary/run.js"
import { copyOf } from "./arbitrary/tensor.js"
import { arbTransform, only, type AnyTransform } from "./arbitrary/transform.js"
import { reorderKeys } from "./arbitrary/tree.js"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"
import { nowAt, outline, streamOf, updatesOf } from "./sides.js"

/**
 * Lists the laws that hold of every gradient transformation, over whatever an arbitrary makes: see `transformLaws`.
 *
 * @example
 * import assert from "node:assert"
 * import { arbTransform, checkAll, transformLawsOver } from "thalweg/laws"
 *
 * assert(checkAll(transformLawsOver(arbTransform()), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const transformLawsOver = (transforms: fc.Arbitrary<AnyTransform>): readonly Law[] => {
  const sample = fc.tuple(transforms, run)
  return [
    law("updates keep structure, shapes and dtypes", exact, sample, ([transform, r]) => [
      outline(streamOf(transform, r)),
      outline(r.gradients)
    ]),
    law("update keeps the state's structure, shapes and dtypes", exact, sample, ([transform, r]) => [
      updatesOf(transform, r).map(([, state]) => outline(state)),
      r.gradients.map(() => outline(transform.init(r.params)))
    ]),
    law("update leaves arguments unchanged", exact, sample, ([transform, { params, gradients }]) => {
      const state = transform.init(params)
      const before = copyOf([params, gradients, state])
      gradients.forEach((grads, i) => transform.update(grads, state, params, nowAt(grads, i)))
      return [before, [params, gradients, state]]
    }),
    law("update has no memory but its state", exact, sample, ([transform, r]) => {
      const restoring: AnyTransform = {
        ...transform,
        update: (u, s, p, now) => transform.update(u, copyOf(s), p, now)
      }
      return [streamOf(transform, r), streamOf(restoring, r)]
    }),
    law("update compiles", exact, sample, ([transform, r]) => {
      const compiled = compile(
        (updates: Tree, state: Tree, params: Tree, now: AtLoss & Clock) =>
          transform.update(updates, state, params, { ...now, objective: bowl }),
        unfused
      ) as AnyTransform["update"]
      const update: AnyTransform["update"] = (updates, state, params, { step, loss = bowl(updates) }) =>
        compiled(updates, state, params, { step, loss })
      return [updatesOf({ ...transform, update }, r), updatesOf(transform, r)]
    }),
    law("the order of keys does not matter to update", exact, sample, ([transform, { params, gradients }]) => [
      streamOf(transform, { params: reorderKeys(params), gradients: gradients.map(reorderKeys) }),
      streamOf(transform, { params, gradients })
    ])
  ]
}

/**
 * Lists the laws that hold of every gradient transformation: `update` is a pure function of its arguments (they stay
 * unchanged, nothing is remembered, a state can be saved and restored), it compiles, and it keeps structures, shapes
 * and dtypes. All of them exact. A transform that needs the loss gets one that depends on the updates alone, `½·‖u‖²`.
 *
 * @example
 * import assert from "node:assert"
 * import { scaleByAdam, stepByPolyak } from "thalweg/transform"
 * import { checkAll, transformLaws } from "thalweg/laws"
 *
 * const laws = [...transformLaws(scaleByAdam()), ...transformLaws(stepByPolyak())]
 * assert(checkAll(laws, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const transformLaws = (transform: AnyTransform): readonly Law[] => transformLawsOver(only(transform))

/** A composition of gradient transformations, and its unit. */
export interface Chaining {
  readonly chain: (...parts: readonly AnyTransform[]) => AnyTransform
  readonly identity: AnyTransform
}

/**
 * Lists the laws of composing gradient transformations: a monoid on streams of updates (states nest differently),
 * from left to right; rates multiply. Exact, but for the product of rates, which may be taken in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { chain, identity } from "thalweg/transform"
 * import { chainLaws, checkAll } from "thalweg/laws"
 *
 * assert(checkAll(chainLaws({ chain, identity }), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const chainLaws = ({ chain, identity }: Chaining): readonly Law[] => {
  const one = arbTransform()
  const rates = fc.array(arbHyperparameter(fixed(2)), { minLength: 1, maxLength: 3 })
  return [
    law("chain is associative", exact, fc.tuple(one, one, one, run), ([a, b, c, r]) => [
      streamOf(chain(a, chain(b, c)), r),
      streamOf(chain(chain(a, b), c), r)
    ]),
    law("chain of three is chain of two and one", exact, fc.tuple(one, one, one, run), ([a, b, c, r]) => [
      streamOf(chain(a, b, c), r),
      streamOf(chain(chain(a, b), c), r)
    ]),
    law("identity is a left unit of chain", exact, fc.tuple(one, run), ([a, r]) => [
      streamOf(chain(identity, a), r),
      streamOf(a, r)
    ]),
    law("identity is a right unit of chain", exact, fc.tuple(one, run), ([a, r]) => [
      streamOf(chain(a, identity), r),
      streamOf(a, r)
    ]),
    law("chain of nothing is the identity", exact, run, r => [streamOf(chain(), r), r.gradients]),
    law("chain applies from left to right", exact, fc.tuple(one, one, run), ([a, b, r]) => [
      streamOf(chain(a, b), r),
      streamOf(b, { params: r.params, gradients: streamOf(a, r) })
    ]),
    law("the rate of a chain is the product of its rates", relative(1e-15), fc.tuple(rates, run), ([factors, r]) => {
      const parts = factors.map(({ value }) => scaleByLearningRate(value))
      const product = (step: number): Tensor =>
        parts.map(part => part.rate?.([], clockAt(step)) ?? add(0, 1)).reduce(mul)
      const whole = chain(...parts, identity)
      return [
        updatesOf(whole, r).map(([, state], i) => whole.rate?.(state, clockAt(i + 1)) ?? add(0, 1)),
        r.gradients.map((_, i) => product(i + 1))
      ]
    })
  ]
}
