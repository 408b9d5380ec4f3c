import { scalar, Tree } from "thalweg"
import {
  momoLaws,
  rateFreeLaws,
  scheduleFreeLaws,
  type MomoFamily,
  type RateFreeFamily,
  type ScheduleFreeFamily,
  type Wrap
} from "thalweg/laws"
import {
  altered,
  adam,
  adamw,
  asgd,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  momo,
  momoAdam,
  polyakSgd,
  prodigy,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  withL2,
  withWeightDecay,
  type ScheduleFreeOptions
} from "thalweg/optimizer"
import { forgetful, leafByLeaf, made, rateless, tampered, wrapped, zeroIsUnset } from "./family.js"
import { mutant, type Mutant, type Mutants } from "../mutant.js"

const family = { dog, dowg, prodigy, dadaptAdamw, cocob, adam, sgd }
const held = (wrong: Partial<RateFreeFamily>) => rateFreeLaws({ ...family, ...wrong })

const ownGuess = (): object => ({ estimLr0: 1e-6 })
const uncorrected = (): object => ({ biasCorrection: false })
const apart = (wrong: Partial<RateFreeFamily>): readonly Mutant[] => [mutant("goes leaf by leaf", held(wrong))]
const forgets = (wrong: Partial<RateFreeFamily>): readonly Mutant[] => [mutant("forgets", held(wrong))]

export const rateFreeMutants: Mutants = {
  "dog takes the scale of the parameters with its first guess": [
    mutant("adds 1 to the scale", held({ dog: tampered(dog, () => ({ initStep: "relative" })) }))
  ],
  "dowg takes the scale of the parameters with its first guess": [
    mutant("takes an ε of 0 for unset", held({ dowg: zeroIsUnset(dowg, "eps", 1e-4) }))
  ],
  "prodigy takes the scale of the parameters with its first guess": [
    mutant("has its own first guess", held({ prodigy: tampered(prodigy, ownGuess) }))
  ],
  "dadaptAdamw takes the scale of the parameters with its first guess": [
    mutant("has its own first guess", held({ dadaptAdamw: tampered(dadaptAdamw, ownGuess) }))
  ],
  "dog does not see how parameters are divided into leaves": apart({ dog: leafByLeaf(dog) }),
  "dowg does not see how parameters are divided into leaves": apart({ dowg: leafByLeaf(dowg) }),
  "prodigy does not see how parameters are divided into leaves": apart({ prodigy: leafByLeaf(prodigy) }),
  "dadaptAdamw does not see how parameters are divided into leaves": apart({ dadaptAdamw: leafByLeaf(dadaptAdamw) }),
  "dog steps along the gradient by the rate it says": [mutant("says a rate of 1", held({ dog: rateless(dog) }))],
  "dowg steps along the gradient by the rate it says": [mutant("says a rate of 1", held({ dowg: rateless(dowg) }))],
  "the first step of dog can be that of sgd": [
    mutant("takes the rate for a distance", held({ dog: tampered(dog, () => ({ initStep: "distance" })) }))
  ],
  "the distance of dog never falls": forgets({ dog: forgetful(dog, "distance") }),
  "the distance of dowg never falls": forgets({ dowg: forgetful(dowg, "distance") }),
  "the sum of dog never falls": forgets({ dog: forgetful(dog, "sum") }),
  "the sum of dowg never falls": forgets({ dowg: forgetful(dowg, "sum") }),
  "prodigy that stays at its start is adam at its first estimate": [
    mutant("corrects no bias", held({ prodigy: tampered(prodigy, uncorrected) }))
  ],
  "the first step of dadaptAdamw is adam's at its first estimate": [
    mutant("corrects no bias", held({ dadaptAdamw: tampered(dadaptAdamw, uncorrected) }))
  ],
  "prodigy with decay is weight decay over prodigy": [
    mutant(
      "decays through the gradient",
      held({ prodigy: made(prodigy, ({ weightDecay = 0, ...o }) => withL2(weightDecay)(prodigy(o))) })
    )
  ],
  "dadaptAdamw with decay is weight decay over dadaptAdamw": [
    mutant(
      "decays through the gradient",
      held({ dadaptAdamw: made(dadaptAdamw, ({ weightDecay = 0, ...o }) => withL2(weightDecay)(dadaptAdamw(o))) })
    )
  ],
  "the estimate of prodigy never falls": forgets({ prodigy: forgetful(prodigy, "estimate") }),
  "the estimate of dadaptAdamw never falls": forgets({ dadaptAdamw: forgetful(dadaptAdamw, "estimate") }),
  "the first step of cocob has length 1/α": [
    mutant("bets all that it has", held({ cocob: tampered(cocob, () => ({ alpha: 1 })) }))
  ],
  "cocob is odd around where it begins": [
    mutant("shrinks its steps", held({ cocob: wrapped(cocob, optimizer => withWeightDecay(0.1)(optimizer)) }))
  ],
  "the scale of gradients that cocob keeps never falls": forgets({ cocob: forgetful(cocob, "scale") }),
  "the size of gradients that cocob keeps never falls": forgets({ cocob: forgetful(cocob, "size") })
}

const momos = { momo, momoAdam, polyakSgd, adam }
const momoing = (wrong: Partial<MomoFamily>) => momoLaws({ ...momos, ...wrong })

export const momoMutants: Mutants = {
  "momo of β 0 is polyakSgd": [mutant("takes 0 for unset", momoing({ momo: zeroIsUnset(momo, "b1", 0.9) }))],
  "the rate of momo is from 0 to η": [
    mutant("has no bound", momoing({ momo: tampered(momo, () => ({ learningRate: 1e9 })) }))
  ],
  "the rate of momoAdam is from 0 to η/(1-β₁ᵗ)": [
    mutant("has no bound", momoing({ momoAdam: tampered(momoAdam, () => ({ learningRate: 1e9 })) }))
  ],
  "momoAdam is adam while losses are far above the least": [
    mutant("takes the least loss for 0", momoing({ momoAdam: tampered(momoAdam, () => ({ fMin: 0 })) }))
  ],
  "momo does not see how parameters are divided into leaves": [
    mutant("goes leaf by leaf", momoing({ momo: leafByLeaf(momo) }))
  ],
  "momoAdam does not see how parameters are divided into leaves": [
    mutant("goes leaf by leaf", momoing({ momoAdam: leafByLeaf(momoAdam) }))
  ]
}

const free = { scheduleFree, scheduleFreeSgd, scheduleFreeAdamw, asgd, adam, adamw, sgd }
const averaging = (wrong: Partial<ScheduleFreeFamily>) => scheduleFreeLaws({ ...free, ...wrong })

/** The right combinator of other options, or what it makes changed. */
const combining =
  (
    how: (options: ScheduleFreeOptions) => ScheduleFreeOptions,
    change: Wrap = optimizer => optimizer
  ): ScheduleFreeFamily["scheduleFree"] =>
  (options = {}) =>
  inner =>
    change(scheduleFree({ ...options, ...how(options) })(inner))

const startingWith = (start: (state: object, params: Tree) => object) =>
  combining(
    () => ({}),
    optimizer => {
      const { init } = optimizer.motion
      return altered(optimizer, { init: params => start(init(params) as object, params) as Tree })
    }
  )

export const scheduleFreeMutants: Mutants = {
  "scheduleFree of β₁ 0 steps as the optimizer inside": [
    mutant("takes 0 for unset", averaging({ scheduleFree: combining(({ b1 }) => (b1 === 0 ? { b1: 0.9 } : {})) }))
  ],
  "scheduleFree of power 0 deploys the mean of its iterates": [
    mutant(
      "deploys its iterates",
      averaging({
        scheduleFree: combining(
          () => ({}),
          optimizer => ({ ...optimizer, evalParams: params => params })
        )
      })
    )
  ],
  "scheduleFree deploys its first iterate after one step": [
    mutant(
      "counts the start as an iterate",
      averaging({ scheduleFree: startingWith(state => ({ ...state, weights: scalar(1, "f64") })) })
    )
  ],
  "scheduleFree starts where it is": [
    mutant(
      "begins its average at 0",
      averaging({ scheduleFree: startingWith((state, params) => ({ ...state, average: Tree.zerosLike(params) })) })
    )
  ],
  "scheduleFree takes gradients between its iterate and its average": [
    mutant(
      "takes one end for the other",
      averaging({ scheduleFree: combining(({ b1 = 0.9 }) => ({ b1: Math.min(0.99, 1 - Number(b1)) })) })
    )
  ],
  "asgd is sgd at a falling rate, decaying and averaged": [
    mutant("deploys its iterates", averaging({ asgd: tampered(asgd, () => ({ skip: 9 })) })),
    mutant("keeps the rate", averaging({ asgd: tampered(asgd, () => ({ power: 0 })) }))
  ],
  "asgd without decay is sgd": [
    mutant("takes 0 for unset", averaging({ asgd: zeroIsUnset(asgd, "weightDecay", 1e-4) }))
  ],
  "scheduleFreeSgd is scheduleFree over sgd with decay": [
    mutant(
      "decays its iterates",
      averaging({
        scheduleFreeSgd: made(scheduleFreeSgd, ({ weightDecay = 0, ...o }) =>
          withWeightDecay(weightDecay)(scheduleFreeSgd(o))
        )
      })
    )
  ],
  "scheduleFreeSgd without decay is odd around where it begins": [
    mutant("takes 0 for unset", averaging({ scheduleFreeSgd: zeroIsUnset(scheduleFreeSgd, "weightDecay", 0.01) }))
  ],
  "scheduleFreeSgd warms up its rate": [
    mutant(
      "warms up a step longer",
      averaging({
        scheduleFreeSgd: tampered(scheduleFreeSgd, ({ warmupSteps = 0 }) => ({ warmupSteps: warmupSteps + 1 }))
      })
    )
  ],
  "scheduleFreeAdamw, its moment debiased, is scheduleFree over adamw of β₁ 0": [
    mutant(
      "debiases the rate",
      averaging({ scheduleFreeAdamw: tampered(scheduleFreeAdamw, () => ({ debiased: "rate" })) })
    )
  ],
  "scheduleFreeAdamw, its rate debiased, weighs alike what adam of β₁ 0 does, ε at the raw root": [
    mutant(
      "debiases the moment",
      averaging({ scheduleFreeAdamw: tampered(scheduleFreeAdamw, () => ({ debiased: "moment" })) })
    )
  ]
}
