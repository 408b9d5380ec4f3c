import { key } from "../random/key.js"
import { hyper, optimizerField, type Fields } from "../schedule/fields.js"
import { decay } from "../schedule/schedule.js"
import { adaboundFields } from "../transform/step-by-adabound.js"
import { cocobFields } from "../transform/step-by-cocob.js"
import { dogFields, dowgFields } from "../transform/step-by-distance.js"
import { dadaptFields, prodigyFields } from "../transform/step-by-estimate.js"
import { fromageFields } from "../transform/step-by-fromage.js"
import { madgradFields } from "../transform/step-by-madgrad.js"
import { momoAdamFields, momoFields } from "../transform/step-by-momo.js"
import { polyakFields } from "../transform/step-by-polyak.js"
import { rpropFields } from "../transform/step-by-rprop.js"
import { acprop, acpropFields } from "./recipe/acprop.js"
import { adabelief, adabeliefFields } from "./recipe/adabelief.js"
import { adabound, amsbound } from "./recipe/adabound.js"
import { adadelta, adadeltaFields } from "./recipe/adadelta.js"
import { adafactor, adafactorFields, type AdafactorMomentumOptions, type AdafactorOptions } from "./recipe/adafactor.js"
import { adagrad, adagradFields } from "./recipe/adagrad.js"
import { adam, adamFields } from "./recipe/adam.js"
import { adamax, adamaxFields } from "./recipe/adamax.js"
import { adamaxw, adamaxwFields } from "./recipe/adamaxw.js"
import { adamw, adamwFields } from "./recipe/adamw.js"
import { adan, adanFields } from "./recipe/adan.js"
import { ademamix, ademamixFields } from "./recipe/ademamix.js"
import { adopt, adoptFields } from "./recipe/adopt.js"
import { amsgrad, amsgradFields } from "./recipe/amsgrad.js"
import { asgd, asgdFields } from "./recipe/asgd.js"
import { cocob } from "./recipe/cocob.js"
import { dog, dowg } from "./recipe/dog.js"
import { apart, byGradient, decaying, anyOptimizer, row, seedField, type AnyOptimizer, type Seeded } from "./entry.js"
import { fromage } from "./recipe/fromage.js"
import { lamb, lambFields } from "./recipe/lamb.js"
import { lars, larsFields } from "./recipe/lars.js"
import { lion, lionFields } from "./recipe/lion.js"
import { madgrad } from "./recipe/madgrad.js"
import { momentum, momentumFields } from "./recipe/momentum.js"
import { momo, momoAdam } from "./recipe/momo.js"
import { muon, muonFields, type MuonOptions } from "./recipe/muon.js"
import {
  nadam,
  nadamFields,
  scheduledNadamFields,
  type NadamOptions,
  type ScheduledNadamOptions
} from "./recipe/nadam.js"
import { nadamw, nadamwFields } from "./recipe/nadamw.js"
import { nag } from "./recipe/nag.js"
import { noisySgd, noisySgdFields, type NoisySgdOptions } from "./recipe/noisy-sgd.js"
import { novograd, novogradFields } from "./recipe/novograd.js"
import { optimisticAdam, optimisticAdamFields } from "./recipe/optimistic-adam.js"
import { optimisticFields, optimisticGradientDescent } from "./recipe/optimistic-gradient-descent.js"
import { polyakSgd } from "./recipe/polyak-sgd.js"
import { partitionByRules, partitionFields } from "./combinator/partition-by-rules.js"
import { dadaptAdamw, prodigy } from "./recipe/prodigy.js"
import { radam, radamFields } from "./recipe/radam.js"
import { rmsprop, rmspropMomentumFields, type RmspropMomentumOptions, type RmspropOptions } from "./recipe/rmsprop.js"
import { rprop } from "./recipe/rprop.js"
import { scheduleFreeAdamw, scheduleFreeAdamwFields } from "./recipe/schedule-free-adamw.js"
import { scheduleFreeSgd, scheduleFreeSgdFields } from "./recipe/schedule-free-sgd.js"
import { sgd, sgdMomentumFields, type SgdMomentumOptions, type SgdOptions } from "./recipe/sgd.js"
import { signSgd, signSgdFields, signum, signumFields } from "./recipe/sign-sgd.js"
import { simplifiedAdemamix, simplifiedAdemamixFields } from "./recipe/simplified-ademamix.js"
import { sm3, sm3Fields } from "./recipe/sm3.js"
import { yogi, yogiFields } from "./recipe/yogi.js"

type GradientDescentOptions = SgdOptions & Partial<SgdMomentumOptions>
type FactoredOptions = AdafactorOptions & Partial<AdafactorMomentumOptions>
type RootOptions = RmspropOptions & Partial<RmspropMomentumOptions>
interface MuonElsewhereOptions extends MuonOptions {
  readonly elsewhere?: AnyOptimizer
}

const gradientDescentFields: Fields<GradientDescentOptions> = { ...sgdMomentumFields, momentum: hyper(decay, 0) }
const factoredFields: Fields<FactoredOptions> = { ...adafactorFields, momentum: hyper(decay, 0) }
const rootFields: Fields<RootOptions> = { ...rmspropMomentumFields, momentum: hyper(decay, 0) }
const muonElsewhereFields: Fields<MuonElsewhereOptions> = { ...muonFields, elsewhere: optimizerField(adam()) }

/**
 * Lists every optimizer by name: how it is made of one record of options, and what each option may be. What enumerates
 * optimizers (codecs, tables, menus, laws) is driven by it. All options are data, but for the optimizers that `muon` and
 * `partition` are made of; in place of a key stands a `seed`, and the labels of `partition` are a list of patterns, each
 * with a label, of which the first that matches counts. `scheduledNadam` is `nadam` with a `momentumDecay`;
 * `polyakSgd`, `momo` and `momoAdam` need the loss.
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
  sgd: row(gradientDescentFields, { ...apart, ...byGradient }, (options: GradientDescentOptions) =>
    Object.keys(options).some(name => name !== "learningRate")
      ? anyOptimizer(sgd({ momentum: 0, ...options }))
      : anyOptimizer(sgd(options))
  ),
  momentum: row(momentumFields, { ...apart, ...byGradient }, momentum),
  nag: row(momentumFields, { ...apart, ...byGradient }, nag),
  noisySgd: row({ ...seedField, ...noisySgdFields }, { blind: {} }, ({ seed, ...options }: Seeded<NoisySgdOptions>) =>
    noisySgd(key(seed), options)
  ),
  asgd: row(asgdFields, { ...apart, ...decaying }, asgd),
  optimisticGradientDescent: row(optimisticFields, { ...apart, ...byGradient }, optimisticGradientDescent),
  signSgd: row(signSgdFields, { ...apart, ...byGradient, scaleFree: {} }, signSgd),
  signum: row(signumFields, { ...apart, ...byGradient, scaleFree: {} }, signum),
  rprop: row(rpropFields, { ...apart, ...byGradient, scaleFree: {} }, rprop),
  adagrad: row(adagradFields, { ...apart, ...byGradient, scaleFree: { initialAccumulator: 0, eps: 0 } }, adagrad),
  adadelta: row(adadeltaFields, { ...apart, ...byGradient }, adadelta),
  rmsprop: row(
    rootFields,
    { ...apart, ...byGradient, scaleFree: { centered: false, initialScale: 0, eps: 0 } },
    (options: RootOptions) => rmsprop("nesterov" in options ? { momentum: 0, ...options } : options)
  ),
  adam: row(adamFields, { ...apart, ...byGradient, scaleFree: { eps: 0, epsRoot: 0 } }, adam),
  adamw: row(adamwFields, { ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } }, adamw),
  amsgrad: row(amsgradFields, { ...apart, ...byGradient, scaleFree: { eps: 0, epsRoot: 0 } }, amsgrad),
  adamax: row(adamaxFields, { ...apart, ...byGradient, scaleFree: { eps: 0 } }, adamax),
  adamaxw: row(adamaxwFields, { ...apart, ...decaying, scaleFree: { eps: 0 } }, adamaxw),
  nadam: row(nadamFields, { ...apart, ...byGradient, scaleFree: { eps: 0, epsRoot: 0 } }, (options: NadamOptions) =>
    nadam(options)
  ),
  scheduledNadam: row(
    scheduledNadamFields,
    { ...apart, ...byGradient, scaleFree: { eps: 0, epsRoot: 0 } },
    (options: ScheduledNadamOptions) => nadam(options)
  ),
  nadamw: row(nadamwFields, { ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } }, nadamw),
  radam: row(radamFields, { ...apart, ...byGradient }, radam),
  optimisticAdam: row(
    optimisticAdamFields,
    { ...apart, ...byGradient, scaleFree: { eps: 0, epsRoot: 0 } },
    optimisticAdam
  ),
  adabelief: row(
    adabeliefFields,
    { ...apart, ...byGradient, scaleFree: { b1: 0.9, b2: 0.999, eps: 0, epsRoot: 0 } },
    adabelief
  ),
  acprop: row(acpropFields, { ...apart, ...byGradient }, acprop),
  adabound: row(adaboundFields, { ...apart, ...byGradient }, adabound),
  amsbound: row(adaboundFields, { ...apart, ...byGradient }, amsbound),
  yogi: row(
    yogiFields,
    {
      ...apart,
      blind: {},
      odd: { initialMoment: 0 },
      still: { initialMoment: 0 },
      scaleFree: { eps: 0, epsRoot: 0, initialAccumulator: 0, initialMoment: 0 }
    },
    yogi
  ),
  adan: row(adanFields, { ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } }, adan),
  ademamix: row(ademamixFields, { ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } }, ademamix),
  simplifiedAdemamix: row(
    simplifiedAdemamixFields,
    { ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
    simplifiedAdemamix
  ),
  adopt: row(adoptFields, { ...apart, ...byGradient, scaleFree: { eps: 0 } }, adopt),
  lion: row(lionFields, { ...apart, ...decaying, scaleFree: { mode: "hard" } }, lion),
  lars: row(larsFields, { leafwise: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 } }, lars),
  lamb: row(
    lambFields,
    { leafwise: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 }, scaleFree: { eps: 0, epsRoot: 0 } },
    lamb
  ),
  novograd: row(novogradFields, { leafwise: {}, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } }, novograd),
  fromage: row(fromageFields, { leafwise: {} }, fromage),
  madgrad: row(madgradFields, apart, madgrad),
  sm3: row(sm3Fields, { leafwise: {}, ...byGradient, scaleFree: { eps: 0 } }, sm3),
  muon: row(muonElsewhereFields, { leafwise: {}, ...decaying }, ({ elsewhere, ...options }: MuonElsewhereOptions) =>
    elsewhere === undefined ? anyOptimizer(muon(options)) : anyOptimizer(muon(options, elsewhere))
  ),
  adafactor: row(
    factoredFields,
    { leafwise: {}, odd: {}, still: {}, scaleFree: { eps1: 0 } },
    ({ momentum, ...options }: FactoredOptions) =>
      momentum === undefined ? anyOptimizer(adafactor(options)) : anyOptimizer(adafactor({ ...options, momentum }))
  ),
  cocob: row(cocobFields, { ...apart, still: {}, scaleFree: { eps: 0 } }, cocob),
  dog: row(dogFields, { odd: {}, still: {}, scaleFree: { initStep: "relative", eps: 0 } }, dog),
  dowg: row(dowgFields, { odd: {}, still: {}, scaleFree: { eps: 0 } }, dowg),
  prodigy: row(prodigyFields, { odd: { weightDecay: 0 }, still: { weightDecay: 0 }, scaleFree: { eps: 0 } }, prodigy),
  dadaptAdamw: row(
    dadaptFields,
    { odd: { weightDecay: 0 }, still: { weightDecay: 0 }, scaleFree: { eps: 0 } },
    dadaptAdamw
  ),
  scheduleFreeSgd: row(scheduleFreeSgdFields, { ...apart, ...decaying }, scheduleFreeSgd),
  scheduleFreeAdamw: row(scheduleFreeAdamwFields, { ...apart, ...decaying, scaleFree: { eps: 0 } }, scheduleFreeAdamw),
  polyakSgd: row(polyakFields, { odd: {}, still: {} }, polyakSgd),
  momo: row(momoFields, { still: { weightDecay: 0 } }, momo),
  momoAdam: row(momoAdamFields, { still: { weightDecay: 0 } }, momoAdam),
  partition: row(partitionFields, { ...byGradient, scaleFree: {} }, partitionByRules)
} as const
