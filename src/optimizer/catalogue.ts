import { key } from "../random/key.js"
import { fixed, hyper, type Fields } from "../schedule/fields.js"
import { count, decay, natural, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { noiseFields, type NoiseOptions } from "../transform/add-gaussian-noise.js"
import { centralizeFields } from "../transform/centralize.js"
import { clippingFields } from "../transform/clip-by-global-norm.js"
import { leafClippingFields } from "../transform/clip-leaves.js"
import { unitClippingFields } from "../transform/clip-units.js"
import type { AnyF } from "../transform/mask.js"
import { normalizeFields } from "../transform/normalize.js"
import { adaboundFields } from "../transform/step-by-adabound.js"
import { dogFields, dowgFields } from "../transform/step-by-distance.js"
import { dadaptFields, prodigyFields } from "../transform/step-by-estimate.js"
import { fromageFields } from "../transform/step-by-fromage.js"
import { madgradFields } from "../transform/step-by-madgrad.js"
import { rpropFields } from "../transform/step-by-rprop.js"
import type { StateFamily } from "../transform/transform.js"
import { accumulate } from "./accumulate.js"
import { adabelief, adabeliefFields } from "./adabelief.js"
import { adabound, amsbound } from "./adabound.js"
import { adadelta, adadeltaFields } from "./adadelta.js"
import { adafactor, adafactorFields, type AdafactorMomentumOptions, type AdafactorOptions } from "./adafactor.js"
import { adagrad, adagradFields } from "./adagrad.js"
import { adam, adamFields } from "./adam.js"
import { adamax, adamaxFields } from "./adamax.js"
import { adamaxw, adamaxwFields } from "./adamaxw.js"
import { adamw, adamwFields } from "./adamw.js"
import { adan, adanFields } from "./adan.js"
import { addNoise } from "./add-noise.js"
import { ademamix, ademamixFields } from "./ademamix.js"
import { adopt, adoptFields } from "./adopt.js"
import { amsgrad, amsgradFields } from "./amsgrad.js"
import { centralizeGradients } from "./centralize-gradients.js"
import { clipAdaptive } from "./clip-adaptive.js"
import { clipByLeafNorm } from "./clip-by-leaf-norm.js"
import { clipByNorm } from "./clip-by-norm.js"
import { clipByValue } from "./clip-by-value.js"
import { dog, dowg } from "./dog.js"
import { fromage } from "./fromage.js"
import { ifFinite, ifFiniteFields } from "./if-finite.js"
import { lamb, lambFields } from "./lamb.js"
import { lars, larsFields } from "./lars.js"
import { lion, lionFields } from "./lion.js"
import { lookahead, lookaheadFields } from "./lookahead.js"
import { madgrad } from "./madgrad.js"
import { maximize } from "./maximize.js"
import { momentum, momentumFields } from "./momentum.js"
import { muon, muonFields, type MuonOptions } from "./muon.js"
import { nadam, nadamFields, scheduledNadamFields, type NadamOptions, type ScheduledNadamOptions } from "./nadam.js"
import { nadamw, nadamwFields } from "./nadamw.js"
import { nag } from "./nag.js"
import { noisySgd, noisySgdFields, type NoisySgdOptions } from "./noisy-sgd.js"
import { normalizeGradients } from "./normalize-gradients.js"
import { novograd, novogradFields } from "./novograd.js"
import { optimisticFields, optimisticGradientDescent } from "./optimistic-gradient-descent.js"
import type { Optimizer } from "./optimizer.js"
import { dadaptAdamw, prodigy } from "./prodigy.js"
import { radam, radamFields } from "./radam.js"
import { rmsprop, rmspropFields, type RmspropOptions } from "./rmsprop.js"
import { rprop } from "./rprop.js"
import { scheduleFree, scheduleFreeFields } from "./schedule-free.js"
import { scheduleFreeAdamw, scheduleFreeAdamwFields } from "./schedule-free-adamw.js"
import { scheduleFreeSgd, scheduleFreeSgdFields } from "./schedule-free-sgd.js"
import { sgd, sgdMomentumFields, type SgdMomentumOptions, type SgdOptions } from "./sgd.js"
import { signSgd, signSgdFields, signum, signumFields } from "./sign-sgd.js"
import { sm3, sm3Fields } from "./sm3.js"
import { withEma, withEmaFields } from "./with-ema.js"
import { withL2 } from "./with-l2.js"
import { withMomentum } from "./with-momentum.js"
import { withNesterov } from "./with-nesterov.js"
import { polyakAverageFields, withPolyakAverage } from "./with-polyak-average.js"
import { withSchedule } from "./with-schedule.js"
import { withWeightDecay } from "./with-weight-decay.js"
import { yogi, yogiFields } from "./yogi.js"

/** An optimizer of which it is not known what state it keeps, only that it is a tree of tensors. */
export type AnyOptimizer = Optimizer<AnyF>

/** How something is made of one record of options, and what they may be. */
export interface Entry<O extends object, A> {
  readonly make: (options: O) => A
  readonly fields: Fields<O>
}

/** A row of `optimizers`. */
export type OptimizerEntry<O extends object> = Entry<O, AnyOptimizer>

/** A row of `combinators`. */
export type CombinatorEntry<O extends object> = Entry<O, (inner: AnyOptimizer) => AnyOptimizer>

/** Rows differ in what state they keep; a state only ever goes back to the optimizer that made it. */
const forget = <F extends StateFamily>(optimizer: Optimizer<F>): AnyOptimizer => optimizer

const row = <O extends object, F extends StateFamily>(
  fields: Fields<O>,
  make: (options: O) => Optimizer<F>
): OptimizerEntry<O> => ({ fields, make: options => forget(make(options)) })

const around = <O extends object, F extends StateFamily>(
  fields: Fields<O>,
  make: (options: O) => (inner: AnyOptimizer) => Optimizer<F>
): CombinatorEntry<O> => ({
  fields,
  make: options => {
    const combinator = make(options)
    return inner => forget(combinator(inner))
  }
})

interface Seed {
  readonly seed: number
}
type Seeded<O> = O & Seed
type GradientDescentOptions = SgdOptions & Partial<SgdMomentumOptions>
interface Momentum {
  readonly momentum: Hyperparameter
}
type FactoredOptions = AdafactorOptions & Partial<AdafactorMomentumOptions>
type OrthogonalOptions = Omit<MuonOptions, "nsCoefficients">
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

const gradientDescentFields: Fields<GradientDescentOptions> = { ...sgdMomentumFields, momentum: hyper(decay, 0) }
const factoredFields: Fields<FactoredOptions> = { ...adafactorFields, momentum: hyper(decay, 0) }
// A list has no default among fields, and these coefficients have one.
const { nsCoefficients: _, ...orthogonalFields }: Fields<MuonOptions> = muonFields
const seedField: Fields<Seed> = { seed: fixed(natural) }
const momentumField: Fields<Momentum> = { momentum: hyper(decay) }
const decayField: Fields<Decay> = { weightDecay: hyper(nonNegative) }

/**
 * Lists every optimizer by name: how it is made of one record of options, and what each option may be. What enumerates
 * optimizers (codecs, tables, menus, laws) is driven by it. All options are data; in place of a key stands a `seed`.
 * `scheduledNadam` is `nadam` with a `momentumDecay`. Not here: `polyakSgd`, which needs the loss.
 *
 * `make` throws a `HyperparameterError` for options out of range, or that do not fit each other.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { optimizers } from "thalweg/optimizer"
 *
 * const opt = optimizers.sgd.make({ learningRate: 0.5 })
 * const params = { w: tensor([1, 2]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([2, 2]) })
 * assert.deepStrictEqual(toArray(w), [0, 1])
 * assert.strictEqual(optimizers.adam.fields.b1.fallback, 0.9)
 */
export const optimizers = {
  sgd: row(gradientDescentFields, (options: GradientDescentOptions) =>
    Object.keys(options).some(name => name !== "learningRate")
      ? forget(sgd({ momentum: 0, ...options }))
      : forget(sgd(options))
  ),
  momentum: row(momentumFields, momentum),
  nag: row(momentumFields, nag),
  noisySgd: row({ ...seedField, ...noisySgdFields }, ({ seed, ...options }: Seeded<NoisySgdOptions>) =>
    noisySgd(key(seed), options)
  ),
  optimisticGradientDescent: row(optimisticFields, optimisticGradientDescent),
  signSgd: row(signSgdFields, signSgd),
  signum: row(signumFields, signum),
  rprop: row(rpropFields, rprop),
  adagrad: row(adagradFields, adagrad),
  adadelta: row(adadeltaFields, adadelta),
  rmsprop: row(rmspropFields, ({ centered = false, ...options }: RmspropOptions) =>
    centered ? forget(rmsprop({ ...options, centered })) : forget(rmsprop({ ...options, centered }))
  ),
  adam: row(adamFields, adam),
  adamw: row(adamwFields, adamw),
  amsgrad: row(amsgradFields, amsgrad),
  adamax: row(adamaxFields, adamax),
  adamaxw: row(adamaxwFields, adamaxw),
  nadam: row(nadamFields, (options: NadamOptions) => nadam(options)),
  scheduledNadam: row(scheduledNadamFields, (options: ScheduledNadamOptions) => nadam(options)),
  nadamw: row(nadamwFields, nadamw),
  radam: row(radamFields, radam),
  adabelief: row(adabeliefFields, adabelief),
  adabound: row(adaboundFields, adabound),
  amsbound: row(adaboundFields, amsbound),
  yogi: row(yogiFields, yogi),
  adan: row(adanFields, adan),
  ademamix: row(ademamixFields, ademamix),
  adopt: row(adoptFields, adopt),
  lion: row(lionFields, lion),
  lars: row(larsFields, lars),
  lamb: row(lambFields, lamb),
  novograd: row(novogradFields, novograd),
  fromage: row(fromageFields, fromage),
  madgrad: row(madgradFields, madgrad),
  sm3: row(sm3Fields, sm3),
  muon: row(orthogonalFields, (options: OrthogonalOptions) => muon(options)),
  adafactor: row(factoredFields, ({ momentum, ...options }: FactoredOptions) =>
    momentum === undefined ? forget(adafactor(options)) : forget(adafactor({ ...options, momentum }))
  ),
  dog: row(dogFields, dog),
  dowg: row(dowgFields, dowg),
  prodigy: row(prodigyFields, prodigy),
  dadaptAdamw: row(dadaptFields, dadaptAdamw),
  scheduleFreeSgd: row(scheduleFreeSgdFields, scheduleFreeSgd),
  scheduleFreeAdamw: row(scheduleFreeAdamwFields, scheduleFreeAdamw)
} as const

/**
 * Lists every combinator whose options are data by name: how it is made of one record of options (of which those that
 * the function itself takes one by one are part), and what each may be.
 *
 * Not here: what needs functions or trees (`masked`, `partition`, `project`), or the loss (`reduceOnPlateau`).
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
  withMomentum: around(momentumField, o => withMomentum(o.momentum)),
  withNesterov: around(momentumField, o => withNesterov(o.momentum)),
  withWeightDecay: around(decayField, o => withWeightDecay(o.weightDecay)),
  withL2: around(decayField, o => withL2(o.weightDecay)),
  withSchedule: around({ factor: hyper(nonNegative) }, (o: Factor) => withSchedule(o.factor)),
  withEma: around(withEmaFields, ({ decay, ...rest }) => withEma(decay, rest)),
  scheduleFree: around(scheduleFreeFields, scheduleFree),
  withPolyakAverage: around(polyakAverageFields, withPolyakAverage),
  lookahead: around(
    lookaheadFields,
    ({ atSync = "keep", ...rest }) =>
      inner =>
        atSync === "pullback"
          ? forget(lookahead({ ...rest, atSync })(inner))
          : forget(lookahead({ ...rest, atSync })(inner))
  ),
  accumulate: around({ every: fixed(count) }, (o: Every) => accumulate(o.every)),
  ifFinite: around(ifFiniteFields, ifFinite),
  maximize: around<NoOptions, AnyF>({}, () => maximize),
  clipByNorm: around(clippingFields, ({ maxNorm, ...rest }) => clipByNorm(maxNorm, rest)),
  clipByLeafNorm: around(leafClippingFields, ({ maxNorm, ...rest }) => clipByLeafNorm(maxNorm, rest)),
  clipByValue: around({ maxValue: hyper(positive) }, (o: MaxValue) => clipByValue(o.maxValue)),
  clipAdaptive: around(unitClippingFields, ({ clipping, ...rest }) => clipAdaptive(clipping, rest)),
  normalizeGradients: around(normalizeFields, normalizeGradients),
  centralizeGradients: around(centralizeFields, centralizeGradients),
  addNoise: around({ ...seedField, ...noiseFields }, ({ seed, ...rest }: Seeded<NoiseOptions>) =>
    addNoise(key(seed), rest)
  )
} as const
