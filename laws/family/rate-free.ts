import fc from "fast-check"
import { cast, mul, neg, sub, Tree, type Tensor } from "thalweg"
import {
  type AnyOptimizer,
  withWeightDecay,
  type adam,
  type cocob,
  type dadaptAdamw,
  type dog,
  type dowg,
  type prodigy,
  type sgd
} from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { run, type Run, wide, wideMoving } from "../arbitrary/run.js"
import { amplified, exact, rounded } from "../equality.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf, times } from "../sides.js"
import {
  beta,
  eps,
  firstOf,
  joined,
  movesOf,
  neverFalls,
  powerOfTwo,
  rate,
  samePath,
  sameUpdates,
  signs
} from "./agree.js"
import type { FunctionOf } from "../callable.js"

/** Descent that finds its rate, and what it is at a known one. */
export interface RateFreeFamily {
  readonly dog: FunctionOf<typeof dog>
  readonly dowg: FunctionOf<typeof dowg>
  readonly prodigy: FunctionOf<typeof prodigy>
  readonly dadaptAdamw: FunctionOf<typeof dadaptAdamw>
  readonly cocob: FunctionOf<typeof cocob>
  readonly adam: FunctionOf<typeof adam>
  readonly sgd: FunctionOf<typeof sgd>
}

const one = (): readonly unknown[] => [1]
const guess = fixed(1, 0.05)

/** By recipe, what is made of a first distance or estimate, without ε. */
type ByGuess = Readonly<Record<string, (guess: number) => AnyOptimizer>>

const byGuess = ({ dog, dowg, prodigy, dadaptAdamw }: RateFreeFamily): ByGuess => ({
  dog: initValue => dog({ initStep: "distance", initValue, eps: 0 }),
  dowg: distance => dowg({ initEstimSqDist: distance ** 2, eps: 0 }),
  prodigy: estimLr0 => prodigy({ estimLr0, eps: 0 }),
  dadaptAdamw: estimLr0 => dadaptAdamw({ estimLr0, eps: 0 })
})

const ofAll = (family: RateFreeFamily): readonly Law[] =>
  Object.entries(byGuess(family)).flatMap(([name, make]) => [
    law(
      `${name} takes the scale of the parameters with its first guess`,
      exact,
      fc.tuple(powerOfTwo, guess, wide),
      ([a, d, r]) => [pathOf(make(d * a), { ...r, params: times(a)(r.params) }), times(a)<Tree>(pathOf(make(d), r))]
    ),
    law(
      `${name} does not see how parameters are divided into leaves`,
      amplified,
      fc.tuple(guess, wideMoving),
      ([d, r]) => [
        pathOf(make(d), { params: joined(r.params), gradients: r.gradients.map(joined) }),
        pathOf(make(d), r).map(joined)
      ]
    )
  ])

/** Descent along the gradients of a run at the rates that an optimizer says after each step. */
const atItsRates = (optimizer: AnyOptimizer, r: Run): readonly Tree[] =>
  stepsOf(optimizer, r).reduce<readonly Tree[]>((made, [, state], i) => {
    const down = Tree.zipWith((p: Tensor, g: Tensor) => sub(p, mul(g, cast(optimizer.rate(state), g.dtype))))
    return [...made, down<Tree>(made.at(-1) ?? r.params, r.gradients[i] ?? [])]
  }, [])

const byDistance = ({ dog, dowg, sgd }: RateFreeFamily): readonly Law[] => [
  law("dog steps along the gradient by the rate it says", exact, fc.tuple(guess, run), ([initValue, r]) => {
    const optimizer = dog({ initValue })
    return [pathOf(optimizer, r), atItsRates(optimizer, r)]
  }),
  law("dowg steps along the gradient by the rate it says", exact, fc.tuple(guess, run), ([initEstimSqDist, r]) => {
    const optimizer = dowg({ initEstimSqDist })
    return [pathOf(optimizer, r), atItsRates(optimizer, r)]
  }),
  law("the first step of dog can be that of sgd", exact, fc.tuple(guess, run), ([initValue, r]) =>
    samePath(firstOf(r), dog({ initStep: "rate", initValue }), sgd({ learningRate: initValue }))
  ),
  ...["distance", "sum"].flatMap(name => [
    law(`the ${name} of dog never falls`, exact, fc.tuple(guess, run), ([initValue, r]) =>
      neverFalls(name, dog({ initValue }), r, one)
    ),
    law(`the ${name} of dowg never falls`, exact, fc.tuple(guess, run), ([initEstimSqDist, r]) =>
      neverFalls(name, dowg({ initEstimSqDist }), r, one)
    )
  ])
]

const byEstimate = ({ prodigy, dadaptAdamw, adam }: RateFreeFamily): readonly Law[] => {
  const estimating = fc.record({ learningRate: rate, b1: beta, b2: beta, eps, estimLr0: guess })
  const known = (o: {
    readonly learningRate: number
    readonly estimLr0: number
    readonly b1: number
    readonly b2: number
    readonly eps: number
  }) => adam({ learningRate: o.learningRate * o.estimLr0, b1: o.b1, b2: o.b2, eps: o.eps, form: "epsilonHat" })
  return [
    law(
      "prodigy that stays at its start is adam at its first estimate",
      amplified,
      fc.tuple(estimating, wide),
      ([o, r]) => sameUpdates(r, prodigy({ ...o, biasCorrection: true }), known(o))
    ),
    law(
      "the first step of dadaptAdamw is adam's at its first estimate",
      amplified,
      fc.tuple(estimating, wide),
      ([o, r]) => sameUpdates(firstOf(r), dadaptAdamw({ ...o, biasCorrection: true }), known(o))
    ),
    law(
      "prodigy with decay is weight decay over prodigy",
      amplified,
      fc.tuple(estimating, rate, wideMoving),
      ([o, weightDecay, r]) => samePath(r, prodigy({ ...o, weightDecay }), withWeightDecay(weightDecay)(prodigy(o)))
    ),
    law(
      "dadaptAdamw with decay is weight decay over dadaptAdamw",
      amplified,
      fc.tuple(estimating, rate, wideMoving),
      ([o, weightDecay, r]) =>
        samePath(r, dadaptAdamw({ ...o, weightDecay }), withWeightDecay(weightDecay)(dadaptAdamw(o)))
    ),
    law("the estimate of prodigy never falls", exact, fc.tuple(estimating, run), ([o, r]) =>
      neverFalls("estimate", prodigy(o), r, one)
    ),
    law("the estimate of dadaptAdamw never falls", exact, fc.tuple(estimating, run), ([o, r]) =>
      neverFalls("estimate", dadaptAdamw(o), r, one)
    )
  ]
}

const from = Tree.zipWith((p: Tensor, start: Tensor) => sub(p, start))

const byBets = ({ cocob }: RateFreeFamily): readonly Law[] => {
  const alphas = fixed(100, 2)
  return [
    law("the first step of cocob has length 1/α", rounded, fc.tuple(alphas, wideMoving), ([alpha, r]) => [
      movesOf(cocob({ alpha }), firstOf(r)),
      firstOf(r).gradients.map(signs(-1 / alpha))
    ]),
    law("cocob is odd around where it begins", amplified, fc.tuple(alphas, wide), ([alpha, r]) => {
      const gone = ({ gradients }: Pick<Run, "gradients">): readonly Tree[] =>
        pathOf(cocob({ alpha }), { ...r, gradients }).map(params => from<Tree>(params, r.params))
      return [gone({ gradients: r.gradients.map(Tree.map(neg)) }), gone(r).map(Tree.map(neg))]
    }),
    ...["scale", "size"].map(name =>
      law(`the ${name} of gradients that cocob keeps never falls`, exact, fc.tuple(alphas, run), ([alpha, r]) =>
        neverFalls(name, cocob({ alpha }), r)
      )
    )
  ]
}

/**
 * Lists the laws of descent that finds its rate: what it estimates never falls; it takes the scale of the parameters
 * with its first guess (exactly for powers of two); it does not see how parameters are divided into leaves (within 1e-9:
 * sums over all elements round in another order); before it knows more it is SGD or Adam at that guess.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, cocob, dadaptAdamw, dog, dowg, prodigy, sgd } from "thalweg/optimizer"
 * import { checkAll, rateFreeLaws } from "thalweg/laws"
 *
 * const suite = rateFreeLaws({ dog, dowg, prodigy, dadaptAdamw, cocob, adam, sgd })
 * assert(checkAll(suite, { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const rateFreeLaws = (family: RateFreeFamily): readonly Law[] => [
  ...ofAll(family),
  ...byDistance(family),
  ...byEstimate(family),
  ...byBets(family)
]
