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
  radam,
  rmsprop,
  rprop,
  type Optimizer
} from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import type { StateFamily } from "thalweg/transform"
import type { Tree } from "thalweg"

interface AnyF extends StateFamily {
  readonly type: Tree
}

type Row = readonly [name: string, value: number, build: (value: Hyperparameter) => Optimizer<AnyF>]

const any = <F extends StateFamily>(optimizer: Optimizer<F>): Optimizer<AnyF> => optimizer
const quick = { learningRate: 0.1, b1: 0.7, b2: 0.8 }
const bound = { ...quick, finalRate: 0.4, gamma: 0.3 }

/** Every hyperparameter of the classical and the Adam family that may be scheduled, as `rows` of `samples.ts`. */
export const classicRows: readonly Row[] = [
  ["momentum learningRate", 0.1, learningRate => any(momentum({ learningRate }))],
  ["momentum momentum", 0.8, gamma => any(momentum({ learningRate: 0.1, momentum: gamma }))],
  ["nag learningRate", 0.1, learningRate => any(nag({ learningRate }))],
  ["nag momentum", 0.8, gamma => any(nag({ learningRate: 0.1, momentum: gamma }))],
  ["adagrad learningRate", 0.1, learningRate => any(adagrad({ learningRate }))],
  ["adagrad rateDecay", 0.3, rateDecay => any(adagrad({ learningRate: 0.1, rateDecay }))],
  ["adagrad initialAccumulator", 0.2, a0 => any(adagrad({ learningRate: 0.1, initialAccumulator: a0 }))],
  ["adagrad eps", 0.01, eps => any(adagrad({ learningRate: 0.1, eps, epsPlace: "outside" }))],
  ["adadelta learningRate", 0.9, learningRate => any(adadelta({ learningRate, eps: 0.01 }))],
  ["adadelta rho", 0.8, rho => any(adadelta({ rho, eps: 0.01 }))],
  ["adadelta eps", 0.01, eps => any(adadelta({ eps }))],
  ["rmsprop learningRate", 0.1, learningRate => any(rmsprop({ learningRate }))],
  ["rmsprop decay", 0.8, decay => any(rmsprop({ learningRate: 0.1, decay, centered: true, biasCorrection: false }))],
  ["rmsprop eps", 0.01, eps => any(rmsprop({ learningRate: 0.1, eps, biasCorrection: true }))],
  ["rmsprop initialScale", 0.5, initialScale => any(rmsprop({ learningRate: 0.1, initialScale }))],
  ["rprop learningRate", 0.1, learningRate => any(rprop({ learningRate }))],
  ["rprop etaMinus", 0.6, etaMinus => any(rprop({ learningRate: 0.7, etaMinus }))],
  ["rprop etaPlus", 2.5, etaPlus => any(rprop({ learningRate: 0.05, etaPlus }))],
  ["rprop minStep", 0.4, minStep => any(rprop({ learningRate: 0.5, etaMinus: 0.1, minStep }))],
  ["rprop maxStep", 0.15, maxStep => any(rprop({ learningRate: 0.1, etaPlus: 4, maxStep }))],
  ["adam eps, epsilonHat", 0.01, eps => any(adam({ ...quick, eps, form: "epsilonHat" }))],
  ["adamw learningRate", 0.1, learningRate => any(adamw({ learningRate, weightDecay: 0.3 }))],
  ["adamw weightDecay", 0.3, weightDecay => any(adamw({ ...quick, weightDecay }))],
  ["adamw baseRate", 0.2, baseRate => any(adamw({ ...quick, baseRate, weightDecay: 0.1 }))],
  ["amsgrad learningRate", 0.1, learningRate => any(amsgrad({ learningRate }))],
  ["amsgrad b1", 0.7, b1 => any(amsgrad({ ...quick, b1 }))],
  ["amsgrad b2", 0.8, b2 => any(amsgrad({ ...quick, b2, form: "debiasedAfter" }))],
  ["amsgrad eps", 0.01, eps => any(amsgrad({ ...quick, eps, form: "epsilonHat" }))],
  ["amsgrad epsRoot", 0.01, epsRoot => any(amsgrad({ ...quick, epsRoot, form: "debiasedAfter" }))],
  ["adamax learningRate", 0.1, learningRate => any(adamax({ learningRate }))],
  ["adamax b1", 0.7, b1 => any(adamax({ ...quick, b1 }))],
  ["adamax b2", 0.8, b2 => any(adamax({ ...quick, b2, eps: 0.1 }))],
  ["adamax eps", 0.01, eps => any(adamax({ ...quick, eps }))],
  ["nadam learningRate", 0.1, learningRate => any(nadam({ learningRate }))],
  ["nadam b1", 0.7, b1 => any(nadam({ ...quick, b1, momentumDecay: 3 }))],
  ["nadam b2", 0.8, b2 => any(nadam({ ...quick, b2, momentumDecay: 3 }))],
  ["nadam eps", 0.01, eps => any(nadam({ ...quick, eps, momentumDecay: 3 }))],
  ["nadam epsRoot", 0.01, epsRoot => any(nadam({ ...quick, epsRoot, momentumDecay: 3 }))],
  ["nadam momentumDecay", 3, momentumDecay => any(nadam({ ...quick, momentumDecay }))],
  ["radam learningRate", 0.1, learningRate => any(radam({ learningRate, b2: 0.95 }))],
  ["radam b1", 0.7, b1 => any(radam({ ...quick, b1 }))],
  ["radam b2", 0.95, b2 => any(radam({ ...quick, b2, threshold: 4 }))],
  ["radam eps", 0.01, eps => any(radam({ ...quick, b2: 0.95, threshold: 4, eps }))],
  ["radam epsRoot", 0.01, epsRoot => any(radam({ learningRate: 0.2, b1: 0.7, b2: 0.95, threshold: 4, epsRoot }))],
  ["adabound learningRate", 0.1, learningRate => any(adabound({ ...bound, learningRate }))],
  ["adabound b1", 0.7, b1 => any(adabound({ ...bound, b1 }))],
  ["adabound b2", 0.8, b2 => any(adabound({ ...bound, b2 }))],
  ["adabound eps", 0.01, eps => any(adabound({ ...bound, eps }))],
  ["adabound finalRate", 0.4, finalRate => any(adabound({ ...bound, finalRate }))],
  ["adabound gamma", 0.3, gamma => any(adabound({ ...bound, gamma }))],
  ["adabound baseRate", 0.2, baseRate => any(adabound({ ...bound, baseRate }))],
  ["amsbound learningRate", 0.1, learningRate => any(amsbound({ ...bound, learningRate }))],
  ["amsbound gamma", 0.3, gamma => any(amsbound({ ...bound, gamma }))]
]
