// Training is an expression too: the loss after 20 steps has a gradient by the learning rate, which descent follows.
import assert from "node:assert"
import { add, cast, compile, exp, grad, item, mean, mul, scalar, scan, slice, square, sub, toTyped } from "thalweg"
import type { Tensor } from "thalweg"
import { momentum, sgd } from "thalweg/optimizer"
import { stoppingDistances } from "./lib/cars.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

const { x, y } = stoppingDistances()
const everyOther = (from: number) => {
  const half = (t: Tensor) => slice(cast(t, "f64"), { start: [from], step: [2] })
  return { x: half(x), y: half(y) }
}
const [training, validation] = [everyOther(0), everyOther(1)]
const line0 = { slope: scalar(0, "f64"), intercept: scalar(0, "f64") }

const loss = ({ slope, intercept }: typeof line0, { x, y }: typeof training) =>
  mean(square(sub(add(mul(x, slope), intercept), y)))

/** The loss on the other half of the cars after 20 steps of training, by the logarithm of the learning rate. */
const outcome = (logRate: Tensor) => {
  const { init, step } = momentum({ learningRate: exp(logRate) })
  const start = [line0, init(line0)] as const
  const next = ([line, state]: typeof start) => [step(line, state, grad(loss)(line, training)), []] as const
  return loss(scan(next, start, [], { length: 20 })[0][0], validation)
}
const number = (f: (logRate: Tensor) => Tensor) => {
  const compiled = compile(f)
  return (logRate: number) => item(compiled(scalar(logRate, "f64")))
}
const [lossAt, slopeAt] = [number(outcome), number(grad(outcome))]

const learner = sgd({ learningRate: 2e-4 })
const log0 = scalar(Math.log(0.001), "f64")
const start = [log0, learner.init(log0)] as const
const follow = ([log, state]: typeof start) => [learner.step(log, state, grad(outcome)(log)), log] as const
const learned = [...toTyped(scan(follow, start, [], { length: 30 })[1])] as number[]

const range = Array.from({ length: 100 }, (_, i) => Math.log(0.001) + (i / 99) * Math.log(100))
const points = (logs: readonly number[]) => logs.map(log => [Math.exp(log), lossAt(log)] as const)
const series = [
  { name: "all rates", points: points(range) },
  { name: "learned", points: points(learned.slice(0, 25)) }
]
const axes = { x: { title: "learning rate", scale: "log" }, y: { title: "validation loss", scale: "log" } } as const
await writeSvg("examples/out/learned-rate.svg", lineChart({ title: "Learning a learning rate", ...axes, series }))

const [last = NaN] = learned.slice(-1)
console.log(`rate ${Math.exp(last)}, loss ${lossAt(last)}`)
for (const log of [-6, -5, -3, -1]) {
  const difference = (lossAt(log + 1e-5) - lossAt(log - 1e-5)) / 2e-5
  assert.ok(Math.abs(slopeAt(log) / difference - 1) < 1e-6, "the gradient is the slope")
}
assert.ok(
  learned.every((log, i) => i === 0 || lossAt(log) < lossAt(learned[i - 1] ?? NaN)),
  "every step is down"
)
assert.ok(
  [-0.1, 0.1].every(aside => lossAt(last + aside) > lossAt(last)),
  "into a valley, not always the lowest"
)
