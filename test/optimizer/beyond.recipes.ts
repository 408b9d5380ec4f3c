import { pipe, type Tree } from "thalweg"
import {
  adabelief,
  adafactor,
  adamaxw,
  adamw,
  adan,
  ademamix,
  adopt,
  dadaptAdamw,
  dog,
  dowg,
  fromage,
  lamb,
  lars,
  lion,
  madgrad,
  muon,
  nadamw,
  noisySgd,
  novograd,
  onDisplacement,
  onGradient,
  optimisticGradientDescent,
  polyakSgd,
  prodigy,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  signSgd,
  signum,
  sm3,
  withWeightDecay,
  yogi,
  type AdamwOptions,
  type MuonOptions,
  type Optimizer
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import { linear } from "thalweg/schedule"
import { addDecayedWeights, chain, scale, type StateFamily } from "thalweg/transform"
import { run, type Case, type Hyper, type Run } from "./trajectories.js"

/** Options that only some of these optimizers have. */
interface Beyond extends Hyper {
  readonly b3: number
  readonly alpha: number
  readonly nsCoefficients: readonly (number | readonly number[])[]
  readonly scaling: number
  readonly maxLearningRate: number
  readonly initStep: readonly ["heuristic" | "distance" | "learningRate", number]
}

export type Recipe = (h: Beyond, golden: Case) => Run
type Recipes = Readonly<Record<string, Recipe>>

/** Options without some that another function takes. */
const without =
  (...names: readonly string[]) =>
  <H extends object>(h: H): H =>
    Object.fromEntries(Object.entries(h).filter(([name]) => !names.includes(name))) as H

const coupled = (l2: number) => onGradient(addDecayedWeights(l2))

const signs: Recipes = {
  "optax/lion-default": h => run(lion(h)),
  "optax/lion": h => run(lion(h)),
  "optax/lion-decay": h => run(lion(h)),
  "optax/lion-smooth": h => run(lion({ ...h, mode: "smooth" })),
  "optax/lion-refined": h => run(lion({ ...h, mode: "refined" })),
  "keras/lion-default": h => run(lion(h)),
  "keras/lion": h => run(lion(h)),
  "keras/lion-decay": ({ weightDecay, ...h }) => run(pipe(lion(h), withWeightDecay(weightDecay))),
  "optax/sign-sgd": h => run(signSgd(h)),
  "optax/signum-default": h => run(signum(h)),
  "optax/signum": h => run(signum(h))
}

const debiased = { form: "debiased" } as const

const moments: Recipes = {
  "optax/adabelief-default": () => run(adabelief()),
  "optax/adabelief": h => run(adabelief(h)),
  "optax/adabelief-nesterov": h => run(adabelief({ ...h, nesterov: true })),
  "optax/yogi-default": h => run(yogi({ ...h, ...debiased })),
  "optax/yogi": h => run(yogi({ ...h, ...debiased })),
  "optax/yogi-accumulator": h => run(yogi({ ...h, ...debiased })),
  "paper/yogi": h => run(yogi(h)),
  "optax/adamaxw-default": h => run(adamaxw(h)),
  "optax/adamaxw": h => run(adamaxw(h)),
  "optax/nadamw-default": h => run(nadamw(h)),
  "optax/nadamw": h => run(nadamw(h))
}

const withEps = <H extends Hyper>(h: H) => ({ ...h, learningRate: h.learningRate + h.eps })

const mixtures: Recipes = {
  "paper/adan": h => run(adan(h)),
  "optax/ademamix-default": () => run(ademamix()),
  "optax/ademamix": h => run(ademamix(h)),
  "optax/ademamix-decay": h => run(ademamix(h)),
  "optax/ademamix-schedules": h => {
    const rising = { b3: linear({ start: 0.8, end: 0.99, steps: 10 }), alpha: linear({ start: 0, end: 3, steps: 10 }) }
    return run(ademamix({ ...h, ...rising }))
  },
  "paper/ademamix": h => run(ademamix(h)),
  "optax/adopt-default": () => run(adopt()),
  "optax/adopt": h => run(adopt(h)),
  "optax/adopt-nesterov": h => run(adopt({ ...h, nesterov: true })),
  "optax/adopt-unclipped": h => run(adopt({ ...h, form: "unclipped" })),
  "optax/madgrad-default": h => run(madgrad(withEps(h))),
  "optax/madgrad": h => run(madgrad(withEps(h))),
  "optax/madgrad-l2": h => run(pipe(madgrad(without("l2")(withEps(h))), coupled(h.l2))),
  "paper/madgrad": h => run(madgrad(h))
}

const joint = { ratio: "joint" } as const

const byLeaf: Recipes = {
  "optax/novograd-default": h => run(novograd(h)),
  "optax/novograd": h => run(novograd(h)),
  "optax/novograd-decay": h => run(novograd(h)),
  "optax/lars-default": h => run(lars(h)),
  "optax/lars": h => run(lars({ ...h, ...joint })),
  "optax/lars-decay": h => run(lars({ ...h, ...joint })),
  "optax/lars-nesterov": h => run(lars({ ...h, ...joint, nesterov: true })),
  "paper/lars-plain": h => run(lars(h)),
  "paper/lars": h => run(lars(h)),
  "optax/lamb-default": h => run(lamb(h)),
  "optax/lamb": h => run(lamb(h)),
  "optax/lamb-decay": h => run(lamb(h)),
  "keras/lamb-default": h => run(lamb(h)),
  "keras/lamb": h => run(lamb(h)),
  "optax/fromage": h => run(fromage(h)),
  "optax/fromage-min-norm": h => run(fromage(h)),
  "optax/sm3": h => run(sm3(h)),
  "optax/sm3-tall": h => run(sm3(h)),
  "optax/sm3-cube": h => run(sm3(h)),
  "optax/sm3-eps": h => run(sm3(h))
}

const descents: Recipes = {
  "optax/optimistic-gradient-descent-default": h => run(optimisticGradientDescent(h)),
  "optax/optimistic-gradient-descent": h => run(optimisticGradientDescent(h)),
  "optax/noisy-sgd-silent": h => run(noisySgd(key(3), h))
}

const bounding = { epsPlace: "bounding" } as const
const largest = { axes: "largest", rateDecay: 0, minFactoredSize: 2 } as const
const unscaledDecay = (h: Hyper) => onDisplacement(chain(scale(-1), addDecayedWeights(h.weightDecay), scale(-1)))

const factored: Recipes = {
  "paper/adafactor": h => run(adafactor(h)),
  "paper/adafactor-default": () => run(adafactor()),
  "keras/adafactor": h => run(adafactor(h)),
  "keras/adafactor-default": h => run(adafactor(h)),
  "keras/adafactor-tall": h => run(adafactor(h)),
  "keras/adafactor-absolute": h => run(adafactor(h)),
  "torch/adafactor": h => run(adafactor({ ...h, ...bounding })),
  "torch/adafactor-default": h => run(adafactor({ ...h, ...bounding })),
  "torch/adafactor-tall": h => run(adafactor({ ...h, ...bounding })),
  "torch/adafactor-decay": ({ weightDecay, ...h }) =>
    run(pipe(adafactor({ ...h, ...bounding }), withWeightDecay(weightDecay))),
  "optax/adafactor": h => run(adafactor({ ...h, ...largest })),
  "optax/adafactor-tiny": h => run(adafactor({ ...h, ...largest })),
  "optax/adafactor-tall": h => run(adafactor({ ...h, ...largest })),
  "optax/adafactor-cube": h => run(adafactor({ ...h, ...largest })),
  "optax/adafactor-unfactored": h => run(adafactor({ ...h, ...largest, minFactoredSize: 100 })),
  "optax/adafactor-unscaled": h => run(adafactor({ ...h, ...largest, steps: "absolute" })),
  "optax/adafactor-unclipped": h => run(adafactor({ ...h, ...largest, clip: 1e9 })),
  "optax/adafactor-momentum-decay": h =>
    run(pipe(adafactor({ ...without("weightDecay")(h), ...largest }), unscaledDecay(h)))
}

const dogOf = (h: Beyond) => {
  const [kind, initValue] = h.initStep
  const initStep = ({ heuristic: "relative", distance: "distance", learningRate: "rate" } as const)[kind]
  return dog({ ...without("weightDecay")(h), initStep, initValue })
}

const ascend = { below: "ascend" } as const

const ratesFound: Recipes = {
  "optax/dog-default": h => run(dogOf(h)),
  "optax/dog": h => run(dogOf(h)),
  "optax/dog-distance": h => run(dogOf(h)),
  "optax/dog-learning-rate": h => run(pipe(dogOf(h), coupled(h.weightDecay))),
  "optax/dowg-default": () => run(dowg()),
  "optax/dowg": h => run(dowg(h)),
  "optax/dowg-l2": h => run(pipe(dowg(without("weightDecay")(h)), coupled(h.weightDecay))),
  "optax/polyak-sgd-default": h => run(polyakSgd({ ...h, ...ascend })),
  "optax/polyak-sgd": h => run(polyakSgd({ ...h, ...ascend })),
  "optax/polyak-sgd-plus": h => run(polyakSgd(h)),
  "optax/polyak-sgd-scaling": h =>
    run(polyakSgd({ ...h, ...ascend, maxLearningRate: h.scaling * h.maxLearningRate, eps: h.eps / h.scaling })),
  "paper/polyak-sgd": h => run(polyakSgd(h))
}

/** The golden parameters are where gradients are taken: an optimizer of those, over one whose parameters are iterates. */
const atGradientPoint = <F extends StateFamily>(inner: Optimizer<F>): Run => {
  const step = (_: Tree, { iterate, state }: { iterate: Tree; state: never }, grads: Tree) => {
    const [after, next] = inner.step(iterate, state, grads)
    return [inner.gradientPoint(after, next), { iterate: after, state: next }]
  }
  return run({
    ...inner,
    init: (params: Tree) => ({ iterate: params, state: inner.init(params) }),
    step,
    rate: ({ state }: { state: never }) => inner.rate(state),
    gradientPoint: (params: Tree) => params,
    evalParams: (_: Tree, { iterate, state }: { iterate: Tree; state: never }) => inner.evalParams(iterate, state)
  } as unknown as Optimizer<StateFamily>)
}

const moment = { debiased: "moment" } as const

const scheduleFree: Recipes = {
  "optax/schedule-free-sgd-default": () => atGradientPoint(scheduleFreeSgd()),
  "optax/schedule-free-sgd": h => atGradientPoint(scheduleFreeSgd(h)),
  "paper/schedule-free-sgd": h => atGradientPoint(scheduleFreeSgd(h)),
  "paper/schedule-free-sgd-warmup": h => atGradientPoint(scheduleFreeSgd(h)),
  "optax/schedule-free-adamw-default": () => atGradientPoint(scheduleFreeAdamw(moment)),
  "optax/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...moment })),
  "keras/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...moment, weightLrPower: 0 })),
  "keras/schedule-free-adamw-warmup": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...moment, weightLrPower: 0 })),
  "paper/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw(h))
}

const corrected = { biasCorrection: true } as const
const prodigyOf = (h: Beyond) => prodigy({ ...h, ...corrected, epsEstimate: "after" })
const dadaptOf = (h: Beyond) => dadaptAdamw({ ...h, ...corrected, weights: "old" })

const estimates: Recipes = {
  "optax/prodigy-default": h => run(prodigyOf(h)),
  "optax/prodigy": h => run(prodigyOf(h)),
  "optax/prodigy-decay": h => run(prodigyOf(h)),
  "optax/prodigy-options": h => {
    const b3Power = Math.log(h.b3) / Math.log(h.b2)
    const options = { ...without("b3")(h), ...corrected, b3Power, safeguardWarmup: true, epsEstimate: "after" } as const
    return run(prodigy(options))
  },
  "paper/prodigy": h => run(prodigy(h)),
  "optax/dadapt-adamw-default": h => run(dadaptOf(h)),
  "optax/dadapt-adamw": h => run(dadaptOf(h)),
  "optax/dadapt-adamw-decay": h => run(dadaptOf(h)),
  "paper/dadapt-adamw": h => run(dadaptAdamw(h)),
  "paper/dadapt-adamw-authors": h => run(dadaptAdamw({ ...h, weights: "old" }))
}

interface MuonVariant {
  readonly adam: AdamwOptions & {
    readonly learningRate: number
    readonly epsHat?: boolean
    readonly decayRate?: number
  }
}

/** Muon as in a case, with AdamW elsewhere; decay is multiplied by `decayRate` where that is not the rate. */
const muonOf =
  (options: MuonOptions = {}): Recipe =>
  (h, golden) => {
    const { epsHat, decayRate, ...rest } = (golden as Case & { readonly variant: MuonVariant }).variant.adam
    const form = epsHat ? ({ form: "epsilonHat" } as const) : {}
    const baseRate = decayRate === undefined ? {} : { baseRate: rest.learningRate / decayRate }
    const given = without("rmsRate", "nsCoefficients")(h)
    return run(
      muon({ ...given, nsCoefficients: h.nsCoefficients.flat(), ...options }, adamw({ ...rest, ...form, ...baseRate }))
    )
  }

const torchMuon = { form: "average", epsPlace: "bounding", adjust: "inOverOut" } as const
const optaxMuon = { form: "debiased" } as const
const kerasMuon = { adjust: "matchRmsAdamw" } as const

const matrices: Recipes = {
  "torch/muon": muonOf(torchMuon),
  "torch/muon-tall": muonOf(torchMuon),
  "torch/muon-heavy-ball": muonOf(torchMuon),
  "torch/muon-coefficients": muonOf(torchMuon),
  "torch/muon-match-rms-adamw": muonOf({ ...torchMuon, adjust: "matchRmsAdamw" }),
  "optax/muon-default": muonOf(optaxMuon),
  "optax/muon": muonOf(optaxMuon),
  "optax/muon-tall": muonOf(optaxMuon),
  "optax/muon-heavy-ball": muonOf(optaxMuon),
  "optax/muon-adaptive": muonOf({ ...optaxMuon, adaptive: true }),
  "optax/muon-consistent-rms": muonOf({ ...optaxMuon, adjust: "matchRmsAdamw" }),
  "optax/muon-aol": muonOf({ ...optaxMuon, preconditioning: "aol" }),
  "optax/muon-schatten": muonOf({ ...optaxMuon, preconditioning: "schatten" }),
  "optax/muon-dion": muonOf(optaxMuon),
  "optax/muon-decay": muonOf(optaxMuon),
  "keras/muon-default": muonOf(kerasMuon),
  "keras/muon": muonOf(kerasMuon),
  "keras/muon-tall": muonOf(kerasMuon),
  "keras/muon-heavy-ball": muonOf(kerasMuon),
  "keras/muon-options": muonOf({ adjust: "none" })
}

/** How each case beyond the classics is reached with what is exported. */
export const recipes: Recipes = {
  ...signs,
  ...moments,
  ...mixtures,
  ...byLeaf,
  ...descents,
  ...factored,
  ...ratesFound,
  ...scheduleFree,
  ...estimates,
  ...matrices
}
