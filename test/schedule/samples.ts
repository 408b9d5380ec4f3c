import { item, pipe, scalar } from "thalweg"
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
  product,
  scale,
  shift,
  warmup,
  type Schedule
} from "thalweg/schedule"

/** The value at a step. */
export const at = (schedule: Schedule, step: number): number => item(schedule(scalar(step, "f64")))

/** The values at the first steps. */
export const first = (schedule: Schedule, steps: number): readonly number[] =>
  Array.from({ length: steps }, (_, step) => at(schedule, step))

const line = linear({ start: 0.1, end: 0.9, steps: 5 })
const half = exponential({ start: 2, rate: 0.5, steps: 3 })
const points = { boundaries: [3, 7, 9], values: [0.8, 0.4, 0.8, 0.2] }

/** At least one of each schedule, and of each of its words. */
export const samples: Readonly<Record<string, Schedule>> = {
  constant: constant(0.3),
  linear: line,
  polynomial: polynomial({ start: 1, end: 0.1, steps: 6, power: 2 }),
  "polynomial with an infinite slope at its end": polynomial({ start: 0, end: 2, steps: 6, power: 0.5 }),
  "polynomial stretched": polynomial({ start: 1, steps: 4, power: 1.5, beyond: "stretch" }),
  exponential: half,
  "exponential stairs": exponential({ start: 2, rate: 0.5, steps: 3, staircase: true }),
  inverseTime: inverseTime({ start: 2, rate: 0.5, steps: 3 }),
  "inverseTime stairs": inverseTime({ start: 2, rate: 0.5, steps: 3, staircase: true }),
  noam: noam({ modelSize: 16, warmupSteps: 5 }),
  piecewiseConstant: piecewiseConstant(points),
  "piecewiseConstant of one": piecewiseConstant({ boundaries: [], values: [0.5] }),
  piecewiseInterpolate: piecewiseInterpolate(points),
  "piecewiseInterpolate by cosines": piecewiseInterpolate({ ...points, interpolation: "cosine" }),
  cosine: cosine({ start: 1, end: 0.2, steps: 7 }),
  "cosine with an infinite slope at its end": cosine({ start: 1, end: 0.2, steps: 7, power: 0.25 }),
  "cosine swinging": cosine({ start: 1, end: 0.2, steps: 4, beyond: "swing" }),
  cosineRestarts: cosineRestarts({ start: 1, end: 0.1, steps: 4, heightFactor: 0.5 }),
  "cosineRestarts growing": cosineRestarts({ start: 1, end: 0.1, steps: 2, stepsFactor: 3, heightFactor: 0.5 }),
  cyclic: cyclic({ low: 0.1, high: 1, upSteps: 4, downSteps: 3 }),
  "cyclic halving": cyclic({ low: 0.1, high: 1, upSteps: 4, downSteps: 3, mode: "triangular2" }),
  "cyclic decaying": cyclic({ low: 0.1, high: 1, upSteps: 4, downSteps: 3, mode: "expRange", rate: 0.9 }),
  oneCycle: oneCycle({ peak: 2, upSteps: 5, downSteps: 5, finalSteps: 4 }),
  "oneCycle of two cosines": oneCycle({ peak: 2, upSteps: 5, downSteps: 9, interpolation: "cosine" }),
  warmup: pipe(half, warmup({ start: 0.5, steps: 4 })),
  join: join({ schedules: [line, half, constant(0.05)], boundaries: [4, 9] }),
  scale: pipe(half, scale(-3)),
  shift: pipe(half, shift(3)),
  "shift into the middle": pipe(half, shift(-3)),
  product: product([line, half]),
  "product of none": product([]),
  atLeast: pipe(half, atLeast(0.5)),
  atMost: pipe(line, atMost(0.5))
}
