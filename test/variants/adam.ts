import { pipe } from "thalweg"
import {
  adam,
  adamax,
  adamaxw,
  adamw,
  amsgrad,
  nadam,
  nadamw,
  radam,
  scheduledNadam,
  withL2,
  withWeightDecay
} from "thalweg/optimizer"
import { exponential, piecewiseConstant } from "thalweg/schedule"
import type { Given } from "./cases.js"
import { golden, known, type Family } from "./variant.js"

const hat = { form: "epsilonHat" } as const

/** A rate that falls by a tenth at each step. */
const falling = (h: Given) => ({ ...h, learningRate: exponential({ start: h.learningRate, rate: 0.9 }) })

/** Adam, and what changes one thing in it. */
export const adams = {
  leader: "adam",
  rows: {
    adam: {
      variants: [
        known({ torch: "Adam()" }, () => adam(), "torch/adam-default"),
        known(
          { torch: "Adam(lr, (b1, b2), eps)" },
          ({ learningRate, b1, b2, eps }) => adam({ learningRate, b1, b2, eps }),
          ...["torch/adam", "optax/adam"]
        ),
        known(
          { torch: "Adam(…, weight_decay=l2)", optaxBeside: "`add_decayed_weights(l2)`, first in a chain" },
          ({ learningRate, b1, b2, eps, l2 }) => pipe(adam({ learningRate, b1, b2, eps }), withL2(l2)),
          ...["torch/adam-l2", "combinators/l2-adam"]
        ),
        known({ optax: "adam(lr)" }, ({ learningRate }) => adam({ learningRate }), "optax/adam-default"),
        known(
          { optax: "adam(lr, b1, b2, eps, eps_root)" },
          ({ learningRate, b1, b2, eps, epsRoot }) => adam({ learningRate, b1, b2, eps, epsRoot }),
          "optax/adam-eps-root"
        ),
        known(
          { optax: "adam(…, nesterov=True)" },
          ({ learningRate, b1, b2, eps }) => adam({ learningRate, b1, b2, eps, nesterov: true }),
          ...["optax/adam-nesterov", "optax/nadam"]
        ),
        known(
          { optaxBeside: "adam(exponential_decay(…), …)" },
          ({ learningRate, schedule, b1, b2, eps }) =>
            adam({ learningRate: exponential({ start: learningRate, rate: schedule.exponential }), b1, b2, eps }),
          ...["optax/adam-exponential", "torch/adam-exponential"]
        ),
        known({ keras: "Adam()" }, () => adam({ eps: 1e-7, form: "epsilonHat" }), "keras/adam-default"),
        golden(h => adam({ ...h, ...hat }), "keras/adam"),
        golden(
          ({ weightDecay, ...h }) => pipe(adam({ ...h, ...hat }), withWeightDecay(weightDecay)),
          "keras/adam-decay"
        )
      ]
    },
    adamw: {
      variants: [
        known({ torch: "AdamW()" }, () => adamw(), "torch/adamw-default"),
        known(
          { torch: "AdamW(…, weight_decay)" },
          ({ learningRate, b1, b2, eps, weightDecay }) => adamw({ learningRate, b1, b2, eps, weightDecay }),
          "torch/adamw"
        ),
        known(
          { optax: "adamw(lr)" },
          ({ learningRate }) => adamw({ learningRate, weightDecay: 1e-4 }),
          "optax/adamw-default"
        ),
        known(
          { keras: "AdamW()" },
          () => adamw({ eps: 1e-7, form: "epsilonHat", weightDecay: 0.004 }),
          "keras/adamw-default"
        ),
        golden(h => adamw({ ...h, ...hat }), "keras/adamw"),
        golden(h => adamw({ ...h, baseRate: h.learningRate }), "paper/adamw"),
        golden(h => adamw({ ...falling(h), baseRate: h.learningRate }), "paper/adamw-exponential")
      ]
    },
    amsgrad: {
      variants: [
        known(
          { torch: "Adam(…, amsgrad=True)" },
          ({ learningRate, b1, b2, eps }) => amsgrad({ learningRate, b1, b2, eps, form: "debiasedAfter" }),
          "torch/adam-amsgrad"
        ),
        known(
          { torch: "AdamW(…, amsgrad=True)" },
          ({ learningRate, b1, b2, eps, weightDecay }) =>
            pipe(amsgrad({ learningRate, b1, b2, eps, form: "debiasedAfter" }), withWeightDecay(weightDecay)),
          "torch/adamw-amsgrad"
        ),
        known(
          { optax: "amsgrad(lr)" },
          ({ learningRate }) => amsgrad({ learningRate, form: "debiasedBefore" }),
          "optax/amsgrad-default"
        ),
        known(
          { keras: "Adam(…, amsgrad=True)" },
          ({ learningRate, b1, b2, eps }) => amsgrad({ learningRate, b1, b2, eps, form: "epsilonHat" }),
          "keras/adam-amsgrad"
        ),
        golden(h => amsgrad({ ...h, form: "debiasedBefore" }), "optax/amsgrad", "optax/amsgrad-eps-root"),
        golden(amsgrad, "optax/amsgrad-paper", "paper/amsgrad")
      ]
    },
    adamax: {
      variants: [
        known({ torch: "Adamax()" }, () => adamax(), "torch/adamax-default"),
        known({ optax: "adamax(lr)" }, ({ learningRate }) => adamax({ learningRate }), "optax/adamax-default"),
        known(
          { keras: "Adamax()" },
          () => adamax({ learningRate: 0.001, eps: 1e-7, epsPlace: "outside" }),
          "keras/adamax-default"
        ),
        golden(adamax, "torch/adamax", "optax/adamax"),
        golden(({ l2, ...h }) => pipe(adamax(h), withL2(l2)), "torch/adamax-l2"),
        golden(h => adamax({ ...h, epsPlace: "outside" }), "keras/adamax"),
        golden(
          ({ weightDecay, ...h }) => pipe(adamax({ ...h, epsPlace: "outside" }), withWeightDecay(weightDecay)),
          "keras/adamax-decay"
        )
      ]
    },
    adamaxw: {
      variants: [
        known(
          { optax: "adamaxw(lr)" },
          ({ learningRate }) => adamaxw({ learningRate, weightDecay: 1e-4 }),
          "optax/adamaxw-default"
        ),
        golden(adamaxw, "optax/adamaxw")
      ]
    },
    nadam: {
      variants: [
        known({ optax: "nadam(lr)" }, ({ learningRate }) => nadam({ learningRate }), "optax/nadam-default"),
        golden(nadam, "optax/nadam-eps-root")
      ]
    },
    scheduledNadam: {
      variants: [
        known(
          { torch: "NAdam()" },
          () => scheduledNadam({ learningRate: 0.002, momentumDecay: 0.004 }),
          "torch/nadam-default"
        ),
        known(
          { torch: "NAdam(…, decoupled_weight_decay=True)" },
          ({ learningRate, b1, b2, eps, momentumDecay, weightDecay }) =>
            pipe(scheduledNadam({ learningRate, b1, b2, eps, momentumDecay }), withWeightDecay(weightDecay)),
          ...["torch/nadam-decoupled", "keras/nadam-decay"]
        ),
        known({ keras: "Nadam()" }, () => scheduledNadam({ eps: 1e-7, momentumDecay: 1 }), "keras/nadam-default"),
        golden(scheduledNadam, "torch/nadam", "keras/nadam", "paper/nadam", "paper/nadam-psi-1"),
        golden(({ l2, ...h }) => pipe(scheduledNadam(h), withL2(l2)), "torch/nadam-l2")
      ],
      descent: () => ({ momentumDecay: 0.004 })
    },
    nadamw: {
      variants: [
        known(
          { optax: "nadamw(lr)" },
          ({ learningRate }) => nadamw({ learningRate, weightDecay: 1e-4 }),
          "optax/nadamw-default"
        ),
        golden(nadamw, "optax/nadamw")
      ]
    },
    radam: {
      variants: [
        known({ torch: "RAdam()" }, () => radam({ form: "epsilonHat" }), "torch/radam-default"),
        known({ optax: "radam(lr)" }, ({ learningRate }) => radam({ learningRate }), "optax/radam-default"),
        golden(h => radam({ ...h, ...hat }), "torch/radam"),
        golden(({ l2, ...h }) => pipe(radam({ ...h, ...hat }), withL2(l2)), "torch/radam-l2"),
        golden(
          ({ weightDecay, ...h }) => pipe(radam({ ...h, ...hat }), withWeightDecay(weightDecay)),
          "torch/radam-decoupled"
        ),
        golden(radam, "optax/radam", "optax/radam-threshold-4", "optax/radam-eps-root", "paper/radam"),
        golden(h => radam({ ...h, nesterov: true }), "optax/radam-nesterov"),
        golden(() => radam(), "paper/radam-default")
      ],
      // The first steps follow the gradient, those after them are short.
      descent: ({ rate, pace }) => ({ learningRate: piecewiseConstant({ boundaries: [5], values: [rate, 2 * pace] }) }),
      sampling: { always: { b2: 0.95, threshold: 4.5 }, flat: { threshold: "it is only compared with" } }
    }
  }
} satisfies Family
