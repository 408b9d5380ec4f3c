import fc from "fast-check"
import { abs, add, clamp, div, mul, neg, pow, sign, sub, Tree, type Tensor } from "thalweg"
import type { adadelta, adagrad, ftrl, madgrad, rmsprop, rprop, signSgd } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { moving, run, wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, times } from "../sides.js"
import {
  allTrue,
  atConstantGradient,
  beta,
  eps,
  filled,
  firstOf,
  movesOf,
  neverFalls,
  rate,
  samePath,
  sameUpdates,
  seesNoScale,
  signs,
  sizes,
  within
} from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Descent at a rate of its own in each coordinate. */
export interface AdaptiveFamily {
  readonly adagrad: FunctionOf<typeof adagrad>
  readonly ftrl: FunctionOf<typeof ftrl>
  readonly adadelta: FunctionOf<typeof adadelta>
  readonly rmsprop: FunctionOf<typeof rmsprop>
  readonly rprop: FunctionOf<typeof rprop>
  readonly madgrad: FunctionOf<typeof madgrad>
  readonly signSgd: FunctionOf<typeof signSgd>
}

const adagradLaws = ({ adagrad }: AdaptiveFamily): readonly Law[] => [
  seesNoScale(
    "adagrad",
    rate.map(learningRate => adagrad({ learningRate, eps: 0 }))
  ),
  law("adagrad at a constant gradient steps by η/√t", rounded, fc.tuple(rate, wideMoving), ([learningRate, r]) => {
    const constant = atConstantGradient(r)
    return [
      movesOf(adagrad({ learningRate, eps: 0 }), constant),
      constant.gradients.map((grads, t) => signs(-learningRate / Math.sqrt(t + 1))(grads))
    ]
  }),
  law("no step of adagrad is longer than η", exact, fc.tuple(rate, wide), ([learningRate, r]) =>
    allTrue(movesOf(adagrad({ learningRate, eps: 0 }), r).map(step => within(sizes(step), filled(learningRate)(step))))
  ),
  law("the sums of adagrad never fall", exact, fc.tuple(rate, run), ([initialAccumulator, r]) =>
    neverFalls("sum", adagrad({ initialAccumulator }), r)
  ),
  law("a rate decay of adagrad is a schedule of its rate", exact, fc.tuple(rate, rate, run), ([eta, decay, r]) =>
    samePath(
      r,
      adagrad({ learningRate: eta, rateDecay: decay }),
      adagrad({ learningRate: count => div(eta, add(1, mul(decay, count))) })
    )
  )
]

const leaders = ({ ftrl, adagrad }: AdaptiveFamily): readonly Law[] => [
  law(
    "ftrl without regularization is adagrad, at any rate",
    amplified,
    fc.tuple(rate, rate, wide),
    ([eta, decay, r]) => {
      const learningRate = (count: Tensor): Tensor => div(eta, add(1, mul(decay, count)))
      return samePath(r, ftrl({ learningRate, beta: 0 }), adagrad({ learningRate, eps: 0 }))
    }
  ),
  law("ftrl stays at 0 while the sum of gradients is within λ₁", exact, fc.tuple(rate, run), ([learningRate, r]) => {
    const bounded = { ...r, params: Tree.zerosLike(r.params), gradients: r.gradients.map(signs(1)) }
    return [
      pathOf(ftrl({ learningRate, lambda1: r.gradients.length }), bounded),
      r.gradients.map(() => Tree.zerosLike(r.params))
    ]
  }),
  law(
    "ftrl of power 0, without β, begins by -η·(g - clip(g, ±λ₁)) / (1 + η·λ₂)",
    rounded,
    fc.tuple(rate, rate, rate, wide),
    ([eta, lambda1, lambda2, r]) => {
      const first = firstOf({ ...r, params: Tree.zerosLike(r.params) })
      const reached = Tree.map((g: Tensor) => {
        const most = clamp(g, -lambda1, lambda1)
        return mul(sub(g, most), -eta / (1 + eta * lambda2))
      })
      return [
        pathOf(ftrl({ learningRate: eta, beta: 0, lambda1, lambda2, power: 0 }), first),
        first.gradients.map(reached)
      ]
    }
  )
]

const averages = ({ adadelta, rmsprop }: AdaptiveFamily): readonly Law[] => [
  law("no step of rmsprop is longer than η/√(1-ρ)", exact, fc.tuple(rate, beta, wide), ([learningRate, decay, r]) =>
    allTrue(
      movesOf(rmsprop({ learningRate, decay, eps: 0 }), r).map(step =>
        within(sizes(step), filled(learningRate / Math.sqrt(1 - decay))(step))
      )
    )
  ),
  law(
    "the first step of rmsprop is as long as its bound",
    rounded,
    fc.tuple(rate, beta, wideMoving),
    ([eta, decay, r]) => [
      movesOf(rmsprop({ learningRate: eta, decay, eps: 0 }), firstOf(r)),
      firstOf(r).gradients.map(signs(-eta / Math.sqrt(1 - decay)))
    ]
  ),
  law(
    "rmsprop without bias, at a constant gradient, steps by η",
    rounded,
    fc.tuple(rate, beta, wideMoving),
    ([eta, decay, r]) => {
      const constant = atConstantGradient(r)
      const unbiased = rmsprop({ learningRate: eta, decay, eps: 0, biasCorrection: true })
      return [movesOf(unbiased, constant), constant.gradients.map(signs(-eta))]
    }
  ),
  law("adadelta begins as rmsprop at the rate √ε", rounded, fc.tuple(beta, eps, wide), ([rho, e, r]) =>
    sameUpdates(firstOf(r), adadelta({ rho, eps: e }), rmsprop({ learningRate: Math.sqrt(e), decay: rho, eps: e }))
  ),
  law("the rate of adadelta does not enter its averages", exact, fc.tuple(rate, beta, wide), ([eta, rho, r]) => [
    movesOf(adadelta({ learningRate: eta, rho }), r),
    times(eta)<Tree>(movesOf(adadelta({ rho }), r))
  ]),
  law("adadelta without ε never moves", exact, fc.tuple(beta, run), ([rho, r]) => [
    pathOf(adadelta({ rho, eps: 0 }), r),
    r.gradients.map(() => r.params)
  ])
]

const growth = fixed(2, 1)
const shrinkage = fixed(0.9, 0.1)
const unbounded = { minStep: 0, maxStep: 1000 }

const lengths = ({ rprop, signSgd }: AdaptiveFamily): readonly Law[] => [
  law("rprop that never grows its steps is signSgd while signs stay", exact, fc.tuple(rate, moving), ([eta, r]) => {
    const [first = []] = r.gradients
    const along = Tree.zipWith((g: Tensor, x: Tensor) => mul(abs(g), sign(x)))
    const gradients = r.gradients.map(grads => along(grads, first))
    return samePath(
      { ...r, gradients },
      rprop({ ...unbounded, learningRate: eta, etaPlus: 1 }),
      signSgd({ learningRate: eta })
    )
  }),
  law(
    "rprop lengthens its steps by η⁺ while signs stay",
    rounded,
    fc.tuple(rate, growth, wideMoving),
    ([eta, etaPlus, r]) => {
      const constant = atConstantGradient(r)
      return [
        movesOf(rprop({ ...unbounded, learningRate: eta, etaPlus }), constant),
        constant.gradients.map((grads, t) => signs(-eta * etaPlus ** t)(grads))
      ]
    }
  ),
  law(
    "rprop stays where signs change, and shortens its next step by η⁻",
    rounded,
    fc.tuple(rate, shrinkage, wideMoving),
    ([eta, etaMinus, r]) => {
      const [first = []] = r.gradients
      const gradients = r.gradients.map((_, t) => (t % 2 === 0 ? first : Tree.map(neg)(first)))
      const step = (t: number): number => (t % 2 === 0 ? eta * etaMinus ** (t / 2) : 0)
      return [
        movesOf(rprop({ ...unbounded, learningRate: eta, etaMinus }), { ...r, gradients }),
        gradients.map((_, t) => signs(-step(t))(first))
      ]
    }
  ),
  law("no step of rprop is longer than its bound", exact, fc.tuple(rate, growth, wide), ([learningRate, etaPlus, r]) =>
    allTrue(movesOf(rprop({ learningRate, etaPlus, maxStep: 1 }), r).map(step => within(sizes(step), filled(1)(step))))
  )
]

const cubeRoots = Tree.map(g => mul(sign(g), pow(abs(g), 1 / 3)))
const rootsUpTo = (t: number): number => Array.from({ length: t }, (_, i) => Math.sqrt(i + 1)).reduce((a, b) => a + b)

const dualAveraging = ({ madgrad }: AdaptiveFamily): readonly Law[] => [
  law(
    "madgrad without momentum, at a constant gradient, is (η·Σ√i)^⅔·∛g from its start",
    amplified,
    fc.tuple(rate, wideMoving),
    ([eta, r]) => {
      const constant = atConstantGradient(r)
      const away = Tree.zipWith((p: Tensor, d: Tensor) => add(p, d))
      return [
        pathOf(madgrad({ learningRate: eta, momentum: 0, eps: 0 }), constant),
        constant.gradients.map((grads, t) =>
          away<Tree>(r.params, times(-((eta * rootsUpTo(t + 1)) ** (2 / 3)))(cubeRoots(grads)))
        )
      ]
    }
  ),
  law(
    "madgrad goes 1-μ of the way that it goes without momentum",
    rounded,
    fc.tuple(rate, beta, wide),
    ([eta, mu, r]) => [
      movesOf(madgrad({ learningRate: eta, momentum: mu }), r),
      times(1 - mu)<Tree>(movesOf(madgrad({ learningRate: eta, momentum: 0 }), r))
    ]
  ),
  law(
    "gradients a times as large make the steps of madgrad ∛a times as long",
    amplified,
    fc.tuple(rate, fixed(8, 0.1), wideMoving),
    ([eta, a, r]) => {
      const optimizer = madgrad({ learningRate: eta, momentum: 0.5, eps: 0 })
      return [
        movesOf(optimizer, { ...r, gradients: r.gradients.map(times(a)) }),
        times(Math.cbrt(a))<Tree>(movesOf(optimizer, r))
      ]
    }
  )
]

/**
 * Lists the laws that relate AdaGrad, FTRL, RMSProp, Adadelta, Rprop and MADGRAD: how long their steps are at a constant
 * gradient, how long they can be, what never falls, and as which of the others they begin. Exact where the operations
 * are the same; closed forms within 1e-12 in f64, of cube roots within 1e-9.
 *
 * @example
 * import assert from "node:assert"
 * import { adadelta, adagrad, ftrl, madgrad, rmsprop, rprop, signSgd } from "thalweg/optimizer"
 * import { adaptiveLaws, checkAll } from "thalweg/laws"
 *
 * const suite = adaptiveLaws({ adagrad, ftrl, adadelta, rmsprop, rprop, madgrad, signSgd })
 * assert(checkAll(suite, { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const adaptiveLaws = (family: AdaptiveFamily): readonly Law[] => [
  ...adagradLaws(family),
  ...leaders(family),
  ...averages(family),
  ...lengths(family),
  ...dualAveraging(family)
]
