// A graph is drawn where its stress is least: distances on the page are to be those along its edges. L-BFGS finds the places.
import assert from "node:assert"
import { arange, cos, div, mul, sin, sqrt, square, stack, sub, sum, take, tensor, toArray, type Tensor } from "thalweg"
import { minimize } from "thalweg/minimize"
import { distances, karateClub, tour } from "./lib/karate.js"
import { grid, lineChart, writeSvg } from "./lib/plot/index.js"

const { size, edges, parts } = karateClub
const far = distances(edges, size)
const pairs = far.flatMap((row, a) => row.flatMap((d, b) => (a < b ? [{ a, b, d }] : [])))
const [from, to] = [
  tensor(
    pairs.map(({ a }) => a),
    { dtype: "i32" }
  ),
  tensor(
    pairs.map(({ b }) => b),
    { dtype: "i32" }
  )
]
const wanted = tensor(
  pairs.map(({ d }) => d),
  { dtype: "f64" }
)

// Kamada & Kawai 1989: the share by which distances are wrong, squared
const stress = (places: Tensor) => {
  const apart = sub(take(places, from), take(places, to))
  return sum(square(sub(div(sqrt(sum(square(apart), { axes: 1 })), wanted), 1)))
}

const turns = mul(arange(size, { dtype: "f64" }), (2 * Math.PI) / size)
const circle = mul(2, stack([cos(turns), sin(turns)], 1))
const { at: layout, value, history, reason, message, evaluations } = minimize(stress, { tolerance: 1e-5 })(circle)
console.log(
  `stress ${history.values[0]?.toFixed(1)} → ${value.toFixed(1)}, ${evaluations.values} evaluations. ${message}`
)

const draw = (title: string, places: Tensor) => {
  const points = toArray(places) as [number, number][]
  const of = (list: readonly number[]) => list.map(i => points[i] ?? ([NaN, NaN] as const))
  const line = { name: "friends", points: of(tour(edges)) }
  const members = Object.entries(parts).map(([name, list]) => ({ name, points: of(list), scattered: true }))
  return lineChart({ title, x: { title: "x" }, y: { title: "y" }, series: [line, ...members] })
}
await writeSvg("examples/out/graph-layout.svg", grid([draw("On a circle", circle), draw("Least stress", layout)], 2))

assert.strictEqual(reason, "converged")
assert.ok(value < (history.values[0] ?? 0) / 5, "it draws near what is near")
