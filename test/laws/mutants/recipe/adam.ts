import { add, cast, div, maximum, mul, pow, scalar, sign, sqrt, square, sub, Tree, type Tensor } from "thalweg"
import { adamLaws } from "thalweg/laws"
import { adam, onDisplacement, optimizer, type AdamOptions, type AnyOptimizer } from "thalweg/optimizer"
import type { Hyperparameter } from "thalweg/schedule"
import { chain, clipElements, scaleByLearningRate, type MomentsF, type Transform } from "thalweg/transform"
import { mutant, throughF32, type Mutants } from "../mutant.js"

/** What the direction is made of; the corrections are `1 - βᵗ`. */
interface Parts {
  readonly m: Tensor
  readonly v: Tensor
  readonly c1: Tensor
  readonly c2: Tensor
  readonly eps: Tensor
}

const ema = (beta: number): (<T extends Tree>(average: T, value: T) => T) =>
  Tree.zipWith((a: Tensor, x: Tensor) => add(mul(a, beta), mul(x, 1 - beta)))

const numberOf = (value: Hyperparameter | undefined, unset: number): number =>
  typeof value === "number" ? value : unset

/** An Adam of one's own making, from numbers. */
const scaling = (options: AdamOptions, direction: (parts: Parts) => Tensor): Transform<MomentsF> => {
  const [b1, b2, epsilon] = [numberOf(options.b1, 0.9), numberOf(options.b2, 0.999), numberOf(options.eps, 1e-8)]
  return {
    init: params => ({ mu: Tree.zerosLike(params), nu: Tree.zerosLike(params) }),
    update: (grads, state, _, { step }) => {
      const mu = ema(b1)(state.mu, grads)
      const nu = ema(b2)(state.nu, Tree.map(square)(grads))
      const correction = (beta: number): Tensor => sub(1, pow(scalar(beta, "f64"), add(step, 1)))
      const like = (value: Tensor, t: Tensor): Tensor => cast(value, t.dtype)
      const directions = Tree.zipWith((m: Tensor, v: Tensor) =>
        direction({
          m,
          v,
          c1: like(correction(b1), m),
          c2: like(correction(b2), v),
          eps: like(scalar(epsilon, "f64"), m)
        })
      )
      return [directions(mu, nu), { mu, nu }]
    }
  }
}

const held = (how: (options: AdamOptions) => AnyOptimizer) => adamLaws((options = {}) => how(options))

const made = (direction: (parts: Parts) => Tensor) =>
  held(o => optimizer(chain(scaling(o, direction), scaleByLearningRate(o.learningRate ?? 1e-3))))

const tampered = (how: (options: AdamOptions) => AdamOptions) => held(options => adam({ ...options, ...how(options) }))

const rounded = (value: Hyperparameter | undefined): Hyperparameter =>
  typeof value === "function" ? step => throughF32(value(step)) : (value ?? 0.5)

const withoutRoot = ({ m, v, c1, c2, eps }: Parts): Tensor => div(div(m, c1), add(div(v, c2), eps))
const uncorrected = ({ m, v, eps }: Parts): Tensor => div(m, add(sqrt(v), eps))
const firstCorrected = ({ m, v, c1, eps }: Parts): Tensor => div(div(m, c1), add(sqrt(v), eps))
const signless = ({ m, v, c1, c2, eps }: Parts): Tensor => div(maximum(div(m, c1), 0), add(sqrt(div(v, c2)), eps))
const debiased = ({ m, v, c1, c2, eps }: Parts): Tensor => div(div(m, c1), add(sqrt(div(v, c2)), eps))
const epsAbove = ({ m, v, c1, c2, eps }: Parts): Tensor => div(add(div(m, c1), mul(sign(m), eps)), sqrt(div(v, c2)))

export const adamMutants: Mutants = {
  "adam does not see the scale of gradients": [
    mutant("does not take the root", made(withoutRoot)),
    mutant(
      "takes an ε of 0 for unset",
      tampered(o => (o.eps === 0 ? { eps: 1e-8 } : {}))
    )
  ],
  "the first step of adam has length η": [
    mutant("corrects no bias", made(uncorrected)),
    mutant("moves in one direction only", made(signless))
  ],
  "adam at a constant gradient steps by η": [mutant("corrects the first moment only", made(firstCorrected))],
  "adam of betas 0 is descent by signs": [mutant("does not take the root", made(withoutRoot))],
  "a step of adam can be as long as its bound": [
    mutant(
      "is cut to twice the rate",
      held(o => onDisplacement(clipElements(2 * Number(o.learningRate)))(adam(o)))
    ),
    mutant("corrects no bias", made(uncorrected))
  ],
  "no step of adam is longer than its bound": [mutant("corrects the first moment only", made(firstCorrected))],
  "adam of constant schedules is adam of the numbers": [
    mutant(
      "rounds scheduled rates to f32",
      tampered(o => ({ learningRate: rounded(o.learningRate) }))
    )
  ],
  "the defaults of adam are the paper's": [
    mutant(
      "has the ε of Keras",
      tampered(o => ({ eps: o.eps ?? 1e-7 }))
    )
  ],
  "no moment of adam is subnormal": [mutant("keeps what is subnormal", made(debiased))],
  "epsilon shortens the steps of adam": [mutant("adds ε above the line", made(epsAbove))]
}
