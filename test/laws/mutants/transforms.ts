import { add, cast } from "thalweg"
import { decayedWeightsLaws, scaleLaws, applyMomentumLaws } from "thalweg/laws"
import type { Hyperparameter } from "thalweg/schedule"
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  scale,
  applyMomentum,
  type StateFamily,
  type MomentumScaling,
  type Transform
} from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

const scaling = <F extends StateFamily>(how: (factor: Hyperparameter) => Transform<F>) => scaleLaws(how)

/** `u + s·u`. */
const added = scaling(factor =>
  typeof factor === "number" ? scale(1 + factor) : scale(step => add(cast(step, "f64"), 1))
)

export const scaleMutants: Mutants = {
  "scale by 1 is the identity": [mutant("adds the scaled updates", added)],
  "scales by powers of two multiply": [mutant("adds the scaled updates", added)],
  "scales multiply": [
    mutant(
      "rounds its factor to f32",
      scaling(factor => scale(typeof factor === "number" ? Math.fround(factor) : factor))
    )
  ],
  "scale reads a schedule from step 0": [
    mutant(
      "reads the schedule after counting",
      scaling(factor => scale(typeof factor === "function" ? step => factor(add(step, 1)) : factor))
    )
  ]
}

const tracing = <F extends StateFamily>(how: (options: MomentumScaling) => Transform<F>) => applyMomentumLaws(how)

export const applyMomentumMutants: Mutants = {
  "applyMomentum of decay 0 is the identity": [
    mutant(
      "takes 0 for unset",
      tracing(o => applyMomentum({ ...o, decay: o.decay === 0 ? 0.9 : o.decay }))
    )
  ],
  "applyMomentum is linear": [
    mutant(
      "bounds the velocity",
      tracing(o => chain(applyMomentum(o), clipByGlobalNorm(0.5)))
    )
  ],
  "dampening scales what applyMomentum accumulates": [
    mutant(
      "dampens the velocity, not the updates",
      tracing(({ dampening = 0, ...o }) => applyMomentum({ ...o, decay: Number(o.decay) * (1 - Number(dampening)) }))
    )
  ],
  "applyMomentum can leave the first update undamped": [
    mutant(
      "always dampens",
      tracing(o => applyMomentum({ ...o, dampenFirst: true }))
    )
  ],
  "applyMomentum of constant updates is a geometric series": [
    mutant(
      "averages",
      tracing(o => applyMomentum({ ...o, dampening: o.decay }))
    ),
    mutant(
      "decays the new update, too",
      tracing(o => chain(scale(Number(o.decay)), applyMomentum(o)))
    )
  ]
}

const decaying = <F extends StateFamily>(how: (decay: Hyperparameter) => Transform<F>) => decayedWeightsLaws(how)

export const decayedWeightsMutants: Mutants = {
  "a decay of 0 is the identity": [
    mutant(
      "takes 0 for unset",
      decaying(decay => addDecayedWeights(decay === 0 ? 0.01 : decay))
    )
  ],
  "decay is linear in updates and parameters together": [
    mutant(
      "clips the sum",
      decaying(decay => chain(addDecayedWeights(decay), clipByGlobalNorm(0.5)))
    )
  ],
  "zero updates become the decay alone": [
    mutant(
      "subtracts the decay",
      decaying(decay => chain(scale(-1), addDecayedWeights(decay), scale(-1)))
    )
  ]
}
