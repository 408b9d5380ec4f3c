import fc from "fast-check"
import {
  addDecayedWeights,
  applyMomentum,
  chain,
  clipByGlobalNorm,
  identity,
  scale,
  scaleByAdam,
  type AdamScaling,
  type AnyF,
  type MomentumScaling,
  type Transform
} from "thalweg/transform"
import { arbHyperparameter, fixed, options, plain, write, type Written } from "./hyperparameter.js"

/** A transform of whose state nothing is known but that it is a tree. */
export type AnyTransform = Transform<AnyF>

/** A value that prints as it would be written. */
export const printed = <A extends object>({ value, text }: Omit<Written<A>, "toString">): A => ({
  ...value,
  toString: () => text
})

/** A transform of some options, written as a call. */
const call =
  <O, A>(name: string, make: (made: O) => A) =>
  ({ value, text }: Written<O>): Written<A> =>
    write(make(value), `${name}(${text})`)

const base: fc.Arbitrary<Written<AnyTransform>> = fc.oneof(
  fc.constant(write(identity, "identity")),
  arbHyperparameter(fixed(2, -2)).map(call("scale", factor => scale(factor))),
  arbHyperparameter(fixed(1)).map(call("addDecayedWeights", decay => addDecayedWeights(decay))),
  arbHyperparameter(fixed(4, 0.1)).map(call("clipByGlobalNorm", norm => clipByGlobalNorm(norm))),
  options<MomentumScaling>({
    decay: arbHyperparameter(fixed(0.95)),
    dampening: arbHyperparameter(fixed(1)),
    nesterov: plain(fc.boolean())
  }).map(call("applyMomentum", made => applyMomentum(made))),
  options<AdamScaling>({
    b1: arbHyperparameter(fixed(0.95)),
    b2: arbHyperparameter(fixed(0.99)),
    eps: arbHyperparameter(fixed(0.1, 0.01))
  }).map(call("scaleByAdam", made => scaleByAdam(made)))
)

/**
 * Makes random gradient transformations: each primitive under random hyperparameters (numbers, tensors and
 * schedules), and chains of two. Prints as the code that makes it.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbTransform } from "thalweg/laws"
 *
 * const texts = fc.sample(arbTransform(), { seed: 1, numRuns: 50 }).map(String)
 * assert(texts.includes("identity") && texts.some(text => text.startsWith("chain(scale(")))
 */
export const arbTransform = (): fc.Arbitrary<AnyTransform> => {
  const both = fc.tuple(base, base).map(([a, b]) => write(chain(a.value, b.value), `chain(${a.text}, ${b.text})`))
  return fc
    .oneof({ withCrossShrink: true }, { weight: 3, arbitrary: base }, { weight: 1, arbitrary: both })
    .map(printed)
}

/**
 * One transform or optimizer, for laws that hold of all. What the user made need not be printed: it is not what
 * varies.
 */
export const only = <A extends object>(value: A): fc.Arbitrary<A> =>
  fc.constant(printed({ value, text: "the one in question" }))
