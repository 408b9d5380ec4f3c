import { add, cos, div, exp, floor, lt, mul, pow, rem, scalar, sub, where, type Tensor } from "thalweg"
import { cosine, cosineRestarts, exponential, inverseTime, linear, noam, polynomial, schedules } from "thalweg/schedule"
import { mutant, throughF32, type Mutants } from "../mutant.js"
import { float, rows, type Make } from "./rows.js"

const unending: Make<"linear"> =
  ({ start, end, steps }) =>
  step =>
    add(mul(float(step), (end - start) / steps), start)

export const goesOn = mutant("goes on beyond its end", rows({ linear: unending }))

/** As it is written down, whatever the ends. */
export const steep: Make<"linear"> = ({ start, end, steps }) => {
  const share = linear({ start: 0, end: 1, steps })
  return step => add(mul(share(step), end - start), start)
}

const relative: Make<"linear"> = ({ start, end, steps }) => linear({ start, end: start + end, steps })
const early: Make<"linear"> = options => step => linear(options)(add(float(step), 1))
const eased: Make<"linear"> = cosine

/** As it is written down, without an end. */
export const rootBelowZero: Make<"polynomial"> =
  ({ start, end = 0, steps, power = 1 }) =>
  step =>
    add(mul(pow(sub(1, div(float(step), steps)), power), start - end), end)

export const chosenAfterwards: Make<"polynomial"> = options => step =>
  where(lt(float(step), options.steps), rootBelowZero(options)(step), options.end ?? 0)

const powerOfPassed: Make<"polynomial"> = ({ start, end = 0, steps, power = 1 }) => {
  const line = linear({ start: 0, end: 1, steps })
  return step => add(mul(pow(line(step), power), end - start), start)
}

type Stretch = (t: Tensor, steps: number) => Tensor

const stretching =
  (passed: Stretch): Make<"polynomial"> =>
  options => {
    const { start, end = 0, steps, power = 1, beyond } = options
    return beyond === "stretch"
      ? step => add(mul(pow(sub(1, passed(float(step), steps)), power), start - end), end)
      : polynomial(options)
  }

const tooFar = stretching((t, steps) => div(t, mul(add(floor(div(t, steps)), 1), steps)))
const anew = stretching((t, steps) => div(rem(t, steps), steps))

const ofAngle: Make<"cosine"> = ({ power = 1, steps, ...options }) => {
  const plain = cosine({ ...options, steps })
  return step => plain(mul(pow(div(float(step), steps), power), steps))
}

const quarter: Make<"cosine"> = ({ start, end = 0, steps }) => {
  const angle = linear({ start: 0, end: Math.PI / 2, steps })
  return step => add(mul(cos(angle(step)), start - end), end)
}

const slow: Make<"cosine"> = options =>
  cosine({ ...options, steps: options.beyond === "swing" ? 2 * options.steps : options.steps })
const held: Make<"cosine"> = options => cosine({ ...options, beyond: "hold" })

export const swings = mutant("swings", rows({ cosine: options => cosine({ ...options, beyond: "swing" }) }))

const lowerAtOnce: Make<"cosineRestarts"> = ({ start, end = 0, heightFactor = 1, ...options }) =>
  cosineRestarts({ ...options, heightFactor, end, start: end + (start - end) * heightFactor })

const ofE: Make<"exponential"> =
  ({ start, rate, steps = 1 }) =>
  step =>
    mul(exp(mul(float(step), -rate / steps)), start)

/** As it is written down, however far it grows. */
export const unbounded: Make<"exponential"> =
  ({ start, rate, steps = 1 }) =>
  step =>
    mul(pow(scalar(rate, "f64"), div(float(step), steps)), start)

const nearest: Make<"exponential"> = options => step =>
  exponential(options)(options.staircase === true ? add(float(step), (options.steps ?? 1) / 2) : step)

const compounding: Make<"inverseTime"> = ({ rate, ...options }) => exponential({ ...options, rate: 1 / (1 + rate) })

const fromZero: Make<"noam"> = options => step => noam(options)(sub(float(step), 1))
const withoutRise: Make<"noam"> =
  ({ modelSize, factor = 1 }) =>
  step =>
    mul(pow(add(float(step), 1), -0.5), factor * modelSize ** -0.5)

const asTheSteps: Make<"noam"> =
  ({ modelSize, warmupSteps, factor = 1 }) =>
  step =>
    div(factor * (warmupSteps / modelSize) ** 0.5, add(float(step), 1))

export const curveMutants: Mutants = {
  "constant is its value": [
    mutant("is rounded to f32", rows({ constant: o => step => throughF32(schedules.constant.make(o)(step)) }))
  ],
  "lines, polynomials and cosines begin at their start": [mutant("counts from 1", rows({ linear: early }))],
  "lines, polynomials and cosines stay at their end": [goesOn],
  "linear is polynomial of power 1": [mutant("eases in and out", rows({ linear: eased }))],
  "linear is straight": [mutant("eases in and out", rows({ linear: eased }))],
  "linear of equal ends is constant": [mutant("takes its end for a change", rows({ linear: relative }))],
  "powers of polynomials from 1 to 0 multiply": [
    mutant("takes powers of the steps that passed", rows({ polynomial: powerOfPassed }))
  ],
  "a stretched polynomial is the polynomial until its end": [
    mutant("stretches a step early", rows({ polynomial: tooFar }))
  ],
  "a polynomial stretched n times has n times the steps": [mutant("begins anew", rows({ polynomial: anew }))],
  "powers of cosines from 1 to 0 multiply": [mutant("takes powers of the angle", rows({ cosine: ofAngle }))],
  "a cosine is symmetric about its middle": [mutant("is a quarter of a cosine", rows({ cosine: quarter }))],
  "a swinging cosine is the cosine until its end": [mutant("swings half as fast", rows({ cosine: slow }))],
  "a swinging cosine rises as it fell, again and again": [mutant("holds its end", rows({ cosine: held }))],
  "cosineRestarts is cosine within its first period": [
    mutant("is lower in the first period", rows({ cosineRestarts: lowerAtOnce }))
  ],
  "cosineRestarts after a period is longer and lower": [
    mutant("keeps the length", rows({ cosineRestarts: o => cosineRestarts({ ...o, stepsFactor: 1 }) })),
    mutant("keeps the height", rows({ cosineRestarts: o => cosineRestarts({ ...o, heightFactor: 1 }) }))
  ],
  "exponential multiplies by its rate every steps": [mutant("is a power of e", rows({ exponential: ofE }))],
  "exponential of rate 1 is constant": [mutant("is a power of e", rows({ exponential: ofE }))],
  "inverseTime divides its start by what grows evenly": [mutant("compounds", rows({ inverseTime: compounding }))],
  "a staircase is the curve where each stair begins": [
    mutant("goes to the nearest stair", rows({ exponential: nearest })),
    mutant("has no stairs", rows({ inverseTime: o => inverseTime({ ...o, staircase: false }) }))
  ],
  "noam is at factor / √(d·w) at step w - 1": [mutant("counts from 0", rows({ noam: fromZero }))],
  "noam rises evenly from step -1 during warm-up": [mutant("only falls", rows({ noam: withoutRise }))],
  "noam falls to half after four times the steps": [mutant("falls as the steps", rows({ noam: asTheSteps }))],
  "noam of a model four times as large is half as high": [
    mutant("forgets the size of the model", rows({ noam: o => noam({ ...o, modelSize: 1 }) }))
  ]
}
