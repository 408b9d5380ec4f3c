import { pipe } from "thalweg"
import { adadelta, adagrad, ftrl, rmsprop, withL2, withMomentum, withWeightDecay } from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { golden, known, type Family } from "./variant.js"

/** What divides by a root mean square. */
export const adaptive = {
  leader: "rmsprop",
  rows: {
    adagrad: {
      variants: [
        known({ torch: "Adagrad()" }, () => adagrad({ eps: 1e-10, epsPlace: "outside" }), "torch/adagrad-default"),
        known(
          { torch: "Adagrad(…, lr_decay, initial_accumulator_value)" },
          ({ learningRate, rateDecay, initialAccumulator, eps }) =>
            adagrad({ learningRate, rateDecay, initialAccumulator, eps, epsPlace: "outside" }),
          ...["torch/adagrad", "torch/adagrad-zero"]
        ),
        golden(({ l2, ...h }) => pipe(adagrad({ ...h, epsPlace: "outside" }), withL2(l2)), "torch/adagrad-l2"),
        known(
          { optax: "adagrad(lr)" },
          ({ learningRate }) => adagrad({ learningRate, initialAccumulator: 0.1, eps: 1e-7 }),
          "optax/adagrad-default"
        ),
        known(
          { keras: "Adagrad()" },
          () => adagrad({ learningRate: 0.001, initialAccumulator: 0.1, eps: 1e-7 }),
          "keras/adagrad-default"
        ),
        golden(() => adagrad(), "paper/adagrad-default"),
        golden(adagrad, "optax/adagrad", "optax/adagrad-zero", "keras/adagrad", "paper/adagrad"),
        golden(({ weightDecay, ...h }) => pipe(adagrad(h), withWeightDecay(weightDecay)), "keras/adagrad-decay")
      ],
      // Divides by a sum over all steps, so that the rate falls as 1/√t.
      descent: ({ pace }) => ({ learningRate: 10 * pace })
    },
    ftrl: {
      variants: [
        known(
          { keras: "Ftrl()" },
          () => ftrl({ learningRate: 0.001, beta: 0, initialAccumulator: 0.1 }),
          "keras/ftrl-default"
        ),
        known(
          { keras: "Ftrl(…)" },
          ({ learningRate, power, beta, lambda1, lambda2, shrinkage, initialAccumulator }) =>
            ftrl({
              learningRate,
              power,
              beta,
              lambda1,
              lambda2: 2 * lambda2,
              shrinkage: 2 * shrinkage,
              initialAccumulator
            }),
          "keras/ftrl-all"
        ),
        golden(() => ftrl(), "paper/ftrl-default"),
        golden(ftrl, "keras/ftrl", "keras/ftrl-l1", "keras/ftrl-fixed", "paper/ftrl", "paper/ftrl-adagrad")
      ],
      // Divides by a sum over all steps, so that the rate falls as 1/√t.
      descent: ({ pace }) => ({ learningRate: 10 * pace, beta: 0 }),
      sampling: { beside: { lambda1: { lambda1: 0.3 } } }
    },
    adadelta: {
      variants: [
        known({ torch: "Adadelta()" }, () => adadelta(), "torch/adadelta-default"),
        known({ optax: "adadelta(lr)" }, ({ learningRate }) => adadelta({ learningRate }), "optax/adadelta-default"),
        known(
          { optax: "adadelta(…, weight_decay=l2)" },
          ({ learningRate, rho, eps, l2 }) => pipe(adadelta({ learningRate, rho, eps }), withL2(l2)),
          ...["optax/adadelta-l2", "torch/adadelta-l2"]
        ),
        known(
          { keras: "Adadelta()" },
          () => adadelta({ learningRate: 0.001, rho: 0.95, eps: 1e-7 }),
          "keras/adadelta-default"
        ),
        golden(adadelta, "torch/adadelta", "optax/adadelta", "keras/adadelta"),
        golden(({ weightDecay, ...h }) => pipe(adadelta(h), withWeightDecay(weightDecay)), "keras/adadelta-decay")
      ],
      // A ratio of running averages has no limit of its own; ε sets the length of the first steps.
      descent: ({ pace, steps }) => ({ learningRate: cosine({ start: 1, steps }), eps: (pace / 5) ** 2 })
    },
    rmsprop: {
      variants: [
        known(
          { torch: "RMSprop()" },
          () => rmsprop({ learningRate: 0.01, decay: 0.99, epsPlace: "outside" }),
          "torch/rmsprop-default"
        ),
        known(
          { torch: "RMSprop(…, centered=True)" },
          ({ learningRate, decay, eps }) => rmsprop({ learningRate, decay, eps, epsPlace: "outside", centered: true }),
          ...["torch/rmsprop-centered", "optax/rmsprop-centered-outside"]
        ),
        known(
          { torch: "RMSprop(…, momentum)" },
          ({ learningRate, decay, eps, momentum }) =>
            rmsprop({ learningRate, decay, eps, epsPlace: "outside", momentum }),
          "torch/rmsprop-momentum"
        ),
        known({ optax: "rmsprop(lr)" }, ({ learningRate }) => rmsprop({ learningRate }), "optax/rmsprop-default"),
        known(
          { optax: "rmsprop(…, eps_in_sqrt=False)" },
          ({ learningRate, decay, eps }) => rmsprop({ learningRate, decay, eps, epsPlace: "outside" }),
          ...["optax/rmsprop-outside", "torch/rmsprop"]
        ),
        known(
          { optax: "rmsprop(…, momentum)", keras: "RMSprop(…, momentum)" },
          ({ learningRate, decay, eps, momentum }) =>
            pipe(rmsprop({ learningRate, decay, eps }), withMomentum(momentum)),
          ...["optax/rmsprop-momentum", "keras/rmsprop-momentum"]
        ),
        known(
          { optax: "rmsprop(…, momentum, nesterov=True)" },
          ({ learningRate, decay, eps, momentum }) =>
            pipe(rmsprop({ learningRate, decay, eps }), withMomentum(momentum, { nesterov: true })),
          "optax/rmsprop-nesterov"
        ),
        known({ keras: "RMSprop()" }, () => rmsprop({ eps: 1e-7 }), "keras/rmsprop-default"),
        golden(() => rmsprop(), "paper/rmsprop-default"),
        golden(
          rmsprop,
          ...[
            "optax/rmsprop",
            "optax/rmsprop-centered",
            "optax/rmsprop-initial-scale",
            "optax/rmsprop-bias-correction"
          ],
          ...["optax/rmsprop-centered-bias-correction", "keras/rmsprop", "keras/rmsprop-centered"]
        ),
        golden(
          h => rmsprop({ ...h, epsPlace: "outside" }),
          ...["optax/rmsprop-bias-correction-outside", "torch/rmsprop-centered-momentum"]
        ),
        golden(
          ({ l2, ...h }) => pipe(rmsprop({ ...h, epsPlace: "outside" }), withL2(l2)),
          ...["torch/rmsprop-l2", "torch/rmsprop-momentum-l2"]
        ),
        golden(
          ({ momentum, ...h }) => pipe(rmsprop(h), withMomentum(momentum)),
          ...["optax/rmsprop-centered-momentum", "keras/rmsprop-centered-momentum"]
        ),
        golden(
          ({ momentum, nesterov, ...h }) => pipe(rmsprop(h), withMomentum(momentum, { nesterov })),
          "optax/rmsprop-centered-nesterov"
        ),
        golden(({ weightDecay, ...h }) => pipe(rmsprop(h), withWeightDecay(weightDecay)), "keras/rmsprop-decay")
      ]
    }
  }
} satisfies Family
