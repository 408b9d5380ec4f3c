// Rosenbrock's valley, four ways down: Newton and L-BFGS see how it bends, a simplex feels its way, Adam takes small steps.
import assert from "node:assert"
import { compile, item, norm, sub, tensor, toArray, type Tensor } from "thalweg"
import { descendBy, lbfgs, minimize, minimizer, nelderMead, newtonCg, type AnyMethod } from "thalweg/minimize"
import { adam } from "thalweg/optimizer"
import { grid, pathsOverContours, writeSvg } from "./lib/plot/index.js"
import { rosenbrock } from "./lib/surfaces.js"

const { f, start, minimum } = rosenbrock
const ways = {
  Newton: newtonCg(),
  "L-BFGS": lbfgs(),
  "Nelder–Mead": nelderMead(),
  Adam: descendBy(adam({ learningRate: 0.05 }))
}
const bounds = { tolerance: 1e-5, maxSteps: 10_000 }

/** The points on the way: the state of each iteration can be looked at. */
const walk = (method: AnyMethod): readonly Tensor[] => {
  const { init, step } = minimizer(f, { method, ...bounds })
  const next = compile(step)
  const states = [init(start)]
  for (let last = states[0]; last !== undefined && item(last.status) === 0; states.push(last)) last = next(last)
  return states.map(({ at }) => at)
}

const found = Object.entries(ways).map(([name, method]) => ({ name, ...minimize(f, { method, ...bounds })(start) }))
console.table(
  found.map(({ name, iterations, evaluations, value, reason }) => ({ name, iterations, ...evaluations, value, reason }))
)

const figures = Object.entries(ways).map(([title, method]) => {
  const points = walk(method).map(point => toArray(point) as [x: number, y: number])
  return pathsOverContours({
    ...rosenbrock,
    title: `${title}: ${points.length - 1} steps`,
    paths: [{ name: title, points }]
  })
})
await writeSvg("examples/out/valley.svg", grid(figures, 2))

for (const { name, at, reason } of found) {
  assert.strictEqual(reason, "converged", `${name} arrives`)
  assert.ok(item(norm(sub(at, tensor(minimum, { dtype: "f64" })))) < 1e-3, `${name} arrives at the minimum`)
}
const [newton = 0, quasi = 0, simplex = 0, first = 0] = found.map(({ iterations }) => iterations)
assert.ok(newton <= quasi && quasi < simplex && simplex < first, "who knows more takes fewer steps")
