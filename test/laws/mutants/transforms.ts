import { add, cast, clamp, div, gt, maximum, mul, norm, Tree, where, zerosLike, type Tensor } from "thalweg"
import { clipLaws, decayedWeightsLaws, scaleLaws, traceLaws } from "thalweg/laws"
import type { Hyperparameter } from "thalweg/schedule"
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  globalNorm,
  identity,
  scale,
  trace,
  type StateFamily,
  type TraceOptions,
  type Transform
} from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

const scaling = <F extends StateFamily>(how: (factor: Hyperparameter) => Transform<F>) => scaleLaws(how as never)

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

const tracing = <F extends StateFamily>(how: (options: TraceOptions) => Transform<F>) => traceLaws(how as never)

export const traceMutants: Mutants = {
  "trace of decay 0 is the identity": [
    mutant(
      "takes 0 for unset",
      tracing(o => trace({ ...o, decay: o.decay === 0 ? 0.9 : o.decay }))
    )
  ],
  "trace is linear": [
    mutant(
      "bounds the velocity",
      tracing(o => chain(trace(o), clipByGlobalNorm(0.5)))
    )
  ],
  "dampening scales what trace accumulates": [
    mutant(
      "dampens the velocity, not the updates",
      tracing(({ dampening = 0, ...o }) => trace({ ...o, decay: Number(o.decay) * (1 - Number(dampening)) }))
    )
  ],
  "trace can leave the first update undamped": [
    mutant(
      "always dampens",
      tracing(o => trace({ ...o, dampenFirst: true }))
    )
  ],
  "trace of constant updates is a geometric series": [
    mutant(
      "averages",
      tracing(o => trace({ ...o, dampening: o.decay }))
    ),
    mutant(
      "decays the new update, too",
      tracing(o => chain(scale(Number(o.decay)), trace(o)))
    )
  ]
}

type Shrink = (updates: Tree, limit: number | Tensor) => Tree

const times = (factor: Tensor): ((tree: Tree) => Tree) => Tree.map(t => mul(t, cast(factor, t.dtype)))

const clipping = (how: Shrink) =>
  clipLaws(((limit: number | Tensor) => ({
    ...identity,
    update: (updates: Tree, state: Tree) => [how(updates, limit), state]
  })) as unknown as typeof clipByGlobalNorm)

const smoothly: Shrink = (updates, limit) => times(div(limit, add(globalNorm(updates), limit)))(updates)

const within = (limit: number | Tensor, updates: Tree): Tensor => gt(globalNorm(updates), limit)

export const clipMutants: Mutants = {
  "clipping is idempotent": [mutant("shrinks everything a little", clipping(smoothly))],
  "clipping does not expand distances": [
    mutant(
      "drops what is too long",
      clipping((updates, limit) => Tree.map(u => where(within(limit, updates), zerosLike(u), u))(updates))
    )
  ],
  "clipping keeps zeros": [
    mutant(
      "divides by the norm",
      clipping((updates, limit) => times(div(limit, globalNorm(updates)))(updates))
    )
  ],
  "clipping keeps what is within the norm": [
    mutant(
      "lengthens what is short",
      clipping((updates, limit) => times(div(limit, maximum(globalNorm(updates), 1e-6)))(updates))
    )
  ],
  "nothing clipped is longer than the norm": [
    mutant(
      "clips each leaf by itself",
      clipping((updates, limit) =>
        Tree.map(u => times(div(limit, maximum(cast(norm(u), "f64"), limit)))(u) as Tensor)(updates)
      )
    )
  ],
  "clipping keeps the direction": [
    mutant(
      "clips each element",
      clipping((updates, limit) => {
        const most = typeof limit === "number" ? limit : 1
        return Tree.map(u => clamp(u, -most, most))(updates)
      })
    )
  ],
  "clipping twice is clipping to the smaller norm": [mutant("shrinks everything a little", clipping(smoothly))],
  "clipping makes a NaN visible everywhere": [
    mutant(
      "compares, and so lets NaN pass",
      clipping((updates, limit) => {
        const scaled = times(div(limit, globalNorm(updates)))(updates)
        return Tree.zipWith((u: Tensor, s: Tensor) => where(within(limit, updates), s, u))(updates, scaled)
      })
    )
  ]
}

const decaying = <F extends StateFamily>(how: (decay: Hyperparameter) => Transform<F>) =>
  decayedWeightsLaws(how as never)

export const decayedWeightsMutants: Mutants = {
  "a decay of 0 is the identity": [
    mutant(
      "takes 0 for unset",
      decaying(decay => addDecayedWeights(decay === 0 ? 0.01 : decay))
    )
  ],
  "zero updates become the decay alone": [
    mutant(
      "subtracts the decay",
      decaying(decay => chain(scale(-1), addDecayedWeights(decay), scale(-1)))
    )
  ]
}
