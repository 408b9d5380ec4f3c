import { pipe } from "thalweg"
import {
  adabelief,
  adamaxw,
  adan,
  ademamix,
  adopt,
  fromage,
  lamb,
  lars,
  lion,
  madgrad,
  nadamw,
  noisySgd,
  novograd,
  onGradient,
  optimisticGradientDescent,
  signSgd,
  signum,
  sm3,
  withWeightDecay,
  yogi
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import { linear } from "thalweg/schedule"
import { addDecayedWeights } from "thalweg/transform"
import { run, type Case, type Hyper, type Run } from "./trajectories.js"

/** Options that only some of these optimizers have. */
interface Beyond extends Hyper {
  readonly b3: number
  readonly alpha: number
}

export type Recipe = (h: Beyond, golden: Case) => Run
type Recipes = Readonly<Record<string, Recipe>>

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

const withEps = (h: Hyper) => ({ ...h, learningRate: h.learningRate + h.eps })

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
  "optax/madgrad-l2": ({ l2, ...h }) => run(pipe(madgrad(withEps(h)), coupled(l2))),
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
  "keras/lamb-default": h => run(lamb({ ...h, form: "epsilonHat" })),
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

/** How each case beyond the classics is reached with what is exported. */
export const recipes: Recipes = { ...signs, ...moments, ...mixtures, ...byLeaf, ...descents }
