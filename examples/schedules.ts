// Every schedule as a curve. A schedule is an expression of the step: one call gives all its values, grad its slope.
import assert from "node:assert"
import { arange, grad, item, mul, ones, pipe, scalar, toArray } from "thalweg"
import * as s from "thalweg/schedule"
import { grid, lineChart, writeSvg } from "./lib/plot/index.js"

const line = s.linear({ start: 1, end: 0.1, steps: 80 })
const half = s.cosine({ start: 1, steps: 80 })
const power = (power: number) => s.polynomial({ start: 1, steps: 80, power })
const decay = { start: 1, rate: 0.5, steps: 25 }
const smooth = s.exponential(decay)
const stairs = s.exponential({ ...decay, staircase: true })
const points = { boundaries: [20, 50, 80], values: [0.2, 1, 0.6, 0.1] }
const curve = s.piecewiseInterpolate({ ...points, interpolation: "cosine" })
const wave = { low: 0.1, high: 1, upSteps: 15, downSteps: 10, rate: 0.98 }
const cycle = { peak: 1, upSteps: 30, downSteps: 40, finalSteps: 25 }
const restarts = s.cosineRestarts({ start: 1, steps: 14, stepsFactor: 2, heightFactor: 0.8 })

const curves: Readonly<Record<string, Readonly<Record<string, s.Schedule>>>> = {
  linear: {
    constant: s.constant(0.4),
    linear: line,
    scale: pipe(line, s.scale(0.5)),
    atMost: pipe(line, s.atMost(0.7))
  },
  polynomial: { "power ½": power(0.5), "power 2": power(2), "power 4": power(4) },
  exponential: { smooth, staircase: stairs, atLeast: pipe(smooth, s.atLeast(0.2)) },
  inverse: { inverseTime: s.inverseTime(decay), noam: s.noam({ modelSize: 16, warmupSteps: 20, factor: 12 }) },
  piecewise: { constant: s.piecewiseConstant(points), linear: s.piecewiseInterpolate(points), cosine: curve },
  cosine: { once: half, restarts },
  cyclic: Object.fromEntries(
    (["triangular", "triangular2", "expRange"] as const).map(mode => [mode, s.cyclic({ ...wave, mode })])
  ),
  oneCycle: { linear: s.oneCycle(cycle), cosine: s.oneCycle({ ...cycle, interpolation: "cosine" }) },
  composed: {
    warmup: pipe(half, s.warmup({ steps: 20 })),
    shift: pipe(half, s.shift(20)),
    product: s.product([line, restarts]),
    join: s.join({ schedules: [line, half], boundaries: [50] })
  }
}

/** The values at steps 0 to 100. */
const values = (schedule: s.Schedule) => toArray(mul(schedule(arange(101)), ones([101], "f64"))) as number[]

const charts = Object.entries(curves).map(([title, named]) => {
  const series = Object.entries(named).map(([name, schedule]) => ({
    name,
    points: values(schedule).map((value, step) => [step, value] as const)
  }))
  return lineChart({ title, x: { title: "step" }, y: { title: "value" }, series, size: { width: 300, height: 180 } })
})
await writeSvg("examples/out/schedules.svg", grid(charts, 3))

const all = Object.values(curves).flatMap(named => Object.values(named).map(values))
assert.ok(all.flat().every(value => value >= 0 && value <= 1))
assert.strictEqual(values(s.join({ schedules: [line, half], boundaries: [50] }))[50], 1, "the next schedule, at its 0")
const [first, ...later] = [0, 14, 42, 98].map(step => values(restarts)[step] ?? NaN)
assert.ok(first === 1 && later.every((value, i) => Math.abs(value - 0.8 ** (i + 1)) < 1e-12), "each restart is lower")
assert.strictEqual(item(grad(line)(scalar(40, "f64"))), -0.9 / 80)
