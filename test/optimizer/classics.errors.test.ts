import { describe, expect, test } from "vitest"
import * as optimizers from "thalweg/optimizer"
import * as transforms from "thalweg/transform"
import { shown } from "../support.js"
import { thrown } from "./samples.js"

const nonNegative = ["a finite number ≥ 0", -1] as const
const positive = ["a finite number > 0", 0] as const
const decay = ["a number ≥ 0 and < 1", 1] as const
const flag = ["true or false", 1] as const
const form = ["debiased or epsilonHat", "hat"] as const
const place = ["inside or outside", "beside"] as const

const adam = { b1: decay, b2: decay, eps: nonNegative, epsRoot: nonNegative, form, nesterov: flag }
const forms = ["undebiased or debiasedAfter or debiasedBefore or epsilonHat", "debiased"] as const
const amsgrad = { b1: decay, b2: decay, eps: nonNegative, epsRoot: nonNegative, form: forms }
const adamax = { b1: decay, b2: decay, eps: nonNegative, epsPlace: place }
const nadam = { b1: decay, b2: decay, eps: nonNegative, epsRoot: nonNegative }
const radam = { ...adam, threshold: ["a finite number ≥ 4", 3.9] as const }
const adagrad = { initialAccumulator: nonNegative, eps: nonNegative, epsPlace: place }
const adadelta = { rho: decay, eps: nonNegative }
const rms = { decay, eps: nonNegative, epsPlace: place, initialScale: nonNegative, biasCorrection: flag }
const bound = {
  learningRate: nonNegative,
  b1: decay,
  b2: decay,
  eps: nonNegative,
  finalRate: nonNegative,
  gamma: positive,
  baseRate: nonNegative
}
const rprop = {
  learningRate: nonNegative,
  etaMinus: ["a number > 0 and < 1", 1] as const,
  etaPlus: ["a finite number ≥ 1", 0.9] as const,
  minStep: nonNegative,
  maxStep: positive
}
const rate = { learningRate: nonNegative }

type Options = Readonly<Record<string, readonly [expected: string, bad: unknown]>>

/** Every option of every function of the family, what it may be, and a value that it may not be. */
const options: Readonly<Record<string, Options>> = {
  scaleByAdam: adam,
  adam: { ...rate, ...adam },
  adamw: { ...rate, ...adam, weightDecay: nonNegative, baseRate: positive },
  scaleByAmsgrad: amsgrad,
  amsgrad: { ...rate, ...amsgrad },
  scaleByAdamax: adamax,
  adamax: { ...rate, ...adamax },
  nadam: { ...rate, ...nadam },
  scaleByRadam: radam,
  radam: { ...rate, ...radam },
  momentum: { ...rate, momentum: decay },
  nag: { ...rate, momentum: decay },
  scaleByAdagrad: adagrad,
  adagrad: { ...rate, rateDecay: nonNegative, ...adagrad },
  scaleByAdadelta: adadelta,
  adadelta: { ...rate, ...adadelta },
  scaleByRms: rms,
  scaleByStddev: rms,
  rmsprop: { ...rate, ...rms, centered: flag },
  stepByRprop: rprop,
  rprop,
  stepByAdabound: bound,
  stepByAmsbound: bound,
  adabound: bound,
  amsbound: bound
}

const functions = { ...transforms, ...optimizers } as unknown as Readonly<Record<string, (o: object) => unknown>>
const needsRate = ["momentum", "nag"]
const call = (name: string, given: object) => () =>
  functions[name]?.({ ...(needsRate.includes(name) ? { learningRate: 1 } : {}), ...given })

describe.each(Object.entries(options))("%s", (name, its) => {
  test.each(Object.entries(its))("refuses a bad %s at the call, and names it", (option, [expected, bad]) => {
    for (const value of [bad, NaN])
      expect(thrown(call(name, { [option]: value }))).toBe(
        `HyperparameterError ${name}: expected ${option} to be ${expected}; got ${shown(value)}`
      )
  })

  test("refuses an option that it does not have, and lists those it has", () => {
    const message = thrown(call(name, { beta1: 0.9 }))
    expect(message).toMatch(new RegExp(`^HyperparameterError ${name}: expected options among .*; got "beta1"$`))
    for (const option of Object.keys(its)) expect(message).toContain(option)
  })
})

test("the momentum decay of nadam", () => {
  const message = (name: string) =>
    `HyperparameterError ${name}: expected momentumDecay to be a finite number ≥ 0; got -1`
  expect(thrown(call("nadam", { momentumDecay: -1 }))).toBe(message("nadam"))
  expect(thrown(call("scaleByNadam", { momentumDecay: -1 }))).toBe(message("scaleByNadam"))
})
