// Every schedule as a curve. A schedule is an expression of the step: one call gives all its values, grad its slope.
import assert from "node:assert"
import * as R from "fp-ts/lib/ReadonlyRecord.js"
import { arange, grad, item, mul, ones, pipe, scalar, stack, toArray } from "thalweg"
import * as s from "thalweg/schedule"
import { grid, lineChart, writeSvg } from "./lib/plot/index.js"
import { paths } from "./lib/walk.js"

const constant = s.constant(0.4)
const linear = s.linear({ start: 1, end: 0.1, steps: 80 })
const cosine = s.cosine({ start: 1, steps: 80 })
const polynomial = s.polynomial({ start: 1, steps: 80, power: 4 })
const exponential = s.exponential({ start: 1, rate: 0.5, steps: 25 })
const inverseTime = s.inverseTime({ start: 1, rate: 0.5, steps: 25 })
const noam = s.noam({ modelSize: 16, warmupSteps: 20, factor: 12 })
const oneCycle = s.oneCycle({ peak: 1, upSteps: 30, downSteps: 40, finalSteps: 25 })
const cyclic = s.cyclic({ low: 0.1, high: 1, upSteps: 15, downSteps: 10, mode: "triangular2" })
const cosineRestarts = s.cosineRestarts({ start: 1, steps: 14, stepsFactor: 2, heightFactor: 0.8 })
const piecewiseConstant = s.piecewiseConstant({ boundaries: [20, 50, 80], values: [0.2, 1, 0.6, 0.1] })
const piecewiseInterpolate = s.piecewiseInterpolate({ boundaries: [20, 50, 80], values: [0.2, 1, 0.6, 0.1] })
const warmup = pipe(cosine, s.warmup({ steps: 20 }))
const shift = pipe(cosine, s.shift(30))
const scale = pipe(linear, s.scale(0.5))
const atMost = pipe(linear, s.atMost(0.7))
const atLeast = pipe(exponential, s.atLeast(0.2))
const join = s.join({ schedules: [linear, cosine], boundaries: [50] })
const product = s.product([linear, cosine])

const charts: Readonly<Record<string, Readonly<Record<string, s.Schedule>>>> = {
  Decay: { constant, linear, cosine, polynomial, exponential, inverseTime },
  "Up and down": { noam, oneCycle, cyclic, cosineRestarts },
  "Of one schedule": { warmup, shift, scale, atMost, atLeast },
  "Of several parts": { piecewiseConstant, piecewiseInterpolate, join, product }
}

const steps = arange(101, { dtype: "f64" })
const curve = (schedule: s.Schedule) => stack([steps, mul(schedule(steps), ones([101], "f64"))], 1)
const axes = { x: { title: "step" }, y: { title: "value", domain: [0, 1] } } as const
const figures = Object.entries(charts).map(([title, schedules]) =>
  lineChart({ title, ...axes, series: paths(R.map(curve)(schedules)) })
)
await writeSvg("examples/out/schedules.svg", grid(figures, 2))

const drawn = Object.values(charts).flatMap(schedules => Object.entries(schedules))
assert.deepStrictEqual(new Set(drawn.map(([name]) => name)), new Set(Object.keys(s.schedules)), "all are drawn")
for (const [name, schedule] of drawn) {
  const oneByOne = Array.from({ length: 101 }, (_, step) => [step, item(schedule(scalar(step)))])
  assert.deepStrictEqual(toArray(curve(schedule)), oneByOne, `${name} of all steps at once is ${name} of each`)
}
assert.strictEqual(item(grad(linear)(scalar(40, "f64"))), -0.9 / 80)
