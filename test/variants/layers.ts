import { pipe } from "thalweg"
import {
  adafactor,
  adam,
  adamw,
  fromage,
  galore,
  lamb,
  lars,
  madgrad,
  muon,
  nadamw,
  normuon,
  novograd,
  onDisplacement,
  psgdKron,
  shampoo,
  sm3,
  soap,
  withL2
} from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { addDecayedWeights, chain, scale } from "thalweg/transform"
import { decayFirst } from "./aside.js"
import { golden, known, type Scale, type Family } from "./variant.js"

/** Steps of constant length, or that are a constant fraction of the parameters, need a falling rate. */
const falling = ({ pace, steps }: Scale) => ({ learningRate: cosine({ start: pace, steps }) })

const joint = { ratio: "joint" } as const
const bounding = { epsPlace: "bounding" } as const
const largest = { axes: "largest", rateDecay: 0, minFactoredSize: 2 } as const
const torchMuon = { form: "average", epsPlace: "bounding", adjust: "inOverOut" } as const
const optaxMuon = { form: "debiased" } as const
const kerasMuon = { adjust: "matchRmsAdamw" } as const

/** What looks across a leaf: its norm, its rows and columns, its singular values. */
export const layers = {
  leader: "lamb",
  rows: {
    lars: {
      variants: [
        known({ optax: "lars(lr)" }, ({ learningRate }) => lars({ learningRate }), "optax/lars-default"),
        known(
          { optax: "lars(…, weight_decay)" },
          ({ learningRate, weightDecay, trustCoefficient, eps, momentum }) =>
            lars({ learningRate, weightDecay, trustCoefficient, eps, momentum, ratio: "joint" }),
          "optax/lars-decay"
        ),
        golden(h => lars({ ...h, ...joint }), "optax/lars"),
        golden(h => lars({ ...h, ...joint, nesterov: true }), "optax/lars-nesterov"),
        golden(lars, "paper/lars-plain", "paper/lars")
      ],
      descent: scale => ({ ...falling(scale), trustCoefficient: 1 }),
      sampling: { always: { trustCoefficient: 0.1 } }
    },
    lamb: {
      variants: [
        known({ optax: "lamb(lr)" }, ({ learningRate }) => lamb({ learningRate }), "optax/lamb-default"),
        known({ keras: "Lamb()" }, () => lamb({ eps: 1e-7 }), "keras/lamb-default"),
        golden(lamb, "optax/lamb", "optax/lamb-decay", "keras/lamb"),
        golden(({ weightDecay, ...h }) => pipe(lamb(h), decayFirst(h.learningRate * weightDecay)), "keras/lamb-decay")
      ],
      descent: falling
    },
    novograd: {
      variants: [
        known(
          { optax: "novograd(lr)" },
          ({ learningRate }) => novograd({ learningRate, b1: 0.9, b2: 0.25, eps: 1e-6 }),
          "optax/novograd-default"
        ),
        golden(novograd, "optax/novograd", "optax/novograd-decay")
      ],
      // One scale for a leaf is like one length of steps.
      descent: falling
    },
    fromage: {
      variants: [
        known(
          { optax: "fromage(lr)" },
          ({ learningRate }) => fromage({ learningRate, minNorm: 1e-6 }),
          "optax/fromage"
        ),
        golden(fromage, "optax/fromage-min-norm")
      ],
      descent: falling,
      sampling: { beside: { minNorm: { minNorm: 1.5 } } }
    },
    madgrad: {
      variants: [
        known(
          { contrib: "madgrad(lr)" },
          ({ learningRate }) => madgrad({ learningRate: learningRate + 1e-6 }),
          "optax/madgrad-default"
        ),
        golden(h => madgrad({ ...h, learningRate: h.learningRate + h.eps }), "optax/madgrad"),
        golden(
          ({ l2, ...h }) => pipe(madgrad({ ...h, learningRate: h.learningRate + h.eps }), withL2(l2)),
          "optax/madgrad-l2"
        ),
        golden(madgrad, "paper/madgrad")
      ]
    },
    sm3: {
      variants: [
        known(
          { optax: "sm3(lr, momentum)" },
          ({ learningRate, momentum }) => sm3({ learningRate, momentum, eps: 1e-8 }),
          ...["optax/sm3", "optax/sm3-tall", "optax/sm3-cube"]
        ),
        golden(sm3, "optax/sm3-eps")
      ],
      // Divides by a sum over all steps, so that the rate falls as 1/√t.
      descent: ({ pace }) => ({ learningRate: 10 * pace })
    },
    shampoo: {
      variants: [
        golden(
          shampoo,
          ...["pytorch_optimizer/shampoo", "pytorch_optimizer/shampoo-tall", "pytorch_optimizer/shampoo-cube"]
        )
      ],
      // Divides by roots of sums over all steps, so that the rate falls as 1/√t.
      descent: ({ pace }) => ({ learningRate: 10 * pace })
    },
    soap: {
      variants: [
        golden(
          h => soap({ ...h, sort: true, form: "epsilonHat" }),
          ...["pytorch_optimizer/soap", "pytorch_optimizer/soap-tall", "pytorch_optimizer/soap-cube"]
        ),
        golden(soap, "paper/soap")
      ],
      // Along directions without gradients it divides roundings by ε.
      sampling: { always: { eps: 0.05 } }
    },
    psgdKron: {
      variants: [
        golden(
          ({ key: seed, ...h }) => psgdKron({ ...h, seed }),
          ...["f32", "f64"].flatMap(dtype => ["", "-tall"].map(form => `pytorch_optimizer/kron${form}-${dtype}`))
        ),
        golden(
          ({ key: seed, ...h }) => psgdKron({ ...h, seed, fitTo: "gradient" }),
          ...["pytorch_optimizer/kron-cube-f32", "pytorch_optimizer/kron-cube-f64"]
        ),
        golden(
          ({ key: seed, ...h }) => psgdKron({ ...h, seed, triangles: "allButLongest" }),
          ...["pytorch_optimizer/kron-diagonal-f32", "pytorch_optimizer/kron-diagonal-f64"]
        )
      ],
      descent: scale => ({ ...falling(scale), seed: 1 }),
      sampling: {
        beside: { balancing: { balancing: 1 }, eps: { clip: 0.01, eps: 0.5 }, clip: { clip: 0.01 } },
        flat: { probability: "a draw is below it or not", balancing: "a draw is below it or not" }
      }
    },
    muon: {
      variants: [
        known(
          { torch: "`Muon(…)` of matrices kept `[out, in]`, but for its bfloat16; with another `elsewhere`" },
          ({ learningRate, momentum, weightDecay, elsewhere }) =>
            muon({
              learningRate,
              momentum,
              weightDecay,
              form: "average",
              epsPlace: "bounding",
              adjust: "inOverOut",
              elsewhere
            }),
          ...["torch/muon", "torch/muon-tall", "torch/muon-bfloat16"]
        ),
        known(
          { torch: "`Muon(…)` of kernels of convolutions, `kernel.flatten(1)`" },
          ({ learningRate, momentum, weightDecay, elsewhere }) =>
            muon({
              learningRate,
              momentum,
              weightDecay,
              form: "average",
              epsPlace: "bounding",
              flatten: true,
              elsewhere
            }),
          "torch/muon-conv"
        ),
        golden(h => muon({ ...h, ...torchMuon }), "torch/muon-heavy-ball", "torch/muon-coefficients"),
        golden(
          h => muon({ ...h, ...torchMuon, adjust: "matchRmsAdamw" }),
          ...["torch/muon-match-rms-adamw", "torch/muon-conv-match-rms-adamw"]
        ),
        known(
          { contrib: "muon(lr)" },
          ({ learningRate }) =>
            muon({ learningRate, eps: 1e-8, form: "debiased", elsewhere: nadamw({ learningRate, weightDecay: 0 }) }),
          "optax/muon-default"
        ),
        golden(
          h => muon({ ...h, ...optaxMuon }),
          ...["optax/muon", "optax/muon-tall", "optax/muon-heavy-ball", "optax/muon-dion", "optax/muon-decay"]
        ),
        golden(h => muon({ ...h, ...optaxMuon, adaptive: true }), "optax/muon-adaptive"),
        golden(h => muon({ ...h, ...optaxMuon, adjust: "matchRmsAdamw" }), "optax/muon-consistent-rms"),
        golden(h => muon({ ...h, ...optaxMuon, preconditioning: "aol" }), "optax/muon-aol"),
        golden(h => muon({ ...h, ...optaxMuon, preconditioning: "schatten" }), "optax/muon-schatten"),
        known(
          { keras: "Muon(learning_rate)" },
          ({ learningRate }) =>
            muon({
              learningRate,
              adjust: "matchRmsAdamw",
              weightDecay: 0.004,
              elsewhere: adamw({ learningRate, eps: 1e-7, form: "epsilonHat", weightDecay: 0.004 })
            }),
          "keras/muon-default"
        ),
        golden(h => muon({ ...h, ...kerasMuon }), "keras/muon", "keras/muon-tall", "keras/muon-heavy-ball"),
        golden(h => muon({ ...h, adjust: "none" }), "keras/muon-options")
      ],
      descent: scale => ({ ...falling(scale), elsewhere: adam({ learningRate: scale.pace }) }),
      sampling: { beside: { rmsRate: { adjust: "matchRmsAdamw" } } }
    },
    normuon: {
      variants: [
        golden(
          ({ targetRms: _, ...h }) => normuon({ ...h, epsPlace: "bounding", adjust: "outOverIn" }),
          ...["pytorch_optimizer/normuon", "pytorch_optimizer/normuon-tall"]
        ),
        golden(
          h => normuon({ ...h, epsPlace: "bounding" }),
          ...["pytorch_optimizer/normuon-rms", "pytorch_optimizer/normuon-decay", "paper/normuon"]
        )
      ],
      descent: scale => ({ ...falling(scale), targetRms: 1, elsewhere: adam({ learningRate: scale.pace }) })
    },
    galore: {
      variants: [
        golden(
          h => galore({ ...h, form: "epsilonHat" }),
          ...["pytorch_optimizer/galore", "pytorch_optimizer/galore-tall"]
        ),
        known(
          { contrib: "galore(lr)" },
          ({ learningRate }) => galore({ learningRate, scale: 1, side: "larger" }),
          "optax/galore-default"
        ),
        golden(h => galore({ ...h, side: "larger" }), "optax/galore", "optax/galore-tall"),
        golden(galore, "paper/galore", "paper/galore-full")
      ],
      // In two of two directions, found now and then.
      descent: ({ pace }) => ({ learningRate: pace, scale: 1 }),
      sampling: { always: { rank: 1 } }
    },
    adafactor: {
      variants: [
        known(
          { torch: "`Adafactor()`, with `eps1` the epsilon of the dtype" },
          ({ eps1 }) => adafactor({ eps1, epsPlace: "bounding" }),
          "torch/adafactor-default"
        ),
        known(
          { torch: "Adafactor(…, weight_decay)" },
          ({ learningRate, beta2Decay, eps1, eps2, clip, weightDecay }) =>
            pipe(
              adafactor({ learningRate, beta2Decay, eps1, eps2, clip, epsPlace: "bounding" }),
              onDisplacement(chain(scale(-1), addDecayedWeights(learningRate * weightDecay), scale(-1)))
            ),
          "torch/adafactor-decay"
        ),
        golden(h => adafactor({ ...h, ...bounding }), "torch/adafactor", "torch/adafactor-tall"),
        known(
          { optax: "adafactor(…, min_dim_size_to_factor=2)" },
          ({ learningRate, beta2Decay, eps1, clip }) =>
            adafactor({ learningRate, beta2Decay, eps1, clip, rateDecay: 0, axes: "largest", minFactoredSize: 2 }),
          "optax/adafactor"
        ),
        golden(
          h => adafactor({ ...h, ...largest }),
          ...["optax/adafactor-tiny", "optax/adafactor-tall", "optax/adafactor-cube"]
        ),
        golden(h => adafactor({ ...h, ...largest, minFactoredSize: 100 }), "optax/adafactor-unfactored"),
        golden(({ eps2: _, ...h }) => adafactor({ ...h, ...largest, steps: "absolute" }), "optax/adafactor-unscaled"),
        golden(h => adafactor({ ...h, ...largest, clip: 1e9 }), "optax/adafactor-unclipped"),
        golden(
          ({ weightDecay, ...h }) =>
            pipe(
              adafactor({ ...h, ...largest }),
              onDisplacement(chain(scale(-1), addDecayedWeights(weightDecay), scale(-1)))
            ),
          "optax/adafactor-momentum-decay"
        ),
        known({ keras: "Adafactor()" }, () => adafactor({ learningRate: 0.001 }), "keras/adafactor-default"),
        golden(() => adafactor(), "paper/adafactor-default"),
        golden(
          adafactor,
          ...["paper/adafactor", "keras/adafactor", "keras/adafactor-tall", "keras/adafactor-absolute"]
        ),
        golden(
          ({ weightDecay, ...h }) => pipe(adafactor(h), decayFirst(h.learningRate * weightDecay)),
          "keras/adafactor-decay"
        )
      ],
      sampling: { beside: { rateDecay: { learningRate: 0.9 }, eps2: { eps2: 2 }, clip: {} } }
    }
  }
} satisfies Family
