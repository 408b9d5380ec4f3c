import { minimum, mul, pipe } from "thalweg"
import {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  asgd,
  clipByNorm,
  maximize,
  muon,
  nadam,
  radam,
  rmsprop,
  rprop,
  sgd,
  withEma,
  withL2,
  withPolyakAverage,
  withWeightDecay
} from "thalweg/optimizer"
import { same, words, type ElsewhereRow } from "./table.elsewhere.row.js"

/** What PyTorch has, in the order of its names. */
export const torchRows: readonly ElsewhereRow[] = [
  same("Adadelta()", () => adadelta(), "torch/adadelta-default"),
  same(
    "`Adafactor()`, with `eps1` the epsilon of the dtype",
    ({ eps1 }) => adafactor({ eps1, epsPlace: "bounding" }),
    "torch/adafactor-default"
  ),
  same(
    "Adafactor(…, weight_decay)",
    ({ learningRate, beta2Decay, eps1, eps2, clip, weightDecay }) =>
      pipe(
        adafactor({ learningRate, beta2Decay, eps1, eps2, clip, epsPlace: "bounding" }),
        withWeightDecay(weightDecay)
      ),
    "torch/adafactor-decay"
  ),
  same("Adagrad()", () => adagrad({ eps: 1e-10, epsPlace: "outside" }), "torch/adagrad-default"),
  same(
    "Adagrad(…, lr_decay, initial_accumulator_value)",
    ({ learningRate, rateDecay, initialAccumulator, eps }) =>
      adagrad({ learningRate, rateDecay, initialAccumulator, eps, epsPlace: "outside" }),
    "torch/adagrad"
  ),
  same("Adam()", () => adam(), "torch/adam-default"),
  same("Adam(lr, (b1, b2), eps)", ({ learningRate, b1, b2, eps }) => adam({ learningRate, b1, b2, eps }), "torch/adam"),
  same(
    "Adam(…, weight_decay=l2)",
    ({ learningRate, b1, b2, eps, l2 }) => pipe(adam({ learningRate, b1, b2, eps }), withL2(l2)),
    "torch/adam-l2"
  ),
  same(
    "Adam(…, amsgrad=True)",
    ({ learningRate, b1, b2, eps }) => amsgrad({ learningRate, b1, b2, eps, form: "debiasedAfter" }),
    "torch/adam-amsgrad"
  ),
  same("Adamax()", () => adamax(), "torch/adamax-default"),
  same("AdamW()", () => adamw(), "torch/adamw-default"),
  same(
    "AdamW(…, weight_decay)",
    ({ learningRate, b1, b2, eps, weightDecay }) => adamw({ learningRate, b1, b2, eps, weightDecay }),
    "torch/adamw"
  ),
  same(
    "AdamW(…, amsgrad=True)",
    ({ learningRate, b1, b2, eps, weightDecay }) =>
      pipe(amsgrad({ learningRate, b1, b2, eps, form: "debiasedAfter" }), withWeightDecay(weightDecay)),
    "torch/adamw-amsgrad"
  ),
  same("ASGD()", () => asgd({ skip: 1_000_001 }), "torch/asgd-default"),
  words("LBFGS", "not offered: a step sees one gradient, not a function to search along"),
  same(
    "`Muon(…)` of matrices kept `[out, in]`, but for its bfloat16; with another `elsewhere`",
    ({ learningRate, momentum, weightDecay }, elsewhere) =>
      muon(
        { learningRate, momentum, weightDecay, form: "average", epsPlace: "bounding", adjust: "inOverOut" },
        elsewhere
      ),
    "torch/muon"
  ),
  same("NAdam()", () => nadam({ learningRate: 0.002, momentumDecay: 0.004 }), "torch/nadam-default"),
  same(
    "NAdam(…, decoupled_weight_decay=True)",
    ({ learningRate, b1, b2, eps, momentumDecay, weightDecay }) =>
      pipe(nadam({ learningRate, b1, b2, eps, momentumDecay }), withWeightDecay(weightDecay)),
    "torch/nadam-decoupled"
  ),
  same("RAdam()", () => radam({ form: "epsilonHat" }), "torch/radam-default"),
  same("RMSprop()", () => rmsprop({ learningRate: 0.01, decay: 0.99, epsPlace: "outside" }), "torch/rmsprop-default"),
  same(
    "RMSprop(…, centered=True)",
    ({ learningRate, decay, eps }) => rmsprop({ learningRate, decay, eps, epsPlace: "outside", centered: true }),
    "torch/rmsprop-centered"
  ),
  same(
    "RMSprop(…, momentum)",
    ({ learningRate, decay, eps, momentum }) => rmsprop({ learningRate, decay, eps, epsPlace: "outside", momentum }),
    "torch/rmsprop-momentum"
  ),
  same("Rprop()", () => rprop(), "torch/rprop-default"),
  same("SGD(lr, momentum)", ({ learningRate, momentum }) => sgd({ learningRate, momentum }), "torch/sgd-momentum"),
  same(
    "SGD(…, dampening)",
    ({ learningRate, momentum, dampening }) => sgd({ learningRate, momentum, dampening, dampenFirst: false }),
    "torch/sgd-dampening"
  ),
  same(
    "SGD(…, nesterov=True)",
    ({ learningRate, momentum }) => sgd({ learningRate, momentum, nesterov: true }),
    "torch/sgd-nesterov"
  ),
  same(
    "SGD(…, weight_decay=l2)",
    ({ learningRate, momentum, l2 }) => pipe(sgd({ learningRate, momentum }), withL2(l2)),
    "torch/sgd-momentum-l2"
  ),
  same(
    "SGD(…, maximize=True)",
    ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), maximize),
    "torch/sgd-maximize"
  ),
  words("SparseAdam", "not offered: there are no sparse gradients"),
  same(
    "clip_grad_norm_(…, maxNorm)",
    ({ learningRate, maxNorm }) => pipe(sgd({ learningRate }), clipByNorm(maxNorm, { eps: 1e-6 })),
    "torch/sgd-clip-eps"
  ),
  words("clip_grad_value_(…, maxValue)", "`clipByValue(maxValue)`"),
  same(
    "swa_utils.AveragedModel",
    ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), withPolyakAverage()),
    "torch/sgd-average"
  ),
  same(
    "swa_utils.get_ema_multi_avg_fn(emaDecay)",
    ({ learningRate, momentum, emaDecay }) =>
      pipe(
        sgd({ learningRate, momentum }),
        withEma(t => mul(minimum(t, 1), emaDecay))
      ),
    "torch/sgd-ema"
  ),
  words("groups of parameters (`add_param_group`)", "`partition`, or `masked`, `freeze` and the `mask` of a decay"),
  words("`backward()` k times before `step()`", "`accumulate(k)`, of the mean, where PyTorch adds up"),
  words("`amp.GradScaler`, where it skips a step", "`ifFinite()`"),
  words("`state_dict()`, `load_state_dict()`", "the state is a tree of tensors: save its leaves"),
  words("zero_grad()", "nothing: gradients are values")
]
