import type { Fields } from "../options/fields.js"
import type { Traits } from "../options/recipe.js"
import { partitionByRules } from "./combinator/partition-by-rules.js"
import type { AnyOptimizer } from "./optimizer.js"
import { acprop } from "./recipe/acprop.js"
import { adabelief } from "./recipe/adabelief.js"
import { adabound, amsbound } from "./recipe/adabound.js"
import { adadelta } from "./recipe/adadelta.js"
import { adafactor } from "./recipe/adafactor.js"
import { adagrad } from "./recipe/adagrad.js"
import { adam } from "./recipe/adam.js"
import { adamax } from "./recipe/adamax.js"
import { adamaxw } from "./recipe/adamaxw.js"
import { adamw } from "./recipe/adamw.js"
import { adan } from "./recipe/adan.js"
import { ademamix } from "./recipe/ademamix.js"
import { adopt } from "./recipe/adopt.js"
import { amsgrad } from "./recipe/amsgrad.js"
import { asgd } from "./recipe/asgd.js"
import { cocob } from "./recipe/cocob.js"
import { dog, dowg } from "./recipe/dog.js"
import { fromage } from "./recipe/fromage.js"
import { lamb } from "./recipe/lamb.js"
import { lars } from "./recipe/lars.js"
import { lion } from "./recipe/lion.js"
import { madgrad } from "./recipe/madgrad.js"
import { momentum } from "./recipe/momentum.js"
import { momo, momoAdam } from "./recipe/momo.js"
import { muon } from "./recipe/muon.js"
import { nadam, scheduledNadam } from "./recipe/nadam.js"
import { nadamw } from "./recipe/nadamw.js"
import { nag } from "./recipe/nag.js"
import { noisySgd } from "./recipe/noisy-sgd.js"
import { novograd } from "./recipe/novograd.js"
import { optimisticAdam } from "./recipe/optimistic-adam.js"
import { optimisticGradientDescent } from "./recipe/optimistic-gradient-descent.js"
import { polyakSgd } from "./recipe/polyak-sgd.js"
import { dadaptAdamw, prodigy } from "./recipe/prodigy.js"
import { radam } from "./recipe/radam.js"
import { rmsprop } from "./recipe/rmsprop.js"
import { rprop } from "./recipe/rprop.js"
import { scheduleFreeAdamw } from "./recipe/schedule-free-adamw.js"
import { scheduleFreeSgd } from "./recipe/schedule-free-sgd.js"
import { sgd } from "./recipe/sgd.js"
import { signSgd, signum } from "./recipe/sign-sgd.js"
import { simplifiedAdemamix } from "./recipe/simplified-ademamix.js"
import { sm3 } from "./recipe/sm3.js"
import { yogi } from "./recipe/yogi.js"

/** What all recipes of optimizers have in common, for code that goes through the catalogue. */
export interface OptimizerRecipe {
  readonly title: string
  readonly fields: Fields
  readonly traits: Traits
  /** Makes the optimizer; options are checked when it runs. */
  make(this: void, options: object): AnyOptimizer
}

/**
 * Lists every optimizer by name. Each is the function itself: it carries what its options may be (`fields`), what is true
 * of it (`traits`), and how it is made of one record of options (`make`). What enumerates optimizers (codecs, tables,
 * menus, laws) is driven by it.
 *
 * All options can be data, but for the optimizers that `muon` and `partition` are made of; the labels of `partition` are
 * a list of patterns here, each with a label, of which the first that matches counts. `polyakSgd`, `momo` and `momoAdam`
 * need the loss.
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
 * assert.strictEqual(optimizers.adam.fields.b1.default, 0.9)
 */
export const optimizers = {
  sgd,
  momentum,
  nag,
  noisySgd,
  asgd,
  optimisticGradientDescent,
  signSgd,
  signum,
  rprop,
  adagrad,
  adadelta,
  rmsprop,
  adam,
  adamw,
  amsgrad,
  adamax,
  adamaxw,
  nadam,
  scheduledNadam,
  nadamw,
  radam,
  optimisticAdam,
  adabelief,
  acprop,
  adabound,
  amsbound,
  yogi,
  adan,
  ademamix,
  simplifiedAdemamix,
  adopt,
  lion,
  lars,
  lamb,
  novograd,
  fromage,
  madgrad,
  sm3,
  muon,
  adafactor,
  cocob,
  dog,
  dowg,
  prodigy,
  dadaptAdamw,
  scheduleFreeSgd,
  scheduleFreeAdamw,
  polyakSgd,
  momo,
  momoAdam,
  partition: partitionByRules
} as const satisfies Readonly<Record<string, OptimizerRecipe>>
