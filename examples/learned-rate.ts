// Training is an expression too: the loss after 20 steps has a gradient by the learning rate, which descent follows.
import assert from "node:assert"
import { abs, add, cast, div, exp, grad, item, linspace, max, mean, min, mul, scalar } from "thalweg"
import { scan, slice, square, stack, sub, toArray, Tree, type Tensor } from "thalweg"
import { sgd } from "thalweg/optimizer"
import { stoppingDistances } from "./lib/cars.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"
import { paths, walk } from "./lib/walk.js"

const half = (from: number) =>
  Tree.map((t: Tensor) => slice(cast(t, "f64"), { start: [from], step: [2] }))(stoppingDistances())
const [training, validation] = [half(0), half(1)]
const line0 = { slope: scalar(0, "f64"), intercept: scalar(0, "f64") }

const loss = ({ slope, intercept }: typeof line0, { x, y }: typeof training) =>
  mean(square(sub(add(mul(x, slope), intercept), y)))

/** The validation loss after 20 steps of training, by the logarithm of the learning rate. */
const outcome = (logRate: Tensor) => {
  const { init, step } = sgd({ learningRate: exp(logRate), momentum: 0.9 })
  const start = [line0, init(line0)] as const
  const next = ([line, state]: typeof start) => [step(line, state, grad(loss)(line, training)), []] as const
  return loss(scan(next, start, [], { length: 20 })[0][0], validation)
}

const by = walk({ f: outcome, start: scalar(Math.log(0.001), "f64"), steps: 24 })
const learned = by(sgd({ learningRate: 2e-4 }))

/** A function of one logarithm at each of many. */
const each = (f: typeof outcome) => (logRates: Tensor) =>
  scan((none: readonly [], logRate: Tensor) => [none, f(logRate)] as const, [], logRates)[1]
const [losses, slopes] = [each(outcome), each(grad(outcome))]

const range = linspace(Math.log(0.001), Math.log(0.1), 200, "f64")
const curve = (logRates: Tensor) => stack([exp(logRates), losses(logRates)], 1)
const series = paths({ "all rates": curve(range), learned: curve(learned) })
const axes = { x: { title: "learning rate", scale: "log" }, y: { title: "validation loss", scale: "log" } } as const
await writeSvg("examples/out/learned-rate.svg", lineChart({ title: "Learning a learning rate", ...axes, series }))

const differences = div(sub(losses(add(range, 1e-5)), losses(sub(range, 1e-5))), 2e-5)
assert.ok(item(max(abs(sub(slopes(range), differences)))) < 1e-6 * item(max(abs(differences))), "it is the slope")
const heights = toArray(losses(learned)) as number[]
assert.ok(
  heights.slice(1).every((height, i) => height < (heights[i] ?? NaN)),
  "every step is down"
)
assert.ok((heights.at(-1) ?? NaN) < 1.001 * item(min(losses(range))), "to where no other rate is better")
