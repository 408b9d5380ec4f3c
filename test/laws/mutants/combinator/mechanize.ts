import { add, cast, mul, Tree, type Tensor } from "thalweg"
import { mechanizeLaws } from "thalweg/laws"
import { mechanize, moveBy, optimizerOf, type MechanizeOptions } from "thalweg/optimizer"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, type Wrap } from "./wrap.js"

type Learning = (options?: MechanizeOptions) => Wrap

const right: Learning = options => inner => mechanize(options)(inner)
const learns = (how: Learning) => mechanizeLaws(how)
const ofOptions = (how: (options: MechanizeOptions) => MechanizeOptions) =>
  learns((options = {}) => right(how(options)))

type Kept = { readonly inner: Tree; readonly tuned: readonly { readonly s: Tensor }[] }

/** Moves by what the optimizer inside does, at the scale of that step. */
const stepwise: Learning = options => inner => {
  const { motion } = right(options)(inner)
  return optimizerOf({
    ...motion,
    move: (grads, state, params, now) => {
      const [, after] = motion.move(grads, state, params, now)
      const [{ by }] = inner.motion.move(grads, (state as Kept).inner, params, now)
      const scale = (after as Kept).tuned.map(({ s }) => s).reduce((a, b) => add(a, b))
      return [moveBy(params, Tree.map(d => mul(d, cast(scale, d.dtype)))(by)), after]
    }
  })
}

/** Begins as if each of its six decays had the whole scale. */
const manifold: Learning = options => inner => {
  const { motion } = right(options)(inner)
  return optimizerOf({
    ...motion,
    init: params => {
      const state = motion.init(params) as Kept
      return { ...state, tuned: state.tuned.map(own => ({ ...own, s: mul(own.s, 6) })) }
    }
  })
}

export const mechanizeMutants: Mutants = {
  "the first step of mechanize is the inner one times s₀": [
    mutant(
      "begins at the default",
      ofOptions(({ sInit: _, ...options }) => options)
    )
  ],
  "parameters are the start and the scale times the sum": [
    mutant("adds each displacement at the scale of its step", learns(stepwise))
  ],
  "mechanize recovers what it carries": [
    mutant(
      "divides by a scale with an ε that counts",
      ofOptions(options => (options.sum === "recovered" ? { ...options, eps: 0.1 } : options))
    )
  ],
  "mechanize without a scale at first stays": [
    mutant(
      "takes 0 for unset",
      ofOptions(options => (options.sInit === 0 ? { ...options, sInit: 1e-6 } : options))
    )
  ],
  "the rate of mechanize is the inner one times the scale, s₀ at first": [
    mutant("begins with a whole scale for each decay", learns(manifold)),
    mutant(
      "says a rate of its own",
      learns(options => rateless(right(options)))
    )
  ]
}
