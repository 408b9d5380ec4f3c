import { add, div, mean, mul, norm, sub, Tree, type Tensor } from "thalweg"
import { centralizeLaws, l1Laws, l2Laws, noiseLaws, normalizeLaws } from "thalweg/laws"
import { addNoise, centralizeGradients, normalizeGradients, withL1, withL2, withWeightDecay } from "thalweg/optimizer"
import {
  addGaussianNoise,
  centralize,
  clockAt,
  globalNorm,
  normalize,
  type CentralizeOptions,
  type NoiseF,
  type NoiseOptions,
  type NormalizeOptions,
  type Transform
} from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { before, onDisplacements, onGradients, rateless, type Wrap } from "./wrap.js"

type Decays = (lambda: number) => Wrap

const l2: Decays = lambda => inner => withL2(lambda)(inner)
const decoupled: Decays = lambda => inner => withWeightDecay(lambda)(inner)
const regularizes = (how: Decays) => l2Laws(how as never)

const l1: Decays = lambda => inner => withL1(lambda)(inner)
const sparsifies = (how: Decays) => l1Laws(how as never)

export const l1Mutants: Mutants = {
  "withL1(0) changes nothing": [
    mutant(
      "takes 0 for unset",
      sparsifies(lambda => l1(lambda === 0 ? 0.01 : lambda))
    )
  ],
  "withL1 adds the gradient of λ‖p‖₁": [
    mutant("adds that of squares", sparsifies(l2)),
    mutant(
      "takes half",
      sparsifies(lambda => l1(lambda / 2))
    )
  ],
  "withL1 acts on the gradient alone": [mutant("decays apart from the gradient", sparsifies(decoupled))],
  "withL1 keeps the rate": [
    mutant(
      "says a rate of its own",
      sparsifies(lambda => rateless(l1(lambda)))
    )
  ]
}

export const l2Mutants: Mutants = {
  "withL2(0) changes nothing": [
    mutant(
      "takes 0 for unset",
      regularizes(lambda => l2(lambda === 0 ? 0.01 : lambda))
    )
  ],
  "withL2 adds decayed weights to the gradient": [mutant("decays apart from the gradient", regularizes(decoupled))],
  "over plain sgd withL2 is decoupled decay": [
    mutant(
      "takes λ‖p‖² for the penalty",
      regularizes(lambda => l2(2 * lambda))
    )
  ],
  "decay before adam's scaling is withL2 over adam": [mutant("decays apart from the gradient", regularizes(decoupled))],
  "withL2 acts on the gradient alone": [mutant("decays apart from the gradient", regularizes(decoupled))],
  "withL2 keeps the rate": [
    mutant(
      "says a rate of its own",
      regularizes(lambda => rateless(l2(lambda)))
    )
  ]
}

type Centers = (options?: CentralizeOptions) => Wrap

const centered: Centers = options => inner => centralizeGradients(options)(inner)
const centers = (how: Centers) => centralizeLaws(how)

const other: Centers = ({ units } = {}) => centered({ units: units === "last" ? "first" : "last" })

const half: Centers = options => inner => {
  const { update } = centralize(options)
  const halved = before(updates =>
    Tree.zipWith((u: Tensor, c: Tensor) => mul(add(u, c), 0.5))<Tree>(
      updates,
      update(updates, [], updates, clockAt(0))[0]
    )
  )
  return halved(inner)
}

export const centralizeMutants: Mutants = {
  "the centralized gradients of a unit sum to 0": [
    mutant("takes the other axis for units", centers(other)),
    mutant("takes off half the mean", centers(half))
  ],
  "centralizing twice is centralizing": [mutant("takes off half the mean", centers(half))],
  "centralizing takes off constants": [mutant("takes off half the mean", centers(half))],
  "centralizing keeps vectors and scalars": [
    mutant(
      "takes a vector for a unit",
      centers(() => before(Tree.map(u => (u.shape.includes(0) ? u : sub(u, mean(u))))))
    )
  ],
  "descent along centralized gradients keeps sums": [mutant("takes the other axis for units", centers(other))],
  "centralizeGradients acts on the gradient alone": [
    mutant(
      "centralizes displacements",
      centers(options => onDisplacements(centralize(options)))
    )
  ],
  "centralizeGradients keeps the rate": [
    mutant(
      "says a rate of its own",
      centers(options => rateless(centered(options)))
    )
  ]
}

type Norms = (options?: NormalizeOptions) => Wrap

const unit: Norms = options => inner => normalizeGradients(options)(inner)
const norms = (how: Norms) => normalizeLaws(how)

const guarded: Norms = options => unit({ ...options, eps: 0.01 })

/** Each leaf by itself. */
const apart: Norms = ({ scale = 1 } = {}) => before(Tree.map(u => div(mul(u, Number(scale)), add(norm(u), 1e-30))))

const unguarded: Norms = ({ scale = 1 } = {}) =>
  before(updates => {
    const length = globalNorm(updates)
    return Tree.map(u => (u.dtype === "f64" ? mul(u, div(Number(scale), length)) : u))(updates)
  })

export const normalizeMutants: Mutants = {
  "normalized gradients have the norm asked for": [
    mutant("normalizes each leaf", norms(apart)),
    mutant("adds to the norm", norms(guarded))
  ],
  "normalizing twice is normalizing": [mutant("adds to the norm", norms(guarded))],
  "normalizing does not see scale": [mutant("adds to the norm", norms(guarded))],
  "normalizing keeps zeros": [mutant("divides by a norm of 0", norms(unguarded))],
  "normalized descent steps as far as the rate": [mutant("normalizes each leaf", norms(apart))],
  "normalizeGradients acts on the gradient alone": [
    mutant(
      "normalizes displacements",
      norms(options => onDisplacements(normalize(options)))
    )
  ],
  "normalizeGradients keeps the rate": [
    mutant(
      "says a rate of its own",
      norms(options => rateless(unit(options)))
    )
  ]
}

type Noisy = (options: NoiseOptions) => Wrap

const noise: Noisy = options => inner => addNoise(options)(inner)
const noises = (how: Noisy) => noiseLaws(how)

/** Combines gradients, the noise that there is for zeros, and parameters, leaf by leaf. */
const mixing =
  (mix: (u: Tensor, drawn: Tensor, p: Tensor) => Tensor): Noisy =>
  options => {
    const right = addGaussianNoise(options)
    const mixed: Transform<NoiseF> = {
      ...right,
      update: (updates, state, params, now) => {
        const [drawn, next] = right.update(Tree.zerosLike(updates), state, params, now)
        return [Tree.zipWith(mix)(updates, drawn, params), next]
      }
    }
    return onGradients(mixed)
  }

/** The key of the first step at every step. */
const stuck: Noisy = options => {
  const right = addGaussianNoise(options)
  const keeping: Transform<NoiseF> = {
    ...right,
    update: (updates, state, params, now) => [right.update(updates, state, params, now)[0], state]
  }
  return onGradients(keeping)
}

/** Another key for every optimizer that is made, which nobody sees. */
const hidden = (): Noisy => {
  let made = 0
  return options => noise({ ...options, seed: made++ })
}

const deviation: Noisy = options => noise({ ...options, eta: Number(options.eta) ** 2 })

export const noiseMutants: Mutants = {
  "noise of variance 0 changes nothing": [
    mutant(
      "has a least variance",
      noises(options => noise({ ...options, eta: Math.max(Number(options.eta), 1e-3) }))
    )
  ],
  "the same key makes the same run": [mutant("keeps a hidden count", noises(hidden()))],
  "noise is added, whatever the gradients": [
    mutant("multiplies by the noise", noises(mixing((u, drawn) => add(u, mul(u, drawn)))))
  ],
  "noise does not depend on the parameters": [
    mutant("adds noise in proportion to the parameters", noises(mixing((u, drawn, p) => add(u, mul(drawn, p)))))
  ],
  "keys, steps and leaves have their own noise": [mutant("uses its key again", noises(stuck))],
  "noise grows with the root of its variance": [mutant("takes η for a deviation", noises(deviation))],
  "noise fades with the root of its variance": [
    mutant(
      "lets the deviation fade",
      noises(({ gamma = 0.55, ...options }) => noise({ ...options, gamma: 2 * Number(gamma) }))
    )
  ],
  "noise has the variance asked for": [mutant("takes η for a deviation", noises(deviation))],
  "addNoise acts on the gradient alone": [
    mutant(
      "shakes displacements",
      noises(options => onDisplacements(addGaussianNoise(options)))
    )
  ],
  "addNoise keeps the rate": [
    mutant(
      "says a rate of its own",
      noises(options => rateless(noise(options)))
    )
  ]
}
