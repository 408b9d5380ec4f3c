import { pipe } from "thalweg"
import {
  adabelief,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamaxw,
  adamw,
  amsgrad,
  fromage,
  lamb,
  lars,
  lion,
  nadam,
  nadamw,
  novograd,
  onDisplacement,
  optimisticAdam,
  optimisticGradientDescent,
  polyakSgd,
  radam,
  rmsprop,
  sgd,
  signSgd,
  signum,
  sm3,
  withL2,
  withMomentum,
  yogi
} from "thalweg/optimizer"
import { trace } from "thalweg/transform"
import { same, words, type ElsewhereRow } from "./table.elsewhere.row.js"

/** The optimizers of optax, in the order of their names. */
export const optaxRows: readonly ElsewhereRow[] = [
  same("adabelief(lr)", ({ learningRate }) => adabelief({ learningRate }), "optax/adabelief-default"),
  same("adadelta(lr)", ({ learningRate }) => adadelta({ learningRate }), "optax/adadelta-default"),
  same(
    "adadelta(…, weight_decay=l2)",
    ({ learningRate, rho, eps, l2 }) => pipe(adadelta({ learningRate, rho, eps }), withL2(l2)),
    "optax/adadelta-l2"
  ),
  same(
    "adafactor(…, min_dim_size_to_factor=2)",
    ({ learningRate, beta2Decay, eps1, clip }) =>
      adafactor({ learningRate, beta2Decay, eps1, clip, rateDecay: 0, axes: "largest", minFactoredSize: 2 }),
    "optax/adafactor"
  ),
  same(
    "adagrad(lr)",
    ({ learningRate }) => adagrad({ learningRate, initialAccumulator: 0.1, eps: 1e-7 }),
    "optax/adagrad-default"
  ),
  same("adam(lr)", ({ learningRate }) => adam({ learningRate }), "optax/adam-default"),
  same(
    "adam(lr, b1, b2, eps, eps_root)",
    ({ learningRate, b1, b2, eps, epsRoot }) => adam({ learningRate, b1, b2, eps, epsRoot }),
    "optax/adam-eps-root"
  ),
  same(
    "adam(…, nesterov=True)",
    ({ learningRate, b1, b2, eps }) => adam({ learningRate, b1, b2, eps, nesterov: true }),
    "optax/adam-nesterov"
  ),
  same("adamax(lr)", ({ learningRate }) => adamax({ learningRate }), "optax/adamax-default"),
  same("adamaxw(lr)", ({ learningRate }) => adamaxw({ learningRate, weightDecay: 1e-4 }), "optax/adamaxw-default"),
  same("adamw(lr)", ({ learningRate }) => adamw({ learningRate, weightDecay: 1e-4 }), "optax/adamw-default"),
  words("adan", "`adan`, by the paper; optax takes `1 - b2` for `b2` where differences lead"),
  same("amsgrad(lr)", ({ learningRate }) => amsgrad({ learningRate, form: "debiasedBefore" }), "optax/amsgrad-default"),
  same("fromage(lr)", ({ learningRate }) => fromage({ learningRate, minNorm: 1e-6 }), "optax/fromage"),
  same("lamb(lr)", ({ learningRate }) => lamb({ learningRate }), "optax/lamb-default"),
  same("lars(lr)", ({ learningRate }) => lars({ learningRate }), "optax/lars-default"),
  same(
    "lars(…, weight_decay)",
    ({ learningRate, weightDecay, trustCoefficient, eps, momentum }) =>
      lars({ learningRate, weightDecay, trustCoefficient, eps, momentum, ratio: "joint" }),
    "optax/lars-decay"
  ),
  words("lbfgs", "not offered: a step sees one gradient, not a function to search along"),
  same("lion(lr)", ({ learningRate }) => lion({ learningRate, weightDecay: 0.001 }), "optax/lion-default"),
  same("nadam(lr)", ({ learningRate }) => nadam({ learningRate }), "optax/nadam-default"),
  same("nadamw(lr)", ({ learningRate }) => nadamw({ learningRate, weightDecay: 1e-4 }), "optax/nadamw-default"),
  words("noisy_sgd", "`noisySgd`, with the same distribution and other draws"),
  same(
    "novograd(lr)",
    ({ learningRate }) => novograd({ learningRate, b1: 0.9, b2: 0.25, eps: 1e-6 }),
    "optax/novograd-default"
  ),
  same(
    "optimistic_adam(…, optimism=learningRate·beta)",
    ({ learningRate, b1, b2, eps, beta }) =>
      optimisticAdam({ learningRate, b1, b2, eps, beta, start: "own", nesterov: true }),
    "optax/optimistic-adam-v1-optimism"
  ),
  same(
    "optimistic_adam_v2(lr)",
    ({ learningRate }) => optimisticAdam({ learningRate, start: "own", nesterov: true }),
    "optax/optimistic-adam-default"
  ),
  same(
    "optimistic_gradient_descent(lr)",
    ({ learningRate }) => optimisticGradientDescent({ learningRate }),
    "optax/optimistic-gradient-descent-default"
  ),
  same("polyak_sgd()", () => polyakSgd({ below: "ascend" }), "optax/polyak-sgd-default"),
  same(
    'polyak_sgd(…, variant="sps+")',
    ({ maxLearningRate, fMin, eps }) => polyakSgd({ maxLearningRate, fMin, eps }),
    "optax/polyak-sgd-plus"
  ),
  same("radam(lr)", ({ learningRate }) => radam({ learningRate }), "optax/radam-default"),
  same("rmsprop(lr)", ({ learningRate }) => rmsprop({ learningRate }), "optax/rmsprop-default"),
  same(
    "rmsprop(…, eps_in_sqrt=False)",
    ({ learningRate, decay, eps }) => rmsprop({ learningRate, decay, eps, epsPlace: "outside" }),
    "optax/rmsprop-outside"
  ),
  same(
    "rmsprop(…, momentum)",
    ({ learningRate, decay, eps, momentum }) => pipe(rmsprop({ learningRate, decay, eps }), withMomentum(momentum)),
    "optax/rmsprop-momentum"
  ),
  same(
    "rmsprop(…, momentum, nesterov=True)",
    ({ learningRate, decay, eps, momentum }) =>
      pipe(rmsprop({ learningRate, decay, eps }), onDisplacement(trace({ decay: momentum, nesterov: true }))),
    "optax/rmsprop-nesterov"
  ),
  words("rprop", "`rprop`, by the paper and PyTorch; optax applies each length one step late"),
  same("sgd(lr)", ({ learningRate }) => sgd({ learningRate }), "optax/sgd"),
  same("sgd(lr, momentum)", ({ learningRate, momentum }) => sgd({ learningRate, momentum }), "optax/sgd-momentum"),
  same(
    "sgd(lr, momentum, nesterov=True)",
    ({ learningRate, momentum }) => sgd({ learningRate, momentum, nesterov: true }),
    "optax/sgd-nesterov"
  ),
  same("sign_sgd(lr)", ({ learningRate }) => signSgd({ learningRate }), "optax/sign-sgd"),
  same("signum(lr)", ({ learningRate }) => signum({ learningRate }), "optax/signum-default"),
  same("sm3(lr, momentum)", ({ learningRate, momentum }) => sm3({ learningRate, momentum, eps: 1e-8 }), "optax/sm3"),
  same(
    "yogi(lr)",
    ({ learningRate }) => yogi({ learningRate, initialMoment: 1e-6, form: "debiased" }),
    "optax/yogi-default"
  )
]
