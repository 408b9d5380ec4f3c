// A schedule is an expression of the step: those that ship, and one of your own made of them.
import assert from "node:assert"
import { compile, item, lt, scalar, sub, where } from "thalweg"
import { sgd } from "thalweg/optimizer"
import { constant, cosine, exponential, linear, type Schedule } from "thalweg/schedule"
import { lineChart, writeSvg } from "./lib/plot/index.js"

/** A straight rise from 0 to `peak`, then another schedule. */
const withWarmup = (warmupSteps: number, peak: number, after: Schedule): Schedule => {
  const rise = linear({ start: 0, end: peak, steps: warmupSteps })
  return step => where(lt(step, warmupSteps), rise(step), after(sub(step, warmupSteps)))
}

const own = withWarmup(20, 0.1, cosine({ start: 0.1, steps: 80 }))
const schedules = {
  constant: constant(0.1),
  linear: linear({ start: 0.1, end: 0, steps: 100 }),
  "exponential, halved every 20 steps": exponential({ start: 0.1, rate: 0.5, steps: 20 }),
  cosine: cosine({ start: 0.1, steps: 100 }),
  "warmup, then cosine": own
}

const series = Object.entries(schedules).map(([name, schedule]) => {
  const rate = compile(schedule)
  return { name, points: Array.from({ length: 101 }, (_, step) => [step, item(rate(scalar(step, "f64")))] as const) }
})
const title = "Learning rates"
const figure = lineChart({ title, x: { title: "step" }, y: { title: "learning rate" }, series })
await writeSvg("examples/out/schedules.svg", figure)

assert.deepStrictEqual(
  [0, 10, 20, 60, 100].map(step => item(own(scalar(step, "f64")))),
  [0, 0.05, 0.1, 0.05, 0]
)
assert.strictEqual(item(sgd({ learningRate: own }).rate({ count: scalar(60, "i32") })), 0.05)
