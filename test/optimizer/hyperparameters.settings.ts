import type { combinators, optimizers } from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"

export type Options = Readonly<Record<string, unknown>>
type Catalogue = typeof optimizers & typeof combinators
type ByName<A> = { readonly [N in keyof Catalogue]?: A }
type ByOption<A> = { readonly [N in keyof Catalogue]?: { readonly [O in keyof Catalogue[N]["fields"]]?: A } }

const bounds = { finalRate: 0.4, gamma: 0.3 }
const stale = { patience: 1, rtol: 0.9 }
const modes = [{}, { mode: "smooth" }, { mode: "refined" }]

/** What has to be set for any hyperparameter of a row to matter within few steps, and away from kinks. */
export const common: ByName<Options> = {
  // the rule would have the least step be the greatest
  rprop: { learningRate: 0.15, minStep: 0.01, maxStep: 2 },
  radam: { b2: 0.95, threshold: 4.5 },
  adabound: bounds,
  amsbound: bounds,
  // a second moment near 0 would throw the parameters far off
  yogi: { initialAccumulator: 0.1 },
  lars: { trustCoefficient: 0.1 },
  // at the rate 1, the distance of the first step is just the one assumed before
  dog: { initValue: 0.1, learningRate: 0.9 },
  dowg: { learningRate: 0.9 },
  prodigy: { estimLr0: 0.01 },
  dadaptAdamw: { estimLr0: 0.01 },
  lookahead: { every: 2 },
  reduceOnPlateau: { patience: 1, factor: 0.5 },
  ontoBox: { lower: -0.2, upper: 0.3 }
}

/**
 * What else has to be set for one hyperparameter to matter, or a value for it where that of the rule does not. Of a list,
 * each makes a row.
 */
export const settings: ByOption<Options | readonly Options[]> = {
  sgd: { momentum: [{}, { nesterov: true }], dampening: [{ momentum: 0.5 }, { momentum: 0.5, dampenFirst: false }] },
  rprop: {
    etaMinus: { learningRate: 0.7 },
    minStep: { learningRate: 0.5, etaMinus: 0.1, minStep: 0.4 },
    maxStep: { etaPlus: 4, maxStep: 0.15 }
  },
  adopt: { eps: { eps: 2 }, clipExponent: { learningRate: 4, b1: 0.1 } },
  lion: { b1: modes, b2: modes, smoothBeta: { mode: "smooth" } },
  fromage: { minNorm: { minNorm: 1.5 } },
  muon: { rmsRate: { adjust: "matchRmsAdamw" } },
  adafactor: { rateDecay: { learningRate: 0.9 }, eps2: { eps2: 2 } },
  cocob: { alpha: { alpha: 20 }, eps: { eps: 3, alpha: 5 } },
  scheduleFreeSgd: { weightLrPower: { learningRate: exponential({ start: 0.2, rate: 0.7 }) } },
  momo: { learningRate: { learningRate: 0.1 } },
  momoAdam: { fMin: { learningRate: 2 } },
  reduceOnPlateau: {
    factor: stale,
    rtol: { rtol: 0.4 },
    atol: { atol: 1.6 },
    minScale: { ...stale, factor: 0.05 }
  },
  clipAdaptive: { eps: { eps: 2 } }
}

const inSign = "it matters to what a sign is taken of"
const inComparison = "it is only compared with"

/** By what the derivative is 0 almost everywhere, and why: names of rows. */
export const flat: Readonly<Record<string, string>> = {
  "signum b1": inSign,
  "lion b1": inSign,
  "lion b2": inSign,
  "radam threshold": inComparison,
  "reduceOnPlateau rtol": inComparison,
  "reduceOnPlateau atol": inComparison
}

/** What is asked for at step 0 alone, at later steps, too: names of rows. */
export const atStart: ReadonlySet<string> = new Set(["prodigy estimLr0"])
