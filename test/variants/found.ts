import { pipe } from "thalweg"
import { cocob, dadaptAdamw, dog, dowg, momo, momoAdam, polyakSgd, prodigy, withL2 } from "thalweg/optimizer"
import type { Given } from "./cases.js"
import { golden, known, type Family } from "./variant.js"

const dogOf = ({
  learningRate,
  eps,
  initStep: [kind, initValue]
}: Pick<Given, "learningRate" | "eps" | "initStep">) => {
  const initStep = ({ heuristic: "relative", distance: "distance", learningRate: "rate" } as const)[kind]
  return dog({ learningRate, eps, initStep, initValue })
}

const ascend = { below: "ascend" } as const
const shrinking = { shrink: "parameters" } as const
const estimated = { bound: "estimated" } as const
const asOptax = { ...shrinking, ...estimated } as const
const prodigyOfOptax = { biasCorrection: true, epsEstimate: "after" } as const
const dadaptOfOptax = { biasCorrection: true, weights: "old" } as const

/** What finds its rate by itself, from distances, bets or estimates. */
export const found = {
  leader: "prodigy",
  rows: {
    cocob: {
      variants: [
        known({ contrib: "cocob()" }, () => cocob({ eps: 1e-8 }), "optax/cocob-default"),
        golden(cocob, "optax/cocob", "paper/cocob"),
        golden(({ l2, ...h }) => pipe(cocob(h), withL2(l2)), "optax/cocob-l2")
      ],
      sampling: { beside: { alpha: { alpha: 20 }, eps: { eps: 3, alpha: 5 } } }
    },
    dog: {
      variants: [
        known({ contrib: "dog()" }, () => dog(), "optax/dog-default"),
        golden(dogOf, "optax/dog", "optax/dog-distance"),
        golden(({ weightDecay, ...h }) => pipe(dogOf(h), withL2(weightDecay)), "optax/dog-learning-rate")
      ],
      // at the rate 1, the distance of the first step is just the one assumed before
      sampling: { always: { initValue: 0.1, learningRate: 0.9 } }
    },
    dowg: {
      variants: [
        known({ contrib: "dowg()" }, () => dowg(), "optax/dowg-default"),
        golden(dowg, "optax/dowg"),
        golden(({ weightDecay, ...h }) => pipe(dowg(h), withL2(weightDecay)), "optax/dowg-l2")
      ],
      sampling: { always: { learningRate: 0.9 } }
    },
    prodigy: {
      variants: [
        known(
          { contrib: "prodigy()" },
          () => prodigy({ biasCorrection: true, epsEstimate: "after" }),
          "optax/prodigy-default"
        ),
        golden(h => prodigy({ ...h, ...prodigyOfOptax }), "optax/prodigy", "optax/prodigy-decay"),
        golden(
          ({ b3, ...h }) => prodigy({ ...h, ...prodigyOfOptax, b3Power: Math.log(b3) / Math.log(h.b2) }),
          "optax/prodigy-options"
        ),
        golden(prodigy, "paper/prodigy")
      ],
      // Of the rate that it finds by itself: a smaller part where curvature varies, as in optax's tests.
      descent: () => ({ learningRate: 0.1 }),
      sampling: { always: { estimLr0: 0.01 }, beside: { b3Power: {}, estimLrCoef: {} }, atStart: ["estimLr0"] }
    },
    dadaptAdamw: {
      variants: [
        known(
          { contrib: "dadapt_adamw()" },
          () => dadaptAdamw({ biasCorrection: true, weights: "old" }),
          "optax/dadapt-adamw-default"
        ),
        golden(h => dadaptAdamw({ ...h, ...dadaptOfOptax }), "optax/dadapt-adamw", "optax/dadapt-adamw-decay"),
        golden(dadaptAdamw, "paper/dadapt-adamw"),
        golden(h => dadaptAdamw({ ...h, weights: "old" }), "paper/dadapt-adamw-authors")
      ],
      // As prodigy.
      descent: () => ({ learningRate: 0.1 }),
      sampling: { always: { estimLr0: 0.01 } }
    }
  }
} satisfies Family

/** What finds its rate from the loss. */
export const byLoss = {
  leader: "momo",
  rows: {
    polyakSgd: {
      variants: [
        known({ optax: "polyak_sgd()" }, () => polyakSgd({ below: "ascend" }), "optax/polyak-sgd-default"),
        known(
          { optax: 'polyak_sgd(…, variant="sps+")' },
          ({ maxLearningRate, fMin, eps }) => polyakSgd({ maxLearningRate, fMin, eps }),
          "optax/polyak-sgd-plus"
        ),
        golden(
          h =>
            polyakSgd({
              ...h,
              ...ascend,
              maxLearningRate: h.scaling * h.maxLearningRate,
              eps: h.eps / h.scaling
            }),
          ...["optax/polyak-sgd", "optax/polyak-sgd-scaling"]
        ),
        golden(polyakSgd, "paper/polyak-sgd")
      ],
      sampling: { beside: { maxLearningRate: {} } }
    },
    momo: {
      variants: [
        known({ contrib: "momo()" }, () => momo(), "optax/momo-default"),
        known(
          { contrib: "momo(…, weight_decay, adapt_lower_bound=True)" },
          ({ learningRate, b1, fMin, weightDecay }) =>
            momo({ learningRate, b1, fMin, weightDecay, shrink: "parameters", bound: "estimated" }),
          ...["optax/momo-estimated-decay", "optax/momo-estimated"]
        ),
        golden(h => momo({ ...h, ...shrinking }), "optax/momo-decay"),
        golden(momo, "optax/momo", "paper/momo-decay"),
        golden(h => momo({ ...h, ...estimated }), "paper/momo-estimated"),
        golden(h => momo({ ...h, biasCorrection: true }), "paper/momo-debiased"),
        golden(h => momo({ ...h, ...estimated, biasCorrection: true }), "paper/momo-debiased-estimated")
      ],
      sampling: { beside: { learningRate: { learningRate: 0.1 }, b1: {} } }
    },
    momoAdam: {
      variants: [
        known({ contrib: "momo_adam()" }, () => momoAdam(), "optax/momo-adam-default"),
        golden(momoAdam, "optax/momo-adam", "paper/momo-adam-decay"),
        golden(h => momoAdam({ ...h, ...shrinking }), "optax/momo-adam-decay"),
        golden(
          h => momoAdam({ ...h, ...asOptax }),
          ...["optax/momo-adam-estimated", "optax/momo-adam-estimated-decay"]
        ),
        golden(h => momoAdam({ ...h, ...estimated }), "paper/momo-adam-estimated")
      ],
      // Rescales the gradient, but sees the scale of the loss.
      descent: ({ pace }) => ({ learningRate: pace }),
      sampling: { beside: { fMin: { learningRate: 2 } } }
    }
  }
} satisfies Family
