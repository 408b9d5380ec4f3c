import { add, cast, div, mul, pipe, pow, sqrt, Tree, type Tensor } from "thalweg"
import {
  asgd,
  dpSgd,
  maximize,
  momentum,
  nag,
  noisySgd,
  onGradient,
  optimisticGradientDescent,
  sgd,
  withL2
} from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { exponential } from "thalweg/schedule"
import type { StateFamily, Transform } from "thalweg/transform"
import type { Given } from "./cases.js"
import { golden, known, words, type Family } from "./variant.js"

interface KeyF extends StateFamily {
  readonly type: Tensor
}

/** Noise from keys in optax's order: one for later, one that is split by leaf; the recipe's own splits once. */
const noiseOfOptax = (h: Given): Transform<KeyF> => ({
  init: () => key(h.key),
  update: (updates, now, _, { step }) => {
    const { leaves, structure } = Tree.flatten(updates)
    const [later, own] = split(now)
    const keys: readonly Tensor[] = split(own, leaves.length)
    const sigma = sqrt(div(h.eta, pow(add(step, 1), h.gamma)))
    const noisy = leaves.map((u, i) => {
      const dtype = u.dtype as "f32" | "f64"
      return add(u, mul(normal(keys[i] as Tensor, u.shape, { dtype }), cast(sigma, dtype)))
    })
    return [Tree.unflatten<typeof updates>(structure)(noisy), later]
  }
})

/** What follows the gradient. */
export const descent = {
  leader: "momentum",
  rows: {
    sgd: {
      variants: [
        known(
          { optax: "sgd(lr)", keras: "SGD(learning_rate)" },
          ({ learningRate }) => sgd({ learningRate }),
          ...["optax/sgd", "keras/sgd", "torch/sgd"]
        ),
        known(
          { torch: "SGD(lr, momentum)", optax: "sgd(lr, momentum)" },
          ({ learningRate, momentum }) => sgd({ learningRate, momentum }),
          ...["torch/sgd-momentum", "optax/sgd-momentum"]
        ),
        known(
          { torch: "SGD(…, dampening)" },
          ({ learningRate, momentum, dampening }) => sgd({ learningRate, momentum, dampening, dampenFirst: false }),
          "torch/sgd-dampening"
        ),
        golden(sgd, "paper/sgd-dampening"),
        known(
          { torch: "SGD(…, nesterov=True)", optax: "sgd(lr, momentum, nesterov=True)" },
          ({ learningRate, momentum }) => sgd({ learningRate, momentum, nesterov: true }),
          ...["torch/sgd-nesterov", "optax/sgd-nesterov"]
        ),
        known(
          { torch: "SGD(…, weight_decay=l2)" },
          ({ learningRate, momentum, l2 }) => pipe(sgd({ learningRate, momentum }), withL2(l2)),
          ...["torch/sgd-momentum-l2", "torch/sgd-l2", "combinators/l2-momentum"]
        ),
        golden(({ l2, ...h }) => pipe(sgd(h), withL2(l2)), "torch/sgd-nesterov-l2"),
        golden(
          ({ learningRate, momentum, schedule }) =>
            sgd({ learningRate: exponential({ start: learningRate, rate: schedule.exponential }), momentum }),
          ...["torch/sgd-momentum-exponential", "optax/sgd-momentum-exponential"]
        )
      ],
      sampling: {
        beside: {
          momentum: [{}, { nesterov: true }],
          dampening: [{ momentum: 0.5 }, { momentum: 0.5, dampenFirst: false }]
        }
      }
    },
    momentum: {
      variants: [
        known(
          { keras: "SGD(…, momentum=gamma)" },
          ({ learningRate, momentum: gamma }) => momentum({ learningRate, momentum: gamma }),
          "keras/sgd-momentum"
        )
      ]
    },
    nag: {
      variants: [
        golden(nag, "paper/nag"),
        golden(
          ({ learningRate, momentum }) =>
            nag({ learningRate: exponential({ start: learningRate, rate: 0.9 }), momentum }),
          "paper/nag-exponential"
        )
      ]
    },
    noisySgd: {
      variants: [
        words({ optax: "noisy_sgd" }, "`noisySgd`, with the same distribution and other draws"),
        golden(h => noisySgd({ ...h, seed: 3 }), "optax/noisy-sgd-silent"),
        golden(
          h => pipe(sgd({ learningRate: h.learningRate }), onGradient(noiseOfOptax(h))),
          ...["optax/noisy-sgd-f64", "optax/noisy-sgd-f32"]
        )
      ],
      descent: () => ({ seed: 1 })
    },
    dpSgd: {
      variants: [
        known(
          { contrib: "dpsgd(…, l2_norm_clip, noise_multiplier, seed)" },
          ({ key: seed, ...h }) => dpSgd({ ...h, seed }),
          ...["optax/dpsgd", "optax/dpsgd-momentum", "optax/dpsgd-nesterov", "optax/dpsgd-large-norm"],
          ...["optax/dpsgd-noise-f64", "optax/dpsgd-noise-f32"]
        )
      ],
      // Without noise, which keeps from the minimum; norms are small there.
      descent: () => ({ maxNorm: 100, noiseMultiplier: 0, seed: 1 }),
      sampling: {
        beside: {
          momentum: [{}, { nesterov: true }],
          dampening: [{ momentum: 0.5 }, { momentum: 0.5, dampenFirst: false }]
        }
      }
    },
    asgd: {
      variants: [
        known({ torch: "ASGD()" }, () => asgd({ skip: 1_000_001 }), "torch/asgd-default"),
        golden(asgd, "torch/asgd", "torch/asgd-soon"),
        golden(({ l2, ...h }) => pipe(asgd(h), withL2(l2)), "torch/asgd-l2"),
        golden(
          ({ learningRate, weightDecay, power, skip, l2 }) =>
            pipe(asgd({ learningRate, weightDecay, power, skip }), withL2(l2), maximize),
          "torch/asgd-maximize"
        )
      ],
      // The mean over the whole of a bent way lies beside it.
      descent: ({ steps }) => ({ skip: steps - steps / 10 })
    },
    optimisticGradientDescent: {
      variants: [
        known(
          { optax: "optimistic_gradient_descent(lr)" },
          ({ learningRate }) => optimisticGradientDescent({ learningRate }),
          "optax/optimistic-gradient-descent-default"
        ),
        golden(optimisticGradientDescent, "optax/optimistic-gradient-descent")
      ],
      // With beta = 1, descent is steady up to a third of the usual rate only.
      descent: () => ({ beta: 0.1 })
    }
  }
} satisfies Family
