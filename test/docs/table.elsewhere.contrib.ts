import { pipe } from "thalweg"
import {
  acprop,
  ademamix,
  adopt,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  madgrad,
  momo,
  momoAdam,
  muon,
  nadamw,
  prodigy,
  reduceOnPlateau,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  simplifiedAdemamix,
  withWeightDecay
} from "thalweg/optimizer"
import { same, words, type ElsewhereRow } from "./table.elsewhere.row.js"

/** What `optax.contrib` has, in the order of its names. */
export const contribRows: readonly ElsewhereRow[] = [
  same("acprop(lr)", ({ learningRate }) => acprop({ learningRate, centre: "before" }), "optax/acprop-default"),
  same(
    "acprop(…, weight_decay)",
    ({ learningRate, b1, b2, eps, epsRoot, weightDecay }) =>
      pipe(acprop({ learningRate, b1, b2, eps, epsRoot, centre: "before" }), withWeightDecay(weightDecay)),
    "optax/acprop-decay"
  ),
  same("ademamix(lr)", ({ learningRate }) => ademamix({ learningRate }), "optax/ademamix-default"),
  same("adopt(lr)", ({ learningRate }) => adopt({ learningRate }), "optax/adopt-default"),
  same("cocob()", () => cocob({ eps: 1e-8 }), "optax/cocob-default"),
  same("dadapt_adamw()", () => dadaptAdamw({ biasCorrection: true, weights: "old" }), "optax/dadapt-adamw-default"),
  same("dog()", () => dog(), "optax/dog-default"),
  same("dowg()", () => dowg(), "optax/dowg-default"),
  words("`dpsgd`, `galore`, `mechanize`, `sam`, `sophia`", "not offered"),
  same("madgrad(lr)", ({ learningRate }) => madgrad({ learningRate: learningRate + 1e-6 }), "optax/madgrad-default"),
  same("momo()", () => momo(), "optax/momo-default"),
  same(
    "momo(…, weight_decay, adapt_lower_bound=True)",
    ({ learningRate, b1, fMin, weightDecay }) =>
      momo({ learningRate, b1, fMin, weightDecay, shrink: "parameters", bound: "estimated" }),
    "optax/momo-estimated-decay"
  ),
  same("momo_adam()", () => momoAdam(), "optax/momo-adam-default"),
  same(
    "muon(lr)",
    ({ learningRate }) => muon({ learningRate, eps: 1e-8, form: "debiased" }, nadamw({ learningRate, weightDecay: 0 })),
    "optax/muon-default"
  ),
  same("prodigy()", () => prodigy({ biasCorrection: true, epsEstimate: "after" }), "optax/prodigy-default"),
  same(
    "reduce_on_plateau(…)",
    ({ learningRate, factor, patience, rtol, atol, cooldown }) =>
      pipe(sgd({ learningRate }), reduceOnPlateau({ factor, patience, rtol, atol, cooldown })),
    "combinators/reduce-on-plateau-cooldown"
  ),
  same(
    "schedule_free(sgd(lr), lr, b1)",
    ({ learningRate, b1 }) => pipe(sgd({ learningRate }), scheduleFree({ b1 })),
    "optax/schedule-free-sgd-default"
  ),
  same("schedule_free_adamw()", () => scheduleFreeAdamw({ debiased: "moment" }), "optax/schedule-free-adamw-default"),
  same("schedule_free_sgd()", () => scheduleFreeSgd(), "optax/schedule-free-sgd-default"),
  words("schedule_free_eval_params(state, params)", "`evalParams(params, state)`"),
  same(
    "simplified_ademamix(lr)",
    ({ learningRate }) => simplifiedAdemamix({ learningRate }),
    "optax/simplified-ademamix-default"
  )
]
