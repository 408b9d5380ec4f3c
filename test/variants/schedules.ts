import { pipe } from "thalweg"
import {
  atLeast,
  atMost,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  inverseTime,
  join,
  linear,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  scale,
  shift,
  warmup
} from "thalweg/schedule"
import { schedule, words, type ScheduleVariant, type Words } from "./variant.js"

/** The schedules of PyTorch (`torch.optim.lr_scheduler`), optax and Keras, in the order of their names. */
export const schedules: readonly (ScheduleVariant | Words)[] = [
  words({ torchSchedules: "ChainedScheduler" }, "`product`, of schedules as factors"),
  schedule(
    { torchSchedules: "`ConstantLR(factor=0.25, total_iters=3)` of 0.5" },
    () => piecewiseConstant({ boundaries: [3], values: [0.125, 0.5] }),
    "torch/constant"
  ),
  schedule(
    { torchSchedules: "CosineAnnealingLR(T_max=steps, eta_min=end)" },
    ({ learningRate, end, steps }) => cosine({ start: learningRate, end, steps, beyond: "swing" }),
    "torch/cosine"
  ),
  schedule(
    { torchSchedules: "CosineAnnealingWarmRestarts(T_0=steps, T_mult=stepsFactor)" },
    ({ learningRate, end, steps, stepsFactor }) => cosineRestarts({ start: learningRate, end, steps, stepsFactor }),
    "torch/cosine-restarts",
    "torch/cosine-restarts-equal"
  ),
  schedule(
    { torchSchedules: "CyclicLR(low, high, up, down)" },
    ({ low, high, up, down }) => cyclic({ low, high, upSteps: up, downSteps: down }),
    "torch/cyclic-triangular"
  ),
  schedule(
    { torchSchedules: "ExponentialLR(gamma=decay)" },
    ({ learningRate, decay }) => exponential({ start: learningRate, rate: decay }),
    "torch/exponential"
  ),
  words({ torchSchedules: "LambdaLR" }, "`withSchedule(f)`, or `learningRate: f`, with `f` from the step to a tensor"),
  schedule(
    { torchSchedules: "LinearLR(startFactor, endFactor, steps)" },
    ({ learningRate, startFactor, endFactor, steps }) =>
      linear({ start: learningRate * startFactor, end: learningRate * endFactor, steps }),
    "torch/linear"
  ),
  schedule(
    { torchSchedules: "`MultiStepLR([2, 5, 6], gamma=0.4)` of 0.5" },
    () => piecewiseConstant({ boundaries: [2, 5, 6], values: [0.5, 0.2, 0.08, 0.032] }),
    "torch/multi-step"
  ),
  schedule(
    { torchSchedules: "OneCycleLR(2, total_steps=20, pct_start=0.3, div_factor=10, final_div_factor=100)" },
    () => oneCycle({ peak: 2, upSteps: 5, downSteps: 14, divFactor: 10, finalDivFactor: 100, interpolation: "cosine" }),
    "torch/one-cycle-cosine"
  ),
  schedule(
    { torchSchedules: "PolynomialLR(total_iters=steps, power)" },
    ({ learningRate, steps, power }) => polynomial({ start: learningRate, steps, power }),
    "torch/polynomial"
  ),
  words(
    { torchSchedules: "ReduceLROnPlateau" },
    '`reduceOnPlateau({ per: "epoch" })`, with a `patience` one more; `fit` tells it what it monitors, as `step(loss)` does'
  ),
  words({ torchSchedules: "SequentialLR" }, "`join`"),
  schedule(
    { torchSchedules: "StepLR(step_size=steps, gamma=decay)" },
    ({ learningRate, steps, decay }) => exponential({ start: learningRate, rate: decay, steps, staircase: true }),
    "torch/step"
  ),

  schedule({ optaxSchedules: "constant_schedule(value)" }, ({ value }) => constant(value), "optax/constant"),
  schedule(
    { optaxSchedules: "cosine_decay_schedule(from, steps, alpha, exponent)" },
    ({ from, steps, alpha, exponent }) => cosine({ start: from, end: alpha * from, steps, power: exponent }),
    "optax/cosine-alpha"
  ),
  schedule(
    { optaxSchedules: "exponential_decay(from, steps, decay, transition_begin=3, end_value=0.15, staircase=True)" },
    ({ from, steps, decay }) =>
      pipe(exponential({ start: from, steps, rate: decay, staircase: true }), shift(3), atLeast(0.15)),
    "optax/exponential-all"
  ),
  schedule(
    { optaxSchedules: "cosine_onecycle_schedule(20, 2, 0.3, 10, 100)" },
    () => oneCycle({ peak: 2, upSteps: 6, downSteps: 14, divFactor: 10, finalDivFactor: 100, interpolation: "cosine" }),
    "optax/one-cycle-cosine"
  ),
  words({ optaxSchedules: "`join_schedules`, `sgdr_schedule`" }, "`join`, of `warmup`s"),
  schedule(
    { optaxSchedules: "linear_onecycle_schedule(20, 2, 0.3, 0.85, 10, 100)" },
    () => oneCycle({ peak: 2, upSteps: 6, downSteps: 11, finalSteps: 3, divFactor: 10, finalDivFactor: 100 }),
    "optax/one-cycle-linear"
  ),
  schedule(
    { optaxSchedules: "linear_schedule(from, to, steps, transition_begin=2)" },
    ({ from, to, steps }) => pipe(linear({ start: from, end: to, steps }), shift(2)),
    "optax/linear"
  ),
  schedule(
    { optaxSchedules: "piecewise_constant_schedule(0.8, {3: 0.5, 7: 0.1, 9: 4})" },
    () => piecewiseConstant({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.04, 0.16] }),
    "optax/piecewise-constant"
  ),
  schedule(
    { optaxSchedules: 'piecewise_interpolate_schedule("linear", 0.8, {3: 0.5, 7: 2, 9: 0.25})' },
    () => piecewiseInterpolate({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.8, 0.2] }),
    "optax/piecewise-linear"
  ),
  schedule(
    { optaxSchedules: "polynomial_schedule(from, to, power, steps)" },
    ({ from, to, power, steps }) => polynomial({ start: from, end: to, power, steps }),
    "optax/polynomial"
  ),
  schedule(
    { optaxSchedules: "warmup_constant_schedule(0, peak, warmupSteps)" },
    ({ peak, warmupSteps }) => pipe(constant(peak), warmup({ steps: warmupSteps })),
    "optax/warmup-constant"
  ),
  words({ optaxSchedules: "warmup_exponential_decay_schedule" }, "`pipe(exponential(…), warmup(…))`"),
  schedule(
    { optaxSchedules: "warmup_cosine_decay_schedule(from, peak, warmupSteps, steps, end, exponent)" },
    ({ from, peak, warmupSteps, steps, end, exponent }) =>
      pipe(
        cosine({ start: peak, end, steps: steps - warmupSteps, power: exponent }),
        warmup({ start: from, steps: warmupSteps })
      ),
    "optax/warmup-cosine"
  ),

  schedule(
    { kerasSchedules: "CosineDecay(from, steps, alpha)" },
    ({ from, steps, alpha }) => cosine({ start: from, end: alpha * from, steps }),
    "keras/cosine"
  ),
  schedule(
    { kerasSchedules: "CosineDecayRestarts(from, steps, stepsFactor, heightFactor, alpha)" },
    ({ from, steps, stepsFactor, heightFactor, alpha }) =>
      cosineRestarts({ start: from, end: alpha * from, steps, stepsFactor, heightFactor }),
    "keras/cosine-restarts",
    "keras/cosine-restarts-equal"
  ),
  schedule(
    { kerasSchedules: "ExponentialDecay(from, steps, decay)" },
    ({ from, steps, decay }) => exponential({ start: from, steps, rate: decay }),
    "keras/exponential"
  ),
  schedule(
    { kerasSchedules: "InverseTimeDecay(from, steps, decay)" },
    ({ from, steps, decay }) => inverseTime({ start: from, steps, rate: decay }),
    "keras/inverse-time"
  ),
  schedule(
    { kerasSchedules: "PiecewiseConstantDecay([3, 7], [0.8, 0.4, 0.1])" },
    () => piecewiseConstant({ boundaries: [4, 8], values: [0.8, 0.4, 0.1] }),
    "keras/piecewise-constant"
  ),
  schedule(
    { kerasSchedules: "PolynomialDecay(from, steps, to, power)" },
    ({ from, steps, to, power }) => polynomial({ start: from, steps, end: to, power }),
    "keras/polynomial"
  ),
  schedule(
    { kerasSchedules: "PolynomialDecay(…, cycle=True)" },
    ({ from, steps, to, power }) => polynomial({ start: from, steps, end: to, power, beyond: "stretch" }),
    "keras/polynomial-cycle"
  ),

  schedule(
    {},
    ({ from, to, steps, power }) => pipe(polynomial({ start: from, end: to, steps, power }), shift(2)),
    "optax/polynomial-half"
  ),
  schedule({}, ({ from, steps, decay }) => exponential({ start: from, steps, rate: decay }), "optax/exponential"),
  schedule(
    {},
    ({ from, steps, decay }) => exponential({ start: from, steps, rate: decay, staircase: true }),
    "optax/exponential-staircase",
    "keras/exponential-staircase"
  ),
  schedule(
    {},
    ({ from, steps, decay }) => pipe(exponential({ start: from, steps, rate: decay }), shift(3)),
    "optax/exponential-begin"
  ),
  schedule(
    {},
    ({ from, steps, decay, end }) => pipe(exponential({ start: from, steps, rate: decay }), atLeast(end)),
    "optax/exponential-end"
  ),
  schedule(
    {},
    ({ from, steps, decay, end }) => pipe(exponential({ start: from, steps, rate: decay }), atMost(end)),
    "optax/exponential-growth-end"
  ),
  schedule({}, ({ from, steps }) => cosine({ start: from, steps }), "optax/cosine"),
  schedule(
    {},
    ({ from, peak, warmupSteps, steps, decay, end }) =>
      pipe(
        exponential({ start: peak, steps, rate: decay, staircase: true }),
        shift(2),
        atLeast(end),
        warmup({ start: from, steps: warmupSteps })
      ),
    "optax/warmup-exponential"
  ),
  schedule(
    {},
    () =>
      join({
        schedules: [
          pipe(cosine({ start: 1, end: 0.02, steps: 4 }), warmup({ start: 0.1, steps: 2 })),
          pipe(cosine({ start: 0.5, end: 0.02, steps: 7 }), warmup({ start: 0.2, steps: 1 }))
        ],
        boundaries: [6]
      }),
    "optax/cosine-restarts"
  ),
  schedule(
    {},
    () => piecewiseInterpolate({ boundaries: [3, 7, 9], values: [0.8, 0.4, 0.8, 0.2], interpolation: "cosine" }),
    "optax/piecewise-cosine"
  ),
  schedule(
    {},
    () =>
      join({
        schedules: [
          linear({ start: 0, end: 1, steps: 4 }),
          exponential({ start: 1, steps: 2, rate: 0.5 }),
          constant(0.05)
        ],
        boundaries: [4, 9]
      }),
    "optax/join"
  ),
  schedule(
    {},
    ({ low, high, up, down }) => cyclic({ low, high, upSteps: up, downSteps: down, mode: "triangular2" }),
    "torch/cyclic-triangular2"
  ),
  schedule(
    {},
    ({ low, high, up, down, decay }) =>
      cyclic({ low, high, upSteps: up, downSteps: down, mode: "expRange", rate: decay }),
    "torch/cyclic-exp-range"
  ),
  schedule(
    {},
    ({ peak, divFactor, finalDivFactor }) => oneCycle({ peak, upSteps: 5, downSteps: 14, divFactor, finalDivFactor }),
    "torch/one-cycle-linear"
  ),
  schedule(
    {},
    ({ peak, divFactor, finalDivFactor }) =>
      oneCycle({ peak, upSteps: 5, downSteps: 5, finalSteps: 9, divFactor, finalDivFactor }),
    "torch/one-cycle-three-phase"
  ),
  schedule(
    {},
    () =>
      pipe(
        join({
          schedules: [linear({ start: 0.2, end: 1, steps: 4 }), exponential({ start: 1, rate: 0.8 }), constant(0.1)],
          boundaries: [4, 8]
        }),
        scale(0.5)
      ),
    "torch/sequential"
  ),
  schedule(
    {},
    ({ from, steps, decay }) => inverseTime({ start: from, steps, rate: decay, staircase: true }),
    "keras/inverse-time-staircase"
  ),
  schedule(
    {},
    ({ from, peak, warmupSteps, steps, alpha }) =>
      pipe(cosine({ start: peak, end: alpha * peak, steps }), warmup({ start: from, steps: warmupSteps })),
    "keras/warmup-cosine"
  ),
  schedule({}, ({ modelSize, warmupSteps }) => noam({ modelSize, warmupSteps }), "paper/noam"),
  schedule({}, ({ from, decay }) => inverseTime({ start: from, rate: decay }), "paper/inverse-time")
]
