import { pipe } from "thalweg"
import {
  adabound,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  amsbound,
  amsgrad,
  momentum,
  nadam,
  nag,
  onGradient,
  radam,
  rmsprop,
  rprop,
  sgd,
  withMomentum,
  withWeightDecay,
  type ScheduledNadamOptions
} from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import { addDecayedWeights } from "thalweg/transform"
import { run, type Hyper, type Recipes } from "./trajectories.js"

const hat = { form: "epsilonHat" } as const
const nesterov = { nesterov: true } as const
const outside = { epsPlace: "outside" } as const
const coupled = (l2: number) => onGradient(addDecayedWeights(l2))
const psi = (h: ScheduledNadamOptions) => nadam(h)
const falling = (h: Hyper) => ({ ...h, learningRate: exponential({ start: h.learningRate, rate: 0.9 }) })

const adamFamily: Recipes = {
  "keras/adam-default": h => run(adam({ ...h, ...hat })),
  "keras/adam": h => run(adam({ ...h, ...hat })),
  "keras/adam-decay": ({ weightDecay, ...h }) => run(pipe(adam({ ...h, ...hat }), withWeightDecay(weightDecay))),
  "keras/adamw-default": h => run(adamw({ ...h, ...hat })),
  "keras/adamw": h => run(adamw({ ...h, ...hat })),
  "paper/adamw": h => run(adamw({ ...h, baseRate: h.learningRate })),
  "paper/adamw-exponential": h => run(adamw({ ...falling(h), baseRate: h.learningRate })),
  "torch/adam-amsgrad": h => run(amsgrad({ ...h, form: "debiasedAfter" })),
  "torch/adamw-amsgrad": ({ weightDecay, ...h }) =>
    run(pipe(amsgrad({ ...h, form: "debiasedAfter" }), withWeightDecay(weightDecay))),
  "optax/amsgrad-default": h => run(amsgrad({ ...h, form: "debiasedBefore" })),
  "optax/amsgrad": h => run(amsgrad({ ...h, form: "debiasedBefore" })),
  "optax/amsgrad-eps-root": h => run(amsgrad({ ...h, form: "debiasedBefore" })),
  "optax/amsgrad-paper": h => run(amsgrad(h)),
  "keras/adam-amsgrad": h => run(amsgrad({ ...h, ...hat })),
  "paper/amsgrad": h => run(amsgrad(h)),
  "optax/nadam-default": h => run(nadam(h)),
  "optax/nadam": h => run(adam({ ...h, ...nesterov })),
  "optax/nadam-eps-root": h => run(nadam(h)),
  "torch/nadam-default": h => run(psi(h)),
  "torch/nadam": h => run(psi(h)),
  "torch/nadam-l2": ({ l2, ...h }) => run(pipe(psi(h), coupled(l2))),
  "torch/nadam-decoupled": ({ weightDecay, ...h }) => run(pipe(psi(h), withWeightDecay(weightDecay))),
  "keras/nadam-default": h => run(psi(h)),
  "keras/nadam": h => run(psi(h)),
  "keras/nadam-decay": ({ weightDecay, ...h }) => run(pipe(psi(h), withWeightDecay(weightDecay))),
  "paper/nadam": h => run(psi(h)),
  "paper/nadam-psi-1": h => run(psi(h)),
  "torch/adamax-default": h => run(adamax(h)),
  "torch/adamax": h => run(adamax(h)),
  "torch/adamax-l2": ({ l2, ...h }) => run(pipe(adamax(h), coupled(l2))),
  "optax/adamax-default": () => run(adamax()),
  "optax/adamax": h => run(adamax(h)),
  "keras/adamax-default": h => run(adamax({ ...h, ...outside })),
  "keras/adamax": h => run(adamax({ ...h, ...outside })),
  "keras/adamax-decay": ({ weightDecay, ...h }) =>
    run(pipe(adamax({ ...h, ...outside }), withWeightDecay(weightDecay))),
  "torch/radam-default": h => run(radam({ ...h, ...hat })),
  "torch/radam": h => run(radam({ ...h, ...hat })),
  "torch/radam-l2": ({ l2, ...h }) => run(pipe(radam({ ...h, ...hat }), coupled(l2))),
  "torch/radam-decoupled": ({ weightDecay, ...h }) => run(pipe(radam({ ...h, ...hat }), withWeightDecay(weightDecay))),
  "optax/radam-default": () => run(radam()),
  "optax/radam": h => run(radam(h)),
  "optax/radam-threshold-4": h => run(radam(h)),
  "optax/radam-eps-root": h => run(radam(h)),
  "optax/radam-nesterov": h => run(radam({ ...h, ...nesterov })),
  "paper/radam": h => run(radam(h)),
  "paper/radam-default": () => run(radam())
}

const plain = { centered: false } as const
const centered = { centered: true } as const

const classical: Recipes = {
  "keras/sgd": h => run(sgd(h)),
  "keras/sgd-momentum": h => run(momentum(h)),
  "keras/sgd-nesterov": ({ learningRate, momentum }) =>
    run(pipe(sgd({ learningRate }), withMomentum(momentum, nesterov))),
  "keras/sgd-momentum-decay": ({ weightDecay, ...h }) => run(pipe(momentum(h), withWeightDecay(weightDecay))),
  "paper/sgd-dampening": h => run(sgd(h)),
  "paper/nag": h => run(nag(h)),
  "paper/nag-exponential": h => run(nag(falling(h))),
  "torch/adagrad-default": h => run(adagrad({ ...h, ...outside })),
  "torch/adagrad": h => run(adagrad({ ...h, ...outside })),
  "torch/adagrad-zero": h => run(adagrad({ ...h, ...outside })),
  "torch/adagrad-l2": ({ l2, ...h }) => run(pipe(adagrad({ ...h, ...outside }), coupled(l2))),
  "optax/adagrad-default": h => run(adagrad(h)),
  "optax/adagrad": h => run(adagrad(h)),
  "optax/adagrad-zero": h => run(adagrad(h)),
  "keras/adagrad-default": h => run(adagrad(h)),
  "keras/adagrad": h => run(adagrad(h)),
  "keras/adagrad-decay": ({ weightDecay, ...h }) => run(pipe(adagrad(h), withWeightDecay(weightDecay))),
  "paper/adagrad-default": () => run(adagrad()),
  "paper/adagrad": h => run(adagrad(h)),
  "torch/adadelta-default": () => run(adadelta()),
  "torch/adadelta": h => run(adadelta(h)),
  "torch/adadelta-l2": ({ l2, ...h }) => run(pipe(adadelta(h), coupled(l2))),
  "optax/adadelta-default": () => run(adadelta()),
  "optax/adadelta": h => run(adadelta(h)),
  "optax/adadelta-l2": ({ l2, ...h }) => run(pipe(adadelta(h), coupled(l2))),
  "keras/adadelta-default": h => run(adadelta(h)),
  "keras/adadelta": h => run(adadelta(h)),
  "keras/adadelta-decay": ({ weightDecay, ...h }) => run(pipe(adadelta(h), withWeightDecay(weightDecay))),
  "torch/rprop-default": () => run(rprop()),
  "torch/rprop": h => run(rprop(h)),
  "paper/rprop-default": () => run(rprop()),
  "paper/rprop": h => run(rprop(h)),
  "paper/adabound-default": () => run(adabound()),
  "paper/adabound": h => run(adabound({ ...h, baseRate: h.learningRate })),
  "paper/adabound-exponential": h => run(adabound({ ...falling(h), baseRate: h.learningRate })),
  "paper/adabound-tight": h => run(adabound(h)),
  "paper/amsbound-default": () => run(amsbound()),
  "paper/amsbound": h => run(amsbound({ ...h, baseRate: h.learningRate })),
  "paper/amsbound-exponential": h => run(amsbound({ ...falling(h), baseRate: h.learningRate })),
  "paper/amsbound-tight": h => run(amsbound(h))
}

const rms: Recipes = {
  "torch/rmsprop-default": h => run(rmsprop({ ...h, ...plain, ...outside })),
  "torch/rmsprop": h => run(rmsprop({ ...h, ...plain, ...outside })),
  "torch/rmsprop-centered": h => run(rmsprop({ ...h, ...centered, ...outside })),
  "torch/rmsprop-momentum": h => run(rmsprop({ ...h, ...plain, ...outside })),
  "torch/rmsprop-centered-momentum": h => run(rmsprop({ ...h, ...centered, ...outside })),
  "torch/rmsprop-l2": ({ l2, ...h }) => run(pipe(rmsprop({ ...h, ...plain, ...outside }), coupled(l2))),
  "torch/rmsprop-momentum-l2": ({ l2, ...h }) => run(pipe(rmsprop({ ...h, ...plain, ...outside }), coupled(l2))),
  "optax/rmsprop-default": h => run(rmsprop({ ...h, ...plain })),
  "optax/rmsprop": h => run(rmsprop({ ...h, ...plain })),
  "optax/rmsprop-outside": h => run(rmsprop({ ...h, ...plain, ...outside })),
  "optax/rmsprop-centered": h => run(rmsprop({ ...h, ...centered })),
  "optax/rmsprop-centered-outside": h => run(rmsprop({ ...h, ...centered, ...outside })),
  "optax/rmsprop-momentum": ({ momentum, ...h }) => run(pipe(rmsprop({ ...h, ...plain }), withMomentum(momentum))),
  "optax/rmsprop-nesterov": ({ momentum, nesterov: _, ...h }) =>
    run(pipe(rmsprop({ ...h, ...plain }), withMomentum(momentum, nesterov))),
  "optax/rmsprop-centered-momentum": ({ momentum, ...h }) =>
    run(pipe(rmsprop({ ...h, ...centered }), withMomentum(momentum))),
  "optax/rmsprop-centered-nesterov": ({ momentum, nesterov: _, ...h }) =>
    run(pipe(rmsprop({ ...h, ...centered }), withMomentum(momentum, nesterov))),
  "optax/rmsprop-initial-scale": h => run(rmsprop({ ...h, ...plain })),
  "optax/rmsprop-bias-correction": h => run(rmsprop({ ...h, ...plain })),
  "optax/rmsprop-bias-correction-outside": h => run(rmsprop({ ...h, ...plain, ...outside })),
  "optax/rmsprop-centered-bias-correction": h => run(rmsprop({ ...h, ...centered })),
  "keras/rmsprop-default": h => run(rmsprop({ ...h, ...plain })),
  "keras/rmsprop": h => run(rmsprop({ ...h, ...plain })),
  "keras/rmsprop-centered": h => run(rmsprop({ ...h, ...centered })),
  "keras/rmsprop-momentum": ({ momentum, ...h }) => run(pipe(rmsprop({ ...h, ...plain }), withMomentum(momentum))),
  "keras/rmsprop-centered-momentum": ({ momentum, ...h }) =>
    run(pipe(rmsprop({ ...h, ...centered }), withMomentum(momentum))),
  "keras/rmsprop-decay": ({ weightDecay, ...h }) =>
    run(pipe(rmsprop({ ...h, ...plain }), withWeightDecay(weightDecay))),
  "paper/rmsprop-default": () => run(rmsprop())
}

/** How each case of the classical and the Adam family is reached with what is exported. */
export const recipes: Recipes = { ...classical, ...rms, ...adamFamily }
