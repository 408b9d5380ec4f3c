import { add, cast, max, mul, reshape, scalar, stopGradient } from "thalweg"
import { warmupLaws } from "thalweg/laws"
import type { Schedule, WarmupOptions } from "thalweg/schedule"
import { mutant, read, throughF32, type Mutants } from "../mutant.js"
import { aStepEarly, compositionMutants, meanwhile } from "./compose.js"
import { chosenAfterwards, curveMutants, rootBelowZero, steep, unbounded } from "./curves.js"
import { pieceMutants } from "./pieces.js"
import { everyRow, rows } from "./rows.js"

const counting = (schedule: Schedule): Schedule => {
  const calls = new Set<object>()
  return step => {
    calls.add(step)
    return add(schedule(step), calls.size / 1000)
  }
}

const rowMutants: Mutants = {
  "a schedule depends on the step alone": [mutant("counts its calls", everyRow(counting))],
  "a schedule is a scalar of f64": [
    mutant(
      "is of f32",
      everyRow(schedule => step => cast(schedule(step), "f32"))
    ),
    mutant(
      "is a vector of one",
      everyRow(schedule => step => reshape(schedule(step), [1]))
    )
  ],
  "a schedule takes steps of any dtype": [
    mutant(
      "is as exact as its step",
      everyRow(schedule => step => (step.dtype === "f32" ? throughF32(schedule(step)) : schedule(step)))
    )
  ],
  "a compiled schedule is the schedule": [
    mutant(
      "reads the step",
      everyRow(schedule => step => schedule(read(step))),
      "UnboundInputError"
    )
  ],
  "a schedule of many steps is that of each": [
    mutant(
      "looks at the last of many",
      everyRow(schedule => step => schedule(max(step)))
    )
  ],
  "a schedule that leaves the range of a hyperparameter is refused": [
    mutant(
      "forgets what is known of what it is made of",
      rows({
        scale:
          ({ factor, schedule }) =>
          step =>
            mul(schedule(step), factor)
      })
    )
  ],
  "a schedule of finite options is finite at every step": [
    mutant("takes roots of what is below 0", rows({ polynomial: rootBelowZero })),
    mutant("multiplies 0 by infinity", rows({ exponential: unbounded })),
    mutant("multiplies by a difference beyond f64", rows({ linear: steep, warmup: meanwhile })),
    mutant(
      "multiplies beyond f64",
      rows({
        product:
          ({ schedules: [first, ...others] }) =>
          step =>
            others.reduce((value, other) => mul(value, other(step)), first?.(step) ?? scalar(1, "f64"))
      })
    )
  ],
  "the slope of a schedule is its difference quotient": [
    mutant(
      "does not see the step",
      everyRow(schedule => step => schedule(stopGradient(step)))
    )
  ],
  "polynomials and cosines of any power have a slope everywhere": [
    mutant("chooses its end afterwards", rows({ polynomial: chosenAfterwards }))
  ]
}

export const scheduleMutants: Mutants = { ...rowMutants, ...curveMutants, ...pieceMutants, ...compositionMutants }

const early =
  ({ steps }: WarmupOptions) =>
  (schedule: Schedule) =>
    aStepEarly({ steps, schedule })

export const warmupMutants: Mutants = {
  "a warm-up from 0 makes step 0 of adam a no-op while moments advance": [mutant("is a step early", warmupLaws(early))],
  "the rate rises evenly during a warm-up": [mutant("is a step early", warmupLaws(early))]
}
