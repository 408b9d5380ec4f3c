// How onions grow: a curve through data of NIST's, with the errors of its parameters and the band in which it lies.
import assert from "node:assert"
import { add, arange, at, div, exp, jacobian, linspace, matmul, mul, neg, pow, sqrt, stack, sub, sum } from "thalweg"
import { tensor, toArray, toTyped, type Tensor } from "thalweg"
import { leastSquares } from "thalweg/minimize"
import { lineChart, writeSvg } from "./lib/plot/index.js"

// Rat43 of the Statistical Reference Datasets: dry weight of onion bulbs and tops by time (Ratkowsky, 1983)
const f64 = (data: readonly number[]) => tensor(data, { dtype: "f64" })
const young = [16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87]
const old = [520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41]
const data = { time: arange(16, { start: 1, dtype: "f64" }), weight: f64([...young, ...old]) }
const certified = [699.6415127, 5.2771253025, 0.75962938329, 1.2792483859]
const deviations = [16.302297817, 2.0828735829, 0.19566123451, 0.68761936385]

/** The logistic curve of Richards, whose halves differ: b₁ (1 + exp(b₂ - b₃ t))^(-1 / b₄). */
const growth = (b: Tensor, time: Tensor) =>
  mul(at(b, 0), pow(add(1, exp(sub(at(b, 1), mul(at(b, 2), time)))), neg(div(1, at(b, 3)))))
const residuals = (b: Tensor, { time, weight }: typeof data) => sub(growth(b, time), weight)

const fit = leastSquares(residuals)(f64([100, 10, 1, 1]), data)
const [values, errors] = [toTyped(fit.at), toTyped(fit.standardErrors)]
console.log(fit.message)
console.table(certified.map((right, i) => ({ value: values[i], error: errors[i], certified: right })))

// the error of the curve is that of its parameters, by its slopes; 2.201 is Student's t of 11 degrees of freedom
const times = linspace(1, 15, 141, "f64")
const slopes = jacobian((b: Tensor) => growth(b, times))(fit.at)
const margin = mul(2.201, sqrt(sum(mul(matmul(slopes, fit.covariance), slopes), { axes: 1 })))
const curve = growth(fit.at, times)
const line = (name: string, x: Tensor, y: Tensor) => ({ name, points: toArray(stack([x, y], 1)) as [number, number][] })
const series = [
  { ...line("observed", data.time, data.weight), scattered: true },
  line("fit", times, curve),
  line("95 % above", times, add(curve, margin)),
  line("95 % below", times, sub(curve, margin))
]
const axes = { x: { title: "time" }, y: { title: "dry weight" } }
await writeSvg("examples/out/curve.svg", lineChart({ title: "Growth, and where its curve lies", ...axes, series }))

assert.strictEqual(fit.reason, "converged")
certified.forEach((right, i) => assert.ok(Math.abs((values[i] ?? NaN) / right - 1) < 1e-8, `b${i + 1} is as certified`))
deviations.forEach((right, i) => assert.ok(Math.abs((errors[i] ?? NaN) / right - 1) < 1e-8, `so is its error`))
