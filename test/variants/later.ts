import { pipe } from "thalweg"
import {
  acprop,
  adabelief,
  adabound,
  adamMini,
  adan,
  ademamix,
  adopt,
  amsbound,
  optimisticAdam,
  simplifiedAdemamix,
  withWeightDecay,
  yogi
} from "thalweg/optimizer"
import { exponential, linear } from "thalweg/schedule"
import type { Given } from "./cases.js"
import { golden, known, words, type Scale, type Family } from "./variant.js"

const before = { centre: "before" } as const
const own = { start: "own" } as const
const debiased = { form: "debiased" } as const

/** A rate that falls by a tenth at each step. */
const falling = (h: Given) => ({ ...h, learningRate: exponential({ start: h.learningRate, rate: 0.9 }) })

/** How `adabound` and `amsbound` end as plain descent, and bounds that are felt soon. */
const bounded = {
  descent: ({ rate, pace }: Scale) => ({ learningRate: pace, finalRate: rate }),
  sampling: { always: { finalRate: 0.4, gamma: 0.3 } }
}

/** Adams that came later. */
export const later = {
  leader: "adabelief",
  rows: {
    optimisticAdam: {
      variants: [
        known(
          { optax: "optimistic_adam(…, optimism=learningRate·beta)" },
          ({ learningRate, b1, b2, eps, beta }) =>
            optimisticAdam({ learningRate, b1, b2, eps, beta, start: "own", nesterov: true }),
          ...["optax/optimistic-adam-v1-optimism", "optax/optimistic-adam-v1"]
        ),
        known(
          { optax: "optimistic_adam_v2(lr)" },
          ({ learningRate }) => optimisticAdam({ learningRate, start: "own", nesterov: true }),
          "optax/optimistic-adam-default"
        ),
        golden(h => optimisticAdam({ ...h, ...own }), "optax/optimistic-adam"),
        golden(h => optimisticAdam({ ...h, ...own, nesterov: true }), "optax/optimistic-adam-weights"),
        golden(optimisticAdam, "paper/optimistic-adam")
      ]
    },
    adamMini: {
      variants: [
        golden(
          h => adamMini({ ...h, blocks: "leaf" }),
          "pytorch_optimizer/adam-mini",
          "pytorch_optimizer/adam-mini-decay"
        ),
        golden(adamMini, "paper/adam-mini-last"),
        golden(() => adamMini(), "paper/adam-mini-default"),
        golden(h => adamMini({ ...h, blocks: "first" }), "paper/adam-mini-first")
      ]
    },
    adabelief: {
      variants: [
        known({ optax: "adabelief(lr)" }, ({ learningRate }) => adabelief({ learningRate }), "optax/adabelief-default"),
        golden(adabelief, "optax/adabelief"),
        golden(h => adabelief({ ...h, nesterov: true }), "optax/adabelief-nesterov")
      ]
    },
    acprop: {
      variants: [
        known(
          { contrib: "acprop(lr)" },
          ({ learningRate }) => acprop({ learningRate, centre: "before" }),
          "optax/acprop-default"
        ),
        known(
          { contrib: "acprop(…, weight_decay)" },
          ({ learningRate, b1, b2, eps, epsRoot, weightDecay }) =>
            pipe(acprop({ learningRate, b1, b2, eps, epsRoot, centre: "before" }), withWeightDecay(weightDecay)),
          "optax/acprop-decay"
        ),
        golden(h => acprop({ ...h, ...before }), "optax/acprop"),
        golden(acprop, "paper/acprop")
      ],
      // A gradient that is much larger than all before would throw it far off.
      descent: () => ({ eps: 0.1 })
    },
    adabound: {
      variants: [
        golden(() => adabound(), "paper/adabound-default"),
        golden(h => adabound({ ...h, baseRate: h.learningRate }), "paper/adabound"),
        golden(h => adabound({ ...falling(h), baseRate: h.learningRate }), "paper/adabound-exponential"),
        golden(adabound, "paper/adabound-tight")
      ],
      ...bounded
    },
    amsbound: {
      variants: [
        golden(() => amsbound(), "paper/amsbound-default"),
        golden(h => amsbound({ ...h, baseRate: h.learningRate }), "paper/amsbound"),
        golden(h => amsbound({ ...falling(h), baseRate: h.learningRate }), "paper/amsbound-exponential"),
        golden(amsbound, "paper/amsbound-tight")
      ],
      ...bounded
    },
    yogi: {
      variants: [
        known(
          { optax: "yogi(lr)" },
          ({ learningRate }) => yogi({ learningRate, initialMoment: 1e-6, form: "debiased" }),
          "optax/yogi-default"
        ),
        golden(h => yogi({ ...h, ...debiased }), "optax/yogi", "optax/yogi-accumulator"),
        golden(yogi, "paper/yogi")
      ],
      // A second moment near 0 would throw the parameters far off.
      sampling: { always: { initialAccumulator: 0.1 } }
    },
    adan: {
      variants: [
        words({ optax: "adan" }, "`adan`, by the paper; optax takes `1 - b2` for `b2` where differences lead"),
        golden(adan, "paper/adan")
      ]
    },
    ademamix: {
      variants: [
        known({ contrib: "ademamix(lr)" }, ({ learningRate }) => ademamix({ learningRate }), "optax/ademamix-default"),
        golden(ademamix, "optax/ademamix", "optax/ademamix-decay", "paper/ademamix"),
        golden(
          h =>
            ademamix({
              ...h,
              b3: linear({ start: 0.8, end: 0.99, steps: 10 }),
              alpha: linear({ start: 0, end: 3, steps: 10 })
            }),
          "optax/ademamix-schedules"
        )
      ],
      // The slow average is to remember a part of the way only.
      descent: ({ steps }) => ({ b3: 1 - 10 / steps })
    },
    simplifiedAdemamix: {
      variants: [
        known(
          { contrib: "simplified_ademamix(lr)" },
          ({ learningRate }) => simplifiedAdemamix({ learningRate }),
          "optax/simplified-ademamix-default"
        ),
        golden(simplifiedAdemamix, "optax/simplified-ademamix", "optax/simplified-ademamix-decay")
      ],
      // The momentum is a sum, of ten gradients for b1 = 0.9; that of the default swings for thousands of steps.
      descent: ({ pace }) => ({ learningRate: pace / 10, b1: 0.9 })
    },
    adopt: {
      variants: [
        known({ contrib: "adopt(lr)" }, ({ learningRate }) => adopt({ learningRate }), "optax/adopt-default"),
        golden(adopt, "optax/adopt"),
        golden(h => adopt({ ...h, nesterov: true }), "optax/adopt-nesterov"),
        golden(h => adopt({ ...h, form: "unclipped" }), "optax/adopt-unclipped")
      ],
      sampling: { beside: { eps: { eps: 2 }, clipExponent: { learningRate: 4, b1: 0.1 } } }
    }
  }
} satisfies Family
