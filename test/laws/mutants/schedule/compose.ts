import {
  add,
  div,
  exp,
  le,
  log1p,
  lt,
  maximum,
  minimum,
  mul,
  scalar,
  stopGradient,
  sub,
  where,
  type Tensor
} from "thalweg"
import { constant, join, scale, schedules, shift, type Schedule } from "thalweg/schedule"
import { mutant, type Mutants } from "../mutant.js"
import { float, rows, type Make } from "./rows.js"

interface Joining {
  /** Whether a step is before a boundary. */
  readonly before?: (t: Tensor, boundary: number) => Tensor
  /** From where the steps of a part count. */
  readonly from?: (begin: number) => number
}

const joining =
  ({ before = lt, from = begin => begin }: Joining): Make<"join"> =>
  ({ schedules: parts, boundaries }) =>
  step => {
    const t = float(step)
    const pieces = parts.map((part, i) => part(sub(t, from(boundaries[i - 1] ?? 0))))
    return pieces.reduceRight((later, piece, i) => where(before(t, boundaries[i] ?? Infinity), piece, later))
  }

const uncounted = mutant("counts all from the beginning", rows({ join: joining({ from: () => 0 }) }))
const fromOne = mutant("counts from 1", rows({ join: joining({ from: begin => begin - 1 }) }))
const late = mutant("keeps a schedule at its boundary", rows({ join: joining({ before: le }) }))
const early = mutant("is a step early", rows({ join: joining({ before: (t, b) => lt(add(t, 1), b) }) }))

const added: Make<"scale"> =
  ({ factor, schedule }) =>
  step =>
    add(schedule(step), factor)
const through32: Make<"scale"> = ({ factor, schedule }) => scale(Math.fround(factor))(schedule)

const shifting =
  (by: (steps: number) => number): Make<"shift"> =>
  ({ steps, schedule }) =>
    shift(by(steps))(schedule)

const beforeZero: Make<"shift"> =
  ({ steps, schedule }) =>
  step =>
    schedule(sub(float(step), steps))

const ofStart: Make<"product"> =
  ({ schedules: [first = constant(1), ...others] }) =>
  step =>
    others.reduce((value, other) => mul(value, div(other(step), other(scalar(0, "f64")))), first(step))

const averaging: Make<"product"> =
  ({ schedules: parts }) =>
  step =>
    parts.length === 0
      ? scalar(1, "f64")
      : div(
          parts.map(part => part(step)).reduce((a, b) => add(a, b)),
          parts.length
        )

const otherWay: Make<"atLeast"> =
  ({ bound, schedule }) =>
  step =>
    minimum(schedule(step), bound)
const above: Make<"atMost"> =
  ({ bound, schedule }) =>
  step =>
    maximum(schedule(step), bound)
const softly: Make<"atLeast"> =
  ({ bound, schedule }) =>
  step =>
    add(log1p(exp(sub(schedule(step), bound))), bound)

/** A warm-up by the schedule that it makes of the first value. */
const rising =
  (firstOf: (schedule: Schedule) => Tensor): Make<"warmup"> =>
  ({ start = 0, steps, schedule }) => {
    const first = firstOf(schedule)
    const rise: Schedule = step => add(mul(div(step, steps), sub(first, start)), start)
    return join({ schedules: [rise, schedule], boundaries: [steps] })
  }

const blind = rising(schedule => stopGradient(schedule(scalar(0, "f64"))))

/** At its first value a step early. */
export const aStepEarly: Make<"warmup"> = options => step => {
  const [warmed, t] = [schedules.warmup.make(options), float(step)]
  return warmed(where(lt(t, options.steps), add(t, 1), t))
}

/** A factor that rises while the schedule already runs. */
export const meanwhile: Make<"warmup"> = ({ start = 0, steps, schedule }) => {
  const share = schedules.linear.make({ start: 0, end: 1, steps })
  return step => add(mul(sub(schedule(float(step)), start), share(step)), start)
}

export const compositionMutants: Mutants = {
  "join is associative": [uncounted],
  "join of one schedule is it": [fromOne],
  "join gives its first schedule before its first boundary": [early],
  "join gives its next schedule from the boundary on": [late, uncounted],
  "join of a schedule and its rest is it": [uncounted],
  "scale by 1 changes nothing": [mutant("adds", rows({ scale: added }))],
  "scales of schedules by powers of two multiply": [mutant("adds", rows({ scale: added }))],
  "scales of schedules multiply": [mutant("rounds its factor to f32", rows({ scale: through32 }))],
  "shift by 0 changes nothing": [mutant("takes 0 for unset", rows({ shift: shifting(n => n || 1) }))],
  "shifts of one sign add up": [mutant("counts from 1", rows({ shift: shifting(n => n - 1) }))],
  "a jump ahead undoes a delay": [mutant("takes a delay for a jump", rows({ shift: shifting(n => -n) }))],
  "a delay holds the first value": [mutant("asks for steps below 0", rows({ shift: beforeZero }))],
  "product commutes": [mutant("takes others as shares of their start", rows({ product: ofStart }))],
  "product is associative": [mutant("averages", rows({ product: averaging }))],
  "product has a unit": [mutant("averages", rows({ product: averaging }))],
  "product with a constant is scale": [mutant("averages", rows({ product: averaging }))],
  "a bound holds": [
    mutant("bounds from the other side", rows({ atLeast: otherWay })),
    mutant("bounds from the other side", rows({ atMost: above }))
  ],
  "a bound is idempotent": [mutant("bounds softly", rows({ atLeast: softly }))],
  "two bounds are the tighter": [mutant("bounds softly", rows({ atLeast: softly }))],
  "a bound that is met changes nothing": [mutant("bounds softly", rows({ atLeast: softly }))],
  "atLeast is atMost upside down": [mutant("bounds from the other side", rows({ atLeast: otherWay }))],
  "a warm-up begins at its start": [mutant("is a step early", rows({ warmup: aStepEarly }))],
  "after a warm-up comes the schedule, from its step 0": [
    mutant("lets the schedule run meanwhile", rows({ warmup: meanwhile }))
  ],
  "a warm-up is a line to the first value": [
    mutant("forgets its start", rows({ warmup: o => schedules.warmup.make({ ...o, start: 0 }) })),
    mutant("lets the schedule run meanwhile", rows({ warmup: meanwhile }))
  ],
  "a composition has the derivative by a tensor inside": [mutant("reads the first value", rows({ warmup: blind }))]
}
