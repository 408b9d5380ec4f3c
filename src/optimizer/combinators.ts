import { key } from "../random/key.js"
import { fixed, hyper, patterns, type Fields } from "../schedule/fields.js"
import { count, decay, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { noiseFields, type NoiseOptions } from "../transform/add-gaussian-noise.js"
import { centralizeFields } from "../transform/centralize.js"
import { clippingFields } from "../transform/clip-by-global-norm.js"
import { leafClippingFields } from "../transform/clip-leaves.js"
import { unitClippingFields } from "../transform/clip-units.js"
import type { Mask } from "../transform/mask.js"
import { normalizeFields } from "../transform/normalize.js"
import type { AnyF, Extra } from "../transform/transform.js"
import { accumulate } from "./combinator/accumulate.js"
import { addNoise } from "./combinator/add-noise.js"
import { centralizeGradients } from "./combinator/centralize-gradients.js"
import { clipAdaptive } from "./combinator/clip-adaptive.js"
import { clipByLeafNorm } from "./combinator/clip-by-leaf-norm.js"
import { clipByNorm } from "./combinator/clip-by-norm.js"
import { clipByValue } from "./combinator/clip-by-value.js"
import { ifFinite, ifFiniteFields } from "./combinator/if-finite.js"
import { lookahead, lookaheadFields } from "./combinator/lookahead.js"
import { freeze, masked } from "./combinator/masked.js"
import { maximize } from "./combinator/maximize.js"
import { normalizeGradients } from "./combinator/normalize-gradients.js"
import { project, projectFields, type ProjectOptions } from "./combinator/project.js"
import {
  boxFields,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type BoxOptions
} from "./combinator/projections.js"
import { plateauFields, reduceOnPlateau } from "./combinator/reduce-on-plateau.js"
import { scheduleFree, scheduleFreeFields } from "./combinator/schedule-free.js"
import { withEma, withEmaFields } from "./combinator/with-ema.js"
import { withL2 } from "./combinator/with-l2.js"
import { heavyFields, withMomentum } from "./combinator/with-momentum.js"
import { withNesterov } from "./combinator/with-nesterov.js"
import { polyakAverageFields, withPolyakAverage } from "./combinator/with-polyak-average.js"
import { withSchedule } from "./combinator/with-schedule.js"
import { decayFields, withWeightDecay } from "./combinator/with-weight-decay.js"
import { anyOptimizer, apart, byGradient, seedField, wrap, type Seeded } from "./entry.js"

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
interface Masked {
  readonly mask: Mask
}
interface Total {
  readonly total?: Hyperparameter
}
interface Radius {
  readonly radius: Hyperparameter
}

const momentumField: Fields<Momentum> = { momentum: hyper(decay) }
const maskField: Fields<Masked> = { mask: patterns() }
const simplexFields: Fields<Total & ProjectOptions> = { total: hyper(positive, 1), ...projectFields }
const ballFields: Fields<Radius & ProjectOptions> = { radius: hyper(positive), ...projectFields }
const boundsFields: Fields<BoxOptions & ProjectOptions> = { ...boxFields, ...projectFields }

/** Everything that may be true of an optimizer stays so. */
const all = { additive: {}, ...apart, ...byGradient, scaleFree: {} } as const

/** Another path, as that of a leaf alone, may be one that a pattern does not mean. */
const apartIfAll = { leafwise: { mask: "**" }, elementwise: { mask: "**" } } as const

/** Into a set one element at a time. */
const intoEach = { ...apart, scaleFree: {} } as const

/** Into a set of which the elements know each other. */
const intoAll = { leafwise: { over: "leaf" }, scaleFree: {} } as const

/**
 * Lists every combinator by name: how it is made of one record of options (of which those that the function itself takes
 * one by one are part), and what each may be.
 *
 * In place of `project` stands a row for each set, such as `ontoL2Ball`. A `mask` is data if it is a pattern of paths or
 * several; functions and trees are taken, too. `reduceOnPlateau` makes an optimizer that needs the loss.
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
  withMomentum: wrap(heavyFields, all, ({ momentum, ...rest }) => withMomentum(momentum, rest)),
  withNesterov: wrap(momentumField, all, o => withNesterov(o.momentum)),
  withWeightDecay: wrap(decayFields, { additive: {}, ...apartIfAll }, ({ weightDecay, ...rest }) =>
    withWeightDecay(weightDecay, rest)
  ),
  withL2: wrap(decayFields, { additive: {}, ...apartIfAll }, ({ weightDecay, ...rest }) => withL2(weightDecay, rest)),
  masked: wrap(maskField, { additive: { mask: "**" }, ...apartIfAll, ...byGradient, scaleFree: {} }, o =>
    masked(o.mask)
  ),
  freeze: wrap(maskField, { ...apartIfAll, ...byGradient, scaleFree: {} }, o => freeze(o.mask)),
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
          ? anyOptimizer(lookahead({ ...rest, atSync })(inner))
          : anyOptimizer(lookahead({ ...rest, atSync })(inner))
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
  ontoSimplex: wrap(simplexFields, intoAll, ({ total, ...rest }) => project(ontoSimplex(total), rest)),
  ontoL1Ball: wrap(ballFields, intoAll, ({ radius, ...rest }) => project(ontoL1Ball(radius), rest)),
  ontoL2Ball: wrap(ballFields, intoAll, ({ radius, ...rest }) => project(ontoL2Ball(radius), rest)),
  ontoLInfBall: wrap(ballFields, intoEach, ({ radius, ...rest }) => project(ontoLInfBall(radius), rest)),
  ontoBox: wrap(boundsFields, intoEach, ({ over = "tree", ...bounds }) => project(ontoBox(bounds), { over })),
  ontoNonNegative: wrap(projectFields, intoEach, rest => project(ontoNonNegative, rest)),
  addNoise: wrap(
    { ...seedField, ...noiseFields },
    { additive: {}, blind: {} },
    ({ seed, ...rest }: Seeded<NoiseOptions>) => addNoise(key(seed), rest)
  )
} as const
