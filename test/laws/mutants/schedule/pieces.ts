import { add, div, floor, mul, pow, scalar, sub } from "thalweg"
import { cyclic, oneCycle, piecewiseConstant, piecewiseInterpolate } from "thalweg/schedule"
import { mutant, type Mutants } from "../mutant.js"
import { goesOn, swings } from "./curves.js"
import { float, rows, type Make } from "./rows.js"

const stairs: Make<"piecewiseConstant"> = options => step => piecewiseConstant(options)(sub(float(step), 1))
const curve: Make<"piecewiseInterpolate"> = options => step => piecewiseInterpolate(options)(sub(float(step), 1))

const decaysByCycle: Make<"cyclic"> = options => {
  const { mode, rate = 1, low, upSteps, downSteps } = options
  const wave = cyclic({ low, high: options.high, upSteps, downSteps })
  const height = (t: Parameters<typeof wave>[0]) => pow(scalar(rate, "f64"), floor(div(t, upSteps + downSteps)))
  return mode === "expRange" ? step => add(mul(sub(wave(step), low), height(float(step))), low) : cyclic(options)
}

const turned: Make<"cyclic"> = ({ upSteps, downSteps, ...options }) =>
  cyclic({ ...options, upSteps: downSteps, downSteps: upSteps })
const even: Make<"cyclic"> = ({ mode, ...options }) =>
  cyclic({ ...options, mode: mode === "expRange" ? mode : "triangular" })
const unset: Make<"cyclic"> = options => cyclic({ ...options, ...(options.rate === 1 && { rate: 0.99 }) })

const stepEarly: Make<"oneCycle"> = options => step => oneCycle(options)(add(float(step), 1))
const swapped: Make<"oneCycle"> = ({ divFactor = 25, finalDivFactor = 1e4, ...options }) =>
  oneCycle({ ...options, divFactor: finalDivFactor, finalDivFactor: divFactor })
const ofPeak: Make<"oneCycle"> = ({ divFactor = 25, finalDivFactor = 1e4, ...options }) =>
  oneCycle({ ...options, divFactor, finalDivFactor: finalDivFactor / divFactor })

export const pieceMutants: Mutants = {
  "piecewiseConstant is a join of constants": [
    mutant("keeps a value at its boundary", rows({ piecewiseConstant: stairs }))
  ],
  "piecewiseInterpolate goes through its values and stays at the last": [
    mutant("is a step late", rows({ piecewiseInterpolate: curve }))
  ],
  "piecewiseInterpolate is a join of lines or cosines": [
    mutant(
      "knows lines only",
      rows({ piecewiseInterpolate: o => piecewiseInterpolate({ ...o, interpolation: "linear" }) })
    )
  ],
  "a cycle is a line up and a line down": [mutant("takes up for down", rows({ cyclic: turned }))],
  "cycles repeat, as high as their mode says": [mutant("never halves", rows({ cyclic: even }))],
  "expRange is triangular under an exponential": [mutant("decays once a cycle", rows({ cyclic: decaysByCycle }))],
  "expRange of rate 1 is triangular": [mutant("takes 1 for unset", rows({ cyclic: unset }))],
  "oneCycle is at its peak after its way up": [mutant("is there a step early", rows({ oneCycle: stepEarly }))],
  "oneCycle begins at peak / divFactor, and falls back to it": [
    mutant("takes one factor for the other", rows({ oneCycle: swapped }))
  ],
  "oneCycle ends at peak / divFactor / finalDivFactor and stays there": [
    mutant("divides the peak at the end", rows({ oneCycle: ofPeak }))
  ],
  "oneCycle goes up and down in lines or half cosines": [
    mutant("knows lines only", rows({ oneCycle: o => oneCycle({ ...o, interpolation: "linear" }) }))
  ],
  "values lie between the extremes of a schedule": [goesOn],
  "what falls never rises": [swings]
}
