import { adamw, muon, type AdamwOptions, type MuonOptions } from "thalweg/optimizer"
import { run, without, type Case, type Recipe, type Recipes } from "./trajectories.js"

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

/** How each case of Muon is reached with what is exported. */
export const recipes: Recipes = {
  "torch/muon-bfloat16": muonOf(torchMuon),
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
