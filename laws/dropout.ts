import fc from "fast-check"
import { any, div, eq, item, max, mean, min, ne, onesLike, where, zerosLike, type Tensor } from "thalweg"
import type { dropout, spatialDropout } from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { still, trainedBy } from "./arbitrary/model.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** The layers that drop a share of what they are given. */
export interface Dropping {
  readonly dropout: typeof dropout
  readonly spatialDropout: typeof spatialDropout
}

/** How much is dropped of which numbers, none of which is 0. */
const sample = fc
  .record({
    which: fc.constantFrom("dropout" as const, "spatialDropout" as const),
    rate: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9),
    seed: fc.nat()
  })
  .map(({ which, rate, seed }) => ({ which, rate, seed, x: normal(key(seed), [8, 3, 32], { dtype: "f64" }) }))

/** How many numbers are dropped apart from each other, of those. */
const drawsOf = { dropout: 8 * 3 * 32, spatialDropout: 8 * 32 } as const

/**
 * Lists the laws of layers that drop a share of what they are given: otherwise than in training they drop nothing; what is dropped is
 * 0, whatever it was, by the key alone, in whole channels where they are spatial, and the rest is scaled so that the mean stays:
 * within five deviations of it.
 *
 * @example
 * import assert from "node:assert"
 * import * as nn from "thalweg/nn"
 * import { checkAll, dropoutLaws } from "thalweg/laws"
 *
 * assert(checkAll(dropoutLaws(nn), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const dropoutLaws = (layers: Dropping): readonly Law[] => {
  type Sample = typeof sample extends fc.Arbitrary<infer A> ? A : never
  const trained = ({ which, rate, seed }: Sample, x: Tensor): Tensor =>
    layers[which]({ rate }).apply([], [], x, trainedBy(seed))[0]
  return [
    law("a model that is not trained drops nothing", exact, sample, ({ which, rate, x }) => [
      layers[which]({ rate }).apply([], [], x, still)[0],
      x
    ]),
    law("what is dropped is 0, and what is not is divided by the share that is left", exact, sample, sample => {
      const y = trained(sample, sample.x)
      return [y, where(eq(y, 0), 0, div(sample.x, 1 - sample.rate))]
    }),
    law("what is dropped depends on the key, and not on the numbers", exact, sample, sample => {
      const dropped = (x: Tensor, seed = sample.seed): Tensor => eq(trained({ ...sample, seed }, x), zerosLike(x))
      const own = dropped(sample.x)
      return [
        [own, any(ne(own, dropped(sample.x, sample.seed + 1)))],
        [dropped(onesLike(sample.x)), truth(sample.rate > 0)]
      ]
    }),
    law("all places of a channel are dropped, or none is", exact, sample, ({ rate, seed, x }) => {
      const [y] = layers.spatialDropout({ rate }).apply([], [], onesLike(x), trainedBy(seed))
      return [max(y, { axes: 1 }), min(y, { axes: 1 })]
    }),
    law("dropping keeps the mean", exact, sample, sample => {
      const { which, rate, x } = sample
      // what is left of a 1 has mean 1 and variance rate / (1 - rate)
      const deviation = Math.sqrt(rate / (1 - rate) / drawsOf[which])
      const off = Math.abs(item(mean(trained(sample, onesLike(x)))) - 1)
      return [truth(off <= 5 * deviation), truth(true)]
    })
  ]
}
