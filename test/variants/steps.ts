import { pipe } from "thalweg"
import {
  accumulate,
  adam,
  cautious,
  ifFinite,
  lion,
  momentum,
  onDisplacement,
  optimizer,
  optimizers,
  partition,
  reduceOnPlateau,
  sgd,
  withMomentum,
  withWeightDecay,
  type AccumulateF,
  type ClockedF
} from "thalweg/optimizer"
import { cosine, exponential, piecewiseConstant } from "thalweg/schedule"
import { applyMomentum, applyWhere, chain, identity, scale, scaleByLearningRate } from "thalweg/transform"
import type { StatelessF, Transform } from "thalweg/transform"
import { golden, known, words, type Scale, type Family } from "./variant.js"

/** Adds up over `k` steps: their mean at the last of them, nothing before. */
const meanOf = (k: number): Transform<ClockedF<AccumulateF<StatelessF>>> => {
  const { init, update } = accumulate(k)(optimizer(identity))
  return { init, update: (updates, state, params) => update(updates, state, params) }
}

/** Around steps whose length does not fall with the gradient, momentum makes swings that grow again. */
const softening = ({ steps }: Scale) => ({ momentum: cosine({ start: 0.5, steps }) })

const stale = { patience: 1, rtol: 0.9 }
const inComparison = "it is only compared with"

/** What acts on steps, or says which are made. */
export const steps = {
  leader: "withMomentum",
  rows: {
    withMomentum: {
      variants: [
        known(
          { keras: "SGD(…, momentum=gamma, nesterov=True)" },
          ({ learningRate, momentum: gamma }) => pipe(sgd({ learningRate }), withMomentum(gamma, { nesterov: true })),
          "keras/sgd-nesterov"
        ),
        golden(({ momentum, ...h }) => pipe(sgd(h), withMomentum(momentum)), "keras/momentum"),
        golden(
          ({ learningRate, momentum, schedule }) =>
            pipe(
              sgd({ learningRate: exponential({ start: learningRate, rate: schedule.exponential }) }),
              withMomentum(momentum)
            ),
          "keras/momentum-exponential"
        )
      ],
      descent: softening
    },
    withNesterov: { variants: [], descent: softening },
    cautious: {
      variants: [
        golden(({ xi, ...h }) => pipe(lion(h), cautious({ xi })), "pytorch_optimizer/cautious-lion"),
        golden(({ xi, least: _, ...h }) => pipe(sgd(h), cautious({ xi })), "paper/cautious-momentum"),
        golden(({ xi, least: _, ...h }) => pipe(adam(h), cautious({ xi })), "paper/cautious-adam"),
        golden(
          ({ xi: _, least, ...h }) => pipe(adam(h), cautious({ scale: "bounded", least })),
          "paper/cautious-bounded"
        )
      ],
      sampling: { beside: { least: { scale: "bounded", least: 0.9 } } }
    },
    withWeightDecay: {
      variants: [
        known(
          { kerasBeside: "`weight_decay`, of any but `Adafactor`, `Lamb` and `ScheduleFreeAdamW`" },
          ({ learningRate, momentum: gamma, weightDecay }) =>
            pipe(momentum({ learningRate, momentum: gamma }), withWeightDecay(weightDecay)),
          "keras/sgd-momentum-decay"
        ),
        known(
          { optaxBeside: '`add_decayed_weights(…, mask={"kernel": True, …})`, after `scale_by_adam`' },
          ({ learningRate, b1, b2, eps, weightDecay }) =>
            pipe(adam({ learningRate, b1, b2, eps }), withWeightDecay(weightDecay, { mask: "kernel" })),
          "combinators/decay-masked"
        ),
        golden(
          ({ weightDecay, ...h }) => pipe(sgd(h), withWeightDecay(weightDecay)),
          ...["torch/sgd-decay", "torch/sgd-momentum-decay", "combinators/decay-momentum"]
        ),
        golden(
          ({ weightDecay, ...h }) => pipe(adam(h), withWeightDecay(weightDecay)),
          ...["torch/adam-decay", "torch/adamw", "optax/adamw"]
        ),
        golden(() => pipe(adam(), withWeightDecay(0.01)), "torch/adamw-default"),
        golden(
          ({ schedule, weightDecay, ...h }) =>
            pipe(
              adam({ ...h, learningRate: exponential({ start: h.learningRate, rate: schedule.exponential }) }),
              withWeightDecay(weightDecay)
            ),
          "torch/adamw-exponential"
        )
      ],
      descent: () => ({ weightDecay: 1e-4 })
    },
    masked: {
      variants: [
        known(
          { optaxBeside: 'masked(trace(momentum), {"kernel": True, …})' },
          ({ learningRate, momentum }) =>
            optimizer(
              chain(applyWhere("kernel")(applyMomentum({ decay: momentum })), scaleByLearningRate(learningRate))
            ),
          "combinators/masked"
        ),
        words(
          { optaxBeside: "`masked(opt, mask)`" },
          "`masked(mask)`, where the other parameters stay; `applyWhere(mask)`, where their updates pass as they are"
        )
      ],
      descent: () => ({ mask: "**" })
    },
    freeze: {
      variants: [words({ optaxBeside: "`freeze`, `selective_transform`, `set_to_zero`" }, "`freeze` and `masked`")],
      descent: () => ({ mask: "**" })
    },
    partition: {
      variants: [
        known(
          { optaxBeside: "`multi_transform`, `partition`" },
          ({ adam: moments, sgd: heavy, labels }) =>
            partition({ adam: adam(moments), sgd: sgd(heavy), frozen: sgd({ learningRate: 0 }) }, labels),
          "combinators/partition"
        )
      ],
      descent: ({ pace }) => ({
        optimizers: { all: optimizers.adam({ learningRate: pace }) },
        labels: [["**", "all"]]
      })
    },
    withSchedule: {
      variants: [words({ optaxBeside: "scale_by_schedule" }, "`withSchedule`, or a schedule as `learningRate`")],
      descent: ({ steps }) => ({ factor: cosine({ start: 1, steps }) })
    },
    reduceOnPlateau: {
      variants: [
        known(
          { contrib: "reduce_on_plateau(…)" },
          ({ learningRate, factor, patience, rtol, atol, cooldown }) =>
            pipe(sgd({ learningRate }), reduceOnPlateau({ factor, patience, rtol, atol, cooldown })),
          "combinators/reduce-on-plateau-cooldown"
        ),
        golden(
          ({ learningRate, ...h }) => pipe(sgd({ learningRate }), reduceOnPlateau(h)),
          ...["combinators/reduce-on-plateau", "combinators/reduce-on-plateau-accumulate"]
        )
      ],
      // What overshoots comes back within so many steps.
      descent: () => ({ patience: 50 }),
      sampling: {
        always: { patience: 1, factor: 0.5 },
        beside: {
          factor: stale,
          rtol: { rtol: 0.4 },
          atol: { atol: 1.6 },
          minScale: { ...stale, factor: 0.05 }
        },
        flat: { rtol: inComparison, atol: inComparison }
      }
    },
    accumulate: {
      variants: [
        known(
          { optaxBeside: "MultiSteps(…, every)" },
          ({ learningRate, momentum, every }) => pipe(sgd({ learningRate, momentum }), accumulate(every)),
          "combinators/accumulate-momentum"
        ),
        known(
          { kerasBeside: "gradient_accumulation_steps=every" },
          ({ learningRate, momentum: gamma, every }) =>
            pipe(momentum({ learningRate, momentum: gamma }), accumulate(every)),
          "keras/accumulate"
        ),
        words(
          { torchBeside: "`backward()` k times before `step()`" },
          "`accumulate(k)`, of the mean, where PyTorch adds up"
        ),
        words(
          { optaxBeside: "apply_every(k)" },
          "`accumulate(k)` comes near: of the mean gradient, not of the sum of updates"
        ),
        known(
          { optaxBeside: "MultiSteps(…, every_k_schedule)" },
          ({ learningRate, momentum, windows }) =>
            pipe(
              sgd({ learningRate, momentum }),
              accumulate(piecewiseConstant({ boundaries: [1, 2], values: windows }))
            ),
          "combinators/accumulate-schedule"
        ),
        golden(({ every, ...h }) => pipe(adam(h), accumulate(every)), "combinators/accumulate-adam"),
        golden(
          ({ every, ...h }) => pipe(sgd(h), onDisplacement(chain(meanOf(every), scale(every)))),
          "combinators/apply-every"
        )
      ],
      descent: () => ({ every: 2 }),
      sampling: { always: { every: 1 }, flat: { every: "it is counted up to" } }
    },
    ifFinite: {
      variants: [
        known(
          { optaxBeside: "apply_if_finite(…, tolerate)" },
          ({ learningRate, momentum, tolerate }) => pipe(sgd({ learningRate, momentum }), ifFinite({ tolerate })),
          ...[
            "combinators/if-finite-momentum",
            "combinators/if-finite-exceeded-f64",
            "combinators/if-finite-exceeded-f32"
          ]
        ),
        words({ torchBeside: "`amp.GradScaler`, where it skips a step" }, "`ifFinite()`"),
        words({ keras: "LossScaleOptimizer" }, "`ifFinite()`, for the skipped steps"),
        golden(({ tolerate, ...h }) => pipe(adam(h), ifFinite({ tolerate })), "combinators/if-finite-adam")
      ]
    }
  }
} satisfies Family
