import { add, div, minimum, mul, pipe, type Tensor } from "thalweg"
import { onDisplacement, optimizer, scheduleFree, scheduleFreeAdamw, scheduleFreeSgd, sgd } from "thalweg/optimizer"
import { exponential, type Schedule } from "thalweg/schedule"
import { addDecayedWeights, chain, scale, scaleByLearningRate, scaleByRms } from "thalweg/transform"
import { decayAverage } from "./aside.js"
import type { Given } from "./cases.js"
import { golden, known, words, type Family } from "./variant.js"

/** How optax warms up: the rate, and with it the weight of an iterate, counts from 1, what is stepped by from 0. */
const lateOf = ({ learningRate, warmupSteps, b1, weightLrPower, weightDecay = 0 }: MaybeDecayed) => {
  const ramp = (t: Tensor): Tensor => minimum(div(t, warmupSteps), 1)
  const rate: Schedule = t => mul(ramp(add(t, 1)), learningRate)
  return {
    descent: chain(addDecayedWeights(weightDecay), scaleByLearningRate(rate)),
    behind: onDisplacement(scale(t => div(ramp(t), ramp(add(t, 1))))),
    free: scheduleFree({ b1, weightLrPower })
  }
}

type MaybeDecayed = Omit<Given, "weightDecay"> & { readonly weightDecay?: number }

const lateSgd = (h: Given) => {
  const { descent, behind, free } = lateOf(h)
  return pipe(optimizer(descent), behind, free)
}

const lateAdamw = (h: Given) => {
  const { descent, behind, free } = lateOf(h)
  const scaled = scaleByRms({ decay: h.b2, eps: h.eps, epsPlace: "outside", biasCorrection: true })
  return pipe(optimizer(chain(scaled, descent)), behind, free)
}

const moment = { debiased: "moment" } as const
const alike = { debiased: "moment", weightLrPower: 0 } as const

/** What averages its iterates in place of a schedule. */
export const free = {
  leader: "scheduleFreeAdamw",
  rows: {
    scheduleFree: {
      variants: [
        known(
          { contrib: "schedule_free(sgd(lr), lr, b1)" },
          ({ learningRate, b1 }) => pipe(sgd({ learningRate }), scheduleFree({ b1 })),
          "optax/schedule-free-sgd-default"
        ),
        words({ contrib: "schedule_free_eval_params(state, params)" }, "`evalParams(params, state)`")
      ]
    },
    scheduleFreeSgd: {
      variants: [
        known({ contrib: "schedule_free_sgd()" }, () => scheduleFreeSgd(), "optax/schedule-free-sgd-default"),
        golden(
          scheduleFreeSgd,
          ...["optax/schedule-free-sgd", "paper/schedule-free-sgd", "paper/schedule-free-sgd-warmup"]
        ),
        golden(lateSgd, "optax/schedule-free-sgd-warmup", "optax/schedule-free-sgd-power")
      ],
      // What is averaged may oscillate.
      descent: ({ rate }) => ({ learningRate: 5 * rate }),
      sampling: { beside: { weightLrPower: { learningRate: exponential({ start: 0.2, rate: 0.7 }) } } }
    },
    scheduleFreeAdamw: {
      variants: [
        known(
          { contrib: "schedule_free_adamw()" },
          () => scheduleFreeAdamw({ debiased: "moment" }),
          "optax/schedule-free-adamw-default"
        ),
        golden(h => scheduleFreeAdamw({ ...h, ...moment }), "optax/schedule-free-adamw"),
        golden(lateAdamw, "optax/schedule-free-adamw-warmup"),
        known(
          { keras: "ScheduleFreeAdamW(…)" },
          ({ learningRate, b1, b2, eps }) =>
            scheduleFreeAdamw({ learningRate, b1, b2, eps, debiased: "moment", weightLrPower: 0 }),
          "keras/schedule-free-adamw"
        ),
        golden(h => scheduleFreeAdamw({ ...h, ...alike }), "keras/schedule-free-adamw-warmup"),
        golden(
          ({ weightDecay, ...h }) =>
            pipe(scheduleFreeAdamw({ ...h, ...alike }), decayAverage((h.learningRate * weightDecay) / h.b1)),
          "keras/schedule-free-adamw-decay"
        ),
        golden(scheduleFreeAdamw, "paper/schedule-free-adamw")
      ]
    }
  }
} satisfies Family
