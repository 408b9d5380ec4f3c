import { pipe } from "thalweg"
import {
  adam,
  adamw,
  asam,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  maximize,
  momentum,
  normalizeGradients,
  sam,
  sgd,
  withDifferentialPrivacy,
  withWeightDecay
} from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { golden, known, words, type Family } from "./variant.js"

/** What acts on gradients before an optimizer. */
export const gradients = {
  leader: "clipByNorm",
  rows: {
    clipByNorm: {
      variants: [
        known(
          { torchBeside: "clip_grad_norm_(…, maxNorm)" },
          ({ learningRate, maxNorm }) => pipe(sgd({ learningRate }), clipByNorm(maxNorm, { eps: 1e-6 })),
          "torch/sgd-clip-eps"
        ),
        known(
          { optaxBeside: "clip_by_global_norm(maxNorm)" },
          ({ learningRate, momentum, maxNorm }) => pipe(sgd({ learningRate, momentum }), clipByNorm(maxNorm)),
          ...["combinators/clip-by-norm", "torch/sgd-clip", "torch/sgd-momentum-clip", "optax/sgd-clip"]
        ),
        known(
          { optaxBeside: "chain(clip_by_global_norm(maxNorm), adamw(…))" },
          ({ learningRate, b1, b2, eps, weightDecay, maxNorm }) =>
            pipe(adam({ learningRate, b1, b2, eps }), withWeightDecay(weightDecay), clipByNorm(maxNorm)),
          ...["optax/clip-adam-decay", "torch/clip-adam-decay"]
        ),
        known(
          { kerasBeside: "global_clipnorm" },
          ({ learningRate, momentum: gamma, maxNorm }) =>
            pipe(momentum({ learningRate, momentum: gamma }), clipByNorm(maxNorm)),
          "keras/global-clipnorm"
        )
      ],
      descent: () => ({ maxNorm: 1 })
    },
    clipByLeafNorm: {
      variants: [
        known(
          { optaxBeside: "clip_by_block_rms(maxLeafRms)" },
          ({ learningRate, momentum, maxLeafRms }) =>
            pipe(sgd({ learningRate, momentum }), clipByLeafNorm(maxLeafRms, { measure: "rms" })),
          "combinators/clip-by-leaf-rms"
        ),
        known(
          { kerasBeside: "clipnorm" },
          ({ learningRate, momentum: gamma, maxLeafNorm }) =>
            pipe(momentum({ learningRate, momentum: gamma }), clipByLeafNorm(maxLeafNorm)),
          "keras/clipnorm"
        ),
        golden(
          ({ maxLeafNorm, ...h }) => pipe(adamw({ ...h, form: "epsilonHat" }), clipByLeafNorm(maxLeafNorm)),
          "keras/clipnorm-decay"
        )
      ],
      descent: () => ({ maxNorm: 1 })
    },
    clipByValue: {
      variants: [
        words({ torchBeside: "clip_grad_value_(…, maxValue)" }, "`clipByValue(maxValue)`"),
        known(
          { optaxBeside: "clip(maxValue)" },
          ({ learningRate, momentum, maxValue }) => pipe(sgd({ learningRate, momentum }), clipByValue(maxValue)),
          "combinators/clip-by-value"
        ),
        known(
          { kerasBeside: "clipvalue" },
          ({ learningRate, momentum: gamma, maxValue }) =>
            pipe(momentum({ learningRate, momentum: gamma }), clipByValue(maxValue)),
          "keras/clipvalue"
        )
      ],
      descent: () => ({ maxValue: 1 })
    },
    clipAdaptive: {
      variants: [
        known(
          { optaxBeside: "adaptive_grad_clip(clipping, eps)" },
          ({ learningRate, momentum, clipping, eps }) =>
            pipe(sgd({ learningRate, momentum }), clipAdaptive(clipping, { eps })),
          "combinators/clip-adaptive-eps"
        ),
        golden(
          ({ learningRate, momentum, clipping }) => pipe(sgd({ learningRate, momentum }), clipAdaptive(clipping)),
          "combinators/clip-adaptive"
        )
      ],
      descent: () => ({ clipping: 1 }),
      sampling: { beside: { eps: { eps: 2 } } }
    },
    normalizeGradients: {
      variants: [
        known(
          { optaxBeside: "normalize_by_update_norm()" },
          ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), normalizeGradients({ eps: 1e-6 })),
          "combinators/normalize"
        ),
        golden(
          ({ scale, eps, ...h }) => pipe(sgd(h), normalizeGradients({ scale, eps })),
          "combinators/normalize-scaled"
        )
      ],
      // Steps of constant length need a falling rate.
      descent: ({ steps }) => ({ scale: cosine({ start: 1, steps }) })
    },
    centralizeGradients: {
      variants: [
        known(
          { optaxBeside: "centralize()" },
          ({ learningRate, momentum }) =>
            pipe(sgd({ learningRate, momentum }), centralizeGradients({ units: "first" })),
          "combinators/centralize"
        )
      ]
    },
    sam: {
      variants: [
        known(
          { contrib: "sam(sgd(…), chain(normalize(), sgd(rho)), opaque_mode=True)" },
          ({ learningRate, momentum, rho }) => pipe(sgd({ learningRate, momentum }), sam({ rho })),
          ...["optax/sam", "pytorch_optimizer/sam"]
        ),
        golden(({ rho, ...h }) => pipe(adam(h), sam({ rho })), "optax/sam-adam")
      ],
      // At the minimum the gradient has no direction, and the worst point is anywhere at this distance.
      descent: () => ({ rho: 0.01 })
    },
    asam: {
      variants: [
        golden(
          ({ learningRate, momentum, rho, eta }) => pipe(sgd({ learningRate, momentum }), asam({ rho, eta })),
          ...["pytorch_optimizer/asam", "paper/asam"]
        )
      ],
      descent: () => ({ rho: 0.01 })
    },
    withDifferentialPrivacy: {
      variants: [
        known(
          { contrib: "chain(differentially_private_aggregate(…), adam(…))" },
          ({ learningRate, b1, b2, eps, maxNorm, noiseMultiplier, key: seed }) =>
            pipe(adam({ learningRate, b1, b2, eps }), withDifferentialPrivacy({ maxNorm, noiseMultiplier, seed })),
          ...["optax/dp-adam-f64", "optax/dp-adam-f32"]
        )
      ],
      descent: () => ({ maxNorm: 100, noiseMultiplier: 0, seed: 1 })
    },
    maximize: {
      variants: [
        known(
          { torch: "SGD(…, maximize=True)" },
          ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), maximize),
          ...["torch/sgd-maximize", "combinators/maximize"]
        )
      ]
    },
    withL1: {
      variants: [], // a law holds it to the gradient of the norm
      descent: () => ({ strength: 1e-4 })
    },
    withL2: {
      variants: [], // beside what they couple a decay to
      descent: () => ({ weightDecay: 1e-4 })
    },
    addNoise: {
      variants: [words({ optaxBeside: "add_noise" }, "`addNoise`, with the same distribution and other draws")],
      descent: () => ({ seed: 1, eta: 1e-4 })
    }
  }
} satisfies Family
