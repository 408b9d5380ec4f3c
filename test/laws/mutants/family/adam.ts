import {
  adamFamilyLaws,
  beyondAdamLaws,
  boundedAdamLaws,
  type AdamFamily,
  type BeyondAdam,
  type BoundedAdams
} from "thalweg/laws"
import {
  acprop,
  adabelief,
  adabound,
  adam,
  adamax,
  adamaxw,
  adamw,
  adan,
  ademamix,
  adopt,
  amsbound,
  amsgrad,
  nadam,
  nadamw,
  onDisplacement,
  optimisticAdam,
  radam,
  rmsprop,
  scheduledNadam,
  sgd,
  signSgd,
  simplifiedAdemamix,
  withL2,
  withWeightDecay,
  yogi
} from "thalweg/optimizer"
import { clipElements, scale } from "thalweg/transform"
import { forgetful, made, tampered, wrapped, zeroIsUnset } from "./family.js"
import { mutant, type Mutants } from "../mutant.js"

const adams = { adam, adamw, adamax, adamaxw, nadam, scheduledNadam, nadamw, rmsprop, signSgd }
const held = (wrong: Partial<AdamFamily>) => adamFamilyLaws({ ...adams, ...wrong })

const scheduledOnly = tampered(scheduledNadam, o => (o["b1"] === 0 ? { b1: 0.9 } : {}))
const uncorrected = made(adamax, o => amsgrad(o))

export const adamFamilyMutants: Mutants = {
  "adamw without decay is adam": [
    mutant("takes 0 for unset", held({ adamw: zeroIsUnset(adamw, "weightDecay", 1e-2) }))
  ],
  "adamaxw without decay is adamax": [
    mutant("takes 0 for unset", held({ adamaxw: zeroIsUnset(adamaxw, "weightDecay", 1e-2) }))
  ],
  "nadamw without decay is nadam": [
    mutant("takes 0 for unset", held({ nadamw: zeroIsUnset(nadamw, "weightDecay", 1e-2) }))
  ],
  "adamw is weight decay over adam": [
    mutant(
      "decays through the gradient",
      held({ adamw: made(adamw, ({ weightDecay = 0, ...o }) => withL2(weightDecay)(adam(o))) })
    )
  ],
  "adamaxw is weight decay over adamax": [
    mutant(
      "decays through the gradient",
      held({ adamaxw: made(adamaxw, ({ weightDecay = 0, ...o }) => withL2(weightDecay)(adamax(o))) })
    )
  ],
  "nadamw is weight decay over nadam": [
    mutant(
      "decays whatever the rate",
      held({
        nadamw: tampered(nadamw, ({ learningRate = 0, weightDecay = 0 }) => ({
          weightDecay: weightDecay / Math.max(learningRate, 0.01)
        }))
      })
    )
  ],
  "adamw divides its decay by its base rate": [
    mutant("ignores the base rate", held({ adamw: tampered(adamw, () => ({ baseRate: 1 })) }))
  ],
  "adam of β₁ 0 is rmsprop without bias, ε outside": [
    mutant("takes 0 for unset", held({ adam: zeroIsUnset(adam, "b1", 0.9) })),
    mutant("adds ε inside", held({ rmsprop: tampered(rmsprop, () => ({ epsPlace: "inside" })) }))
  ],
  "nadam of β₁ 0 is adam of β₁ 0": [mutant("takes 0 for unset", held({ nadam: zeroIsUnset(nadam, "b1", 0.9) }))],
  "scheduled nadam of β₁ 0 is adam of β₁ 0": [mutant("takes 0 for unset", held({ scheduledNadam: scheduledOnly }))],
  "nadamw of β₁ 0 is adamw of β₁ 0": [mutant("takes 0 for unset", held({ nadamw: zeroIsUnset(nadamw, "b1", 0.9) }))],
  "adam of betas 0 is signSgd": [mutant("takes an ε of 0 for unset", held({ adam: zeroIsUnset(adam, "eps", 1e-8) }))],
  "adamax of betas 0 is signSgd": [
    mutant("takes an ε of 0 for unset", held({ adamax: zeroIsUnset(adamax, "eps", 1e-8) }))
  ],
  "nadam is adam that looks ahead": [
    mutant("does not look ahead", held({ adam: tampered(adam, () => ({ nesterov: false })) }))
  ],
  "scheduled nadam is nadam for ψ → ∞": [
    mutant("has the ψ of PyTorch", held({ scheduledNadam: tampered(scheduledNadam, () => ({ momentumDecay: 4e-3 })) }))
  ],
  "without ε the two forms of adam are equal": [
    mutant(
      "corrects no bias in one form",
      held({ adam: made(adam, ({ form, ...o }) => (form === undefined ? adam(o) : amsgrad(o))) })
    )
  ],
  "adamax at a constant gradient steps by η": [mutant("corrects no bias", held({ adamax: uncorrected }))],
  "adamax does not see the scale of gradients": [
    mutant("takes an ε of 0 for unset", held({ adamax: zeroIsUnset(adamax, "eps", 1e-8) }))
  ],
  "a step of adamax can be as long as its bound": [
    mutant("is cut to its rate", held({ adamax: wrapped(adamax, onDisplacement(clipElements(1))) })),
    mutant("never forgets its maximum", held({ adamax: tampered(adamax, () => ({ b2: 1 - 1e-12 })) }))
  ],
  "no step of adamax is longer than its bound": [mutant("corrects no bias", held({ adamax: uncorrected }))]
}

const bounded = { amsgrad, adabound, amsbound, radam, adam, rmsprop, sgd }
const bounding = (wrong: Partial<BoundedAdams>) => boundedAdamLaws({ ...bounded, ...wrong })
const undebiased = tampered(amsgrad, () => ({ form: "undebiased" }))

export const boundedAdamMutants: Mutants = {
  "amsgrad, debiasedBefore, is adam while gradients grow": [
    mutant("debiases nothing", bounding({ amsgrad: undebiased }))
  ],
  "amsgrad, debiasedAfter, is adam while gradients grow": [
    mutant("debiases nothing", bounding({ amsgrad: undebiased }))
  ],
  "amsgrad is rmsprop of the average while gradients grow": [
    mutant("debiases", bounding({ amsgrad: tampered(amsgrad, () => ({ form: "debiasedAfter" })) }))
  ],
  "no step of amsgrad, debiasedAfter, is longer than adam's": [
    mutant("debiases nothing", bounding({ amsgrad: undebiased }))
  ],
  "without ε the forms of amsgrad that debias the maximum are equal": [
    mutant(
      "debiases in one form only",
      bounding({ amsgrad: tampered(amsgrad, o => (String(o["form"]) === "epsilonHat" ? { form: "undebiased" } : {})) })
    )
  ],
  "the maximum of amsgrad never falls": [mutant("forgets", bounding({ amsgrad: forgetful(amsgrad, "nuMax") }))],
  "adabound for γ → ∞ is sgd on the average at the final rate": [
    mutant(
      "ends at its first rate",
      bounding({ adabound: tampered(adabound, ({ learningRate }) => ({ finalRate: learningRate })) })
    )
  ],
  "amsbound for γ → ∞ is sgd on the average at the final rate": [
    mutant(
      "ends at its first rate",
      bounding({ amsbound: tampered(amsbound, ({ learningRate }) => ({ finalRate: learningRate })) })
    )
  ],
  "a schedule moves the bounds of adabound by the base rate": [
    mutant("ignores the base rate", bounding({ adabound: tampered(adabound, () => ({ baseRate: 0 })) }))
  ],
  "adabound for γ → 0 is adam, ε at the raw root": [
    mutant("closes its bounds at once", bounding({ adabound: tampered(adabound, () => ({ gamma: 1 })) }))
  ],
  "amsbound is adabound while gradients grow": [
    mutant(
      "takes one beta for the other",
      bounding({ amsbound: tampered(amsbound, ({ b1, b2 }) => ({ b1: b2, b2: b1 })) })
    )
  ],
  "the maximum of amsbound never falls": [mutant("forgets", bounding({ amsbound: forgetful(amsbound, "nuMax") }))],
  "radam, before it rectifies, is sgd on the debiased average": [
    mutant("rectifies above 4", bounding({ radam: tampered(radam, () => ({ threshold: 4 })) })),
    mutant("never waits", bounding({ radam: made(radam, o => adam(o)) }))
  ],
  "radam, once it rectifies, is adam times a factor that grows to 1": [
    mutant("does not rectify", bounding({ radam: made(radam, ({ threshold: _, ...o }) => adam(o)) }))
  ]
}

const later = {
  adabelief,
  acprop,
  yogi,
  adan,
  ademamix,
  simplifiedAdemamix,
  adopt,
  optimisticAdam,
  adam,
  adamw,
  amsgrad,
  sgd
}
const beyond = (wrong: Partial<BeyondAdam>) => beyondAdamLaws({ ...later, ...wrong })
const unsurprised = made(adabelief, o => adam(o))
const startingAnyway = zeroIsUnset(yogi, "initialAccumulator", 1e-6)
const ownGradient = made(adopt, ({ clipExponent: _, ...o }) => adam(o))

export const beyondAdamMutants: Mutants = {
  "adabelief does not see the scale of gradients": [
    mutant("takes an ε of 0 for unset", beyond({ adabelief: zeroIsUnset(adabelief, "epsRoot", 1e-16) })),
    mutant("does not divide", beyond({ adabelief: made(adabelief, ({ learningRate = 1 }) => sgd({ learningRate })) }))
  ],
  "adabelief of β₁ 0, never surprised, is sgd at the rate η/ε": [
    mutant("averages squares of gradients", beyond({ adabelief: unsurprised }))
  ],
  "the first step of adabelief has length η/β₁": [
    mutant("averages squares of gradients", beyond({ adabelief: unsurprised }))
  ],
  "the first step of acprop is sgd's": [
    mutant("divides by the first surprise", beyond({ acprop: made(acprop, o => adabelief(o)) }))
  ],
  "acprop, after its first step, does not see the scale of gradients": [
    mutant("takes an ε of 0 for unset", beyond({ acprop: zeroIsUnset(acprop, "epsRoot", 1e-8) })),
    mutant("does not divide", beyond({ acprop: made(acprop, ({ learningRate = 1 }) => sgd({ learningRate })) }))
  ],
  "simplifiedAdemamix of β₁ 0 is adamw of β₁ 0": [
    mutant("takes 0 for unset", beyond({ simplifiedAdemamix: zeroIsUnset(simplifiedAdemamix, "b1", 0.99) }))
  ],
  "simplifiedAdemamix is adam, (1-β₁ᵗ)/(1-β₁) times as far": [
    mutant("averages", beyond({ simplifiedAdemamix: made(simplifiedAdemamix, o => adam(o)) }))
  ],
  "optimisticAdam that does not look at changes is adam": [
    mutant("takes 0 for unset", beyond({ optimisticAdam: zeroIsUnset(optimisticAdam, "beta", 1) }))
  ],
  "the first step of optimisticAdam is adam's, and with a last update of 0 twice that": [
    mutant("has one start only", beyond({ optimisticAdam: tampered(optimisticAdam, () => ({ start: "own" })) }))
  ],
  "the second moment of yogi moves by at most (1-β₂)·g²": [
    mutant("moves as that of adam", beyond({ yogi: made(yogi, ({ b2 = 0.999 }) => adam({ b2 })) }))
  ],
  "yogi begins from nothing as amsgrad does": [mutant("takes 0 for unset", beyond({ yogi: startingAnyway }))],
  "yogi, debiased, begins from nothing as adam does": [mutant("takes 0 for unset", beyond({ yogi: startingAnyway }))],
  "adan of β₂ 0 is adam": [mutant("takes 0 for unset", beyond({ adan: zeroIsUnset(adan, "b2", 0.92) }))],
  "adan at a constant gradient steps by η": [
    mutant("corrects no bias", beyond({ adan: made(adan, ({ b3 = 0.99, ...o }) => amsgrad({ ...o, b2: b3 })) }))
  ],
  "the decay of adan is proximal: a step ends at (p + Δ)/(1 + ηλ)": [
    mutant(
      "decays as adamw does",
      beyond({ adan: made(adan, ({ weightDecay = 0, ...o }) => withWeightDecay(weightDecay)(adan(o))) })
    )
  ],
  "ademamix without its slow average is adamw": [
    mutant("takes 0 for unset", beyond({ ademamix: zeroIsUnset(ademamix, "alpha", 5) }))
  ],
  "ademamix of two equal averages is adam, 1 + α(1-β₁ᵗ) times as far": [
    mutant(
      "debiases both averages",
      beyond({
        ademamix: made(ademamix, ({ alpha = 5, ...o }) =>
          onDisplacement(scale(1 + alpha))(ademamix({ ...o, alpha: 0 }))
        )
      })
    )
  ],
  "the warm-up of ademamix ends at its α and β₃": [
    mutant(
      "ends a step late",
      beyond({
        ademamix: tampered(ademamix, ({ warmupSteps = 0 }) => ({
          warmupSteps: warmupSteps === 0 ? 0 : warmupSteps + 1
        }))
      })
    )
  ],
  "the first step of adopt moves nothing": [mutant("divides by its own gradient", beyond({ adopt: ownGradient }))],
  "no step of adopt after n others is longer than η·n^κ": [
    mutant("does not clip", beyond({ adopt: tampered(adopt, () => ({ form: "unclipped", clipExponent: undefined })) }))
  ],
  "adopt at a constant gradient steps by η·(1-β₁ⁿ) after n others": [
    mutant("divides by its own gradient", beyond({ adopt: ownGradient }))
  ]
}
