import { pipe } from "thalweg"
import {
  atLeast,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  inverseTime,
  linear,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  shift,
  warmup
} from "thalweg/schedule"
import { sameSchedule, words, type ElsewhereRow } from "./table.elsewhere.row.js"

const torch: readonly ElsewhereRow[] = [
  words("ChainedScheduler", "`product`, of schedules as factors"),
  sameSchedule(
    "`ConstantLR(factor=0.25, total_iters=3)` of 0.5",
    () => piecewiseConstant({ boundaries: [3], values: [0.125, 0.5] }),
    "torch/constant"
  ),
  sameSchedule(
    "CosineAnnealingLR(T_max=steps, eta_min=end)",
    ({ learningRate, end, steps }) => cosine({ start: learningRate, end, steps, beyond: "swing" }),
    "torch/cosine"
  ),
  sameSchedule(
    "CosineAnnealingWarmRestarts(T_0=steps, T_mult=stepsFactor)",
    ({ learningRate, end, steps, stepsFactor }) => cosineRestarts({ start: learningRate, end, steps, stepsFactor }),
    "torch/cosine-restarts"
  ),
  sameSchedule(
    "CyclicLR(low, high, up, down)",
    ({ low, high, up, down }) => cyclic({ low, high, upSteps: up, downSteps: down }),
    "torch/cyclic-triangular"
  ),
  sameSchedule(
    "ExponentialLR(gamma=decay)",
    ({ learningRate, decay }) => exponential({ start: learningRate, rate: decay }),
    "torch/exponential"
  ),
  words("LambdaLR", "`withSchedule(f)`, or `learningRate: f`, with `f` from the step to a tensor"),
  sameSchedule(
    "LinearLR(startFactor, endFactor, steps)",
    ({ learningRate, startFactor, endFactor, steps }) =>
      linear({ start: learningRate * startFactor, end: learningRate * endFactor, steps }),
    "torch/linear"
  ),
  sameSchedule(
    "`MultiStepLR([2, 5, 6], gamma=0.4)` of 0.5",
    () => piecewiseConstant({ boundaries: [2, 5, 6], values: [0.5, 0.2, 0.08, 0.032] }),
    "torch/multi-step"
  ),
  sameSchedule(
    "OneCycleLR(2, total_steps=20, pct_start=0.3, div_factor=10, final_div_factor=100)",
    () => oneCycle({ peak: 2, upSteps: 5, downSteps: 14, divFactor: 10, finalDivFactor: 100, interpolation: "cosine" }),
    "torch/one-cycle-cosine"
  ),
  sameSchedule(
    "PolynomialLR(total_iters=steps, power)",
    ({ learningRate, steps, power }) => polynomial({ start: learningRate, steps, power }),
    "torch/polynomial"
  ),
  words("ReduceLROnPlateau", "`reduceOnPlateau`, from the same step on, with a `patience` one more"),
  words("SequentialLR", "`join`"),
  sameSchedule(
    "StepLR(step_size=steps, gamma=decay)",
    ({ learningRate, steps, decay }) => exponential({ start: learningRate, rate: decay, steps, staircase: true }),
    "torch/step"
  )
]

const optax: readonly ElsewhereRow[] = [
  sameSchedule("constant_schedule(value)", ({ value }) => constant(value), "optax/constant"),
  sameSchedule(
    "cosine_decay_schedule(from, steps, alpha, exponent)",
    ({ from, steps, alpha, exponent }) => cosine({ start: from, end: alpha * from, steps, power: exponent }),
    "optax/cosine-alpha"
  ),
  sameSchedule(
    "exponential_decay(from, steps, decay, transition_begin=3, end_value=0.15, staircase=True)",
    ({ from, steps, decay }) =>
      pipe(exponential({ start: from, steps, rate: decay, staircase: true }), shift(3), atLeast(0.15)),
    "optax/exponential-all"
  ),
  sameSchedule(
    "cosine_onecycle_schedule(20, 2, 0.3, 10, 100)",
    () => oneCycle({ peak: 2, upSteps: 6, downSteps: 14, divFactor: 10, finalDivFactor: 100, interpolation: "cosine" }),
    "optax/one-cycle-cosine"
  ),
  words("`join_schedules`, `sgdr_schedule`", "`join`, of `warmup`s"),
  sameSchedule(
    "linear_onecycle_schedule(20, 2, 0.3, 0.85, 10, 100)",
    () => oneCycle({ peak: 2, upSteps: 6, downSteps: 11, finalSteps: 3, divFactor: 10, finalDivFactor: 100 }),
    "optax/one-cycle-linear"
  ),
  sameSchedule(
    "linear_schedule(from, to, steps, transition_begin=2)",
    ({ from, to, steps }) => pipe(linear({ start: from, end: to, steps }), shift(2)),
    "optax/linear"
  ),
  sameSchedule(
    "piecewise_constant_schedule(0.8, {3: 0.5, 7: 0.1, 9: 4})",
    () => piecewiseConstant({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.04, 0.16] }),
    "optax/piecewise-constant"
  ),
  sameSchedule(
    'piecewise_interpolate_schedule("linear", 0.8, {3: 0.5, 7: 2, 9: 0.25})',
    () => piecewiseInterpolate({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.8, 0.2] }),
    "optax/piecewise-linear"
  ),
  sameSchedule(
    "polynomial_schedule(from, to, power, steps)",
    ({ from, to, power, steps }) => polynomial({ start: from, end: to, power, steps }),
    "optax/polynomial"
  ),
  sameSchedule(
    "warmup_constant_schedule(0, peak, warmupSteps)",
    ({ peak, warmupSteps }) => pipe(constant(peak), warmup({ steps: warmupSteps })),
    "optax/warmup-constant"
  ),
  words("warmup_exponential_decay_schedule", "`pipe(exponential(…), warmup(…))`"),
  sameSchedule(
    "warmup_cosine_decay_schedule(from, peak, warmupSteps, steps, end, exponent)",
    ({ from, peak, warmupSteps, steps, end, exponent }) =>
      pipe(
        cosine({ start: peak, end, steps: steps - warmupSteps, power: exponent }),
        warmup({ start: from, steps: warmupSteps })
      ),
    "optax/warmup-cosine"
  )
]

const keras: readonly ElsewhereRow[] = [
  sameSchedule(
    "CosineDecay(from, steps, alpha)",
    ({ from, steps, alpha }) => cosine({ start: from, end: alpha * from, steps }),
    "keras/cosine"
  ),
  sameSchedule(
    "CosineDecayRestarts(from, steps, stepsFactor, heightFactor, alpha)",
    ({ from, steps, stepsFactor, heightFactor, alpha }) =>
      cosineRestarts({ start: from, end: alpha * from, steps, stepsFactor, heightFactor }),
    "keras/cosine-restarts"
  ),
  sameSchedule(
    "ExponentialDecay(from, steps, decay)",
    ({ from, steps, decay }) => exponential({ start: from, steps, rate: decay }),
    "keras/exponential"
  ),
  sameSchedule(
    "InverseTimeDecay(from, steps, decay)",
    ({ from, steps, decay }) => inverseTime({ start: from, steps, rate: decay }),
    "keras/inverse-time"
  ),
  sameSchedule(
    "PiecewiseConstantDecay([3, 7], [0.8, 0.4, 0.1])",
    () => piecewiseConstant({ boundaries: [4, 8], values: [0.8, 0.4, 0.1] }),
    "keras/piecewise-constant"
  ),
  sameSchedule(
    "PolynomialDecay(from, steps, to, power)",
    ({ from, steps, to, power }) => polynomial({ start: from, steps, end: to, power }),
    "keras/polynomial"
  ),
  sameSchedule(
    "PolynomialDecay(…, cycle=True)",
    ({ from, steps, to, power }) => polynomial({ start: from, steps, end: to, power, beyond: "stretch" }),
    "keras/polynomial-cycle"
  )
]

/** The schedules of PyTorch (`torch.optim.lr_scheduler`), optax and Keras, in the order of their names. */
export const scheduleElsewhere = { torch, optax, keras } as const
