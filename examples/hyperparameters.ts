// How much each of 24 weights is held back is learned by descent: the error on other houses has a gradient by the decays.
import assert from "node:assert"
import { add, cast, compile, concat, exp, linspace, matmul, mean, mul, reshape, sqrt } from "thalweg"
import { square, stack, sub, sum, take, toArray, Tree, vmap, zeros, type Tensor } from "thalweg"
import { argmin, bfgs, minimize } from "thalweg/minimize"
import { key, permutation, split } from "thalweg/random"
import { splitDataset, standardize } from "thalweg/train"
import { houseColumns } from "./lib/houses.js"
import { lineChart, writeSvg } from "./lib/plot/index.js"

// what a house costs, by twelve things that are around it, and by the same around another house
const real = houseColumns(["crim", "zn", "indus", "chas", "nox", "rm", "age", "dis", "rad", "tax", "ptratio", "lstat"])
const [splitKey, otherKey] = split(key(1978))
const data = { x: concat([real, take(real, permutation(otherKey, 506))], 1), y: houseColumns(["medv"]) }
const parts = splitDataset(splitKey, { train: 0.1, validation: 0.3, test: 0.6 })(data)
const { fit, apply } = standardize()
const scaled = (part: typeof data) => Tree.map((t: Tensor) => cast(t, "f64"))(apply(fit(parts.train), part))
const [train, validation, test] = [scaled(parts.train), scaled(parts.validation), scaled(parts.test)]

const errorOf = (w: Tensor, { x, y }: typeof data) => mean(square(sub(matmul(x, reshape(w, [24, 1])), y)))
const ridge = (w: Tensor, logDecays: Tensor) => add(errorOf(w, train), sum(mul(exp(logDecays), square(w))))
const none = zeros([24], "f64")
const weights = (logDecays: Tensor) => argmin(ridge, { method: bfgs(), tolerance: 1e-9 })(none, logDecays)
const errors = (logDecays: Tensor) => stack([validation, test].map(part => sqrt(errorOf(weights(logDecays), part))))

const common = linspace(-7, 3, 60, "f64") // one decay for all, as one would search it
const rows = toArray(compile(vmap((log: Tensor) => errors(add(none, log))))(common)) as [number, number][]
const line = (toArray(exp(common)) as number[]).map((decay, i) => ({ decay, errors: rows[i] ?? ([NaN, NaN] as const) }))
const searched = line.reduce((a, b) => (b.errors[0] < a.errors[0] ? b : a))
const start = add(none, Math.log(searched.decay))
const outcome = (logDecays: Tensor) => errorOf(weights(logDecays), validation) // a minimum within what is minimized
const { at: learned, message, iterations } = minimize(outcome, { tolerance: 1e-5, lower: -7, upper: 7 })(start)
const reached = toArray(errors(learned)) as [validation: number, test: number]
console.log(
  `${message} Validation and test error with one decay: ${searched.errors.join(", ")}; with 24: ${reached.join(", ")}`
)

const decays = toArray(exp(learned)) as number[]
const curves = (["validation", "test"] as const).flatMap((name, k) => [
  { name, points: line.map(({ decay, errors }) => [decay, errors[k] ?? NaN] as const) },
  { name: `${name}, 24 decays`, points: line.map(({ decay }) => [decay, reached[k] ?? NaN] as const) }
])
const axes = { x: { title: "one decay for all", scale: "log" }, y: { title: "error (RMS)" } } as const
await writeSvg("examples/out/hyperparameters.svg", lineChart({ title: "Learning decays", ...axes, series: curves }))

assert.ok(iterations < 100 && reached[0] < 0.95 * searched.errors[0], "24 decays are better than the best for all")
assert.ok(reached[1] < searched.errors[1], "on houses that nobody looked at as well")
const held = (first: number, last: number) => decays.slice(first, last).filter(decay => decay > 100).length
assert.ok(held(0, 12) === 0 && held(12, 24) > 5, "and find out what says nothing")
