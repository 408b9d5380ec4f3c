import { add, cast, mul, scalar, sub, Tree, type Tensor } from "thalweg"
import { liftLaws, momentumLaws, weightDecayLaws, type AnyTransform } from "thalweg/laws"
import { onDisplacement, onGradient, withMomentum, withWeightDecay } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { addDecayedWeights, applyMomentum } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { givenAt, restarting, stepOf, type AnyState, type Wrap } from "./wrap.js"

type Configured = (value: Hyperparameter) => Wrap

const unset =
  (right: Configured, instead: number): Configured =>
  value =>
    right(value === 0 ? instead : value)

/** The right combinator, but that it says a rate of 1. */
const rateless =
  (right: Configured): Configured =>
  value =>
  inner => ({ ...right(value)(inner), rate: () => scalar(1, "f64") })

const momentum: Configured = gamma => inner => withMomentum(gamma)(inner)
const decay: Configured = lambda => inner => withWeightDecay(lambda)(inner)

const momenta = (how: Configured) => momentumLaws(how)
const decays = (how: Configured) => weightDecayLaws(how)

const averaging: Configured = gamma => inner => onDisplacement(applyMomentum({ decay: gamma, dampening: gamma }))(inner)
const ofGradients: Configured = gamma => inner => onGradient(applyMomentum({ decay: gamma }))(inner)

const like = (value: Tensor, t: Tensor): Tensor => cast(value, t.dtype)

/** Decay by a factor on the parameters that a step ends at. */
const afterTheStep: Configured = lambda => inner => ({
  ...inner,
  step: ((params: Tree, state: AnyState, grads: Tree) => {
    const [next, after] = stepOf(inner)(params, state, grads)
    const kept = sub(1, mul(inner.rate(state), Number(lambda)))
    return [Tree.map(p => mul(p, like(kept, p)))(next), after]
  }) as never
})

/** `-λ·p`, whatever the rate. */
const withoutRate: Configured = lambda => inner => ({
  ...inner,
  step: ((params: Tree, state: AnyState, grads: Tree) => {
    const [next, after] = stepOf(inner)(params, state, grads)
    return [Tree.zipWith((n: Tensor, p: Tensor) => sub(n, mul(p, Number(lambda))))<Tree>(next, params), after]
  }) as never
})

const coupled: Configured = lambda => inner => onGradient(addDecayedWeights(lambda))(inner)

export const momentumMutants: Mutants = {
  "withMomentum(0) changes nothing": [mutant("takes 0 for unset", momenta(unset(momentum, 0.9)))],
  "withMomentum accumulates displacements": [mutant("accumulates gradients", momenta(ofGradients))],
  "the rate inside the velocity is the rate outside, while constant": [
    mutant("averages displacements", momenta(averaging))
  ],
  "withMomentum keeps the rate": [mutant("says a rate of 1", momenta(rateless(momentum)))]
}

export const weightDecayMutants: Mutants = {
  "withWeightDecay(0) changes nothing": [mutant("takes 0 for unset", decays(unset(decay, 0.01)))],
  "decay is taken at the parameters before the step": [
    mutant("decays where the step ends", decays(afterTheStep)),
    mutant("decays through the gradient", decays(coupled))
  ],
  "decay alone scales by (1 - ηλ) to the power n": [mutant("forgets the rate", decays(withoutRate))],
  "decoupled decay is coupled decay for plain sgd": [mutant("forgets the rate", decays(withoutRate))],
  "decoupled decay over adam is AdamW": [mutant("is L2 regularization", decays(coupled))],
  "withWeightDecay keeps the rate": [mutant("says a rate of 1", decays(rateless(decay)))]
}

const onGradientOf =
  (transform: AnyTransform): Wrap =>
  inner =>
    onGradient(transform)(inner)

const onDisplacementOf =
  (transform: AnyTransform): Wrap =>
  inner =>
    onDisplacement(transform)(inner)

type Lift = (transform: AnyTransform) => Wrap

const lifts = (parts: { readonly onGradient?: Lift; readonly onDisplacement?: Lift }) =>
  liftLaws({ onDisplacement, onGradient, ...parts })

/** Forgets the state of the optimizer inside. */
const forgetful: Lift = transform => inner => onGradientOf(transform)(restarting(inner))

const addingTwice: Lift = transform => inner => {
  const right = onDisplacementOf(transform)(inner)
  return {
    ...right,
    step: ((params: Tree, state: AnyState, grads: Tree) => {
      const [displacement, after] = right.update(grads, state, params, ...givenAt(right, grads))
      return [Tree.zipWith((p: Tensor, d: Tensor) => add(p, mul(d, 2)))<Tree>(params, displacement), after]
    }) as never
  }
}

export const liftMutants: Mutants = {
  "onGradient(identity) changes nothing": [
    mutant("begins the optimizer inside anew at every step", lifts({ onGradient: forgetful }))
  ],
  "onDisplacement(identity) changes nothing": [
    mutant("adds the displacement twice", lifts({ onDisplacement: addingTwice }))
  ],
  "onGradient of a chain composes, the last applied first": [
    mutant("acts after the optimizer", lifts({ onGradient: onDisplacementOf }))
  ],
  "onDisplacement of a chain composes": [mutant("acts before the optimizer", lifts({ onDisplacement: onGradientOf }))],
  "onGradient acts before the optimizer": [mutant("acts after the optimizer", lifts({ onGradient: onDisplacementOf }))],
  "onDisplacement acts after the optimizer": [
    mutant("acts before the optimizer", lifts({ onDisplacement: onGradientOf }))
  ]
}
