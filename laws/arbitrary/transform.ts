import fc from "fast-check"
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  identity,
  scale,
  scaleByAdam,
  trace,
  type AdamScaling,
  type StateFamily,
  type TraceOptions,
  type Transform
} from "thalweg/transform"
import { arbHyperparameter, fixed, options, plain, write, type Written } from "./hyperparameter.js"

/** A transform of whose state nothing is known but that it is a tree. */
export type AnyTransform = Transform<StateFamily>

/**
 * Forgets what a transform's state looks like, so that transforms of different states can stand in one list.
 *
 * @example
 * import assert from "node:assert"
 * import { scale, trace } from "thalweg/transform"
 * import { anyTransform, check, transformLaws } from "thalweg/laws"
 *
 * const transforms = [anyTransform(scale(2)), anyTransform(trace({ decay: 0.9 }))]
 * assert(transforms.every(t => transformLaws(t).every(law => check(law, { numRuns: 3 }).holds)))
 */
// Sound as long as states are only passed back to the transform that made them, which is all that a law does.
export const anyTransform = <F extends StateFamily>(transform: Transform<F>): AnyTransform => transform

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
  fc.constant(write(anyTransform(identity), "identity")),
  arbHyperparameter(fixed(2, -2)).map(call("scale", factor => anyTransform(scale(factor)))),
  arbHyperparameter(fixed(1)).map(call("addDecayedWeights", decay => anyTransform(addDecayedWeights(decay)))),
  arbHyperparameter(fixed(4, 0.1)).map(call("clipByGlobalNorm", norm => anyTransform(clipByGlobalNorm(norm)))),
  options<TraceOptions>({
    decay: arbHyperparameter(fixed(0.95)),
    dampening: arbHyperparameter(fixed(1)),
    nesterov: plain(fc.boolean())
  }).map(call("trace", made => anyTransform(trace(made)))),
  options<AdamScaling>({
    b1: arbHyperparameter(fixed(0.95)),
    b2: arbHyperparameter(fixed(0.99)),
    eps: arbHyperparameter(fixed(0.1, 0.01))
  }).map(call("scaleByAdam", made => anyTransform(scaleByAdam(made))))
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
  const both = fc
    .tuple(base, base)
    .map(([a, b]) => write(anyTransform(chain(a.value, b.value)), `chain(${a.text}, ${b.text})`))
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
