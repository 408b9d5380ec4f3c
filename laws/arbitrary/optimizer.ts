import fc from "fast-check"
import {
  adam,
  clipByNorm,
  lookahead,
  onDisplacement,
  onGradient,
  sgd,
  withMomentum,
  withWeightDecay,
  type AdamOptions,
  type LookaheadOptions,
  type Optimizer,
  type SgdMomentumOptions,
  type SgdOptions
} from "thalweg/optimizer"
import { addDecayedWeights, scale, type StateFamily } from "thalweg/transform"
import { arbHyperparameter, fixed, options, plain, write, type Written } from "./hyperparameter.js"
import { call, printed } from "./transform.js"

/** An optimizer of whose state nothing is known but that it is a tree. */
export type AnyOptimizer = Optimizer<StateFamily>

/**
 * Forgets what an optimizer's state looks like, so that optimizers of different states can stand in one list.
 *
 * @example
 * import assert from "node:assert"
 * import { adam, sgd } from "thalweg/optimizer"
 * import { anyOptimizer } from "thalweg/laws"
 *
 * const optimizers = [anyOptimizer(sgd({ learningRate: 0.1 })), anyOptimizer(adam())]
 * assert.strictEqual(optimizers.length, 2)
 */
// Sound as long as states are only passed back to the optimizer that made them, which is all that a law does.
export const anyOptimizer = <F extends StateFamily>(optimizer: Optimizer<F>): AnyOptimizer => optimizer

/** A combinator of which random optimizers may be made. */
export type Combinator =
  | "clipByNorm"
  | "lookahead"
  | "onDisplacement(scale)"
  | "onGradient(addDecayedWeights)"
  | "withMomentum"
  | "withWeightDecay"

export interface OptimizerChoice {
  /** The combinators to choose from. Default all. */
  readonly combinators?: readonly Combinator[]
}

/** Every combinator; leave some out for laws that do not hold of them. */
export const allCombinators: readonly Combinator[] = [
  "clipByNorm",
  "lookahead",
  "onDisplacement(scale)",
  "onGradient(addDecayedWeights)",
  "withMomentum",
  "withWeightDecay"
]

/** Combinators whose result does not look at the parameters. */
export const blindCombinators: readonly Combinator[] = ["clipByNorm", "onDisplacement(scale)", "withMomentum"]

/** Combinators that add their displacement to the parameters, rather than set these. */
export const additiveCombinators = allCombinators.filter(name => name !== "lookahead")

/** Combinators that treat every element alike and apart. */
export const elementwiseCombinators = allCombinators.filter(name => name !== "clipByNorm")

const rate = arbHyperparameter(fixed(1))
const decay = arbHyperparameter(fixed(0.95))

const base: fc.Arbitrary<Written<AnyOptimizer>> = fc.oneof(
  options<SgdOptions>({ learningRate: rate }).map(call("sgd", made => anyOptimizer(sgd(made)))),
  options<SgdMomentumOptions>({
    learningRate: rate,
    momentum: decay,
    dampening: arbHyperparameter(fixed(1)),
    dampenFirst: plain(fc.boolean()),
    nesterov: plain(fc.boolean())
  }).map(call("sgd", made => anyOptimizer(sgd(made)))),
  options<AdamOptions>({
    learningRate: rate,
    b1: decay,
    b2: decay,
    eps: arbHyperparameter(fixed(0.1, 0.01)),
    epsRoot: arbHyperparameter(fixed(0.1))
  }).map(call("adam", made => anyOptimizer(adam(made))))
)

type Wrap = (inner: AnyOptimizer) => AnyOptimizer

const wrappers: Record<Combinator, fc.Arbitrary<Written<Wrap>>> = {
  clipByNorm: arbHyperparameter(fixed(4, 0.1)).map(
    call("clipByNorm", norm => inner => anyOptimizer(clipByNorm(norm)(inner)))
  ),
  lookahead: options<LookaheadOptions>({
    every: plain(fc.integer({ min: 1, max: 3 })),
    mix: arbHyperparameter(fixed(1))
  }).map(call("lookahead", made => inner => anyOptimizer(lookahead(made)(inner)))),
  "onDisplacement(scale)": fixed(2, -2).map(factor =>
    write(inner => anyOptimizer(onDisplacement(scale(factor))(inner)), `onDisplacement(scale(${factor}))`)
  ),
  "onGradient(addDecayedWeights)": fixed(1).map(lambda =>
    write(
      inner => anyOptimizer(onGradient(addDecayedWeights(lambda))(inner)),
      `onGradient(addDecayedWeights(${lambda}))`
    )
  ),
  withMomentum: decay.map(call("withMomentum", gamma => inner => anyOptimizer(withMomentum(gamma)(inner)))),
  withWeightDecay: arbHyperparameter(fixed(1)).map(
    call("withWeightDecay", lambda => inner => anyOptimizer(withWeightDecay(lambda)(inner)))
  )
}

/**
 * Makes random optimizers: `sgd` (plain, with momentum, damped, Nesterov) or `adam` under random hyperparameters
 * (numbers, tensors and schedules), within up to three random combinators. Prints as the code that makes it; shrinks
 * to fewer combinators.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbOptimizer } from "thalweg/laws"
 *
 * const [optimizer] = fc.sample(arbOptimizer({ combinators: ["lookahead"] }), { seed: 3, numRuns: 1 })
 * assert.match(String(optimizer), /^pipe\(sgd\(|^pipe\(adam\(|^sgd\(|^adam\(/)
 */
export const arbOptimizer = ({ combinators = allCombinators }: OptimizerChoice = {}): fc.Arbitrary<AnyOptimizer> => {
  const wraps =
    combinators.length === 0
      ? fc.constant([])
      : fc.array(fc.oneof(...combinators.map(c => wrappers[c])), { maxLength: 3 })
  return fc.tuple(base, wraps).map(([inner, around]) => {
    const value = around.reduce((optimizer, wrap) => wrap.value(optimizer), inner.value)
    const text = around.length === 0 ? inner.text : `pipe(${[inner, ...around].map(part => part.text).join(", ")})`
    return printed({ value, text })
  })
}
