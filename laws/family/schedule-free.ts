import fc from "fast-check"
import { add, cast, div, minimum, mul, neg, pow, Tree, type Tensor } from "thalweg"
import {
  withL2,
  withPolyakAverage,
  withWeightDecay,
  type adam,
  type adamw,
  type asgd,
  type scheduleFree,
  type scheduleFreeAdamw,
  type scheduleFreeSgd,
  type sgd,
  type AnyOptimizer
} from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { arbOptimizer } from "../arbitrary/optimizer.js"
import { run, type Run, wide } from "../arbitrary/run.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, plus, stepsOf, times } from "../sides.js"
import { beta, eps, firstOf, rate, samePath } from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Descent on averages of its iterates, and what it averages. */
export interface ScheduleFreeFamily {
  readonly scheduleFree: FunctionOf<typeof scheduleFree>
  readonly scheduleFreeSgd: FunctionOf<typeof scheduleFreeSgd>
  readonly scheduleFreeAdamw: FunctionOf<typeof scheduleFreeAdamw>
  readonly asgd: FunctionOf<typeof asgd>
  readonly adam: FunctionOf<typeof adam>
  readonly adamw: FunctionOf<typeof adamw>
  readonly sgd: FunctionOf<typeof sgd>
}

/** Optimizers that add their displacements, and stand still while their rate is 0. */
const inner = arbOptimizer({
  traits: ["additive"],
  optimizers: ["sgd", "adam"],
  combinators: ["withWeightDecay", "withMomentum", "withL2", "clipByNorm"]
})
const averaging = fc.record({ b1: beta, weightLrPower: fixed(3) })

/** After each step the parameters, where the next gradient is to be taken, and what is to be deployed. */
const viewsOf = (optimizer: AnyOptimizer, r: Run): readonly Tree[] => {
  const { gradientPoint, evalParams } = optimizer
  return stepsOf(optimizer, r).map(([params, state]) => [
    params,
    gradientPoint(params, state),
    evalParams(params, state)
  ])
}

const averages = ({ scheduleFree, sgd }: ScheduleFreeFamily): readonly Law[] => [
  law(
    "scheduleFree of β₁ 0 steps as the optimizer inside",
    exact,
    fc.tuple(fixed(3), inner, run),
    ([weightLrPower, optimizer, r]) => [
      pathOf(scheduleFree({ b1: 0, weightLrPower })(optimizer), r),
      pathOf(optimizer, r)
    ]
  ),
  law(
    "scheduleFree of power 0 deploys the mean of its iterates",
    rounded,
    fc.tuple(rate, beta, wide),
    ([learningRate, b1, r]) => {
      const optimizer: AnyOptimizer = scheduleFree({ b1, weightLrPower: 0 })(sgd({ learningRate }))
      const steps = stepsOf(optimizer, r)
      const means = steps.map((_, t) =>
        times(1 / (t + 1))(
          steps
            .slice(0, t + 1)
            .map(([params]) => params)
            .reduce((a, b) => plus<Tree>(a, b))
        )
      )
      return [steps.map(([params, state]) => optimizer.evalParams(params, state)), means]
    }
  ),
  law(
    "scheduleFree deploys its first iterate after one step",
    rounded,
    fc.tuple(averaging, inner, wide),
    ([o, optimizer, r]) => {
      const free: AnyOptimizer = scheduleFree(o)(optimizer)
      const steps = stepsOf(free, firstOf(r))
      return [steps.map(([params, state]) => free.evalParams(params, state)), steps.map(([params]) => params)]
    }
  ),
  law("scheduleFree starts where it is", exact, fc.tuple(averaging, inner, run), ([o, optimizer, { params }]) => {
    const free: AnyOptimizer = scheduleFree(o)(optimizer)
    const state = free.init(params)
    return [
      [free.gradientPoint(params, state), free.evalParams(params, state)],
      [params, params]
    ]
  }),
  law(
    "scheduleFree takes gradients between its iterate and its average",
    rounded,
    fc.tuple(averaging, rate, wide),
    ([o, learningRate, r]) => {
      const free: AnyOptimizer = scheduleFree(o)(sgd({ learningRate }))
      const between = Tree.zipWith((z: Tensor, x: Tensor) => add(mul(z, 1 - o.b1), mul(x, o.b1)))
      const steps = stepsOf(free, r)
      return [
        steps.map(([params, state]) => free.gradientPoint(params, state)),
        steps.map(([params, state]) => between<Tree>(params, free.evalParams(params, state)))
      ]
    }
  )
]

/** `η·min(1, t/T)` at `t = count + 1`. */
const warmed =
  (learningRate: number, steps: number) =>
  (count: Tensor): Tensor =>
    mul(learningRate, minimum(div(cast(add(count, 1), "f64"), steps), 1))

const recipes = ({
  scheduleFree,
  scheduleFreeSgd,
  scheduleFreeAdamw,
  adam,
  adamw,
  sgd
}: ScheduleFreeFamily): readonly Law[] => {
  const sample = fc.tuple(averaging, fc.record({ learningRate: rate, weightDecay: rate }), run)
  const scaling = fc.record({ b2: beta, eps })
  return [
    law(
      "scheduleFreeSgd is scheduleFree over sgd with decay",
      exact,
      sample,
      ([o, { learningRate, weightDecay }, r]) => [
        viewsOf(scheduleFreeSgd({ ...o, learningRate, weightDecay }), r),
        viewsOf(scheduleFree(o)(withL2(weightDecay)(sgd({ learningRate }))), r)
      ]
    ),
    law(
      "scheduleFreeSgd warms up its rate",
      exact,
      fc.tuple(averaging, rate, fc.integer({ min: 1, max: 6 }), run),
      ([o, learningRate, warmupSteps, r]) => [
        viewsOf(scheduleFreeSgd({ ...o, learningRate, warmupSteps }), r),
        viewsOf(scheduleFree(o)(sgd({ learningRate: warmed(learningRate, warmupSteps) })), r)
      ]
    ),
    law(
      "scheduleFreeAdamw, its moment debiased, is scheduleFree over adamw of β₁ 0",
      exact,
      fc.tuple(sample, scaling),
      ([[o, decaying, r], at]) => [
        viewsOf(scheduleFreeAdamw({ ...o, ...decaying, ...at, debiased: "moment" }), r),
        viewsOf(scheduleFree(o)(adamw({ ...decaying, ...at, b1: 0 })), r)
      ]
    ),
    law(
      "scheduleFreeAdamw, its rate debiased, weighs alike what adam of β₁ 0 does, ε at the raw root",
      amplified,
      fc.tuple(beta, rate, scaling, wide),
      ([b1, learningRate, at, r]) => [
        viewsOf(scheduleFreeAdamw({ b1, weightLrPower: 0, learningRate, ...at }), r),
        viewsOf(scheduleFree({ b1, weightLrPower: 0 })(adam({ learningRate, ...at, b1: 0, form: "epsilonHat" })), r)
      ]
    )
  ]
}

/** Reflected in a point, tree by tree. */
const reflectedIn = (centre: Tree): ((tree: Tree) => Tree) => {
  const reflect = Tree.zipWith((p: Tensor, start: Tensor) => add(start, add(start, neg(p))))
  return tree => reflect<Tree>(tree, centre)
}

const mirrored = ({ scheduleFreeSgd }: ScheduleFreeFamily): readonly Law[] => [
  law(
    "scheduleFreeSgd without decay is odd around where it begins",
    amplified,
    fc.tuple(fc.record({ learningRate: rate, b1: beta, weightLrPower: fixed(3) }), wide),
    ([o, r]) => {
      const optimizer: AnyOptimizer = scheduleFreeSgd({ ...o, weightDecay: 0 })
      const [params, gradients] = [[r.params, r.params, r.params], r.gradients.map(Tree.map(neg))]
      return [viewsOf(optimizer, { ...r, gradients }), viewsOf(optimizer, r).map(reflectedIn(params))]
    }
  )
]

const averaged = ({ asgd, sgd }: ScheduleFreeFamily): readonly Law[] => {
  const skip = fc.integer({ min: 0, max: 3 })
  return [
    law(
      "asgd is sgd at a falling rate, decaying and averaged",
      exact,
      fc.tuple(fc.record({ eta: rate, lambda: rate, power: rate, skip }), run),
      ([{ eta, lambda, power, skip }, r]) => {
        const falling = (count: Tensor): Tensor => div(eta, pow(add(1, mul(lambda * eta, count)), power))
        const decaying = withWeightDecay(lambda)(sgd({ learningRate: falling }))
        return [
          viewsOf(asgd({ learningRate: eta, weightDecay: lambda, power, skip }), r),
          viewsOf(withPolyakAverage({ skip })(decaying), r)
        ]
      }
    ),
    law("asgd without decay is sgd", exact, fc.tuple(rate, rate, run), ([learningRate, power, r]) =>
      samePath(r, asgd({ learningRate, weightDecay: 0, power }), sgd({ learningRate }))
    )
  ]
}

/**
 * Lists the laws of schedule-free learning: with β₁ 0 the iterates are those of the optimizer inside, exactly; what is
 * deployed is their mean (power 0), at first the iterate, and gradients are taken between the two (within 1e-12); the
 * recipes are the combinator over SGD and over Adam without momentum. ASGD is SGD, averaged, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import * as recipes from "thalweg/optimizer"
 * import { checkAll, scheduleFreeLaws } from "thalweg/laws"
 *
 * const suite = scheduleFreeLaws(recipes)
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const scheduleFreeLaws = (family: ScheduleFreeFamily): readonly Law[] => [
  ...averages(family),
  ...recipes(family),
  ...mirrored(family),
  ...averaged(family)
]
