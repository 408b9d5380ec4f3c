import { add, div, minimum, mul, pipe, sub, Tree, type Tensor } from "thalweg"
import {
  onDisplacement,
  optimizer,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  type Optimizer,
  type ScheduleFreeF
} from "thalweg/optimizer"
import type { Schedule } from "thalweg/schedule"
import { addDecayedWeights, chain, scale, scaleByLearningRate, scaleByRms, type StateFamily } from "thalweg/transform"
import { run, type Hyper, type Recipes, type Run } from "./trajectories.js"

/** The golden parameters are where gradients are taken: an optimizer of those, over one whose parameters are iterates. */
const atGradientPoint = <F extends StateFamily>(inner: Optimizer<F>): Run => {
  const step = (_: Tree, { iterate, state }: { iterate: Tree; state: never }, grads: Tree) => {
    const [after, next] = inner.step(iterate, state, grads)
    return [inner.gradientPoint(after, next), { iterate: after, state: next }]
  }
  return run({
    ...inner,
    init: (params: Tree) => ({ iterate: params, state: inner.init(params) }),
    step,
    rate: ({ state }: { state: never }) => inner.rate(state),
    gradientPoint: (params: Tree) => params,
    evalParams: (_: Tree, { iterate, state }: { iterate: Tree; state: never }) => inner.evalParams(iterate, state)
  } as unknown as Optimizer<StateFamily>)
}

const moment = { debiased: "moment" } as const
const alike = { ...moment, weightLrPower: 0 } as const

type MaybeDecayed = Omit<Hyper, "weightDecay"> & { readonly weightDecay?: number }

/** How optax warms up: the rate, and with it the weight of an iterate, counts from 1, what is stepped by from 0. */
const late = ({ learningRate, warmupSteps, b1, weightLrPower = 2, weightDecay = 0 }: MaybeDecayed) => {
  const ramp = (t: Tensor): Tensor => minimum(div(t, warmupSteps), 1)
  const rate: Schedule = t => mul(ramp(add(t, 1)), learningRate)
  return {
    descent: chain(addDecayedWeights(weightDecay), scaleByLearningRate(rate)),
    behind: onDisplacement(scale(t => div(ramp(t), ramp(add(t, 1))))),
    free: scheduleFree({ b1, weightLrPower })
  }
}

const lateSgd = (h: Hyper) => {
  const { descent, behind, free } = late(h)
  return pipe(optimizer(descent), behind, free)
}

const lateAdamw = (h: Hyper) => {
  const { descent, behind, free } = late(h)
  const scaled = scaleByRms({ decay: h.b2, eps: h.eps, epsPlace: "outside", biasCorrection: true })
  return pipe(optimizer(chain(scaled, descent)), behind, free)
}

/** Lets the decay of the gradient point reach the average alone, before the step, as Keras does. */
const decayAverage =
  ({ learningRate, weightDecay, b1 }: Hyper) =>
  <F extends StateFamily>(inner: Optimizer<ScheduleFreeF<F>>): Optimizer<ScheduleFreeF<F>> => ({
    ...inner,
    step: (params, state, grads) => {
      const shrink = Tree.zipWith((x: Tensor, y: Tensor) => sub(x, mul(y, (learningRate * weightDecay) / b1)))
      const average = shrink(state.average, inner.gradientPoint(params, state))
      return inner.step(params, { ...state, average }, grads)
    }
  })

/** How each case of schedule-free learning is reached with what is exported. */
export const recipes: Recipes = {
  "optax/schedule-free-sgd-default": () => atGradientPoint(scheduleFreeSgd()),
  "optax/schedule-free-sgd": h => atGradientPoint(scheduleFreeSgd(h)),
  "optax/schedule-free-sgd-warmup": h => atGradientPoint(lateSgd(h)),
  "optax/schedule-free-sgd-power": h => atGradientPoint(lateSgd(h)),
  "paper/schedule-free-sgd": h => atGradientPoint(scheduleFreeSgd(h)),
  "paper/schedule-free-sgd-warmup": h => atGradientPoint(scheduleFreeSgd(h)),
  "optax/schedule-free-adamw-default": () => atGradientPoint(scheduleFreeAdamw(moment)),
  "optax/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...moment })),
  "optax/schedule-free-adamw-warmup": h => atGradientPoint(lateAdamw(h)),
  "keras/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...alike })),
  "keras/schedule-free-adamw-warmup": h => atGradientPoint(scheduleFreeAdamw({ ...h, ...alike })),
  "keras/schedule-free-adamw-decay": ({ weightDecay, ...h }) =>
    atGradientPoint(pipe(scheduleFreeAdamw({ ...h, ...alike }), decayAverage({ ...h, weightDecay }))),
  "paper/schedule-free-adamw": h => atGradientPoint(scheduleFreeAdamw(h))
}
