import { key } from "../random/key.js"
import { fixed, hyper, type Fields } from "../schedule/fields.js"
import { count, decay, natural, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { noiseFields, type NoiseOptions } from "../transform/add-gaussian-noise.js"
import { centralizeFields } from "../transform/centralize.js"
import { clippingFields } from "../transform/clip-by-global-norm.js"
import { leafClippingFields } from "../transform/clip-leaves.js"
import { unitClippingFields } from "../transform/clip-units.js"
import { normalizeFields } from "../transform/normalize.js"
import { accumulate } from "./accumulate.js"
import { addNoise } from "./add-noise.js"
import { centralizeGradients } from "./centralize-gradients.js"
import { clipAdaptive } from "./clip-adaptive.js"
import { clipByLeafNorm } from "./clip-by-leaf-norm.js"
import { clipByNorm } from "./clip-by-norm.js"
import { clipByValue } from "./clip-by-value.js"
import { ifFinite, ifFiniteFields } from "./if-finite.js"
import { lookahead, lookaheadFields } from "./lookahead.js"
import { maximize } from "./maximize.js"
import { normalizeGradients } from "./normalize-gradients.js"
import { scheduleFree, scheduleFreeFields } from "./schedule-free.js"
import { withEma, withEmaFields } from "./with-ema.js"
import { withL2 } from "./with-l2.js"
import { withMomentum } from "./with-momentum.js"
import { withNesterov } from "./with-nesterov.js"
import { polyakAverageFields, withPolyakAverage } from "./with-polyak-average.js"
import { withSchedule } from "./with-schedule.js"
import { withWeightDecay } from "./with-weight-decay.js"
import type { AnyF } from "../transform/mask.js"
import type { Extra } from "../transform/transform.js"
import { apart, byGradient, forget, wrap } from "./entry.js"
import { plateauFields, reduceOnPlateau } from "./reduce-on-plateau.js"

interface Seed {
  readonly seed: number
}
type Seeded<O> = O & Seed
interface Momentum {
  readonly momentum: Hyperparameter
}
type NoOptions = Readonly<Record<string, never>>
interface Factor {
  readonly factor: Hyperparameter
}
interface Every {
  readonly every: number
}
interface MaxValue {
  readonly maxValue: Hyperparameter
}
interface Decay {
  readonly weightDecay: Hyperparameter
}

const momentumField: Fields<Momentum> = { momentum: hyper(decay) }
const decayField: Fields<Decay> = { weightDecay: hyper(nonNegative) }

/** Everything that may be true of an optimizer stays so. */
const all = { additive: {}, ...apart, ...byGradient, scaleFree: {} } as const

/**
 * Lists every combinator whose options are data by name: how it is made of one record of options (of which those that
 * the function itself takes one by one are part), and what each may be.
 *
 * `reduceOnPlateau` makes an optimizer that needs the loss. Not here: what needs functions or trees (`masked`,
 * `partition`, `project`).
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { combinators, optimizers } from "thalweg/optimizer"
 *
 * const clipped = pipe(optimizers.sgd.make({ learningRate: 1 }), combinators.clipByNorm.make({ maxNorm: 5 }))
 * const params = { w: tensor([0, 0]) }
 * const [{ w }] = clipped.step(params, clipped.init(params), { w: tensor([6, 8]) })
 * assert.deepStrictEqual(toArray(w), [-3, -4])
 */
export const combinators = {
  withMomentum: wrap(momentumField, all, o => withMomentum(o.momentum)),
  withNesterov: wrap(momentumField, all, o => withNesterov(o.momentum)),
  withWeightDecay: wrap(decayField, { additive: {}, ...apart, scaleFree: {} }, o => withWeightDecay(o.weightDecay)),
  withL2: wrap(decayField, { additive: {}, ...apart }, o => withL2(o.weightDecay)),
  withSchedule: wrap({ factor: hyper(nonNegative) }, all, (o: Factor) => withSchedule(o.factor)),
  reduceOnPlateau: wrap(plateauFields, { additive: {}, ...byGradient }, reduceOnPlateau),
  withEma: wrap(withEmaFields, all, ({ decay, ...rest }) => withEma(decay, rest)),
  withPolyakAverage: wrap(polyakAverageFields, all, withPolyakAverage),
  scheduleFree: wrap(scheduleFreeFields, { additive: {}, ...apart, blind: {}, still: {}, scaleFree: {} }, scheduleFree),
  lookahead: wrap(
    lookaheadFields,
    { ...apart, still: {} },
    ({ atSync = "keep", ...rest }) =>
      inner =>
        atSync === "pullback"
          ? forget(lookahead({ ...rest, atSync })(inner))
          : forget(lookahead({ ...rest, atSync })(inner))
  ),
  accumulate: wrap({ every: fixed(count) }, all, (o: Every) => accumulate(o.every)),
  ifFinite: wrap(ifFiniteFields, { additive: {}, ...byGradient, scaleFree: {} }, ifFinite),
  maximize: wrap<NoOptions, AnyF, Extra>({}, all, () => maximize),
  clipByNorm: wrap(clippingFields, { additive: {}, ...byGradient }, ({ maxNorm, ...rest }) =>
    clipByNorm(maxNorm, rest)
  ),
  clipByLeafNorm: wrap(leafClippingFields, { additive: {}, leafwise: {}, ...byGradient }, ({ maxNorm, ...rest }) =>
    clipByLeafNorm(maxNorm, rest)
  ),
  clipByValue: wrap({ maxValue: hyper(positive) }, { additive: {}, ...apart, ...byGradient }, (o: MaxValue) =>
    clipByValue(o.maxValue)
  ),
  clipAdaptive: wrap(unitClippingFields, { additive: {}, leafwise: {}, odd: {}, still: {} }, ({ clipping, ...rest }) =>
    clipAdaptive(clipping, rest)
  ),
  normalizeGradients: wrap(normalizeFields, { additive: {}, ...byGradient }, normalizeGradients),
  centralizeGradients: wrap(centralizeFields, { additive: {}, leafwise: {}, ...byGradient }, centralizeGradients),
  addNoise: wrap(
    { seed: fixed(natural), ...noiseFields },
    { additive: {}, blind: {} },
    ({ seed, ...rest }: Seeded<NoiseOptions>) => addNoise(key(seed), rest)
  )
} as const
