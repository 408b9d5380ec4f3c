import { describe, expect, test } from "vitest"
import { pipe } from "thalweg"
import { adam, amsgrad, clipByNorm, lookahead, onGradient, sgd, withMomentum, withWeightDecay } from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import { addDecayedWeights, scale } from "thalweg/transform"
import { cases, goldenParams, goldenSlow, modes, run, worst, type Hyper, type Run } from "./trajectories.js"

const l2 = ({ l2 }: Hyper) => onGradient(addDecayedWeights(l2))
const decayed = ({ weightDecay }: Hyper) => withWeightDecay(weightDecay)
const clip = ({ maxNorm }: Hyper) => clipByNorm(maxNorm)
const ahead = ({ every, mix }: Hyper) => lookahead({ every, mix })
const plain = ({ learningRate }: Hyper) => sgd({ learningRate })
const heavy = ({ learningRate, momentum }: Hyper) => sgd({ learningRate, momentum })
const nesterov = ({ learningRate, momentum }: Hyper) => sgd({ learningRate, momentum, nesterov: true })
const moments = ({ learningRate, b1, b2, eps }: Hyper) => adam({ learningRate, b1, b2, eps })
const falling = ({ learningRate, schedule }: Hyper) => exponential({ start: learningRate, rate: schedule.exponential })
const fallingAdam = (h: Hyper) => adam({ b1: h.b1, b2: h.b2, eps: h.eps, learningRate: falling(h) })
const fallingHeavy = (h: Hyper) => sgd({ learningRate: falling(h), momentum: h.momentum })

/** How each case is reached with what is exported. */
const recipes: Readonly<Record<string, (h: Hyper) => Run>> = {
  "torch/sgd": h => run(plain(h)),
  "torch/sgd-momentum": h => run(heavy(h)),
  "torch/sgd-dampening": ({ learningRate, momentum, dampening }) =>
    run(sgd({ learningRate, momentum, dampening, dampenFirst: false })),
  "torch/sgd-nesterov": h => run(nesterov(h)),
  "torch/sgd-l2": h => run(pipe(plain(h), l2(h))),
  "torch/sgd-momentum-l2": h => run(pipe(heavy(h), l2(h))),
  "torch/sgd-nesterov-l2": h => run(pipe(nesterov(h), l2(h))),
  "torch/sgd-maximize": h => run(pipe(heavy(h), onGradient(scale(-1)))),
  "torch/adam-default": () => run(adam()),
  "torch/adam": h => run(moments(h)),
  "torch/adam-amsgrad": ({ learningRate, b1, b2, eps }) =>
    run(amsgrad({ learningRate, b1, b2, eps, form: "debiasedAfter" })),
  "torch/adam-l2": h => run(pipe(moments(h), l2(h))),
  "torch/adamw-default": () => run(pipe(adam(), withWeightDecay(0.01))),
  "torch/adamw": h => run(pipe(moments(h), decayed(h))),
  "torch/sgd-clip-eps": h => run(pipe(plain(h), clipByNorm(h.maxNorm, { eps: h.clipEps }))),
  "torch/sgd-clip": h => run(pipe(plain(h), clip(h))),
  "torch/sgd-momentum-clip": h => run(pipe(heavy(h), clip(h))),
  "torch/clip-adam-decay": h => run(pipe(moments(h), decayed(h), clip(h))),
  "torch/sgd-decay": h => run(pipe(plain(h), decayed(h))),
  "torch/sgd-momentum-decay": h => run(pipe(heavy(h), decayed(h))),
  "torch/adam-decay": h => run(pipe(moments(h), decayed(h))),
  "keras/momentum": h => run(pipe(plain(h), withMomentum(h.momentum))),
  "keras/momentum-exponential": h => run(pipe(sgd({ learningRate: falling(h) }), withMomentum(h.momentum))),
  "torch/sgd-momentum-exponential": h => run(fallingHeavy(h)),
  "torch/adam-exponential": h => run(fallingAdam(h)),
  "torch/adamw-exponential": h => run(pipe(fallingAdam(h), decayed(h))),
  "torch/lookahead-sgd": h => run(pipe(plain(h), ahead(h))),
  "torch/lookahead-sgd-momentum": h => run(pipe(heavy(h), ahead(h))),
  "torch/lookahead-adam": h => run(pipe(moments(h), ahead(h))),
  "optax/sgd": h => run(plain(h)),
  "optax/sgd-momentum": h => run(heavy(h)),
  "optax/sgd-nesterov": h => run(nesterov(h)),
  "optax/sgd-clip": h => run(pipe(plain(h), clip(h))),
  "optax/sgd-momentum-exponential": h => run(fallingHeavy(h)),
  "optax/adam-default": () => run(adam({ learningRate: 1e-3 })),
  "optax/adam": h => run(moments(h)),
  "optax/adam-eps-root": h =>
    run(adam({ learningRate: h.learningRate, b1: h.b1, b2: h.b2, eps: h.eps, epsRoot: h.epsRoot })),
  "optax/adam-nesterov": ({ learningRate, b1, b2, eps }) => run(adam({ learningRate, b1, b2, eps, nesterov: true })),
  "optax/adam-exponential": h => run(fallingAdam(h)),
  "optax/adamw-default": () => run(pipe(adam({ learningRate: 1e-3 }), withWeightDecay(1e-4))),
  "optax/adamw": h => run(pipe(moments(h), decayed(h))),
  "optax/clip-adam-decay": h => run(pipe(moments(h), decayed(h), clip(h))),
  "optax/lookahead-sgd": h => run(pipe(plain(h), ahead(h)))
}

const tolerance = { f64: 1e-12, f32: 1e-5 }
const recipeName = (name: string): string => name.replace(/\/f(32|64)$/, "")

test("every case of the file has a recipe", () => {
  const names = cases.map(({ name }) => name)
  const known = Object.keys(recipes).flatMap(name => [`${name}/f64`, `${name}/f32`])
  expect(names.toSorted()).toEqual(known.toSorted())
})

describe.each(Object.keys(modes) as (keyof typeof modes)[])("%s", mode => {
  test.each(cases.map(golden => [golden.name, golden] as const))("%s", (name, golden) => {
    const trajectory = recipes[recipeName(name)]?.(golden.hyper)(golden, mode)
    const within = tolerance[golden.dtype]
    const expected = goldenParams(golden)
    expect(worst([expected[0] ?? [], ...(trajectory?.params ?? [])], expected)).toBeLessThanOrEqual(within)
    const deployed = goldenSlow(golden) ?? expected.at(-1) ?? []
    expect(worst([...expected, trajectory?.deployed ?? []], [...expected, deployed])).toBeLessThanOrEqual(within)
    for (const [ours, theirs] of [
      [trajectory?.rates, golden.extra.rates],
      [trajectory?.norms, golden.extra.norms]
    ])
      theirs?.forEach((value, i) => expect(Math.abs((ours?.[i] ?? NaN) - value)).toBeLessThanOrEqual(within * value))
  })
})
