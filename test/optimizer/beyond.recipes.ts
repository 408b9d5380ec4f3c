import { mul, pipe, Tree } from "thalweg"
import {
  acprop,
  adabelief,
  adafactor,
  adamaxw,
  adan,
  ademamix,
  adopt,
  asgd,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  fromage,
  lamb,
  lars,
  lion,
  madgrad,
  maximize,
  momo,
  momoAdam,
  nadamw,
  noisySgd,
  novograd,
  onDisplacement,
  onGradient,
  optimisticAdam,
  optimisticGradientDescent,
  polyakSgd,
  prodigy,
  signSgd,
  signum,
  simplifiedAdemamix,
  sm3,
  withWeightDecay,
  yogi,
  type Optimizer
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import { linear } from "thalweg/schedule"
import { addDecayedWeights, chain, scale, type StateFamily } from "thalweg/transform"
import { run, without, type Hyper, type Recipes } from "./trajectories.js"

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

const before = { centre: "before" } as const
const own = { start: "own" } as const
const ownAhead = { ...own, nesterov: true } as const

const moments: Recipes = {
  "optax/acprop-default": () => run(acprop(before)),
  "optax/acprop": h => run(acprop({ ...h, ...before })),
  "optax/acprop-decay": ({ weightDecay, ...h }) => run(pipe(acprop({ ...h, ...before }), withWeightDecay(weightDecay))),
  "paper/acprop": h => run(acprop(h)),
  "optax/optimistic-adam-default": () => run(optimisticAdam(ownAhead)),
  "optax/optimistic-adam": h => run(optimisticAdam({ ...h, ...own })),
  "optax/optimistic-adam-weights": h => run(optimisticAdam({ ...h, ...ownAhead })),
  "optax/optimistic-adam-v1": h => run(optimisticAdam({ ...h, ...ownAhead })),
  "optax/optimistic-adam-v1-optimism": h => run(optimisticAdam({ ...h, ...ownAhead })),
  "paper/optimistic-adam": h => run(optimisticAdam(h)),
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
  "optax/simplified-ademamix-default": ({ learningRate }) => run(simplifiedAdemamix({ learningRate })),
  "optax/simplified-ademamix": h => run(simplifiedAdemamix(h)),
  "optax/simplified-ademamix-decay": h => run(simplifiedAdemamix(h)),
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

/** Multiplies the parameters by `1 - η·λ` before all else, so that the step sees what is left (Keras's `weight_decay`). */
const decayFirst =
  ({ learningRate, weightDecay }: Hyper) =>
  <F extends StateFamily>(inner: Optimizer<F>): Optimizer<F> => ({
    ...inner,
    step: (params, state, grads) =>
      inner.step(Tree.map(p => mul(p, 1 - learningRate * weightDecay))(params), state, grads)
  })

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
  "keras/lamb-decay": h => run(pipe(lamb(without("weightDecay")(h)), decayFirst(h))),
  "optax/fromage": h => run(fromage(h)),
  "optax/fromage-min-norm": h => run(fromage(h)),
  "optax/sm3": h => run(sm3(h)),
  "optax/sm3-tall": h => run(sm3(h)),
  "optax/sm3-cube": h => run(sm3(h)),
  "optax/sm3-eps": h => run(sm3(h))
}

const withoutL2 = without("l2", "maximize")

const descents: Recipes = {
  "torch/asgd-default": ({ skip }) => run(asgd({ skip })),
  "torch/asgd": h => run(asgd(h)),
  "torch/asgd-soon": h => run(asgd(h)),
  "torch/asgd-l2": h => run(pipe(asgd(withoutL2(h)), coupled(h.l2))),
  "torch/asgd-maximize": h => run(pipe(asgd(withoutL2(h)), coupled(h.l2), maximize)),
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
  "keras/adafactor-decay": h => run(pipe(adafactor(without("weightDecay")(h)), decayFirst(h))),
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

const dogOf = (h: Hyper) => {
  const [kind, initValue] = h.initStep
  const initStep = ({ heuristic: "relative", distance: "distance", learningRate: "rate" } as const)[kind]
  return dog({ ...without("weightDecay")(h), initStep, initValue })
}

const ascend = { below: "ascend" } as const

const shrinking = { shrink: "parameters" } as const
const estimated = { bound: "estimated" } as const
const asOptax = { ...shrinking, ...estimated } as const

const ratesByLoss: Recipes = {
  "optax/momo-default": () => run(momo()),
  "optax/momo": h => run(momo(h)),
  "optax/momo-decay": h => run(momo({ ...h, ...shrinking })),
  "optax/momo-estimated": h => run(momo({ ...h, ...asOptax })),
  "optax/momo-estimated-decay": h => run(momo({ ...h, ...asOptax })),
  "paper/momo-decay": h => run(momo(h)),
  "paper/momo-estimated": h => run(momo({ ...h, ...estimated })),
  "paper/momo-debiased": h => run(momo({ ...h, biasCorrection: true })),
  "paper/momo-debiased-estimated": h => run(momo({ ...h, ...estimated, biasCorrection: true })),
  "optax/momo-adam-default": () => run(momoAdam()),
  "optax/momo-adam": h => run(momoAdam(h)),
  "optax/momo-adam-decay": h => run(momoAdam({ ...h, ...shrinking })),
  "optax/momo-adam-estimated": h => run(momoAdam({ ...h, ...asOptax })),
  "optax/momo-adam-estimated-decay": h => run(momoAdam({ ...h, ...asOptax })),
  "paper/momo-adam-decay": h => run(momoAdam(h)),
  "paper/momo-adam-estimated": h => run(momoAdam({ ...h, ...estimated }))
}

const ratesFound: Recipes = {
  "optax/cocob-default": h => run(cocob(h)),
  "optax/cocob": h => run(cocob(h)),
  "optax/cocob-l2": h => run(pipe(cocob(without("l2")(h)), coupled(h.l2))),
  "paper/cocob": h => run(cocob(h)),
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

const corrected = { biasCorrection: true } as const
const prodigyOf = (h: Hyper) => prodigy({ ...h, ...corrected, epsEstimate: "after" })
const dadaptOf = (h: Hyper) => dadaptAdamw({ ...h, ...corrected, weights: "old" })

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

/** How each case beyond the classics is reached with what is exported. */
export const recipes: Recipes = {
  ...signs,
  ...moments,
  ...mixtures,
  ...byLeaf,
  ...descents,
  ...factored,
  ...ratesByLoss,
  ...ratesFound,
  ...estimates
}
