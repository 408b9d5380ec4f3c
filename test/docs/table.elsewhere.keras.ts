import { minimum, mul, pipe } from "thalweg"
import {
  accumulate,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  lamb,
  lion,
  momentum,
  muon,
  nadam,
  onDisplacement,
  rmsprop,
  scheduleFreeAdamw,
  sgd,
  withEma,
  withMomentum,
  withWeightDecay
} from "thalweg/optimizer"
import { trace } from "thalweg/transform"
import { same, words, type ElsewhereRow } from "./table.elsewhere.row.js"

/** What Keras has, in the order of its names; then what its optimizers have in common. */
export const kerasRows: readonly ElsewhereRow[] = [
  same("Adadelta()", () => adadelta({ learningRate: 0.001, rho: 0.95, eps: 1e-7 }), "keras/adadelta-default"),
  same("Adafactor()", () => adafactor({ learningRate: 0.001 }), "keras/adafactor-default"),
  same(
    "Adagrad()",
    () => adagrad({ learningRate: 0.001, initialAccumulator: 0.1, eps: 1e-7 }),
    "keras/adagrad-default"
  ),
  same("Adam()", () => adam({ eps: 1e-7, form: "epsilonHat" }), "keras/adam-default"),
  same(
    "Adam(…, amsgrad=True)",
    ({ learningRate, b1, b2, eps }) => amsgrad({ learningRate, b1, b2, eps, form: "epsilonHat" }),
    "keras/adam-amsgrad"
  ),
  same("Adamax()", () => adamax({ learningRate: 0.001, eps: 1e-7, epsPlace: "outside" }), "keras/adamax-default"),
  same("AdamW()", () => adamw({ eps: 1e-7, form: "epsilonHat", weightDecay: 0.004 }), "keras/adamw-default"),
  words("Ftrl", "not offered"),
  same("Lamb()", () => lamb({ eps: 1e-7 }), "keras/lamb-default"),
  same("Lion()", () => lion({ learningRate: 0.001 }), "keras/lion-default"),
  words("LossScaleOptimizer", "`ifFinite()`, for the skipped steps"),
  words("`MultiOptimizer`, `OptimizerMap`", "`partition`"),
  same(
    "Muon(learning_rate)",
    ({ learningRate }) =>
      muon(
        { learningRate, adjust: "matchRmsAdamw", weightDecay: 0.004 },
        adamw({ learningRate, eps: 1e-7, form: "epsilonHat", weightDecay: 0.004 })
      ),
    "keras/muon-default"
  ),
  same("Nadam()", () => nadam({ eps: 1e-7, momentumDecay: 1 }), "keras/nadam-default"),
  same("RMSprop()", () => rmsprop({ eps: 1e-7 }), "keras/rmsprop-default"),
  same(
    "RMSprop(…, momentum=gamma)",
    ({ learningRate, decay, eps, momentum: gamma }) => pipe(rmsprop({ learningRate, decay, eps }), withMomentum(gamma)),
    "keras/rmsprop-momentum"
  ),
  same(
    "ScheduleFreeAdamW(…)",
    ({ learningRate, b1, b2, eps }) =>
      scheduleFreeAdamw({ learningRate, b1, b2, eps, debiased: "moment", weightLrPower: 0 }),
    "keras/schedule-free-adamw"
  ),
  same("SGD(learning_rate)", ({ learningRate }) => sgd({ learningRate }), "keras/sgd"),
  same(
    "SGD(…, momentum=gamma)",
    ({ learningRate, momentum: gamma }) => momentum({ learningRate, momentum: gamma }),
    "keras/sgd-momentum"
  ),
  same(
    "SGD(…, momentum=gamma, nesterov=True)",
    ({ learningRate, momentum: gamma }) =>
      pipe(sgd({ learningRate }), onDisplacement(trace({ decay: gamma, nesterov: true }))),
    "keras/sgd-nesterov"
  ),
  same(
    "`weight_decay`, of any but `Adafactor`, `Lamb` and `ScheduleFreeAdamW`",
    ({ learningRate, momentum: gamma, weightDecay }) =>
      pipe(momentum({ learningRate, momentum: gamma }), withWeightDecay(weightDecay)),
    "keras/sgd-momentum-decay"
  ),
  same(
    "clipnorm",
    ({ learningRate, momentum: gamma, maxLeafNorm }) =>
      pipe(momentum({ learningRate, momentum: gamma }), clipByLeafNorm(maxLeafNorm)),
    "keras/clipnorm"
  ),
  same(
    "global_clipnorm",
    ({ learningRate, momentum: gamma, maxNorm }) =>
      pipe(momentum({ learningRate, momentum: gamma }), clipByNorm(maxNorm)),
    "keras/global-clipnorm"
  ),
  same(
    "clipvalue",
    ({ learningRate, momentum: gamma, maxValue }) =>
      pipe(momentum({ learningRate, momentum: gamma }), clipByValue(maxValue)),
    "keras/clipvalue"
  ),
  same(
    "gradient_accumulation_steps=every",
    ({ learningRate, momentum: gamma, every }) => pipe(momentum({ learningRate, momentum: gamma }), accumulate(every)),
    "keras/accumulate"
  ),
  same(
    "use_ema=True, ema_momentum=emaDecay",
    ({ learningRate, momentum: gamma, emaDecay }) =>
      pipe(
        momentum({ learningRate, momentum: gamma }),
        withEma(t => mul(minimum(t, 1), emaDecay))
      ),
    "keras/ema"
  )
]
